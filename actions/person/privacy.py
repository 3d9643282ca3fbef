"""Erasing a member: everything of theirs in one commit, and after it what lies outside of it (files, logs, traces).

What is left to do after the commit is noted in the same commit, so that a kill only delays it. The last words to the
person carry their address themselves, because nothing else knows it any more; it is forgotten once they have left.
"""

import asyncio
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from actions.community import Community
from actions.trade import debts
from db import copies
from db.database import Reader, Tx
from db.person import places, privacy
from db.speaking import outbox as outbox_rows
from db.talk import people
from db.trade import ledger
from rules.errors import RefusedError
from rules.messages import Act, Outgoing
from rules.talk.codes import code_in
from rules.times import DAY, MINUTE

FAREWELL = "farewell"  # the purpose of the last rows to a person; `Outgoing.contact` is where they go
FAREWELL_LIFE = 30 * MINUTE
ERASING = "erasing"  # noted work: everything after the commit of an erasure
EXPORTS = "exports"
EXPORT_DAYS = 3
LOOK_BACK = 7 * DAY  # how long the nightly work looks again at who was erased
TOMBSTONES = "erased.jsonl"
SHORTEST_SHOW = 8  # characters that others hardly say by chance
SHORTEST_NAME = 2  # a shorter name is in too many texts to tell anything
AT_ONCE = 500  # rows that one transaction empties
MOST_TRIES = 10  # nights that an erasure waits for what others still have to settle
PURGES = 20
PURGE_PAUSE = 0.1

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure let go of."""

    points: int
    dropped: int  # messages that waited to be sent


async def points_of(db: Reader, member_id: int) -> int:
    """What would be lost."""
    return await ledger.balance(db, member_id)


async def erase(
    tx: Tx,
    community: Community,
    member_id: int,
    now: int,
    *,
    farewell: str = "",
    through: tuple[int, str] | None = None,
) -> Erased:
    """Erase a member. `farewell` is sent `through` (account id, contact id) and is the last thing sent to them.

    Raises RefusedError for a bound person of the team, whose name stands on what they did.
    """
    if member_id in community.directory.staff:
        raise RefusedError("您是团队成员，请先让负责人解除绑定，再来注销。")
    await people.merges(tx)  # who this person is, stays so
    member_id = await people.living(tx, member_id)
    member = await people.held(tx, member_id)  # what an order brings just now is there before, or not at all
    if member is None or member["erased_at"] is not None:
        return Erased(0, 0)
    addresses = await privacy.addresses(tx, member_id)
    parts = await privacy.persons_members(tx, member_id)
    names = {row["name"] for row in [*parts, *addresses]} | set(await privacy.room_names(tx, member_id))
    shown = {title.removesuffix("…") for title in await privacy.shown(tx, member_id)}
    remarks = await privacy.remarked(tx, member_id)
    points = await _let_points_go(tx, community, member_id, now)
    dropped = await privacy.drop_due(tx, member_id, now)
    for row in addresses:
        dropped += await privacy.drop_greetings(tx, row["ext_id"], now)
    await privacy.erase(tx, member_id, now)
    left = {
        "codes": [row["code"] for row in parts],
        "at": now,
        "contacts": [[row["channel"], row["ext_id"]] for row in addresses],
        "names": sorted(name for name in names if len(name) >= SHORTEST_NAME),
        "shown": sorted(words for words in shown if len(words) >= SHORTEST_SHOW),
    }
    await privacy.note(tx, f"{ERASING}:{member_id}", json.dumps(left, ensure_ascii=False))
    await _say_farewell(tx, community, farewell, through, remarks, now)
    directory = community.directory
    directory.forget_contacts(member_id)
    directory.pending = {pair for pair in directory.pending if pair[0] != member_id}
    tx.after_commit(lambda: community.later(lambda: finish(community, member_id)))
    return Erased(points, dropped)


async def _let_points_go(tx: Tx, community: Community, member_id: int, now: int) -> int:
    """The ledger's sum stays 0: what is left counts as spent."""
    balance = await ledger.balance(tx, member_id)
    accounts, left, part = community.directory.ledger, balance, 0
    while left > 0:
        part += 1
        amount = min(left, ledger.LARGEST)
        debit, credit = await accounts.member(tx, member_id), await accounts.system(tx, ledger.SPEND)
        await ledger.transfer(tx, f"erase:{member_id}:{part}", debit, credit, amount, "erase", "注销", "", now)
        left -= amount
    await debts.forgive(tx, community, member_id, now)
    return balance


