"""The team's daily list of candidates 候选, and what becomes of each: later, invited, declined, super user."""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from actions import audit
from actions.community import Community, StaffEntry
from actions.relationship import standing
from actions.relationship.measuring import day_of
from actions.speaking import outbox
from actions.supers import dossier
from actions.supers.flagging import WHAT
from db import staff as staff_rows
from db.database import Row, Tx
from db.relationship import standing as standing_rows
from db.supers import candidates
from rules.errors import RefusedError
from rules.messages import Outgoing
from rules.supers.candidates import enough, score
from rules.supers.declines import LOOKED_AT, Proposal, propose
from rules.text import clean_text
from rules.times import DAY, at_local, business_day, describe

AT_ONCE = 500
SHOWN_AGAIN = 7  # days: who was shown lately comes after the others
SPARE = 20  # more than are wanted are read, for some are minors
REASON = 200


async def gather(community: Community, now: int) -> str:
    """Once a night, after the scores: who came or ceased to be a candidate by the mere passing of time."""
    least, after, came = enough(community.settings.candidates), 0, 0
    while rows := await candidates.changed(community.db, least, after, AT_ONCE):
        came += await community.db.write(partial(_rate, community=community, rows=rows, now=now))
        after = rows[-1]["member_id"]
    return f"新候选 {came} 位" if came else ""


async def _rate(tx: Tx, community: Community, rows: Sequence[Row], now: int) -> int:
    settings, came = community.settings.candidates, 0
    for row in rows:
        member_id = row["member_id"]
        if row["score"] >= enough(settings) and row["state"] in (None, "gone"):
            known = await standing_rows.of(tx, member_id)
            assert known is not None
            why = score(standing.figures_of(known), settings, day_of(now, community.settings)).words
            await candidates.add(tx, member_id, row["score"], now)
            await _milestone(tx, member_id, row["state"] or "none", "new", list(why), "", now)
            came += 1
        await candidates.rate(tx, member_id, row["score"], enough(settings), now)
    return came


async def _milestone(tx: Tx, member_id: int, before: str, after: str, why: list[str], by: str, now: int) -> int:
    reasons = json.dumps(why, ensure_ascii=False)
    return await standing_rows.add_milestone(tx, member_id, WHAT, before, after, reasons, now, by)


async def todays(tx: Tx, community: Community, staff: StaffEntry, now: int) -> Sequence[Row]:
    """The list of one of the team for this day: filled when it is first asked for, each candidate on one list only."""
    await staff_rows.lock(tx, staff.id)  # or one who asks twice at once gets two lists
    today = business_day(now, community.settings.zone)
    wanted = community.settings.candidates.per_day
    given = await candidates.given(tx, staff.id, today.isoformat())
    if len(given) >= wanted:
        return given
    missing, brief_day = wanted - len(given), today.year * 10000 + today.month * 100 + today.day
    since = (today - timedelta(days=SHOWN_AGAIN)).isoformat()
    for lately in (False, True):
        rows: list[Row] = []
        for state in ("new", "later"):
            rows += await candidates.free(
                tx, state, today.isoformat(), brief_day, staff.id, now, since, missing + SPARE, lately=lately
            )
        for row in sorted(rows, key=lambda one: (-one["score"], one["member_id"])):
            if missing and await _give(tx, community, row, staff, today.isoformat(), now):
                missing -= 1
    return await candidates.given(tx, staff.id, today.isoformat())


async def _give(tx: Tx, community: Community, row: Row, staff: StaffEntry, day: str, now: int) -> bool:
    if await dossier.minor(tx, community, row["member_id"], now):
        return False
    _, worth = await dossier.rated(tx, community, row["member_id"], now)
    signs = json.dumps({"signs": dict(worth.signs), "words": worth.words}, ensure_ascii=False)
    return await candidates.give(tx, row["member_id"], staff.id, day, signs)


async def put_off(tx: Tx, community: Community, staff: StaffEntry, member_id: int, days: int, now: int) -> int:
    """Not before some days (0: as many as usual); how many."""
    days = days or community.settings.candidates.later_days
    values = {"state": "later", "again_at": now + days * DAY, "reason": ""}
    await _decide(tx, community, staff, member_id, "later", values, [f"暂缓 {days} 天"], now)
    return days


async def decline(tx: Tx, community: Community, staff: StaffEntry, member_id: int, reason: str, now: int) -> None:
    """No super user, and why: the reasons are counted. Raises RefusedError without one."""
    reason = clean_text(reason, REASON).strip()
    if not any(char.isalnum() for char in reason):
        raise RefusedError("还差理由，例如「拒绝 @小美 很久没来了」；理由会用来校准名单")
    row = await candidates.of(tx, member_id)
    if row is not None and (row["state"], row["reason"]) == ("declined", reason):
        raise RefusedError("这个理由已经记过了，TA 现在不在候选里")
    values = {"state": "declined", "reason": reason, "again_at": None, "owner_id": None, "date_at": None}
    await _decide(tx, community, staff, member_id, "decline", values, [reason], now)


