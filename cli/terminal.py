"""The sandbox in a terminal: one types what a person would, and sees all that the bot says and to whom.

Lines come from a keyboard (cli/keyboard.py), a pipe or a script; what they do is the same.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from channels.sandbox_state import Message
from cli import shop_commands  # noqa: F401 - puts its commands into the table
from cli.clock import moment
from cli.commands import Quit, find
from cli.language import say
from cli.lines import CHORES, QUIET, line_of
from cli.player import Player
from cli.stage import Stage
from rules.errors import SettingsError, ZhijiError
from rules.times import MINUTE

PATIENCE = 30.0  # seconds until an answer that does not come is waited for no more
TIME_LINE = 10 * MINUTE  # a pause after which the time is shown, as chat programs do


class Terminal:
    """One person's view of a sandbox. `echo`: also show what is said by the person at the terminal."""

    def __init__(self, stage: Stage, *, echo: bool = True, console: Console | None = None) -> None:
        self.stage = stage
        self.console = console or Console(highlight=False, soft_wrap=True)
        self.player = Player(stage, self._tell)
        self.said: list[str] = []  # lines of what the bot said since the last input
        self.done: list[str] = []  # and did: remarks, requests accepted
        self._echo = echo
        self._shown_at = 0
        stage.world.listeners.append(self._see)
        self.player.begin()

    def close(self) -> None:
        self.stage.world.listeners.remove(self._see)

    def _see(self, message: Message) -> None:
        line = line_of(self.stage.world, message)
        if message.by_account:
            (self.done if message.what in CHORES else self.said).append(line.plain)
        elif not self._echo and message.what == "text" and message.sender == self.player.me.id:
            return  # it stands in the input line already
        if message.at - self._shown_at >= TIME_LINE:
            self._print(Text(f"—— {moment(message.at, self.stage.community.settings.zone)} ——", style=QUIET))
        self._shown_at = message.at
        self._print(line)

    def _print(self, line: Text) -> None:
        self.console.print(line)

    def _tell(self, text: str) -> None:
        self._print(Text(text, style=QUIET))

    async def do(self, line: str) -> str:
        """Do one line: a command or something to say. Returns why it could not be done, '' if it was. Raises Quit."""
        self.said.clear()
        self.done.clear()
        line = line.strip().lstrip("\ufeff")
        if not line:
            return ""
        try:
            if line[0] in "/／" and line[:2] not in ("//", "／／"):
                name, _, rest = line[1:].strip().partition(" ")
                await find(name).run(self.player, rest.strip())
            else:
                await self.player.speak(line[1:] if line[0] in "/／" else line)
            async with asyncio.timeout(PATIENCE):
                await self.stage.settled()
        except ZhijiError as error:
            return self._refuse(str(error))
        except TimeoutError:
            return self._refuse(say("小知还没忙完", "the bot is still busy"))
        return ""

    def _refuse(self, reason: str) -> str:
        self._print(Text(reason, style="yellow"))
        return reason

    def welcome(self) -> None:
        """What a newcomer reads first."""
        world, player = self.stage.world, self.player
        name, bots = self.stage.community.settings.community.name, "、".join(world.accounts)
        counts = len(world.rooms), len(world.people)
        self._print(Text(f"{name} · {say('沙盒', 'sandbox')}", style="bold"))
        self._tell(
            say(
                f"{counts[0]} 个群，{counts[1]} 个人，机器人叫{bots}。都只在这台机器上，不会联系真的微信。",
                f"{counts[0]} groups, {counts[1]} people; the bot is called {bots}. It all lives on this machine.",
            )
        )
        if player.person is None:
            self._tell(
                say("这里还没有人：/as 名字 成为第一个", "nobody lives here yet: /as NAME makes the first person")
            )
            return
        self._print(_where(player))
        for typed, why in self._suggestions():
            wide = sum(1 + (ord(char) > 0x2E80) for char in typed)
            self._print(Text(f"  {typed}{' ' * max(23 - wide, 1)}", style="bold").append(why, style="not bold dim"))

    def _suggestions(self) -> Iterable[tuple[str, str]]:
        bot = self.player.account
        staff = next((one.name for one in self.stage.community.directory.staff.values()), "")
        yield "签到", say("在群里签到，攒积分", "check in, in the group, for points")
        yield f"@{bot} 积分", say("提到机器人，问它问题", "mention the bot and ask it something (here: my points)")
        yield (
            "/dm",
            say("和机器人私聊；再说 帮助 看看它会什么", "a private chat with the bot; 帮助 there tells what it can do"),
        )
        if staff:
            yield (
                f"/as {staff}",
                say(f"换成店里的同事；再说 看 @{self.player.me.name}", "be one of the staff; then say 看 @小美"),
            )
        yield (
            f"/clock {say('工作日', 'workday')} 08:00",
            say("把时钟拨到早上八点，看它发早安", "move the clock to eight and see the morning post"),
        )
        yield "/help", say("全部命令；/quit 离开", "all commands; /quit leaves")

    async def run_lines(self, lines: AsyncIterator[str]) -> None:
        """Do lines from a pipe until they end."""
        async for line in lines:
            try:
                await self.do(line)
            except Quit:
                return


