"""The terminal under a keyboard: input line with history and completion, what happens is printed above it."""

from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import FileHistory
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style

from cli.clock import moment
from cli.commands import COMMANDS, Quit
from cli.language import say
from cli.player import Player
from cli.stage import Stage
from cli.terminal import Terminal

STYLE = Style.from_dict(
    {
        "who": "bold",
        "place": "ansicyan",
        "quiet": "ansibrightblack",
        "bottom-toolbar": "noreverse ansibrightblack",
        "completion-menu": "bg:ansidefault",
        "scrollbar.background": "bg:ansidefault",
        "scrollbar.button": "bg:ansidefault",
        "completion-menu.completion": "bg:ansidefault ansidefault",
        "completion-menu.completion.current": "bg:ansidefault ansigreen bold noreverse",
        "completion-menu.meta.completion": "bg:ansidefault ansibrightblack",
        "completion-menu.meta.completion.current": "bg:ansidefault ansibrightblack",
    }
)
PEOPLE, ROOMS, ACCOUNTS = ("as", "card"), ("in", "join", "leave"), ("dm", "friend", "login", "logout")


class Words(Completer):
    """Commands after /, names after @ and after the commands that take one."""

    def __init__(self, player: Player) -> None:
        self._player = player

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        text = document.text_before_cursor
        if text.startswith("/"):
            name, space, typed = text[1:].partition(" ")
            yield from self._arguments(name, typed) if space else self._commands(name)
        elif "@" in text:
            typed = text.rpartition("@")[2]
            if " " not in typed:
                yield from self._fitting(typed, [*self._here(), *self._player.world.accounts], " ")

    def _commands(self, typed: str) -> Iterable[Completion]:
        for one in COMMANDS:
            if one.names[0].startswith(typed.lower()):
                after = " " if one.takes[0] else ""
                shown = f"/{one.names[0]} {say(*one.takes)}"
                yield Completion(one.names[0] + after, -len(typed), display=shown, display_meta=say(*one.helps))

    def _arguments(self, name: str, typed: str) -> Iterable[Completion]:
        world = self._player.world
        if name in PEOPLE:
            yield from self._fitting(typed, dict.fromkeys(one.name for one in world.people.values()))
        elif name in ROOMS:
            yield from self._fitting(typed, [one.topic for one in world.rooms.values()])
        elif name in ACCOUNTS:
            yield from self._fitting(typed, world.accounts)

    def _here(self) -> Iterable[str]:
        room, people = self._player.room, self._player.world.people
        return dict.fromkeys(people[one].name for one in room.members) if room else ()

    @staticmethod
    def _fitting(typed: str, names: Iterable[str], after: str = "") -> Iterable[Completion]:
        for name in names:
            if typed.lower() in name.lower():
                yield Completion(name + after, -len(typed), display=name)


def _prompt(player: Player) -> StyleAndTextTuples:
    if player.person is None:
        return [("class:quiet", "› ")]
    place = player.place if player.room else f"{player.place}{say('（私聊）', ' (private)')}"
    return [("class:who", player.person.name), ("class:quiet", " · "), ("class:place", place), ("class:quiet", " › ")]


def _toolbar(stage: Stage) -> StyleAndTextTuples:
    now = moment(stage.community.clock.now(), stage.community.settings.zone)
    return [("class:bottom-toolbar", f" {now}   {say('/help 命令   /quit 离开', '/help commands   /quit leave')}")]


async def play(stage: Stage) -> None:
    """Until the person leaves."""
    with patch_stdout(raw=True):
        terminal = Terminal(stage, echo=False)
        terminal.welcome()
        session = _session(stage, terminal.player, stage.community.folder / "terminal-history")
        try:
            await _type(terminal, session)
        except (Quit, EOFError):
            return
        finally:
            terminal.close()


async def _type(terminal: Terminal, session: PromptSession[str]) -> None:
    """Line after line; Ctrl-C gives a line up, twice it leaves."""
    leaving = False
    while True:
        try:
            line = await session.prompt_async(lambda: _prompt(terminal.player))
        except KeyboardInterrupt:
            if leaving:
                raise Quit from None
            leaving = True
            terminal.player.tell(say("再按一次 Ctrl-C 离开", "Ctrl-C again leaves"))
            continue
        leaving = False
        await terminal.do(line)


def _session(stage: Stage, player: Player, history: Path) -> PromptSession[str]:
    return PromptSession(
        history=FileHistory(str(history)),
        completer=Words(player),
        complete_while_typing=True,
        reserve_space_for_menu=6,
        style=STYLE,
        bottom_toolbar=lambda: _toolbar(stage),
        refresh_interval=20,
    )
