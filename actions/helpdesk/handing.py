"""Handing a member over to a person of the team: who, what they are told, and until when the bot keeps out."""

from collections.abc import Mapping
from dataclasses import dataclass

from actions import audit, questions
from actions.community import Community, StaffEntry
from actions.relationship import standing_words
from actions.speaking import outbox
from actions.staff import may
from actions.talk.members import Heard
from db import accounts
from db.database import Reader, Row, Tx
from db.helpdesk import handovers
from db.supers import candidates
from db.talk import interactions, people
from rules.errors import RefusedError
from rules.helpdesk import choosing
from rules.messages import Kind, Outgoing
from rules.text import clean_text, mask_phone
from rules.times import DAY, describe
from templates import Plain

ASKED, UNSURE, ANGER = "asked", "unsure", "anger"
LEAST = "service"  # the role that looks after members
LINES, LINE = 5, 40  # of the last words that are shown
QUESTION = 200
GIVEN_UP = 3 * DAY  # nobody has answered for so long
BY_TIME = "time"  # in done_by: it went quiet
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Handed:
    """What the member is told. `who`: '' if nobody can be told; `until`: when somebody is there, 0 for now."""

    who: str
    until: int = 0
    new: bool = True
    taken: bool = False
    staff_id: int = 0


async def able(db: Reader, community: Community) -> list[Row]:
    """Who of the team takes hand-overs."""
    named = community.settings.helpdesk.staff
    return [row for row in await accounts.staff(db) if may(row["role"], LEAST) and (not named or row["name"] in named)]


async def others(db: Reader, community: Community, member_id: int) -> dict[int, int]:
    """The members whom those are who take hand-overs, by their number in the team; but not this one."""
    return {row["id"]: row["member_id"] for row in await able(db, community) if row["member_id"] != member_id}


async def keeps_out(tx: Tx, community: Community, heard: Heard, said: str, now: int) -> bool:
    """Whether somebody of the team is talking in this private chat: then only commands are answered.

    The member's word keeps the hand-over alive. Who has not written from the phone itself is told of it.
    """
    if heard.room is not None:
        return False
    quiet = now - community.settings.helpdesk.stays_out
    by_hand = await people.by_hand_at(tx, heard.account.id, heard.identity_id)
    there = await handovers.open_of(tx, heard.member_id)
    if there is None or there["room_id"] is not None or not await handovers.speak(tx, heard.member_id, now, quiet):
        return by_hand > quiet and by_hand > await handovers.last_done(tx, heard.member_id)
    if by_hand < there["at"]:
        await _pass_on(tx, community, heard, there, said, now)
    return True


async def _pass_on(tx: Tx, community: Community, heard: Heard, row: Row, said: str, now: int) -> None:
    """What a member says while they wait, to who has them."""
    number, text = row["id"], clean_text(mask_phone(said), QUESTION).strip()
    told = community.phrases.render("helpdesk/staff_again", number, number=number, name=row["name"], text=text)
    await _to_owner(tx, community, row, Outgoing(text=told), f"handover:{number}:{heard.interaction_id}", now)


async def hand_over(tx: Tx, community: Community, heard: Heard, why: str, question: str, now: int) -> Handed:
    """Hand a member over, once; they are to be told what comes back."""
    settings = community.settings.helpdesk
    team = {row["id"]: row for row in await able(tx, community)}
    team = {staff_id: row for staff_id, row in team.items() if row["member_id"] != heard.member_id}
    opens = choosing.opens_at(now, settings.open_minutes, community.settings.zone)
    until = opens if opens > now else 0
    candidate = await candidates.of(tx, heard.member_id)
    chosen = choosing.chosen(
        sorted(team),
        candidate["owner_id"] if candidate is not None else None,
        await handovers.last_helper(tx, heard.member_id),
        await handovers.lately(tx),
    )
    if chosen is None:
        return Handed("")
    asked = clean_text(mask_phone(question), QUESTION).strip()
    number = await handovers.add(tx, heard.member_id, heard.account.id, heard.interaction_id, chosen, why, asked, now)
    if not number:
        return await _once_more(tx, community, heard, team, asked, until, now)
    await questions.done(tx, community, heard.member_id, heard.scope)  # what the bot waited for is over
    await _tell(tx, community, heard, number, team[chosen], why, asked, until, now)
    return Handed(team[chosen]["name"], until, staff_id=chosen)


async def _once_more(
    tx: Tx, community: Community, heard: Heard, team: Mapping[int, Row], asked: str, until: int, now: int
) -> Handed:
    """They are handed over already: who has them hears what they ask now, all of the team once that one is gone."""
    there = await handovers.open_of(tx, heard.member_id)
    if there is None:  # it ended in this moment
        return Handed("")
    await handovers.again(tx, there["id"], now)
    await _pass_on(tx, community, heard, there, asked, now)
    who = there["staff"] if there["staff_id"] in team else "同事"
    return Handed(who, until, new=False, taken=there["taken_at"] is not None)


