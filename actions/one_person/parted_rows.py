"""What taking a merge back does to the rows, subject by subject."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from actions.community import Community
from actions.one_person.merged_rows import MARKS
from actions.talk.members import TALK
from db.database import Row, Tx
from db.one_person import merges, parting
from db.person import consents, profiles, secrets
from db.talk import people, rooms
from db.trade import ledger
from rules.messages import Kind
from rules.one_person.merging import Streak, replayed
from rules.times import business_day

ONE_EACH = ("birthday", "candidate")  # tables with one row for each member
BY_INTERACTION = {"feedback": "interaction_id", "share": "interaction_id", "media": "interaction_id"}
BY_EVIDENCE = {"tag": "evidence_id", "consent": "evidence_id"}
MARKED = dict(zip(("marketing", "profiling"), MARKS, strict=True))


@dataclass(frozen=True, slots=True)
class Move:
    """A transfer since the merge. `holder`: the member on whose account it was, `change`: by how much."""

    id: int
    source: str
    kind: str
    actor: str
    reverses_id: int | None
    at: int
    holder: int
    change: int


class Split:
    """A merge that is being taken back: who came from where, and what turned out to be whose.

    `parts`: the gone member and all who had been merged into it before. `theirs`, `ours`: what was said since by their
    contacts and by the kept one's. `their_moments`: when only they spoke. `given`: numbers of rows that are theirs,
    by the word that a transfer's source begins with.
    """

    def __init__(
        self, tx: Tx, community: Community, merge: Row, was: dict[str, Any], parts: list[int], said: Sequence[Row]
    ) -> None:
        self.tx, self.community, self.merge, self.was, self.parts = tx, community, merge, was, parts
        self.kept_id, self.gone_id, self.at = merge["kept_id"], merge["gone_id"], merge["at"]
        self.theirs = [row for row in said if row["via_id"] in parts]
        self.ours = [row for row in said if row["via_id"] not in parts]
        self.their_ids = {row["id"] for row in self.theirs}
        self.their_moments = {row["heard_at"] for row in self.theirs} - {row["heard_at"] for row in self.ours}
        self.given: dict[str, set[int]] = {"order": set(), "referral": set(), "feedback": set()}
        self.transfers: set[int] = set()
        self.moves: list[Move] = []

    async def look_at_points(self) -> None:
        """The transfers since, with those made while this person was part of another."""
        rows = await parting.transfers_since(self.tx, self.kept_id, self.was["transfer"])
        found = [(row, self.kept_id, row["change"]) for row in rows]
        for transfer_id, change, holder in self.was.get("extra", []):
            found.append((await ledger.by_id(self.tx, transfer_id), holder, change))
        self.moves = [
            Move(row["id"], row["source"], row["kind"], row["actor"], row["reverses_id"], row["at"], holder, change)
            for row, holder, change in found
        ]

    def did(self, move: Move) -> bool:
        """Whether it was their contact that earned or spent."""
        return move.actor == f"member:{move.holder}" and move.at in self.their_moments

    async def give(self, table: str, row_id: int) -> None:
        await merges.give(self.tx, table, row_id, self.gone_id)


async def put_back(split: Split, notes: Sequence[tuple[str, int, str, Any]]) -> None:
    """Every row that the merge moved, made or changed is as it was, with what happened to it since."""
    tx = split.tx
    sides = [(row_id, was) for place, row_id, _, was in notes if place == "referral" and was != {"refused": True}]
    for row_id, was in sides:  # each newcomer is in one row only: the old places are freed first
        await merges.set_columns(tx, "referral", row_id, dict.fromkeys(was, -row_id))
    for row_id, was in sides:
        await merges.set_columns(tx, "referral", row_id, was)
    for place, row_id, what, was in notes:
        if place == "member":
            continue
        if place == "referral":
            if was == {"refused": True}:
                await merges.set_columns(tx, place, row_id, {"refused_at": None, "refused_why": ""})
        elif what == "swapped":
            await merges.swap_rows(tx, place, split.kept_id, split.gone_id)
        elif what == "made":
            await merges.remove(tx, place, row_id)
        elif place in ONE_EACH:
            await _put_back_one(split, place, what, was)
        elif what == "changed":
            await merges.set_columns(tx, place, row_id, was)
        else:
            await merges.give(tx, place, row_id, was)
            if place == "shop_order":
                split.given["order"].add(row_id)
    split.given["feedback"] |= {row["id"] for row in await merges.rows_of(tx, "feedback", split.gone_id)}


async def _put_back_one(split: Split, table: str, what: str, was: Any) -> None:
    if what == "changed":
        await merges.set_columns(split.tx, table, split.gone_id, was, key="member_id")
    elif await merges.row_of(split.tx, table, split.gone_id) is None:
        await merges.rename_row(split.tx, table, split.kept_id, split.gone_id)


async def divide(split: Split) -> None:
    """What came since goes to whom it belongs."""
    await _chains(split)
    await _talk(split)
    for table, column in (BY_INTERACTION | BY_EVIDENCE).items():
        for row in await merges.rows_of(split.tx, table, split.kept_id):
            if row[column] in split.their_ids:
                await split.give(table, row["id"])
                split.given.get(table, set()).add(row["id"])
    await _rooms(split)
    await _answers(split)
    await _orders(split)
    await _referrals(split)
    await _person(split)


async def _chains(split: Split) -> None:
    """Two chains of interactions again, each going on from where it was."""
    tx, was = split.tx, split.was
    before = await people.activity(tx, split.gone_id)
    last_theirs = before["last_id"] if before is not None else None
    last_ours = was["last_id"] or None
    moves: list[tuple[int, int | None, int, int | None]] = []
    for row in split.theirs:
        via_id = None if row["via_id"] == split.gone_id else row["via_id"]
        moves.append((split.gone_id, via_id, row["id"], last_theirs))
        last_theirs = row["id"]
    for row in split.ours:
        if row["before_id"] != last_ours:
            moves.append((split.kept_id, row["via_id"], row["id"], last_ours))
        last_ours = row["id"]
    await parting.relink(tx, moves)
    theirs = (before["interactions"], before["first_at"], before["last_at"]) if before is not None else None
    await _count(split, split.gone_id, theirs, split.theirs, last_theirs)
    await _count(split, split.kept_id, was["activity"], split.ours, last_ours)


async def _count(
    split: Split, member_id: int, before: Sequence[int] | None, said: Sequence[Row], last_id: int | None
) -> None:
    times = [row["at"] for row in said]
    count, first, last = before or (0, min(times, default=0), 0)
    if before is None and not said:
        await merges.remove(split.tx, "activity", member_id, key="member_id")
        return
    await merges.put_activity(split.tx, member_id, count + len(said), first, max(last, *times, 0), last_id or 0)


async def _talk(split: Split) -> None:
    """What the gone member had said before, and what their contacts said since, is no longer counted as the kept's."""
    less: defaultdict[tuple[int, int], int] = defaultdict(int)
    more: defaultdict[tuple[int, int], int] = defaultdict(int)
    for row in await merges.rows_of(split.tx, "talk", split.gone_id):
        less[row["room_id"], row["day"]] += row["messages"]
    for row in split.theirs:
        if row["room_id"] and Kind(row["kind"]) in TALK:
            day = business_day(row["at"], split.community.settings.zone)
            number = day.year * 10000 + day.month * 100 + day.day
            less[row["room_id"], number] += 1
            more[row["room_id"], number] += 1
    for (room_id, number), messages in less.items():
        await merges.add_talk(split.tx, room_id, number, split.kept_id, -messages)
    for (room_id, number), messages in more.items():
        await merges.add_talk(split.tx, room_id, number, split.gone_id, messages)


