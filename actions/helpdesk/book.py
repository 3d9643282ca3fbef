"""The FAQ in use: content/faq.toml and what staff added in chat, read again as soon as a file was edited.

An entry that can't be used leaves the others be, and what it said before stays in use; so does the whole of a file
that can't be read at all. The file of the chat is written here, too: whole, beside the old one, then in its place.
"""

import asyncio
import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

import structlog

from actions.community import Community
from rules.errors import TemplateError
from rules.helpdesk.entries import Entry, Faq, Problem, parse
from rules.helpdesk.matching import Index
from rules.settings import Settings
from templates import Phrases, Plain
from templates.files import Stamp, stamp_of

LARGEST = 2 * 1024 * 1024
LOOK_EVERY = 1.0  # seconds between two looks at the files
MEMORY = "faq"  # its place in Community.memory
_BLOCK = re.compile(r"(?m)^[ \t]*\[\[\s*faq\s*\]\]")

log = structlog.get_logger()


def values_of(settings: Settings) -> dict[str, Plain]:
    """What an answer may hold: figures of config.toml, so that it does not grow old."""
    return {
        "community": settings.community.name,
        "check_in": settings.points.check_in,
        "yuan_per_point": settings.orders.yuan_per_point,
        "gift_max": settings.points.gift_max,
        "referral": settings.points.referral_first_purchase,
        "adopted": settings.feedback.adopted_points,
        "tiers": "、".join(settings.tiers.names),
        "notice_days": max(settings.tiers.notice_days, default=0),
    }


@dataclass(slots=True)
class Kept:
    """One file as it was last read."""

    stamp: Stamp | None = None
    faq: Faq = field(default_factory=Faq)


class Book:
    """The FAQ of one house. `index` is replaced whole; whoever asks sees one version or the other."""

    def __init__(self, file: Path, phrases: Phrases, settings: Settings) -> None:
        self.file, self.chat = file, file.with_name(f"{file.stem}-chat{file.suffix}")
        self._phrases, self._settings = phrases, settings
        self._kept = {self.file: Kept(), self.chat: Kept()}
        self._writing = threading.Lock()
        self._look_at = 0.0
        self._loading = False
        self.index: Index | None = None

    @property
    def problems(self) -> list[str]:
        return [f"{path.name} {one}" for path, kept in self._kept.items() for one in kept.faq.problems]

    def current(self, community: Community) -> Index:
        """The entries in use. Read at the first question; a later edit is read beside, for the next ones."""
        if self.index is None:
            self.load()
        elif monotonic() >= self._look_at and not self._loading:
            self._look_at = monotonic() + LOOK_EVERY
            if any(stamp_of(path) != kept.stamp for path, kept in self._kept.items()):
                self._loading = True
                community.later(self._load_beside)
        assert self.index is not None
        return self.index

    async def _load_beside(self) -> None:
        try:
            await asyncio.to_thread(self.load)
        finally:
            self._loading = False

    def load(self) -> None:
        """Read what has changed."""
        kept = {path: self._read(path, before) for path, before in self._kept.items()}
        entries: dict[str, Entry] = {}
        for one in kept.values():
            entries |= {entry.id: entry for entry in one.faq.entries}
        synonyms = {word: same for one in kept.values() for word, same in one.faq.synonyms.items()}
        self.index = Index(tuple(entries.values()), synonyms, self._settings.tiers.names)
        self._kept = kept

    def _read(self, path: Path, before: Kept) -> Kept:
        stamp = stamp_of(path)
        if stamp == before.stamp and self.index is not None:
            return before
        if stamp is None:
            return Kept()
        faq = self._checked(path)
        for problem in faq.problems:
            log.warning("faq", file=path.name, problem=str(problem))
        if faq.broken:
            return Kept(stamp, replace(before.faq, problems=faq.problems))
        there = {entry.id for entry in faq.entries}
        wrong = {problem.entry for problem in faq.problems} - there
        old = tuple(entry for entry in before.faq.entries if entry.id in wrong)
        return Kept(stamp, replace(faq, entries=faq.entries + old))

    def _checked(self, path: Path) -> Faq:
        """A file's entries whose answers can be said."""
        try:
            raw = path.read_bytes()[: LARGEST + 1]
            text = raw.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = f"读不了，请存为 UTF-8 (can't be read: {type(error).__name__})"
            return Faq(problems=(Problem(1, "", "", reason),), broken=True)
        if len(raw) > LARGEST:
            return Faq(problems=(Problem(1, "", "", f"超过 {LARGEST // 2**20} MB (too large)"),), broken=True)
        faq = parse(text)
        wrong = [problem for entry in faq.entries if (problem := self._unsayable(entry))]
        bad = {problem.entry for problem in wrong}
        good = tuple(entry for entry in faq.entries if entry.id not in bad)
        return replace(faq, entries=good, problems=(*faq.problems, *wrong))

    def _unsayable(self, entry: Entry) -> Problem | None:
        try:
            self.check(entry.answer, private=entry.where == "private")
        except TemplateError as error:
            reason = str(error).removeprefix("text:1: ")
            return Problem(entry.answer_line, "answer", repr(entry.answer)[:60], reason, entry.id)
        return None

    def check(self, answer: str, *, private: bool = False) -> None:
        """Raises TemplateError for an answer that holds what can't be filled in."""
        if answer:
            fields = frozenset(values_of(self._settings))
            self._phrases.check_text(answer, audience="private" if private else "room", fields=fields)

    def add(self, entry: Entry) -> None:
        """Write an entry into the file of the chat; one of this id is replaced."""
        self._rewrite(entry.id, _written(entry))

    def remove(self, entry_id: str) -> None:
        self._rewrite(entry_id, "")

    def _rewrite(self, entry_id: str, block: str) -> None:
        with self._writing:
            there = self.chat.read_text("utf-8-sig") if self.chat.exists() else HEAD
            text = _without(there, entry_id).rstrip() + "\n" + (f"\n{block}" if block else "")
            self.chat.parent.mkdir(parents=True, exist_ok=True)
            beside = self.chat.with_name(f"{self.chat.name}.new")
            beside.write_text(text, "utf-8")
            beside.replace(self.chat)
            self._look_at = 0.0


HEAD = "# 同事在聊天里加的问答（加问答 问：… 答：…），也可以在这里改 / added in the chat; edit it here, too\n"


def _written(entry: Entry) -> str:
    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    questions = ", ".join(map(quoted, entry.questions))
    return f"[[faq]]\nid        = {quoted(entry.id)}\nquestions = [{questions}]\nanswer    = {quoted(entry.answer)}\n"


def _without(text: str, entry_id: str) -> str:
    """The text without the block of this id."""
    starts = [0, *(found.start() for found in _BLOCK.finditer(text))]
    ends = [*starts[1:], len(text)]
    mark = re.compile(rf"(?m)^\s*id\s*=\s*{re.escape(json.dumps(entry_id, ensure_ascii=False))}\s*$")
    pieces = (text[start:end] for start, end in zip(starts, ends, strict=True))
    return "".join(piece for piece in pieces if not mark.search(piece))


def book_of(community: Community) -> Book:
    """The FAQ of a house; made at the first question."""
    found = community.memory.get(MEMORY)
    if found is None:
        file = (community.beside or community.folder) / community.settings.helpdesk.faq
        found = community.memory[MEMORY] = Book(file, community.phrases, community.settings)
    assert isinstance(found, Book)
    return found


def in_use(community: Community) -> Sequence[Entry]:
    return book_of(community).current(community).entries