async def _say_farewell(
    tx: Tx, community: Community, text: str, through: tuple[int, str] | None, remarks: Any, now: int
) -> None:
    """The last words, and a remark without the code, which would still name the person in the account's contacts."""
    rows: list[tuple[int, Outgoing]] = []
    if text and through:
        rows.append((through[0], Outgoing(text=text, contact=through[1])))
    for row in remarks:
        account = community.directory.accounts.get(row["account_id"])
        if account and account.capabilities.remarks and code_in(row["remark"]):
            rows.append((account.id, Outgoing(Act.REMARK, contact=row["ext_id"])))
    for account_id, content in rows:
        content_text = json.dumps(content.as_dict(), ensure_ascii=False)
        await outbox_rows.put(tx, account_id, content_text, purpose=FAREWELL, now=now, expires_at=now + FAREWELL_LIFE)
        tx.after_commit(lambda account_id=account_id: community.wake(account_id))  # type: ignore[misc]


def farewell_address(content: str) -> str:
    """Where a farewell row goes."""
    return Outgoing.from_dict(json.loads(content)).contact


async def farewell_over(tx: Tx, community: Community, row_id: int, content: str) -> None:
    """A farewell has left or never will: its address goes, too."""
    await privacy.forget_farewell(tx, row_id, farewell_address(content))
    tx.after_commit(lambda: community.later(lambda: _purge(community)))


async def finish(community: Community, member_id: int) -> None:
    """What follows the commit of an erasure; doing it twice does no harm."""
    notes = [row for row in await privacy.noted(community.db, ERASING) if row["key"] == f"{ERASING}:{member_id}"]
    left = json.loads(notes[0]["value"]) if notes else {"contacts": [], "names": []}
    tries = left.get("tries", 0) + 1
    if notes and tries == 1:
        await asyncio.to_thread(_bury, community.folder, left)
    await _remove_files(community, member_id)
    more = await _erase_late(community, member_id, left)
    if notes and (not more or tries >= MOST_TRIES):  # the note itself holds their names
        await community.db.write(lambda tx: privacy.settled(tx, notes[0]["key"]))
    elif notes:
        again = json.dumps({**left, "tries": tries}, ensure_ascii=False)
        await community.db.write(lambda tx: privacy.noted_again(tx, notes[0]["key"], again))
    await _purge(community)


async def _remove_files(community: Community, member_id: int) -> None:
    for row in await privacy.files_left(community.db, member_id):
        path = community.folder / row["path"]
        await asyncio.to_thread(path.unlink, missing_ok=True)
        await community.db.write(partial(privacy.file_gone, media_id=row["id"]))
    for row in await privacy.persons_members(community.db, member_id):
        await asyncio.to_thread(shutil.rmtree, community.folder / EXPORTS / str(row["id"]), ignore_errors=True)
    await asyncio.to_thread(shutil.rmtree, community.folder / EXPORTS / "rooms", ignore_errors=True)  # lists of rooms
    await asyncio.to_thread(copies.remove, community.db.url, community.folder)


async def _erase_late(community: Community, member_id: int, left: dict[str, Any]) -> bool:
    """The places that only a look at a whole table finds; True if something that names them still waits to be sent."""
    db, now = community.db, community.clock.now()
    await db.write(partial(privacy.erase, member_id=member_id, now=now))  # again: a row may have come back meanwhile
    await _empty_outbox(community, await privacy.late_ids(db, member_id))
    own = [contact for _, contact in left["contacts"]] + _codes(left) + left.get("shown", [])
    staff = tuple(community.directory.staff)
    traces = privacy.Traces(member_id, tuple(own), tuple(left["names"]), staff)
    after = 0
    while own and (ids := await privacy.mentions_in_outbox(db, traces, after, AT_ONCE)):
        await _empty_outbox(community, ids)
        after = ids[-1]
    changes: dict[int, str | None] = {}
    for _, contact in left["contacts"]:
        for row in await privacy.mentions_in_events(db, contact):
            changes[row["id"]] = _without(changes.get(row["id"], row["data"]), contact)
    pairs = [(data, row_id) for row_id, data in changes.items()]
    for start in range(0, len(pairs), AT_ONCE):
        await db.write(partial(privacy.set_event_data, changes=pairs[start : start + AT_ONCE]))
    return bool(own) and await privacy.still_to_be_said(db, traces)


async def _empty_outbox(community: Community, ids: Sequence[int]) -> None:
    """A little at a time: others are answered in between."""
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        await community.db.write(partial(privacy.erase_outbox, ids=part, now=community.clock.now()))