async def _rooms(split: Split) -> None:
    """Each is where their own contacts came, spoke or left last; else as before."""
    tx = split.tx
    for member_id, said in ((split.gone_id, split.theirs), (split.kept_id, split.ours)):
        there = {row["room_id"] for row in await merges.rows_of(tx, "room_member", member_id)}
        for room_id, row in {row["room_id"]: row for row in said if row["room_id"]}.items():
            if row["kind"] == Kind.LEAVE.value:
                await rooms.remove_member(tx, room_id, member_id, row["at"])
            else:
                name = await people.room_name(tx, room_id, member_id if room_id in there else split.kept_id)
                await rooms.add_member(tx, room_id, member_id, name, row["at"])
    own = {*split.was["rooms"], *(row["room_id"] for row in split.ours)}
    heard = {row["room_id"] for row in split.theirs}
    for row in await merges.rows_of(tx, "room_member", split.kept_id):
        if row["room_id"] in heard - own:
            await merges.remove(tx, "room_member", row["id"])


async def _answers(split: Split) -> None:
    """What their contacts answered since is theirs; what was copied goes; the kept member's own is as it was."""
    tx, was = split.tx, split.was["answers"]
    key = await secrets.key_of(tx, split.kept_id)
    for row in await profiles.answers(tx, split.kept_id):
        field, since = row["field"], row["at"] > split.at
        theirs = since and row["at"] in split.their_moments
        if theirs and row["value"] is not None and key is not None:
            text = secrets.unseal(key, bytes(row["value"]), field)
            sealed = secrets.seal(await secrets.ensure_key(tx, split.gone_id), text, field)
            await profiles.put(tx, split.gone_id, field, sealed, row["at"])
        elif theirs:
            await profiles.put(tx, split.gone_id, field, None, row["at"])
        if theirs or not since:
            await _own_answer(split, field, was.get(field))


