"""The report of a campaign: what became of each of its audience, and what it really added beside those held out.

Both sides are compared over the same days: from its start until the window of the last message is over. All whom the
lot gave the campaign count for it, whether it reached them or not; what those it reached did is told beside it.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from actions.community import Community
from actions.effects.outcomes import in_the_morning
from actions.speaking import outbox
from db import accounts
from db.campaigns import campaigns as campaign_rows
from db.database import Row, Tx
from db.effects import campaigns
from rules.campaigns.choosing import WHY
from rules.effects.holdout import Added, Side, added, money_in_words, orders_in_words, replies_in_words
from rules.messages import Outgoing
from rules.relationship.figures import day_number
from rules.times import DAY, business_day, describe

OVER = ("finished", "stopped")
# What became of somebody who was to get it, in the order in which it is told; whoever is not here got nothing.
SENT, UNSURE, UNDER_WAY, BY_HAND, WAITING = "送达", "发了，送没送到不确定", "还没轮到", "等同事自己发", "等账号恢复"
TOLD = (SENT, UNSURE, UNDER_WAY, BY_HAND, WAITING)
BECAME = {
    "sent": SENT,
    "unconfirmed": UNSURE,
    "sending": UNDER_WAY,
    "due": UNDER_WAY,
    "planned": UNDER_WAY,
    "task": BY_HAND,
    "waiting": WAITING,
}


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """`total` is the sum of `became`, `excluded` and `held_out`. Times are UTC ms, money fen.

    `meant`: all whom the lot gave the campaign; `reached`: those of them to whom it was sent; `other`: those held out.
    `answered`, `opened`, `opted_out`, `complained`: people it was sent to, from when each got it.
    """

    campaign_id: int
    name: str
    audience: str
    final: bool
    since: int
    until: int
    total: int
    became: dict[str, int]
    excluded: dict[str, int]
    held_out: int
    meant: Side
    reached: Side
    other: Side
    added: Added
    answered: int
    opened: int
    opted_out: int
    complained: int


async def report(community: Community, campaign_id: int, now: int) -> CampaignReport | None:
    """How a campaign stands, with running figures until its window is over; None if there is none of this number."""
    db, settings = community.db, community.settings
    campaign = await campaigns.of(db, campaign_id)
    if campaign is None:
        return None
    since = campaign["starts_at"] or campaign["made_at"]
    span = campaign["window_days"] * DAY
    until = max(since, await campaigns.last_sent(db, campaign_id)) + span
    day = day_number(business_day(since, settings.zone))
    rows = await campaigns.sides(db, campaign_id, since, until, day)
    followed = await campaigns.followed(db, campaign_id, since, settings.effects.private_window, span)
    meant = _side([row for row in rows if row["sent"]])
    other = _side([row for row in rows if not row["sent"]])
    became, excluded, held_out = _outcomes(await campaign_rows.counts(db, campaign_id))
    return CampaignReport(
        campaign_id,
        campaign["name"],
        campaign["audience"],
        campaign["state"] in OVER and until <= now,
        since,
        until,
        sum(became.values()) + sum(excluded.values()) + held_out,
        became,
        excluded,
        held_out,
        meant,
        _side([row for row in rows if row["sent"] and row["delivered"]]),
        other,
        added(meant, other),
        followed["answered"],
        followed["opened"],
        followed["opted_out"],
        followed["complained"],
    )


def _side(rows: Sequence[Row]) -> Side:
    return Side(
        sum(row["people"] for row in rows),
        sum(row["buyers"] for row in rows),
        sum(row["money"] for row in rows),
        float(sum(row["squares"] for row in rows)),
        sum(row["wrote"] for row in rows),
    )


def _outcomes(rows: Sequence[Row]) -> tuple[dict[str, int], dict[str, int], int]:
    """What became of everybody: told as sent (or to be sent), excluded with the reason, held out."""
    became: Counter[str] = Counter()
    excluded: Counter[str] = Counter()
    held_out = 0
    for row in rows:
        state = row["sent"] if row["state"] == "queued" and row["sent"] else row["state"]
        if state == "holdout":
            held_out += row["n"]
        elif state in BECAME:
            became[BECAME[state]] += row["n"]
        elif state in ("dropped", "failed"):
            words = row["why"].split("\n")[0][:40]
            excluded[WHY.get(words, words) or ("没发成功" if state == "failed" else "没发")] += row["n"]
        else:
            excluded[WHY.get(row["reason"], row["reason"]) or "没发"] += row["n"]
    return {name: became[name] for name in TOLD if became[name]}, dict(excluded.most_common()), held_out


def in_words(community: Community, one: CampaignReport, now: int) -> str:
    """The report as the team reads it."""
    return community.phrases.render(
        "effects/campaign",
        0,
        name=one.name,
        number=one.campaign_id,
        condition=one.audience or "所有人",
        total=one.total,
        final=one.final,
        until=describe(one.until, now, community.settings.zone),
        sent=[f"{name} {count:,} 人" for name, count in one.became.items()],
        excluded=[f"{name} {count:,} 人" for name, count in one.excluded.items()],
        heldout=one.held_out,
        meant=one.meant.people,
        delivered=one.reached.people,
        orders=orders_in_words(one.added),
        money=money_in_words(one.added),
        replies=replies_in_words(one.added),
        answered=one.answered,
        opened=one.opened,
        opted_out=one.opted_out,
        complained=one.complained,
        bought=f"{one.reached.buyers:,} 人下单 {one.reached.money / 100:,.0f} 元",
    )


async def finish_due(community: Community, now: int) -> str:
    """Every night: reports of campaigns whose window is over are kept, and whoever started them is told."""
    done = 0
    for campaign in await campaigns.unfinished(community.db):
        one = await report(community, campaign["id"], now)
        if one is not None and one.final:
            done += await _finish(community, campaign, one, now)
    return f"{done} 次群发有了结果" if done else ""


async def _finish(community: Community, campaign: Row, one: CampaignReport, now: int) -> bool:
    kept = json.dumps(asdict(one), ensure_ascii=False)
    content = Outgoing(text=in_words(community, one, now))

    async def finish(tx: Tx) -> bool:
        if not await campaigns.put_report(tx, campaign["id"], kept):
            return False
        key, reason, morning = f"campaign_report:{campaign['id']}", "群发的结果", in_the_morning(community, now)
        starter = next((row for row in await accounts.staff(tx) if row["id"] == campaign["staff_id"]), None)
        if starter is None:
            await outbox.to_staff(tx, community, content, now, key=key, reason=reason, not_before=morning)
        else:
            await outbox.to_member(
                tx,
                community,
                starter["member_id"],
                content,
                now,
                purpose="staff",
                key=key,
                reason=reason,
                not_before=morning,
            )
        return True

    return await community.db.write(finish)
