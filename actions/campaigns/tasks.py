"""待办群发: where a channel can't send unasked, people of the team do, each their share, one person after the other.

What was sent by hand enters the outbox as sent, so that the attention budget and the report know of it.
"""

from dataclasses import dataclass

from actions.campaigns import planning, saying
from actions.campaigns.feeding import why_they_get_it
from actions.community import Community, StaffEntry
from actions.content import library
from actions.speaking import attention, outbox
from db import accounts
from db.campaigns import campaigns, people, ways
from db.campaigns.rows import key
from db.database import Reader, Row, Tx
from db.speaking import attention as attention_rows
from db.speaking import outbox as outbox_rows
from rules.campaigns.order import chosen
from rules.errors import RefusedError

BY_HAND = "同事发的"
PAGE = 50


@dataclass(frozen=True, slots=True)
class Task:
    """Somebody to be written to: the number to answer with, through which account, and the text to copy."""

    number: int
    name: str
    account: str
    text: str


@dataclass(frozen=True, slots=True)
class Listed:
    """`left`: how many more of one's own; `others`: of the rest of the team."""

    tasks: list[Task]
    left: int
    others: int


async def listed(db: Reader, community: Community, person: StaffEntry, limit: int, now: int) -> Listed:
    """The first of those whom a person of the team is to write to now; the team shares them by number."""
    team = sorted(row["id"] for row in await accounts.staff(db))
    turn, of = team.index(person.id) if person.id in team else -1, max(1, len(team))  # -1: has left meanwhile
    own, everybody = await people.task_counts(db, now, turn, of)
    shown: list[Task] = []
    looked = after = 0
    while len(shown) < limit and (rows := await people.tasks(db, now, turn, of, after, PAGE)):
        for row in rows:
            looked, after = looked + 1, row["id"]
            task = await _task(db, community, row, now)
            shown += [task] if task is not None else []
            if len(shown) == limit:
                break
    return Listed(shown, own - looked, everybody - own)


async def _task(db: Reader, community: Community, row: Row, now: int) -> Task | None:
    """None for who may not be written to just now."""
    campaign = await campaigns.by_id(db, row["campaign_id"])
    if campaign is None or await _why_not(db, community, campaign, row, now):
        return None
    item = await saying.item_of(db, campaign)
    if item is None:
        return None
    try:
        text = saying.in_words(await saying.read(db, community, item, row["member_id"], now))
    except RefusedError:
        return None
    entry = community.directory.accounts.get(row["account_id"])
    return Task(row["id"], row["name"] or row["code"], entry.name if entry else "", text)


async def _why_not(db: Reader, community: Community, campaign: Row, row: Row, now: int) -> str:
    current = await library.get(db, campaign["content_id"])
    if current is None or await library.usable(db, community, current, now):
        return "text"
    entry = community.directory.accounts.get(row["account_id"])
    most = entry.capabilities.unasked_per_month if entry else 0
    since = planning.month_start(community, now)
    if most and await ways.touched_by(db, row["member_id"], row["account_id"], since) >= most:
        return "month"
    ruled = await attention.ask(
        db, community, row["member_id"], now, kind="offer", theme=campaign["theme"],
        personal=chosen(campaign["audience"], library.audience_of(current)), content_id=campaign["content_id"],
    )  # fmt: skip
    return ruled.reason


async def done(tx: Tx, community: Community, person_id: int, staff: StaffEntry, now: int) -> str:
    """A person of the team has written to somebody; that one's name. Raises RefusedError if it is no open task.

    It counts whatever the budget says: it has happened.
    """
    found = await people.some(tx, [person_id])
    row = found[0] if found else None
    campaign = await campaigns.held(tx, row["campaign_id"]) if row is not None else None
    if row is None or campaign is None:
        raise RefusedError(f"没有第 {person_id} 号待办，说「待办群发」看看编号")
    member_id = await attention_rows.hold(tx, row["member_id"])
    row = (await people.some(tx, [person_id]))[0]
    if row["state"] != "task" or campaign["state"] not in ("running", "paused"):
        raise RefusedError("这一位不用发了" if row["state"] != "queued" else "这一位已经发过了")
    item = await saying.item_of(tx, campaign)
    said = await saying.read(tx, community, item, member_id, now) if item is not None else []
    row_id = await outbox_rows.put_sent(
        tx, row["account_id"], outbox.content_of(said[0]) if said else "{}", key=key(campaign["id"], row["member_id"]),
        identity_id=row["identity_id"], member_id=member_id, reason=why_they_get_it(campaign),
        theme=campaign["theme"], by=f"{staff.name} {BY_HAND}", now=now,
    )  # fmt: skip
    if not row_id:
        raise RefusedError("这一位已经发过了")
    await people.queued(tx, person_id, row_id, now)
    tx.after_commit(community.feed)
    return await saying.called(tx, community, member_id)


async def undo(tx: Tx, person_id: int, now: int) -> None:
    """It was not sent after all. Raises RefusedError when its campaign is over."""
    row = (await people.some(tx, [person_id]))[0]
    campaign = await campaigns.held(tx, row["campaign_id"])
    if campaign is None or campaign["state"] not in ("running", "paused") or row["outbox_id"] is None:
        raise RefusedError("这次群发已经结束了，撤不回来")
    await outbox_rows.unsend(tx, row["outbox_id"], "同事撤回：没有发", now)
    await people.task_again(tx, person_id, now)
