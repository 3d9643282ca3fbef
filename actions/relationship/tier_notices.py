"""Before a tier is lost: a notice, a reminder, and only then the fall; each kindly, with what would keep the tier.

What counts is that a message reached the network. Who can't be told keeps the tier and is listed for the team. Who
does what the notice said keeps it, too, whatever others did meanwhile.
"""

import json
from collections.abc import Sequence

from actions.community import Community
from actions.relationship import standing
from actions.relationship.measuring import Measure, day_of
from actions.relationship.tiers import name_of
from actions.speaking import outbox
from db.database import Row, Tx
from db.relationship import standing as rows
from db.relationship import tier_notices as notices
from db.speaking import outbox as outbox_rows
from rules.messages import Outgoing
from rules.relationship import rfm, tiers
from rules.relationship.figures import Figures
from rules.relationship.rfm import Scores
from rules.times import DAY, local

TOLD, REMINDED = "told", "reminded"
TRIES = 3  # a message that was not sent is tried again a week later, so often in all
AGAIN = 7 * DAY
SLICE = 25  # members in one transaction


async def follow(community: Community, falling: Sequence[int], found: Measure, now: int) -> str:
    """Each night: open notices for those whose tier is above where they belong, and lead on the open ones."""
    open_ = await notices.all_open(community.db)
    led = {row["member_id"] for row in open_}
    new = [member_id for member_id in falling if member_id not in led]
    for start in range(0, len(open_), SLICE):
        some = [row["id"] for row in open_[start : start + SLICE]]
        await community.db.write(lambda tx, some=some: _lead_some(tx, community, some, found, now))  # type: ignore[misc]
    for start in range(0, len(new), SLICE):
        some = new[start : start + SLICE]
        await community.db.write(lambda tx, some=some: _open_some(tx, community, some, found, now))  # type: ignore[misc]
    return f"{len(new)} 个新的降级通知" if new else ""


async def _open_some(tx: Tx, community: Community, member_ids: Sequence[int], found: Measure, now: int) -> None:
    for row in (await rows.lock(tx, member_ids)).values():
        await _open(tx, community, row, found, now)


async def _lead_some(tx: Tx, community: Community, notice_ids: Sequence[int], found: Measure, now: int) -> None:
    open_ = [row for one in notice_ids if (row := await notices.of(tx, one)) is not None]
    locked = await rows.lock(tx, [row["member_id"] for row in open_])
    for notice in open_:
        await _lead(tx, community, notice, locked[notice["member_id"]], found, now)


def _target(row: Row, community: Community, found: Measure) -> int:
    settings = community.settings
    scores = Scores(row["r"], row["f"], row["m"])
    key = tiers.key_of(scores, row["tier"], row["member_id"], settings.tiers, settings.rfm)
    return tiers.target(standing.figures_of(row), key, found.lines, settings.tiers)


def _falls(held: int, target: int) -> bool:
    return held > 0 and (target == 0 or target > held)


async def _open(tx: Tx, community: Community, row: Row, found: Measure, now: int) -> None:
    target = _target(row, community, found)
    grace = community.settings.tiers.notice_days[0] * DAY
    if not _falls(row["tier"], target) or await notices.kept_since(tx, row["member_id"], now - grace):
        return
    missing = missing_of(row, community, found, day_of(now, community.settings), row["tier"])
    cause = await cause_of(tx, row, community, found, now)
    words = json.dumps([missing.orders, missing.yuan])
    notice_id = await notices.add(tx, row["member_id"], row["tier"], target, now, now + grace, cause, words)
    if notice_id:
        notice = await notices.of(tx, notice_id)
        assert notice is not None
        await _say(tx, community, notice, TOLD, now)


def missing_of(row: Row, community: Community, found: Measure, today: int, tier: int) -> tiers.Missing:
    """What leads into a tier, or keeps it."""
    known = community.settings
    if tier > len(found.lines):  # the bottom tier: any purchase keeps it
        return tiers.Missing(1, None)
    scores = Scores(row["r"], row["f"], row["m"])
    key = tiers.key_of(scores, row["tier"], row["member_id"], known.tiers, known.rfm)
    figures = standing.figures_of(row)
    return tiers.missing(figures, key, found.lines[tier - 1], found.yardstick, known.rfm, today)


