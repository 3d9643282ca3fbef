"""撤销合并: a merge is taken back completely, also after both went on living.

What was moved goes back. What came since goes to the member by whose contact it came (`interaction.via_id`); an order
to whom its phone or shop account names alone; points to whoever earned or spent them, so that whoever spent the other's
owes them. Later merges of the same person are taken back first and made again after it. The pair is then kept apart.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from actions.community import Community
from actions.one_person import merged_points, merging, parted_rows
from actions.relationship import standing
from actions.voices import referrals
from db.database import Tx
from db.one_person import matches, merges, parting
from db.relationship import standing as standings
from db.trade import ledger
from rules.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Parted:
    """A merge that was taken back. `owed`: points that one of them has spent of the other's, by member."""

    kept_id: int
    gone_id: int
    owed: dict[int, int] = field(default_factory=dict)


async def part(tx: Tx, community: Community, merge_id: int, by: str, now: int) -> Parted:
    """Take a merge back. Raises RefusedError when it was, or when the person was erased."""
    await merges.begin(tx)
    merge = await merges.by_id(tx, merge_id)
    if merge is None or merge["undone_at"] is not None:
        raise RefusedError("这次合并已经撤销过了")
    rows = await merges.lock_members(tx, (merge["kept_id"], merge["gone_id"]))
    if any(row["erased_at"] is not None for row in rows.values()):
        raise RefusedError("这位会员已经注销，合并撤不回来")
    later = await merges.later(tx, merge)
    for one in later:
        await _part(tx, community, one["id"], by, now)
    parted = await _part(tx, community, merge_id, by, now)
    await matches.decide(tx, parted.kept_id, parted.gone_id, merge["why"], "apart", by, now)
    for one in reversed(later):
        await merging.merge(tx, community, one["kept_id"], one["gone_id"], one["by"], one["why"], now)
    return parted


async def _part(tx: Tx, community: Community, merge_id: int, by: str, now: int) -> Parted:
    merge = await merges.by_id(tx, merge_id)
    if merge is None or not await merges.undone(tx, merge_id, by, now):
        raise RefusedError("这次合并已经撤销过了")
    kept_id, gone_id = merge["kept_id"], merge["gone_id"]
    was, notes = json.loads(merge["was"]), await merges.notes(tx, merge["id"])
    others = [row_id for place, row_id, _, _ in notes if place == "member"]
    said = await parting.said_since(tx, kept_id, was["last_id"])
    split = parted_rows.Split(tx, community, merge, was, [gone_id, *others], said)
    await split.look_at_points()
    await merges.point_to(tx, [gone_id], None)
    await merges.point_to(tx, others, gone_id)
    await merges.give_contacts_back(tx, kept_id, gone_id, split.parts)
    await parted_rows.put_back(split, notes)
    await parted_rows.divide(split)
    owed = await _points(split, by, now)
    await _standings(split, notes, now)
    merging.forget(tx, community)
    return Parted(kept_id, gone_id, owed)


async def _points(split: parted_rows.Split, by: str, now: int) -> dict[int, int]:
    """Each has what they brought, earned and spent; what is missing is owed by whoever spent it."""
    tx, kept_id, gone_id = split.tx, split.kept_id, split.gone_id
    nets = await merged_points.nets(tx, (kept_id, gone_id))
    before = {member_id: await ledger.debt(tx, member_id) for member_id in (kept_id, gone_id)}
    mine = [one for one in split.moves if await _is_theirs(split, one)]
    theirs = int(split.was["brought"]) + sum(one.change for one in mine)
    for part in split.parts:  # the lump that they get now can't say it any more
        for inner in await merges.into(tx, part):
            was = json.loads(inner["was"])
            was["extra"] = [*was.get("extra", []), *([one.id, one.change, one.holder] for one in mine)]
            await merges.remember(tx, inner["id"], was)
    want = {gone_id: nets[gone_id] + theirs, kept_id: nets[kept_id] - theirs}
    key = f"part:{split.merge['id']}"
    await merged_points.share_out(tx, split.community, key, want, merged_points.WHY_PARTED, by, now)
    return {member_id: -net for member_id, net in want.items() if net < 0 and -net > before[member_id]}


async def _is_theirs(split: parted_rows.Split, move: parted_rows.Move) -> bool:
    """Whether a transfer of the person was the parting member's."""
    if move.reverses_id is not None:
        turned = await parting.members_of_transfer(split.tx, move.reverses_id)
        return bool(turned & set(split.parts)) or move.reverses_id in split.transfers
    subject, _, rest = move.source.partition(":")
    number = rest.partition(":")[0]
    given = split.given.get(subject)
    theirs = split.did(move) if given is None else number.isdigit() and int(number) in given
    if theirs:
        split.transfers.add(move.id)
    return theirs


async def _standings(split: parted_rows.Split, notes: Sequence[tuple[str, int, str, Any]], now: int) -> None:
    """Both are looked at anew, the parting one from where they stood; referrals between the two count again."""
    tx, community = split.tx, split.community
    locked = await standings.lock(tx, sorted((split.kept_id, split.gone_id)))
    stood = split.was["standing"]
    if stood is not None:  # not the score: that it changes tells the candidates
        stood = {name: value for name, value in stood.items() if name != "score"}
        await merges.set_columns(tx, "standing", split.gone_id, stood, key="member_id")
    tier, tier_at = split.was["tier"]
    if merging.higher(locked[split.kept_id]["tier"], tier):  # risen by what was the other's
        await standings.undo_tiers(tx, split.kept_id, split.merge["at"], now)
        await merges.set_columns(tx, "standing", split.kept_id, {"tier": tier, "tier_at": tier_at}, key="member_id")
    again = [row_id for place, row_id, what, was in notes if place == "referral" and was == {"refused": True}]
    for member_id in sorted((split.kept_id, split.gone_id)):
        await standing.refresh(tx, community, member_id, now)
    newcomers = {await parting.newcomer_of(tx, row_id) for row_id in again} | {split.kept_id, split.gone_id}
    for member_id in sorted(newcomers):
        await referrals.bought(tx, community, member_id, now)