async def _to_owner(tx: Tx, community: Community, row: Row, content: Outgoing, key: str, now: int) -> None:
    """To whom it was handed, or to everybody once it is nobody's own."""
    team = await others(tx, community, row["member_id"])
    reason = "会员转给您接待"
    if row["staff_id"] in team:
        await outbox.to_member(
            tx, community, team[row["staff_id"]], content, now, purpose="staff", key=key, reason=reason
        )
        return
    for staff_id, member_id in team.items():
        await outbox.to_member(
            tx, community, member_id, content, now, purpose="staff", key=f"{key}:{staff_id}", reason=reason
        )


async def _tell(
    tx: Tx, community: Community, heard: Heard, number: int, staff: Row, why: str, asked: str, until: int, now: int
) -> None:
    zone = community.settings.zone
    _, tier, _ = await standing_words.card(tx, community, heard.member_id)
    lines: list[Plain] = [*await last_words(tx, heard, zone, now)]
    text = community.phrases.render(
        "helpdesk/staff_told",
        number,
        number=number,
        name=heard.name or "会员",
        level=await standing_words.level_word(tx, heard.member_id),
        tier=tier,
        why=why,
        text=asked,
        lines=lines,
        account=heard.account.nickname or heard.account.name,
        later=describe(until, now, zone) if until else "",
    )
    await outbox.to_member(
        tx, community, staff["member_id"], Outgoing(text=text), now, purpose="staff", key=f"handover:{number}",
        reason="会员转给您接待",
    )  # fmt: skip


async def last_words(tx: Tx, heard: Heard, zone: str, now: int) -> list[str]:
    """What they said before, in this chat, oldest first."""
    rows = await interactions.recent(tx, heard.member_id, LINES * 3)
    said = [
        row for row in rows
        if row["scope"] == heard.scope and row["id"] != heard.interaction_id and row["kind"] == Kind.TEXT
        and row["recalled_at"] is None
    ]  # fmt: skip
    return [f"{describe(row['at'], now, zone)} {short(row['text'])}" for row in reversed(said[:LINES])]


def short(text: str, most: int = LINE) -> str:
    words = mask_phone(" ".join(text.split()))
    return words if len(words) <= most else words[: most - 1] + "…"


async def one(tx: Tx, staff: StaffEntry, number: int | None) -> Row:
    """An open hand-over by its number, or the only one that this person has. Raises RefusedError."""
    if number is not None:
        await handovers.locked(tx, number)
        row = await handovers.by_number(tx, number)
        if row is None or row["done_at"] is not None:
            raise RefusedError(f"没有等人接待的第 {number} 位，可能已经接完了；说「接待」看名单")
        return row
    mine = [row for row in await handovers.open_ones(tx) if row["staff_id"] == staff.id]
    if len(mine) != 1:
        raise RefusedError("要写编号，例如「接完 12」；说「接待」看名单")
    return mine[0]


async def finish(tx: Tx, staff: StaffEntry, number: int | None, now: int) -> Row:
    """It is done: the bot answers this member again."""
    row = await one(tx, staff, number)
    await handovers.finish(tx, row["id"], staff.name, now)
    undo = {"verb": "handover", "handover": row["id"]}
    await _record(tx, staff, "handover.done", row, now, undo)
    return row


async def reopen(tx: Tx, number: int, now: int) -> None:
    """It was ended by mistake. Raises RefusedError when there is another one by now."""
    row = await handovers.locked(tx, number)
    if row is None or row["done_at"] is None:
        raise RefusedError("这位会员还在接待中")
    if await handovers.open_of(tx, row["member_id"]) is not None:
        raise RefusedError("这位会员后来又转过人工了")
    await handovers.reopen(tx, number, now)


async def take(tx: Tx, staff: StaffEntry, number: int, now: int) -> Row:
    """This person looks after them from now on."""
    row = await one(tx, staff, number)
    await handovers.take(tx, row["id"], now, staff.id)
    await _record(tx, staff, "handover.take", row, now)
    return row


async def answer(
    tx: Tx, community: Community, staff: StaffEntry, number: int, words: str, interaction_id: int, now: int
) -> bool:
    """Write to the member in the team's name; False if no account reaches them. `interaction_id`: of who says so."""
    words = clean_text(words, LONGEST).strip()
    if not words:
        raise RefusedError(f"要写上回复的话，例如「答 {number} 有的，给您留一个」")
    row = await one(tx, staff, number)
    told = await outbox.to_member(
        tx, community, row["member_id"], Outgoing(text=words), now, purpose="reply",
        key=f"handover:answer:{number}:{interaction_id}", reason=f"{staff.name}的回复",
    )  # fmt: skip
    if told:
        await handovers.take(tx, row["id"], now, staff.id)
        await _record(tx, staff, "handover.answer", row, now)
    return told


async def _record(
    tx: Tx, staff: StaffEntry, action: str, row: Row, now: int, undo: dict[str, object] | None = None
) -> None:
    actor = audit.actor_of(staff.id)
    await audit.record(tx, actor, action, audit.member(row["member_id"]), f"handover:{row['id']}", now, undo)
