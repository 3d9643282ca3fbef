"""What a merge does to the rows of both members, subject by subject; each step is noted (db.one_person.merges.note)."""

from dataclasses import dataclass
from typing import Any

from actions.community import Community
from actions.person import consent
from actions.voices import referrals
from db.database import Row, Tx
from db.one_person import merges
from db.person import consents, profiles, secrets
from db.speaking import outbox
from db.talk import people
from db.trade import check_ins
from rules.one_person.merging import (
    GIVEN,
    REFUSED,
    STATES,
    TAG_STATES,
    Streak,
    better_streak,
    earlier,
    stricter,
    stronger,
)

MERGED = "合并到了同一个人"
MARKS = ("marketing_out_at", "personalisation_out_at")
ONE_OF_EACH = {"dislike": "item", "poll_vote": "use_id"}  # tables with one row for each member and this


@dataclass(frozen=True, slots=True)
class Pair:
    """A merge under way."""

    tx: Tx
    community: Community
    merge_id: int
    kept: Row
    gone: Row
    now: int

    async def note(self, place: str, row_id: int, what: str, was: Any) -> None:
        await merges.note(self.tx, self.merge_id, place, row_id, what, was)

    async def move(self, table: str, row_id: int) -> None:
        await merges.move(self.tx, self.merge_id, table, row_id, self.gone["id"], self.kept["id"])


async def gather(pair: Pair) -> None:
    """Everything of the gone member that readers look for by member becomes the kept one's."""
    tx, kept_id, gone_id = pair.tx, pair.kept["id"], pair.gone["id"]
    await _referrals(pair)
    for table in merges.MOVABLE:
        await merges.move_all(tx, pair.merge_id, table, gone_id, kept_id)
    for row in await merges.due_rows(tx, gone_id):
        await pair.move("outbox", row["id"])
    await _tags(pair)
    await _rooms(pair)
    await _talk(pair)
    await _consents(pair)
    await _answers(pair)
    await _questions(pair)
    await _notices(pair)
    await _one_each(pair, "birthday")
    await _candidates(pair)
    for table, of in ONE_OF_EACH.items():
        await _where_free(pair, table, of)
    await _offers(pair)
    await _helped(pair)
    await _person(pair)


async def _referrals(pair: Pair) -> None:
    """Who they brought was brought by the person; who brought them first, stays. What one brought the other is none."""
    tx, kept_id, gone_id = pair.tx, pair.kept["id"], pair.gone["id"]
    for row_id in await referrals.own_found(tx, pair.community, kept_id, gone_id, pair.now):
        await pair.note("referral", row_id, "changed", {"refused": True})
    mine = {row["newcomer_id"]: row for row in await merges.referrals_of(tx, kept_id)}.get(kept_id)
    for row in await merges.referrals_of(tx, gone_id):
        if kept_id in (row["inviter_id"], row["newcomer_id"]):
            continue  # between the two
        side = "inviter_id" if row["inviter_id"] == gone_id else "newcomer_id"
        if side == "newcomer_id" and mine is not None:
            if row["at"] >= mine["at"]:
                continue
            await pair.note("referral", mine["id"], "changed", {side: kept_id})
            await merges.set_columns(tx, "referral", mine["id"], {side: -gone_id})
        await pair.note("referral", row["id"], "changed", {side: gone_id})
        await merges.set_columns(tx, "referral", row["id"], {side: kept_id})
        if side == "newcomer_id" and mine is not None:
            await merges.set_columns(tx, "referral", mine["id"], {side: gone_id})


async def _tags(pair: Pair) -> None:
    """Each tag once, and one where there can be only one: the surer is borne, the other stays with the gone member."""
    tx, mine = pair.tx, dict[tuple[str, str], Row]()
    for row in await merges.rows_of(tx, "tag", pair.kept["id"]):
        if row["removed_at"] is None:
            best: Row = mine.setdefault(_place(pair, row), row)
            if stronger(TAG_STATES, best["state"], row["state"]):
                mine[_place(pair, row)] = row
    for row in await merges.rows_of(tx, "tag", pair.gone["id"]):
        same = mine.get(_place(pair, row)) if row["removed_at"] is None else None
        if same is not None and not stronger(TAG_STATES, same["state"], row["state"]):
            continue
        if same is not None:
            await pair.note("tag", same["id"], "moved", pair.kept["id"])
            await merges.give(tx, "tag", same["id"], pair.gone["id"])
        await pair.move("tag", row["id"])


