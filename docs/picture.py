"""Draws docs/sandbox.svg, the picture in the README: a real chat in a new sandbox. Run: python docs/picture.py"""

import asyncio
import html
import io
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SCRIPT = """
/as 小美
/in 早安面包房
签到
今天的可颂好香
@小知 我还有多少积分呀？
转 50 积分 给 @豆豆妈
确认
建议：可颂出一款迷你装
/clock 工作日 08:00
"""
WIDTH, SIDE, SIZE, LINE, PAD, ROW = 640, 28, 16, 24, 12, 24  # columns in a bubble: ROW full-width characters
FONT = "-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"


def wide(text: str) -> float:
    """How many full-width characters a text takes."""
    return sum(1.0 if ord(char) > 0x2E7F else 0.55 for char in text)


def wrapped(text: str) -> list[str]:
    """Lines of at most ROW full-width characters; numbers and latin words are not cut."""
    lines = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for piece in re.findall(r"[!-~]+|.", paragraph):
            if wide(line + piece) > ROW:
                lines.append(line)
                line = ""
            line += piece
        lines.append(line)
    return lines


def bubble(name: str, text: str, y: int, *, ours: bool) -> tuple[str, int]:
    """One message as SVG, and where the next begins."""
    lines = wrapped(text)
    width, height = int(max(map(wide, lines)) * SIZE) + 2 * PAD, len(lines) * LINE + PAD
    x = SIDE if ours else WIDTH - SIDE - width
    anchor, at = ("start", SIDE) if ours else ("end", WIDTH - SIDE)
    parts = [f'<text class="who" x="{at}" y="{y + 12}" text-anchor="{anchor}">{html.escape(name)}</text>']
    box = f'x="{x}" y="{y + 20}" width="{width}" height="{height}" rx="8"'
    parts.append(f'<rect class="{"bot" if ours else "me"}" {box}/>')
    for number, line in enumerate(lines):
        place = f'x="{x + PAD}" y="{y + 20 + PAD + 11 + number * LINE}"'
        parts.append(f'<text class="say" {place}>{html.escape(line)}</text>')
    return "".join(parts), y + height + 32


async def chat() -> list[tuple[str, str, bool]]:
    """What is said in the bakery's group: name, text, whether the bot says it."""
    from rich.console import Console

    from bot import open_house
    from channels.sandbox_state import Message
    from cli import config, terminal

    heard: list[tuple[str, str, bool]] = []
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(config.load(ROOT / "config.toml"), ROOT, Path(folder)) as house:
            world = house.world

            def see(message: Message) -> None:
                if message.what == "text" and world.name_of(message.to) == "早安面包房":
                    text = message.text.replace("\u2005", " ")
                    heard.append((world.name_of(message.sender), text, message.by_account))

            world.listeners.append(see)
            code = await terminal.run_script(house, SCRIPT.splitlines(), console=Console(file=io.StringIO()))
            assert code == 0
    return heard


def draw(said: list[tuple[str, str, bool]]) -> str:
    parts, y = [], 64
    for name, text, ours in said:
        part, y = bubble(name, text, y, ours=ours)
        parts.append(part)
    style = (
        f"text{{font-family:{FONT}}}.who{{font-size:12px;fill:#8a8f98}}.say{{font-size:{SIZE}px;fill:#1f2328}}"
        ".bot{fill:#fff}.me{fill:#a9e97a}.top{font-size:15px;font-weight:600;fill:#1f2328}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 8}" width="{WIDTH}" role="img"'
        f' aria-label="沙盒里的一段聊天"><style>{style}</style>'
        f'<rect width="{WIDTH}" height="{y + 8}" rx="14" fill="#ededed"/>'
        f'<rect width="{WIDTH}" height="44" rx="14" fill="#f7f7f7"/>'
        f'<text class="top" x="{WIDTH // 2}" y="28" text-anchor="middle">早安面包房 · 沙盒</text>'
        f"{''.join(parts)}</svg>\n"
    )


if __name__ == "__main__":
    (ROOT / "docs" / "sandbox.svg").write_text(draw(asyncio.run(chat())), "utf-8")