def _without(data: str | None, contact: str) -> str | None:
    """An event's data without a contact; what stood beside it (a name, a card) goes with it."""
    values = json.loads(data or "{}")
    if values.get("contact") == contact:
        return None
    kept = {key: value for key, value in values.items() if value != contact}
    return json.dumps(kept, ensure_ascii=False) if kept and contact not in json.dumps(kept) else None


async def _purge(community: Community) -> None:
    """Let go of the erased bytes themselves; who reads just now may need them a moment longer."""
    tables = [table for table, place in places.PLACES.items() if place.erased or place.gone]
    for _ in range(PURGES):
        if await community.db.purge([*tables, "meta"]):
            return
        await asyncio.sleep(PURGE_PAUSE)
    log.warning("purge: others were reading all the time; the nightly work tries again")


def _hash(salt: str, channel: str, contact: str) -> str:
    return hashlib.sha256(f"{salt}\n{channel}\n{contact}".encode()).hexdigest()


def _codes(left: dict[str, Any]) -> list[str]:
    """The codes of an erased person: one, and one more for each member that was merged into them."""
    codes: list[str] = left.get("codes") or [left[name] for name in ("code",) if name in left]
    return codes


def _bury(folder: Path, left: dict[str, Any]) -> None:
    """A line for each member that a person was: it lets a restored backup, in which they may not be merged yet, erase
    them again, and says nothing of them to anybody else.
    """
    salt = secrets.token_hex(16)
    contacts = [_hash(salt, channel, contact) for channel, contact in left["contacts"]]
    stone = {"at": left["at"], "salt": salt, "contacts": contacts}
    lines = [json.dumps({"code": code, **stone}, ensure_ascii=False) + "\n" for code in _codes(left)]
    with (folder / TOMBSTONES).open("a", encoding="utf-8") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())


def _buried(folder: Path) -> list[dict[str, Any]]:
    path = folder / TOMBSTONES
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found: list[dict[str, Any]] = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:  # a line cut by a kill: its erasure is still noted and is written again
            log.warning("erased.jsonl: a line can't be read")
    return found


async def erase_again(community: Community) -> int:
    """After a restore: erase whoever was erased since the backup was made; how many.

    Code and contact must both fit: a number may have been given anew, and a person may have come back.
    """
    again = 0
    for line in await asyncio.to_thread(_buried, community.folder):
        member_id = await people.by_code(community.db, line["code"])
        if member_id is None:
            continue
        known = await privacy.addresses(community.db, member_id)
        if not any(_hash(line["salt"], row["channel"], row["ext_id"]) in line["contacts"] for row in known):
            continue
        await community.db.write(partial(_erase_restored, community=community, member_id=member_id))
        while community.background:  # `finish`
            await asyncio.wait(community.background)
        again += 1
    return again


async def _erase_restored(tx: Tx, community: Community, member_id: int) -> None:
    community.directory.staff.pop(member_id, None)  # whoever was of the team then had left it when they were erased
    await erase(tx, community, member_id, community.clock.now())


async def resume(community: Community) -> None:
    """Finish the erasures that a kill interrupted; called at the start."""
    await _finish_noted(community)


async def _finish_noted(community: Community) -> set[int]:
    """Go on with every erasure that is noted; the members whose they are."""
    noted = [int(row["key"].partition(":")[2]) for row in await privacy.noted(community.db, ERASING)]
    for member_id in noted:
        await finish(community, member_id)
    return set(noted)


async def tidy(community: Community, now: int) -> int:
    """The nightly look: old exports, farewells that never left, and traces of erased members; how many exports went."""
    resumed = await _finish_noted(community)
    for row in await privacy.old_farewells(community.db, now - FAREWELL_LIFE):
        address = farewell_address(row["content"])
        await community.db.write(partial(privacy.forget_farewell, row_id=row["id"], conversation=address))
    for member_id in await privacy.erased_since(community.db, now - LOOK_BACK):
        if member_id not in resumed:
            await finish(community, member_id)
    if stray := await privacy.stragglers(community.db):
        await community.db.write(lambda tx: privacy.erase_interactions(tx, stray))
        await _purge(community)
    return await asyncio.to_thread(_remove_old_exports, community.folder / EXPORTS, now - EXPORT_DAYS * DAY)


def _remove_old_exports(folder: Path, before: int) -> int:
    """Exports lie in exports/MEMBER/TIME/."""
    removed = 0
    for export in folder.glob("*/*"):
        if export.name.isdigit() and int(export.name) < before:
            shutil.rmtree(export, ignore_errors=True)
            removed += 1
    return removed
