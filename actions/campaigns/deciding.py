"""Confirming a campaign, pausing it, going on, stopping it; its end and the report to whoever started it.

Each of these holds the campaign's row, as feeding does: what was stopped is not fed a moment later.
"""

from actions.campaigns.leaving import PAUSED, STOPPED
from actions.campaigns.tally import Tally, tally
from actions.community import Community
from actions.content import library
from actions.speaking import outbox
from db import accounts
from db.campaigns import campaigns, people
from db.campaigns import rows as campaign_rows
from db.database import Row, Tx
from rules.campaigns.capacity import took
from rules.errors import RefusedError
from rules.messages import Outgoing
from rules.times import DAY
from templates import Plain

DRAFT_LIFE = DAY  # what was planned longer ago is planned anew
STATES = {
    "planning": "在排",
    "draft": "还没确认",
    "running": "在发",
    "paused": "暂停",
    "finished": "发完了",
    "stopped": "停了",
    "discarded": "没有发",
}
SHOWN = 6


async def held(tx: Tx, campaign_id: int) -> Row:
    """A campaign that only this transaction decides about. Raises RefusedError if there is none of this number."""
    row = await campaigns.held(tx, campaign_id)
    if row is None or row["state"] == "discarded":
        raise RefusedError(f"没有第 {campaign_id} 号群发，说「群发列表」看看编号")
    return row


def _refuse(row: Row, wanted: str) -> RefusedError:
    return RefusedError(f"第 {row['id']} 号群发现在是「{STATES.get(row['state'], row['state'])}」，不能{wanted}")


async def confirm(tx: Tx, community: Community, campaign_id: int, now: int) -> Row:
    """Let a draft begin at its time; the campaign. Raises RefusedError if it can't any more."""
    row = await held(tx, campaign_id)
    if row["state"] != "draft":
        raise _refuse(row, "确认")
    if row["made_at"] + DRAFT_LIFE < now:
        raise RefusedError("这是一天前排的，名单可能变了，请重新说一遍「群发 …」")
    item = await library.get(tx, row["content_id"])
    why = await library.usable(tx, community, item, now) if item is not None else "素材没有了"
    if why:
        raise RefusedError(f"素材 {row['content_id']} 现在不能发：{why}")
    if item is not None and item["version"] != row["version"]:
        raise RefusedError(f"素材 {row['content_id']} 刚刚改过，请重新说一遍「群发 …」，看看新的样子")
    count = await people.to_reach(tx, campaign_id)
    if not count:
        raise RefusedError("这次没有能发的人，「没发给谁」看为什么，换个条件再说一遍「群发 …」")
    starts_at = max(row["starts_at"], now)
    await campaigns.set_times(tx, campaign_id, starts_at, starts_at + community.settings.campaigns.days * DAY)
    await campaigns.move(tx, campaign_id, ("draft",), "running", "", now)
    await campaigns.add_use(tx, row["content_id"], row["version"], campaign_id, row["theme"], count, starts_at)
    tx.after_commit(community.feed)
    return row


async def discard(tx: Tx, campaign_id: int, reason: str, now: int) -> None:
    """A draft that is not to be. Raises RefusedError if it began meanwhile."""
    row = await held(tx, campaign_id)
    if not await campaigns.move(tx, campaign_id, ("planning", "draft"), "discarded", reason, now):
        raise _refuse(row, "取消，可以说「群发停止」")


async def pause(tx: Tx, community: Community, campaign_id: int, reason: str, now: int) -> Row:
    """Hold everything back that has not left yet."""
    row = await held(tx, campaign_id)
    if not await campaigns.move(tx, campaign_id, ("running",), "paused", reason, now):
        raise _refuse(row, "暂停")
    await campaign_rows.hold_back(tx, campaign_id, row["expires_at"], PAUSED)
    return row