async def accept(tx: Tx, community: Community, staff: StaffEntry, member_id: int, now: int) -> int:
    """A super user, whom this person of the team looks after; the time of the next date."""
    await _check(tx, community, member_id, now, inviting=False)
    date_at = next_date(community, now, community.settings.candidates.date_every)
    values = {
        "state": "accepted", "reason": "", "again_at": None, "owner_id": staff.id, "date_at": date_at, "dated_at": None,
    }  # fmt: skip
    await _decide(tx, community, staff, member_id, "accept", values, ["成为超级用户"], now)
    return date_at


async def check_invitation(tx: Tx, community: Community, member_id: int, now: int) -> None:
    """Raises RefusedError when a member is not to be invited."""
    await _check(tx, community, member_id, now, inviting=True)


async def _check(tx: Tx, community: Community, member_id: int, now: int, *, inviting: bool) -> None:
    row = await candidates.locked(tx, member_id)  # two of the team may decide at once
    if row is not None and row["state"] == "accepted":
        raise RefusedError("TA 已经是超级用户了")
    rest = community.settings.candidates.later_days * DAY
    if inviting and row is not None and row["state"] == "invited" and now - (row["state_at"] or 0) < rest:
        day = describe(row["state_at"], now, community.settings.zone)
        raise RefusedError(f"{day} 已经邀请过 TA 了，先等等回音")
    if inviting and (why := await dossier.hindrance(tx, community, member_id, now)):
        raise RefusedError(f"先不邀请：{why}")
    _, worth = await dossier.rated(tx, community, member_id, now)
    if not worth.value and worth.words:
        raise RefusedError(f"还不能：{worth.words[0]}")


async def invite(
    tx: Tx, community: Community, staff: StaffEntry, member_id: int, text: str, source: str, now: int
) -> None:
    """Send the invitation as marketing: consent is looked at again when it leaves.

    Raises RefusedError when no account of ours reaches them. `source` names this invitation: however often it is
    confirmed, it goes once.
    """
    await check_invitation(tx, community, member_id, now)
    sent = await outbox.to_member(
        tx,
        community,
        member_id,
        Outgoing(text=text),
        now,
        purpose="marketing",
        attention="care",
        key=source,
        reason="邀请成为超级用户",
    )
    if not sent:
        raise RefusedError("没有账号能私聊到 TA：不是好友，也没私聊过。可以请 TA 在群里加好友")
    values = {"state": "invited", "reason": "", "again_at": None}
    await _decide(tx, community, staff, member_id, "invite", values, ["发出邀请"], now)


async def dated(tx: Tx, community: Community, staff: StaffEntry, member_id: int, days: int, now: int) -> int:
    """A date took place; the time of the next one, in `days` (0: as usual). Raises RefusedError for no super user."""
    row = await candidates.locked(tx, member_id)
    if row is None or row["state"] != "accepted":
        raise RefusedError("TA 还不是超级用户；先说「接受 @名字」")
    date_at = next_date(community, now, days or community.settings.candidates.date_every)
    values: dict[str, Any] = {"date_at": date_at, "dated_at": now}
    if row["owner_id"] is None:
        values["owner_id"] = staff.id
    await _decide(tx, community, staff, member_id, "date", values, ["约会"], now)
    return date_at


def next_date(community: Community, now: int, days: int) -> int:
    """The beginning of the business day so many days on."""
    zone = community.settings.zone
    return at_local(business_day(now, zone) + timedelta(days=days), 0, zone)


async def due(tx: Tx, community: Community, staff: StaffEntry, now: int) -> list[Row]:
    """The super users with whom this person has a date today or before; those whose owner was let go are everyone's."""
    end = next_date(community, now, 1)
    return [
        row
        for row in await candidates.supers(tx)
        if (row["date_at"] or 0) < end and (row["owner_id"] == staff.id or not row["owner"])
    ]


async def proposal(tx: Tx, community: Community) -> Proposal | None:
    """What the last refusals say about the weights."""
    return propose(await candidates.last_declines(tx, LOOKED_AT), community.settings.candidates)


async def _decide(
    tx: Tx, community: Community, staff: StaffEntry, member_id: int, action: str, values: dict[str, Any],
    why: list[str], now: int,
) -> None:  # fmt: skip
    """Write a decision with its history, and how to take it back."""
    await dossier.member(tx, member_id)
    row = await candidates.locked(tx, member_id)
    if row is None:
        _, worth = await dossier.rated(tx, community, member_id, now)
        await candidates.add(tx, member_id, worth.value, now)
        row = await candidates.locked(tx, member_id)
        assert row is not None
    actor = audit.actor_of(staff.id)
    await candidates.decide(tx, member_id, {"staff_id": staff.id, "state_at": now, **values})
    after = values.get("state", row["state"])
    milestone = await _milestone(tx, member_id, row["state"], after, why, actor, now)
    was = {name: row[name] for name in candidates.DECISION}
    undo = {"verb": "candidate", "member": member_id, "was": was, "at": now, "milestone": milestone}
    await audit.record(tx, actor, f"candidate.{action}", audit.member(member_id), "", now, undo)


async def restore(tx: Tx, how: dict[str, Any], now: int) -> None:
    """Take a decision back. Raises RefusedError when there was a later one."""
    row = await candidates.locked(tx, how["member"])
    if row is None or row["state_at"] != how["at"]:
        raise RefusedError("后来又有了新的决定，撤不回来")
    await candidates.decide(tx, how["member"], how["was"])
    await standing_rows.undo_milestone(tx, how["milestone"], now)
