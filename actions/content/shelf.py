"""The files of content/ become items of the library: at the start, and whenever one changes while the house is open.

A file that can't be read leaves the others be, and what it was before stays in use; staff hear of it once. A file that
is gone takes its item off the shelf, with its history; when it comes back, so does the item.
"""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

import structlog

from actions.community import Community
from actions.content import making
from actions.speaking import outbox
from db import meta
from db.content import items
from db.database import Row, Tx
from db.trade import products
from rules.content import files
from rules.content.files import Filed
from rules.content.item import Body
from rules.errors import ConditionError, ContentError, StorageError, TemplateError
from rules.messages import Outgoing
from rules.settings import Settings
from templates import Phrases, Plain
from templates.files import Stamp, read_text, stamp_of
from templates.safety import MAX_SOURCE

LOOK_SECONDS = 5.0
HOLD_SECONDS = 2.0
AT_ONCE = 50  # items written in one transaction
MOST_FILES = 20_000
TOLD_AT_ONCE = 5
PROBLEMS = "content_problems"  # in the meta table: what staff were told of
BY_FILE = "file"

log = structlog.get_logger()


@dataclass(slots=True)
class Scan:
    """What one look at the folder found. `there`: the files by name; `fresh`: those that were read just now."""

    there: dict[str, Stamp] = field(default_factory=dict)
    fresh: list[tuple[Filed, str]] = field(default_factory=list)  # with how it is found
    problems: dict[str, str] = field(default_factory=dict)  # of each file that can't be used


class Shelf:
    """Follows the folder while the house is open; in one process at a time."""

    def __init__(self, community: Community) -> None:
        self._community = community
        self._seen: dict[str, Stamp] = {}
        self._problems: dict[str, str] = {}
        self._unlisted: set[str] = set()  # products of files that no shop has told of yet
        self._begun = False
        self._waiting = False

    @property
    def idle(self) -> bool:
        """The folder has been looked at, or can't be: another process has it, the database is away."""
        return self._begun or self._waiting

    async def run(self) -> None:
        """Work until cancelled."""
        while (hold := await self._hold()) is None:
            self._waiting = True
            await asyncio.sleep(HOLD_SECONDS)
        async with hold:
            while True:
                try:
                    await self.look()
                except (StorageError, OSError) as error:
                    self._waiting = True
                    log.error("shelf", error=error)
                await asyncio.sleep(LOOK_SECONDS)

    async def _hold(self) -> AbstractAsyncContextManager[None] | None:
        try:
            return await self._community.db.hold("shelf")
        except StorageError as error:
            log.error("shelf", error=error)
            return None

    async def look(self) -> None:
        """See what has changed since the last look, and write it down."""
        community, root = self._community, self._community.content_folder
        if not await asyncio.to_thread(root.is_dir):  # a disk that is away takes nothing off the shelf
            self._begun = True
            return
        known = {} if self._begun else {row["key"]: row["hash"] for row in await items.of_files(community.db)}
        scan = await asyncio.to_thread(self._scan, root, known)
        gone = ({files.key_of(name) for name in self._seen} if self._begun else set(known)) - {
            files.key_of(name) for name in scan.there
        }
        rows = await items.of_files(community.db) if gone and scan.fresh else ()
        moved = {row["hash"]: row["key"] for row in rows if row["key"] in gone}
        for start in range(0, len(scan.fresh), AT_ONCE):
            some = scan.fresh[start : start + AT_ONCE]
            await community.db.write(partial(self._store, some=some, moved=moved))
        if gone:
            await community.db.write(partial(self._retire, keys=sorted(gone)))
        if scan.fresh or gone:
            community.look_again()  # the coming days are planned from what is there now
        self._problems = scan.problems
        await self._tell(list(self._problems.values()))
        await self._list_products()
        self._seen, self._begun = scan.there, True

    def _scan(self, root: Path, known: dict[str, str]) -> Scan:
        """Off the event loop: stat every file, read those that are new or changed. `known`: hashes by key."""
        scan = Scan()
        for path in sorted(_files(root))[:MOST_FILES]:
            name, stamp = path.relative_to(root).as_posix(), stamp_of(path)
            if stamp is None:
                continue
            scan.there[name] = stamp
            if self._seen.get(name) == stamp and name not in self._problems:  # its picture may be there by now
                continue
            try:
                filed = _read(self._community.settings, self._community.phrases, root, path, known)
            except ContentError as error:
                scan.problems[name] = str(error)
                continue
            if filed is not None:
                scan.fresh.append((filed, making.found_by(filed.title, filed.theme, filed.tags, filed.body)))
        return scan

    async def _store(self, tx: Tx, some: Sequence[tuple[Filed, str]], moved: Mapping[str, str]) -> None:
        """`moved`: keys of files that are gone, by hash: what turns up elsewhere, word for word, is the same item."""
        now = self._community.clock.now()
        for filed, search in some:
            if filed.hash in moved:
                await items.rename(tx, moved[filed.hash], filed.key)
            await _put(tx, filed, search, now)
            if filed.body.product:
                self._unlisted.add(filed.body.product)

    async def _retire(self, tx: Tx, keys: Sequence[str]) -> None:
        now = self._community.clock.now()
        for key in keys:
            row = await items.by_key(tx, key)
            if row is not None and row["hash"] and row["state"] != "retired":  # staff's word outlives the file
                await making.change(tx, row, {"state": "retired", "hash": ""}, BY_FILE, now)

    async def _tell(self, problems: Sequence[str]) -> None:
        """Staff hear of each problem once, also after a restart."""
        db, community = self._community.db, self._community
        before = json.loads(await meta.get(db, PROBLEMS) or "[]")
        if sorted(before) == sorted(problems):
            return
        new: list[Plain] = [one for one in problems if one not in before]
        for one in new:
            log.warning("content", problem=one)

        async def tell(tx: Tx) -> None:
            await meta.put(tx, PROBLEMS, json.dumps(sorted(problems), ensure_ascii=False))
            if new:
                text = community.phrases.render("content/problems", 0, problems=new[:TOLD_AT_ONCE], count=len(new))
                key = f"content:{sha256(''.join(map(str, new)).encode()).hexdigest()[:16]}"
                reason = "素材文件有问题"
                await outbox.to_staff(tx, community, Outgoing(text=text), community.clock.now(), key=key, reason=reason)

        await db.write(tell)

    async def _list_products(self) -> None:
        """Products that a file names before a shop does: as soon as it does, the item can be used."""
        if not self._begun:
            self._unlisted |= {
                Body.read(row["body"]).product for row in await items.without_product(self._community.db)
            }
        for product in sorted(self._unlisted):
            shop, _, sku = product.partition(":")
            row = (await products.known(self._community.db, shop, [sku])).get(sku)
            if row is not None:
                await self._community.db.write(partial(items.list_product, product=product, product_id=row["id"]))
                self._unlisted.discard(product)