async def resume(tx: Tx, community: Community, campaign_id: int, now: int) -> Row:
    """Go on where it was paused."""
    row = await held(tx, campaign_id)
    if row["state"] != "paused":
        raise _refuse(row, "继续")
    if row["expires_at"] <= now:
        raise RefusedError("有效期已经过了，请重新说一遍「群发 …」")
    item = await library.get(tx, row["content_id"])
    why = await library.usable(tx, community, item, now) if item is not None else "素材没有了"
    if why:
        raise RefusedError(f"素材 {row['content_id']} 现在不能发：{why}")
    await campaigns.move(tx, campaign_id, ("paused",), "running", "", now)
    for account_id in await campaign_rows.let_go(tx, campaign_id, now, PAUSED):
        tx.after_commit(lambda account_id=account_id: community.wake(account_id))  # type: ignore[misc]
    tx.after_commit(community.feed)
    return row


async def stop(tx: Tx, community: Community, campaign_id: int, now: int) -> Row:
    """Nothing more is sent; what is on its way arrives."""
    row = await held(tx, campaign_id)
    if not await campaigns.move(tx, campaign_id, ("running", "paused"), "stopped", "", now):
        raise _refuse(row, "停止")
    for state in ("planned", "waiting", "task"):
        await people.end(tx, campaign_id, state, "stopped", now)
    await campaign_rows.drop_unsent(tx, campaign_id, STOPPED, now)
    tx.after_commit(community.feed)
    return row


async def expire(tx: Tx, community: Community, campaign_id: int, now: int) -> None:
    """Its time is over: who was not reached gets nothing any more, and why."""
    row = await held(tx, campaign_id)
    if row["state"] in ("running", "paused") and row["expires_at"] <= now:
        late = "stopped" if row["state"] == "paused" else "late"
        for state, reason in (("planned", late), ("waiting", "away"), ("task", "undone")):
            await people.end(tx, campaign_id, state, reason, now)


async def finish(community: Community, campaign: Row, now: int) -> bool:
    """End a campaign that has nothing open, and report; False if something is."""
    if await people.any_open(community.db, campaign["id"]) or await campaigns.with_row_open(
        community.db, campaign["id"]
    ):
        return False
    counted = await tally(community, campaign["id"])
    if counted.open:
        return False

    async def end(tx: Tx) -> bool:
        row = await held(tx, campaign["id"])
        if row["finished_at"] is not None or row["state"] not in ("running", "paused", "stopped"):
            return False
        if row["state"] != "stopped":
            await campaigns.move(tx, row["id"], ("running", "paused"), "finished", "", now)
        await campaigns.finished(tx, row["id"], now)
        text = report(community, row, counted, now)
        await tell(tx, community, row, text, f"campaign-report:{row['id']}", "群发的结果", now)
        return True

    return await community.db.write(end)


def report(community: Community, campaign: Row, counted: Tally, now: int) -> str:
    lasted = took(max(now - (campaign["starts_at"] or now), 0))
    return community.phrases.render(
        "campaigns/report", campaign["id"], audience="private", number=campaign["id"], name=campaign["name"],
        stopped=campaign["state"] == "stopped", took=lasted, **figures(counted),
    )  # fmt: skip


def figures(counted: Tally) -> dict[str, Plain]:
    """A tally as templates take it."""
    why = counted.why()
    return {
        "people": counted.audience,
        "sent": counted.sent,
        "open": counted.open,
        "holdout": counted.holdout,
        "left_out": counted.unsent.total() + counted.excluded.total(),
        "why": [f"{words} {count}" for words, count in why[:SHOWN]],
        "more": max(0, len(why) - SHOWN),
    }


async def tell(tx: Tx, community: Community, campaign: Row, text: str, key: str, reason: str, now: int) -> None:
    """Say something to whoever started a campaign, to everyone of the team if they have left."""
    content = Outgoing(text=text)
    starter = next((row for row in await accounts.staff(tx) if row["id"] == campaign["staff_id"]), None)
    if starter is None or not await outbox.to_member(
        tx, community, starter["member_id"], content, now, purpose="staff", key=key, reason=reason
    ):
        await outbox.to_staff(tx, community, content, now, key=key, reason=reason)