async def cause_of(tx: Tx, row: Row, community: Community, found: Measure, now: int) -> tiers.Cause:
    """Why somebody falls: how they stood when they rose, measured by today's yardstick, against today."""
    known = community.settings
    today, then = day_of(now, known), day_of(row["tier_at"], known)
    paid = await notices.paid(tx, row["member_id"], then - known.rfm.window_days, then)
    was = Figures(orders=paid["n"], money=paid["money"], last_day=paid["day"] + today - then, days=min(paid["n"], 1))
    return tiers.cause(rfm.scores(was, found.yardstick), Scores(row["r"], row["f"], row["m"]), known.rfm)


def _keys(notice_id: int, what: str) -> list[str]:
    return [f"tier:{notice_id}:{what}:{attempt}" for attempt in range(1, TRIES + 1)]


async def _lead(tx: Tx, community: Community, notice: Row, row: Row, found: Measure, now: int) -> None:
    """One open notice a step further."""
    if row["tier"] != notice["tier"] or not _falls(row["tier"], _target(row, community, found)):
        await _cancel(tx, notice, notice["cause"], now)
    elif await _kept(tx, notice):
        await _cancel(tx, notice, notices.KEPT_WORD, now)
    else:
        told_at = notice["told_at"] or await notices.sent_at(tx, _keys(notice["id"], TOLD))
        reminded_at = notice["reminded_at"] or await notices.sent_at(tx, _keys(notice["id"], REMINDED))
        await _advance(tx, community, notice, row, found, told_at, reminded_at, now)


async def _advance(
    tx: Tx,
    community: Community,
    notice: Row,
    row: Row,
    found: Measure,
    told_at: int | None,
    reminded_at: int | None,
    now: int,
) -> None:
    first, last = (days * DAY for days in community.settings.tiers.notice_days)
    falls_at = max(notice["falls_at"], told_at + first) if told_at else notice["falls_at"]
    if reminded_at:
        falls_at = max(falls_at, reminded_at + last)
    await notices.told(tx, notice["id"], told_at, reminded_at, falls_at)
    changed = await notices.of(tx, notice["id"])
    assert changed is not None
    if told_at is None:
        await _say(tx, community, changed, TOLD, now)
    elif reminded_at is None and now >= falls_at - last:
        await _say(tx, community, changed, REMINDED, now)
    elif reminded_at is not None and now >= falls_at:
        await _fall(tx, community, changed, _target(row, community, found), now)


async def _kept(tx: Tx, notice: Row) -> bool:
    """Whether the member has done what the notice said."""
    orders, yuan = json.loads(notice["missing"])
    bought = await notices.bought_since(tx, notice["member_id"], notice["opened_at"])
    enough = orders is not None and bought["n"] >= orders
    return enough or (yuan is not None and bought["n"] > 0 and bought["most"] >= yuan * 100)


async def _cancel(tx: Tx, notice: Row, cause: str, now: int) -> None:
    await notices.cancel(tx, notice["id"], now, cause)
    await outbox_rows.drop_unsent(tx, f"tier:{notice['id']}:", "等级保住了，不用通知", now)


async def _fall(tx: Tx, community: Community, notice: Row, target: int, now: int) -> None:
    member_id, held = notice["member_id"], notice["tier"]
    words = [tiers.CAUSES.get(notice["cause"], ""), "提前通知过，期限内没有达到"]
    reasons = json.dumps(words, ensure_ascii=False)
    await rows.add_milestone(tx, member_id, "tier", str(held), str(target), reasons, now)
    await notices.set_tier(tx, member_id, target, now)
    await notices.fell(tx, notice["id"], target, now)


async def _say(tx: Tx, community: Community, notice: Row, what: str, now: int) -> None:
    """The notice or its reminder, unless it is under way; one that was not sent is tried again after a week."""
    keys = _keys(notice["id"], what)
    since = notice["opened_at"] if what == TOLD else notice["falls_at"] - community.settings.tiers.notice_days[1] * DAY
    attempt = min((now - since) // AGAIN, TRIES - 1)
    if await notices.on_its_way(tx, keys):
        return
    settings = community.settings
    orders, yuan = json.loads(notice["missing"])
    day = local(notice["falls_at"], settings.zone)
    text = community.phrases.render(
        f"tiers/{what}", notice["id"], tier=name_of(notice["tier"], settings), brand=settings.community.name,
        date=f"{day.month}月{day.day}日", orders=orders or 0, yuan=yuan or 0,
    )  # fmt: skip
    await outbox.to_member(
        tx, community, notice["member_id"], Outgoing(text=text), now, purpose="service", attention="care",
        key=keys[attempt],
        reason="等级快到期",
    )  # fmt: skip