def _where(player: Player) -> Text:
    where = f"在「{player.place}」" if player.room else f"和{player.place}私聊"
    where_en = f"in “{player.place}”" if player.room else f"in a private chat with {player.place}"
    return Text(say(f"你现在是{player.me.name}，{where}。试试：", f"You are {player.me.name}, {where_en}. Try:"))


def read_script(name: str) -> list[str]:
    """The lines of a script file, or of standard input for "-". Raises SettingsError when it can't be read."""
    if name == "-":
        return sys.stdin.read().splitlines()
    try:
        return Path(name).read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise SettingsError(
            say(f"读不了脚本 {name}：{error.strerror}", f"can't read {name}: {error.strerror}")
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(
            say(f"{name} 不是 UTF-8 编码，请另存为 UTF-8", f"{name} is not UTF-8: save it so")
        ) from None


async def run_script(stage: Stage, lines: Iterable[str], *, console: Console | None = None) -> int:
    """Do the lines of a script; the exit code: 0, or 1 at the first line that fails.

    Beside what one can type: `expect TEXT` (something the bot said since the last input contains it), `expect! TEXT`
    (nothing does), `expect silence`, and comments that begin with #.
    """
    terminal = Terminal(stage, console=console)
    try:
        for number, line in enumerate(lines, 1):
            text = line.strip().lstrip("\ufeff")
            if not text or text.startswith("#"):
                continue
            wrong = _unmet(terminal, text) if _is_expectation(text) else await terminal.do(text)
            if wrong:
                _fail(terminal, number, text, wrong)
                return 1
    except Quit:
        pass
    finally:
        terminal.close()
    return 0


def _is_expectation(text: str) -> bool:
    return text.split(maxsplit=1)[0] in ("expect", "expect!")


def _unmet(terminal: Terminal, text: str) -> str:
    """What is wrong with what the bot said, '' if it is as expected."""
    word, _, wanted = text.partition(" ")
    wanted = wanted.strip()
    if not wanted:
        return say("expect 后面要写内容", "expect needs a text")
    heard = [*terminal.said, *terminal.done]
    if word == "expect" and wanted == "silence":
        return say("应该安静", "expected silence") if terminal.said else ""
    found = any(wanted in line for line in heard)
    if word == "expect!":
        return say(f"不该有“{wanted}”", f"did not expect “{wanted}”") if found else ""
    return "" if found else say(f"没有等到“{wanted}”", f"expected “{wanted}”")


def _fail(terminal: Terminal, number: int, text: str, wrong: str) -> None:
    show: Callable[[str], None] = lambda line: terminal.console.print(Text(line, style="red"))  # noqa: E731
    show(say(f"第 {number} 行：{text}", f"line {number}: {text}"))
    show(f"  {wrong}")
    heard = [*terminal.said, *terminal.done]
    show(say("  机器人说的是：", "  the bot said:") if heard else say("  机器人什么也没说", "  the bot said nothing"))
    for line in heard:
        show(f"    {line}")


async def piped_lines() -> AsyncIterator[str]:
    """The lines of standard input, without holding up the house."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        yield line


async def run_terminal(stage: Stage) -> int:
    """Play until the person leaves: with the keyboard on a terminal, line by line from a pipe; the exit code."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        from cli.keyboard import play

        await play(stage)
        return 0
    terminal = Terminal(stage)
    try:
        await terminal.run_lines(piped_lines())
    finally:
        terminal.close()
    return 0