def problems(settings: Settings, phrases: Phrases, root: Path) -> list[str]:
    """What is wrong with any file, for the doctor; nothing is written."""
    found: list[str] = []
    for path in sorted(_files(root)) if root.is_dir() else ():
        try:
            _read(settings, phrases, root, path, {})
        except ContentError as error:
            found += str(error).split("\n")
    return found


def _files(root: Path) -> Iterable[Path]:
    for path in root.rglob(f"*{files.SUFFIX}"):
        inner = path.relative_to(root).parts
        if not any(part.startswith(".") for part in inner) and path.name.lower() != "readme.md":
            yield path


def _read(settings: Settings, phrases: Phrases, root: Path, path: Path, known: dict[str, str]) -> Filed | None:
    """The item in a file, None if it is on the shelf already. Raises ContentError."""
    name = path.relative_to(root).as_posix()
    shown = name.encode(errors="replace").decode()
    if shown != name:
        raise ContentError(f"{shown}: 文件名不是 UTF-8，请改名 (the name is not UTF-8)")
    try:
        text = read_text(path, root)
    except TemplateError as error:
        raise ContentError(str(error).replace(str(path), name)) from None
    if len(text.encode()) > MAX_SOURCE:
        raise ContentError(f"{name}: 超过 {MAX_SOURCE // 1024} KB，请拆成几个文件 (too large)")
    if known.get(files.key_of(name)) == files.digest(text):
        return None
    try:
        return check(settings, phrases, root, files.read(name, text, settings.zone))
    except RecursionError:
        raise ContentError(f"{name}: 套得太深 (nested too deep)") from None


def check(settings: Settings, phrases: Phrases, root: Path, filed: Filed) -> Filed:
    """The item, with what needs the texts, the configuration and the disk looked at. Raises ContentError."""
    try:
        personal = making.check_text(phrases, filed.body.text)
    except TemplateError as error:
        raise ContentError(_placed(filed, str(error))) from None
    try:
        making.check_audience(settings, filed.audience)
    except ConditionError as error:
        raise ContentError(f'{filed.name}: audience = "{filed.audience}"：{error}') from None
    for piece in filed.body.pieces:
        if piece.path and not (root / piece.path).resolve().is_relative_to(root.resolve()):
            raise ContentError(f'{filed.name}: image = "{piece.path}"：在素材文件夹之外 (outside of the folder)')
        if piece.path and not (root / piece.path).is_file():
            raise ContentError(f'{filed.name}: image = "{piece.path}"：没有这个文件，放进素材文件夹 (no such file)')
    return replace(filed, body=replace(filed.body, personal=personal))


def _placed(filed: Filed, problem: str) -> str:
    """A problem of the text with the line of the file it stands on."""
    found = re.match(r"text(?::(\d+))?: ?", problem)
    if found is None:
        return f"{filed.name}: {problem}"
    line = filed.text_line + int(found[1] or 1) - 1
    return f"{filed.name}:{line}: {problem[found.end() :]}"


async def _put(tx: Tx, filed: Filed, search: str, now: int) -> None:
    """A new item, or the next version of one. What staff took off stays off until its file says something new."""
    values = {
        "kind": filed.kind, "theme": filed.theme, "title": filed.title, "body": filed.body.as_json(),
        "tags": making.tags_in(filed.tags), "audience": filed.audience, "season_from": filed.season[0],
        "season_to": filed.season[1], "starts_at": filed.starts_at, "expires_at": filed.expires_at,
        "product_id": await _product(tx, filed.body.product), "author": filed.author, "state": "ready",
        "hash": filed.hash, "search": search,
    }  # fmt: skip
    row = await items.by_key(tx, filed.key)
    if row is None:
        if await items.add(tx, filed.key, "file", values, now):
            return
        row = await items.by_key(tx, filed.key)
        assert row is not None
    if row["hash"] != filed.hash:
        await making.change(tx, row, values, BY_FILE, now)


async def _product(tx: Tx, product: str) -> int | None:
    shop, _, sku = product.partition(":")
    row: Row | None = (await products.known(tx, shop, [sku])).get(sku) if sku else None
    return None if row is None else int(row["id"])
