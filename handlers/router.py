"""Which behaviour answers a text: one table of exact commands and one union pattern, built once."""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from actions.community import Community, StaffEntry
from actions.talk.members import Heard
from db.database import Tx
from rules.messages import Kind, Outgoing
from rules.text import fold, normalise


@dataclass(slots=True)
class Ask:
    """What a handler is asked: one heard event in its open transaction.

    `said` is the normalised text the command was found in, `words` what the pattern's named groups caught in the
    text as it was typed (mentions of us taken off), `staff` is set when a bound person of the team speaks, `waited`
    holds the data of the question that this text answers.
    """

    tx: Tx
    community: Community
    heard: Heard
    now: int
    said: str
    typed: str
    words: dict[str, str] = field(default_factory=dict)
    waited: dict[str, Any] = field(default_factory=dict)
    replies: list[tuple[Outgoing, bool]] = field(default_factory=list)  # (what, privately)
    hushed: bool = False  # the room is paused: nothing is said there, only privately

    @property
    def member_id(self) -> int:
        return self.heard.member_id

    @property
    def staff(self) -> StaffEntry | None:
        return self.community.directory.staff.get(self.heard.member_id)

    @property
    def called(self) -> str:
        """How a room answer begins, so that everyone sees whom it is for: "小美，"; nothing in a private chat."""
        return f"{self.heard.name}，" if self.heard.room and self.heard.name and not self.hushed else ""

    def render(self, template: str, /, **values: Any) -> str:
        return self.community.phrases.render(template, self.heard.interaction_id, **values)

    def say(self, template: str, /, **values: Any) -> None:
        """Answer in the conversation, from a template."""
        self.send(Outgoing(text=self.render(template, **values)))

    def say_privately(self, template: str, /, **values: Any) -> None:
        """Answer the asker privately, also when asked in a room."""
        self.send(Outgoing(text=self.render(template, **values)), privately=True)

    def send(self, content: Outgoing, *, privately: bool = False) -> None:
        self.replies.append((content, privately or self.hushed))


Handler = Callable[[Ask], Awaitable[None]]
Condition = Callable[[Ask], bool]


@dataclass(frozen=True, slots=True)
class Route:
    handler: Handler
    staff: bool = False
    private: bool = False  # answered in private chats only
    addressed: bool = False  # in a room only when we are mentioned
    always: bool = False  # heard in a paused room, too, and answered privately


@dataclass(frozen=True, slots=True)
class Answer:
    """Who takes the answer to a question. `words`: the folded texts that answer it, None for any that is no command.

    `first`: of those any, the ones that answer it though they are commands, too (取消).
    """

    handler: Handler
    words: frozenset[str] | None
    staff: bool = False
    first: frozenset[str] = frozenset()


class Router:
    """The behaviours of one file."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.exact: dict[str, Route] = {}
        self.patterns: list[tuple[str, Route]] = []
        self.events: list[tuple[Kind, Handler]] = []
        self.conditions: list[tuple[Condition, Route]] = []

    def command(
        self,
        *texts: str,
        staff: bool = False,
        private: bool = False,
        addressed: bool = False,
        always: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Answer texts that are exactly one of these, once both are normalised."""

        def register(handler: Handler) -> Handler:
            for text in texts:
                key = normalise(text)
                if key in self.exact and self.exact[key].handler is not handler:
                    raise ValueError(f"two handlers for {text!r}")
                self.exact[key] = Route(handler, staff, private, addressed, always)
            return handler

        return register

    def pattern(
        self,
        pattern: str,
        *,
        staff: bool = False,
        private: bool = False,
        addressed: bool = False,
        always: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Answer texts that match a regular expression from beginning to end; its named groups become `ask.words`.

        It is matched against the text as typed, half width and simplified (handlers.inbox.typed), so that names keep
        their case and spaces. Group names must be unique within one pattern.
        """

        def register(handler: Handler) -> Handler:
            self.patterns.append((pattern, Route(handler, staff, private, addressed, always)))
            return handler

        return register

    def answer(
        self, kind: str, words: Iterable[str] | None = None, *, staff: bool = False, first: Iterable[str] = ()
    ) -> Callable[[Handler], Handler]:
        """Take the answer to a question of this kind (actions.questions); it is waited for until `questions.done`.

        `staff`: a question to the team, which is answered in a paused room, too. `first`: see Answer.
        """

        def register(handler: Handler) -> Handler:
            known = None if words is None else frozenset(map(fold, words))
            self.answers[kind] = Answer(handler, known, staff, frozenset(map(fold, first)))
            return handler

        return register

    def when(self, condition: Condition) -> Callable[[Handler], Handler]:
        """Answer what is no command where a quick look (at memory alone) says that it may be meant.

        A handler that finds it was not meant leaves what was said to the bot to unknown.fallback.
        """

        def register(handler: Handler) -> Handler:
            self.conditions.append((condition, Route(handler)))
            return handler

        return register

    def event(self, *kinds: Kind) -> Callable[[Handler], Handler]:
        """Be told of events that are no texts."""

        def register(handler: Handler) -> Handler:
            self.events += [(kind, handler) for kind in kinds]
            return handler

        return register


class Switchboard:
    """All routers as one look-up and one pattern, asked in the order of the list."""

    def __init__(self, routers: Iterable[Router]) -> None:
        self.exact: dict[str, list[Route]] = {}
        self.events: dict[Kind, list[Handler]] = {}
        self.answers: dict[str, Answer] = {}
        self.conditions: list[tuple[Condition, Route]] = []
        self._compiled: list[tuple[re.Pattern[str], Route]] = []
        parts: list[str] = []
        for router in routers:
            for text, route in router.exact.items():
                self.exact.setdefault(text, []).append(route)
            self.answers |= router.answers
            self.conditions += router.conditions
            for kind, handler in router.events:
                self.events.setdefault(kind, []).append(handler)
            for pattern, route in router.patterns:
                self._compiled.append((re.compile(pattern, re.DOTALL), route))
                parts.append(re.sub(r"\(\?P<\w+>", "(?:", pattern))
        # one pass says whether any pattern matches at all; which one is asked only then
        self._any = re.compile("|".join(f"(?:{part})" for part in parts), re.DOTALL) if parts else None

    def find(self, said: str, typed: str, allowed: Callable[[Route], bool]) -> tuple[Route, dict[str, str]] | None:
        """The first route for a text that is allowed here; `said` normalised, `typed` folded."""
        for route in self.exact.get(said, ()):
            if allowed(route):
                return route, {}
        if self._any is None or not self._any.fullmatch(typed):
            return None
        for pattern, route in self._compiled:
            match = pattern.fullmatch(typed)
            if match and allowed(route):
                return route, {key: value for key, value in match.groupdict().items() if value is not None}
        return None