def _place(pair: Pair, tag: Row) -> tuple[str, str]:
    """What a member has one tag of."""
    dimension = pair.community.settings.tags.dimensions.get(tag["dimension"])
    return tag["dimension"], "" if dimension is not None and dimension.single else tag["value"]


async def _rooms(pair: Pair) -> None:
    """The person is in a room while one of their contacts is."""
    tx = pair.tx
    mine = {row["room_id"]: row for row in await merges.rows_of(tx, "room_member", pair.kept["id"])}
    for row in await merges.rows_of(tx, "room_member", pair.gone["id"]):
        same = mine.get(row["room_id"])
        if same is None:
            await pair.move("room_member", row["id"])
            continue
        if row["left_at"] is None:
            await pair.note("room_member", row["id"], "changed", {"left_at": None})
            await merges.set_columns(tx, "room_member", row["id"], {"left_at": pair.now})
            if same["left_at"] is not None:
                await pair.note("room_member", same["id"], "changed", {"left_at": same["left_at"]})
                await merges.set_columns(tx, "room_member", same["id"], {"left_at": None})


async def _talk(pair: Pair) -> None:
    """Counts are added up. The gone member's own rows stay as they are, and say what to take off again."""
    tx, kept_id = pair.tx, pair.kept["id"]
    for row in await merges.rows_of(tx, "talk", pair.gone["id"]):
        await merges.add_talk(tx, row["room_id"], row["day"], kept_id, row["messages"])
    gone, mine = await people.activity(tx, pair.gone["id"]), await people.activity(tx, kept_id)
    if gone is None:
        return
    if mine is None:
        await merges.put_activity(tx, kept_id, gone["interactions"], gone["first_at"], gone["last_at"], 0)
        return
    await merges.put_activity(
        tx,
        kept_id,
        mine["interactions"] + gone["interactions"],
        min(mine["first_at"], gone["first_at"]),
        max(mine["last_at"], gone["last_at"]),
        mine["last_id"],
    )


async def _consents(pair: Pair) -> None:
    """Refused by one is refused; given counts where the other was never asked."""
    tx = pair.tx
    mine = {row["purpose"]: row for row in await consents.history(tx, pair.kept["id"])}
    theirs = {row["purpose"]: row for row in await consents.history(tx, pair.gone["id"])}
    for purpose in consent.PURPOSES:
        own, other = mine.get(purpose), theirs.get(purpose)
        state = own["state"] if own is not None else None
        wanted = stricter(state, other["state"] if other is not None else None)
        if other is not None and wanted in (REFUSED, GIVEN) and wanted != state:
            row_id = await merges.copy_consent(tx, other, pair.kept["id"], pair.now)
            await pair.note("consent", row_id, "made", None)


async def _answers(pair: Pair) -> None:
    """The kept member's own answer wins; what only the gone one said is sealed anew with the kept one's key."""
    tx = pair.tx
    old_key = await secrets.key_of(tx, pair.gone["id"])
    mine = {row["field"]: row for row in await profiles.answers(tx, pair.kept["id"])}
    for row in await profiles.answers(tx, pair.gone["id"]):
        own = mine.get(row["field"])
        if row["value"] is None or old_key is None or (own is not None and own["value"] is not None):
            continue
        text = secrets.unseal(old_key, bytes(row["value"]), row["field"])
        key = await secrets.ensure_key(tx, pair.kept["id"])
        await profiles.put(tx, pair.kept["id"], row["field"], secrets.seal(key, text, row["field"]), row["at"])


async def _questions(pair: Pair) -> None:
    """A question that waits for an answer is the person's, unless they are asked another there."""
    mine = {row["scope"] for row in await merges.rows_of(pair.tx, "pending", pair.kept["id"])}
    for row in await merges.rows_of(pair.tx, "pending", pair.gone["id"]):
        if row["scope"] not in mine:
            await pair.move("pending", row["id"])


async def _notices(pair: Pair) -> None:
    """Nobody is told of a fall of a member who is part of another now."""
    for row in await merges.rows_of(pair.tx, "tier_notice", pair.gone["id"]):
        if row["cancelled_at"] is None and row["fell_at"] is None:
            await pair.note("tier_notice", row["id"], "changed", {"cancelled_at": None})
            await merges.set_columns(pair.tx, "tier_notice", row["id"], {"cancelled_at": pair.now})