async def _own_answer(split: Split, field: str, before: Sequence[Any] | None) -> None:
    if before is None:
        await profiles.remove(split.tx, split.kept_id, field)
    else:
        value = bytes.fromhex(before[0]) if before[0] is not None else None
        await profiles.put(split.tx, split.kept_id, field, value, before[1])


async def _orders(split: Split) -> None:
    """An order since is theirs when a handle of theirs is on it and none of the kept member's own."""
    tx = split.tx
    for row in await parting.handles_of(tx, [split.kept_id]):
        if row["at"] > split.at and row["source"] != "order" and row["at"] in split.their_moments:
            await parting.give_handle(tx, row, split.gone_id)
    theirs = {row["hash"] for row in await parting.handles_of(tx, split.parts) if row["removed_at"] is None}
    learnt = [row for row in await parting.handles_of(tx, [split.kept_id]) if _with_order(split, row)]
    ours = {
        row["hash"]
        for row in await parting.handles_of(tx, await merges.members_of(tx, split.kept_id))
        if row["removed_at"] is None and row not in learnt
    }
    left: set[str] = set()
    old = set(split.was["orders"])
    for row in await merges.rows_of(tx, "shop_order", split.kept_id):
        named = {row["phone"], row["unionid"], row["buyer"]} - {""}
        if row["id"] not in old and named & theirs and not named & ours:
            await split.give("shop_order", row["id"])
            split.given["order"].add(row["id"])
        else:
            left.add(row["buyer"])
    bought = {row["buyer"] for row in await merges.rows_of(tx, "shop_order", split.gone_id)}
    for row in learnt:
        if row["hash"] in bought - left:
            await parting.give_handle(tx, row, split.gone_id)


def _with_order(split: Split, handle: Row) -> bool:
    """A shop account that an order brought since."""
    return bool(handle["source"] == "order" and handle["at"] >= split.at)


async def _referrals(split: Split) -> None:
    """A referral since is theirs when their code brought it, or their words or order show it."""
    tx = split.tx
    codes = [code.lower() for code in await parting.codes_of(tx, split.parts)]
    for row in await merges.referrals_of(tx, split.kept_id):
        if row["at"] <= split.at:
            continue
        if row["newcomer_id"] == split.kept_id:
            mine = split.given["order"] if row["source"] == "order" else split.their_ids
            if row["evidence_id"] in mine:
                await merges.set_columns(tx, "referral", row["id"], {"newcomer_id": split.gone_id})
        elif codes:
            words = (await parting.words_of_referral(tx, row)).lower()
            if any(code in words for code in codes):
                await merges.set_columns(tx, "referral", row["id"], {"inviter_id": split.gone_id})
    split.given["referral"] |= {
        row["id"] for row in await merges.referrals_of(tx, split.gone_id) if row["inviter_id"] == split.gone_id
    }


async def _person(split: Split) -> None:
    """Runs of check-ins and marks, each from where they were, with what each did since."""
    tx, was = split.tx, split.was["member"]
    gone = await people.member(tx, split.gone_id)
    kept = await people.member(tx, split.kept_id)
    assert gone is not None
    assert kept is not None
    days: dict[bool, list[str]] = {True: [], False: []}
    for move in split.moves:
        if move.kind == "check_in":
            days[split.did(move)].append(_day(move.source))
    for member_id, start, theirs in (
        (split.gone_id, Streak(gone["check_in_day"], gone["streak"]), True),
        (split.kept_id, Streak(was["check_in_day"], was["streak"]), False),
    ):
        streak = replayed(start, days[theirs])
        values: dict[str, Any] = {"check_in_day": streak.day, "streak": streak.length}
        before = gone if theirs else was
        said = {row["purpose"]: row for row in await consents.history(tx, member_id) if row["at"] > split.at}
        for purpose, mark in MARKED.items():
            decided = said.get(purpose)
            values[mark] = before[mark]
            if decided is not None:
                values[mark] = decided["at"] if decided["state"] == "refused" else None
        await merges.set_columns(tx, "member", member_id, values)


def _day(source: str) -> str:
    """The day in a check-in's source."""
    return date.fromisoformat(source.rpartition(":")[2]).isoformat()
