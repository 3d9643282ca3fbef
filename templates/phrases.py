"""Finds, checks and renders what the bot says: the shipped texts, and over them what staff put into their folder.

A text of staff that can't be used is refused with file, line and reason, and the shipped one speaks; a good one is
picked up while the program runs.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from time import monotonic

from rules.errors import TemplateError
from templates.files import (
    NAME,
    OPEN_SUBJECTS,
    Stamp,
    files_in,
    for_room,
    front,
    lines_of,
    names_in,
    read_text,
    stamp_of,
    tidy,
)
from templates.safety import Audience, Refusal, unknown
from templates.sandbox import Sandbox, Wording
from templates.values import SCALARS, Plain, check_plain

SHIPPED = Path(__file__).parent
LOOK_EVERY = 1.0  # seconds between two looks at one edited file
_KEPT_TEXTS = 256


@dataclass(frozen=True, slots=True)
class Rules:
    """What the texts of one name may use. `fields`: None when nobody has said."""

    fields: frozenset[str] | None
    room: bool


@dataclass(slots=True)
class Phrase:
    """One file, checked: its wordings, and the personal fields they use."""

    label: str
    wordings: tuple[Wording, ...]
    fields: frozenset[str]
    personal: dict[str, int]
    complained: bool = False

    def say(self, seed: int, values: dict[str, Plain], room: bool) -> str:
        if room and self.personal:
            raise located(self.label, too_personal(self.personal))
        try:
            return self.wordings[seed % len(self.wordings)].say(values, room)
        except Refusal as error:
            raise located(self.label, error) from None


@dataclass(slots=True)
class Slot:
    """One name: the shipped text, and the edited one as it was last seen."""

    shipped: Phrase | None
    rules: Rules
    path: Path | None  # where staff would put theirs
    edited: Phrase | None = None
    stamp: Stamp | None = None
    refused: str = ""  # why there is no edited text
    look_at: float = 0.0


class Phrases:
    """All texts. `edited`: the folder of staff; `on_refused` hears each refused edit once for each time it changes."""

    def __init__(
        self,
        edited: Path | None = None,
        shipped: Path = SHIPPED,
        on_refused: Callable[[str], None] | None = None,
    ) -> None:
        self._edited = edited
        self._shipped = shipped
        self._on_refused = on_refused or logging.getLogger(__name__).warning
        self._sandbox = Sandbox()
        self._slots: dict[str, Slot] = {}
        self._text = lru_cache(maxsize=_KEPT_TEXTS)(self._compile_text)

    def render(self, name: str, seed: int = 0, /, *, audience: Audience = "private", **values: Plain) -> str:
        """The text `name` ("points/balance"), in the wording that `seed` picks.

        TypeError for a value that is not plain, TemplateError when there is no such text or it can't be rendered.
        """
        slot = self._slots.get(name) or self._open(name)
        if slot.path is not None and monotonic() >= slot.look_at:
            self._look(slot, slot.path)
        for value in values.values():
            if type(value) not in SCALARS:
                check_plain(values)
                break
        room = slot.rules.room or audience != "private"
        if slot.edited is not None:
            try:
                return slot.edited.say(seed, values, room)
            except TemplateError as error:
                if slot.shipped is None:
                    raise
                self._complain(slot.edited, error)
        if slot.shipped is None:
            raise TemplateError(slot.refused or f"{slot.path}: 没有这个文字 (no such text)")
        return slot.shipped.say(seed, values, room)

    def render_text(self, text: str, /, *, audience: Audience = "private", **values: Plain) -> str:
        """A text that staff wrote in config.toml or in the chat; one wording, so that `---` is an ordinary line."""
        check_plain(values)
        return self._text(text).say(0, values, audience != "private")

    def check_text(self, text: str, /, *, audience: Audience = "room", fields: frozenset[str] | None = None) -> None:
        """Raise TemplateError when `render_text` would refuse the text, or it uses a field that is not among these."""
        self._obey(self._text(text), Rules(fields, audience != "private"))

    def check(self, name: str, text: str) -> None:
        """Raise TemplateError, with place and reason, when this could not be the text `name`."""
        self._compile(f"templates/{name}.txt", text, self._open(name, look=False).rules)

    def check_all(self) -> list[str]:
        """What is wrong with any text, shipped or edited; empty when all is well."""
        problems: list[str] = []
        for name in names_in(self._shipped):
            _collect(problems, partial(self._load_shipped, name))
        for path in files_in(self._edited):
            _collect(problems, partial(self._check_edited, path))
        return problems

    def names(self) -> list[str]:
        """All texts that can be rendered: the shipped ones, and the posts and welcomes that staff added."""
        added = {name for name in names_in(self._edited) if name.startswith(OPEN_SUBJECTS)}
        return sorted({*names_in(self._shipped), *added})

    def has(self, name: str) -> bool:
        """Whether there is a text of this name that can be used: a shipped one, or one that staff added."""
        if not NAME.fullmatch(name):
            return False
        slot = self._slots.get(name)
        if slot is None:
            here = [root / f"{name}.txt" for root in (self._shipped, self._edited) if root is not None]
            if not any(path.is_file() for path in here):
                return False
            slot = self._open(name)
        if slot.shipped is None and slot.path is not None and monotonic() >= slot.look_at:
            self._look(slot, slot.path)
        return slot.shipped is not None or slot.edited is not None

    def _open(self, name: str, look: bool = True) -> Slot:
        """The slot of a name; kept, so that a text is compiled once."""
        if name in self._slots:
            return self._slots[name]
        if not NAME.fullmatch(name):
            raise TemplateError(f"{name[:80]!r}: 名字不对，例如 points/balance (not a name such as points/balance)")
        shipped = self._load_shipped(name) if (self._shipped / f"{name}.txt").is_file() else None
        path = self._edited / f"{name}.txt" if self._edited else None
        slot = Slot(shipped, self._rules(name, shipped), path)
        if shipped is None and not name.startswith(OPEN_SUBJECTS):
            raise located(f"templates/{name}.txt", unknown("文字", "text", name, frozenset(self.names())))
        if shipped is None and look and not (path and path.exists()):
            raise located(f"templates/{name}.txt", unknown("文字", "text", name, frozenset(self.names())))
        if look:
            self._slots[name] = slot
        return slot

    def _rules(self, name: str, shipped: Phrase | None) -> Rules:
        if shipped is not None:
            return Rules(shipped.fields, for_room(name, self._shipped_text(name)))
        return Rules(self._fields_like(name), room=True)

    def _fields_like(self, name: str) -> frozenset[str] | None:
        """What a text that staff added may use: what any shipped one of its subject may."""
        subject = name.partition("/")[0]
        like = [name for name in names_in(self._shipped) if name.startswith(f"{subject}/")]
        return frozenset().union(*(self._load_shipped(name).fields for name in like)) if like else None

    def _shipped_text(self, name: str) -> str:
        return read_text(self._shipped / f"{name}.txt", self._shipped)

    def _load_shipped(self, name: str) -> Phrase:
        text = self._shipped_text(name)
        phrase = self._compile(f"templates/{name}.txt", text, Rules(None, for_room(name, text)))
        phrase.fields |= front(text, "fields")
        return phrase

    def _look(self, slot: Slot, path: Path) -> None:
        """See whether the edited file has changed, at most once in LOOK_EVERY."""
        slot.look_at = monotonic() + LOOK_EVERY
        stamp = stamp_of(path)
        if stamp == slot.stamp:
            return
        slot.stamp, slot.edited, slot.refused = stamp, None, ""
        if stamp is None:
            return
        try:
            slot.edited = self._compile(str(path), read_text(path, self._root()), slot.rules)
        except TemplateError as error:
            slot.refused = str(error)
            self._on_refused(slot.refused)

    def _root(self) -> Path:
        assert self._edited is not None
        return self._edited

    def _complain(self, phrase: Phrase, error: TemplateError) -> None:
        if not phrase.complained:
            phrase.complained = True
            self._on_refused(str(error))

    def _check_edited(self, path: Path) -> None:
        name = path.relative_to(self._root()).with_suffix("").as_posix()
        if path.suffix != ".txt":
            raise TemplateError(f"{path}: 不会被使用，文件名要以 .txt 结尾 (not used: the name must end in .txt)")
        try:
            rules = self._open(name, look=False).rules
        except TemplateError as error:
            raise TemplateError(f"{path}: 不会被使用 (not used); {error}") from None
        self._compile(str(path), read_text(path, self._root()), rules)

    def _compile(self, label: str, text: str, rules: Rules) -> Phrase:
        try:
            phrase = self._phrase(label, lines_of(tidy(text)))
        except Refusal as error:
            raise located(label, error) from None
        self._obey(phrase, rules)
        return phrase

    def _compile_text(self, text: str) -> Phrase:
        try:
            return self._phrase("text", [(1, tidy(text))])
        except Refusal as error:
            raise located("text", error) from None

    def _phrase(self, label: str, variants: Iterable[tuple[int, str]]) -> Phrase:
        wordings: list[Wording] = []
        fields: set[str] = set()
        personal: dict[str, int] = {}
        for line, variant in variants:
            wording = Wording(self._sandbox, variant, label, line)
            if wording.blank:
                raise Refusal(f"第 {len(wordings) + 1} 种说法是空的", f"wording {len(wordings) + 1} is empty", line)
            wordings.append(wording)
            fields |= wording.uses.fields.keys()
            personal = {**wording.uses.personal, **personal}
        return Phrase(label, tuple(wordings), frozenset(fields), personal)

    def _obey(self, phrase: Phrase, rules: Rules) -> None:
        """Refuse fields that the name does not have, and personal ones that would go to a room."""
        if rules.room and phrase.personal:
            raise located(phrase.label, too_personal(phrase.personal))
        if rules.fields is None or phrase.fields <= rules.fields:
            return
        for name, line in ((name, line) for wording in phrase.wordings for name, line in wording.uses.fields.items()):
            if name not in rules.fields:
                raise located(phrase.label, unknown("字段", "field", name, rules.fields, line))


def located(label: str, refusal: Refusal) -> TemplateError:
    place = f"{label}:{refusal.line}" if refusal.line else label
    return TemplateError(f"{place}: {refusal}")


def too_personal(fields: dict[str, int]) -> Refusal:
    name, line = next(iter(fields.items()))
    return Refusal(f"群里不能说个人信息 {name}", f"personal field {name} in a text for a room", line)


def _collect(problems: list[str], check: Callable[[], object]) -> None:
    try:
        check()
    except TemplateError as error:
        problems.append(str(error))