async def _one_each(pair: Pair, table: str) -> None:
    """Of a table with one row for each member: the gone one's, if the kept one has none."""
    kept_id, gone_id = pair.kept["id"], pair.gone["id"]
    if await merges.row_of(pair.tx, table, gone_id) is None or await merges.row_of(pair.tx, table, kept_id) is not None:
        return
    await pair.note(table, gone_id, "moved", gone_id)
    await merges.rename_row(pair.tx, table, gone_id, kept_id)


async def _where_free(pair: Pair, table: str, of: str) -> None:
    """Of a table with one row for each member and `of`: the gone one's where the kept one has none."""
    mine = {row[of] for row in await merges.rows_of(pair.tx, table, pair.kept["id"])}
    for row in await merges.rows_of(pair.tx, table, pair.gone["id"]):
        if row[of] not in mine:
            await pair.move(table, row["id"])


async def _offers(pair: Pair) -> None:
    """A campaign reaches the person once: of two that are in one, whoever has it keeps it, the other is left out."""
    mine = {row["campaign_id"]: row for row in await merges.rows_of(pair.tx, "campaign_person", pair.kept["id"])}
    for row in await merges.rows_of(pair.tx, "campaign_person", pair.gone["id"]):
        own = mine.get(row["campaign_id"])
        if own is None:
            await pair.move("campaign_person", row["id"])
        else:
            await _leave_out(pair, own if await _left(pair, row) else row)


async def _left(pair: Pair, person: Row) -> bool:
    """Whether somebody of a campaign has got it, or may have."""
    row = await outbox.row(pair.tx, person["outbox_id"]) if person["outbox_id"] else None
    return row is not None and row["state"] in ("sending", "sent", "unconfirmed")


async def _leave_out(pair: Pair, person: Row) -> None:
    """They get nothing of a campaign; who has it already is left as they are."""
    if person["state"] in ("planned", "waiting", "task"):
        was = {"state": person["state"], "reason": person["reason"]}
        await pair.note("campaign_person", person["id"], "changed", was)
        await merges.set_columns(pair.tx, "campaign_person", person["id"], {"state": "excluded", "reason": "merged"})
    elif person["outbox_id"]:
        row = await outbox.row(pair.tx, person["outbox_id"])
        if row is not None and await outbox.drop(pair.tx, row["id"], MERGED, pair.now):
            was = {"state": "due", "state_reason": row["state_reason"], "claimed_at": row["claimed_at"]}
            await pair.note("outbox", row["id"], "changed", was)


async def _helped(pair: Pair) -> None:
    """One person of the team looks after them, not two; a lost person is looked for once."""
    for table, ends in (("handover", "done_at"), ("rehoming", "settled_at")):
        busy = any(row[ends] is None for row in await merges.rows_of(pair.tx, table, pair.kept["id"]))
        for row in await merges.rows_of(pair.tx, table, pair.gone["id"]):
            if busy and row[ends] is None:
                await pair.note(table, row["id"], "changed", {ends: None})
                await merges.set_columns(pair.tx, table, row["id"], {ends: pair.now})
            await pair.move(table, row["id"])


async def _candidates(pair: Pair) -> None:
    """What the team decided of either counts; the other row leaves the queue."""
    tx, kept_id, gone_id = pair.tx, pair.kept["id"], pair.gone["id"]
    mine, theirs = await merges.row_of(tx, "candidate", kept_id), await merges.row_of(tx, "candidate", gone_id)
    if mine is None or theirs is None:
        await _one_each(pair, "candidate")
        return
    hidden = theirs["state"]
    if stronger(STATES, mine["state"], theirs["state"]):
        await pair.note("candidate", gone_id, "swapped", None)
        await merges.swap_rows(tx, "candidate", kept_id, gone_id)
        hidden = mine["state"]
    await pair.note("candidate", gone_id, "changed", {"state": hidden})
    await merges.set_columns(tx, "candidate", gone_id, {"state": "gone"}, key="member_id")


async def _person(pair: Pair) -> None:
    """The better run of check-ins; the stricter marks."""
    mine, theirs = await check_ins.last(pair.tx, pair.kept["id"]), await check_ins.last(pair.tx, pair.gone["id"])
    assert mine is not None
    assert theirs is not None
    streak = better_streak(
        Streak(mine["check_in_day"], mine["streak"]), Streak(theirs["check_in_day"], theirs["streak"])
    )
    values: dict[str, Any] = {"check_in_day": streak.day, "streak": streak.length}
    values |= {mark: earlier(pair.kept[mark], pair.gone[mark]) for mark in MARKS}
    await merges.set_columns(pair.tx, "member", pair.kept["id"], values)
