"""效果: what came of what was said, by content, theme, hour, room, level and campaign. Always answered privately."""

from collections.abc import Awaitable, Callable

from actions.content import library
from actions.effects import telling
from actions.speaking import outbox
from db.database import Tx
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import RefusedError
from rules.messages import Outgoing

router = Router()

DAYS = 7
LONGEST = 365
SAME = {"时段": "时间", "几点": "时间", "各群": "群", "关系": "等级", "分群": "群发"}
WORDS = "主题|时间|时段|几点|群发|分群|群|各群|等级|关系"

Tell = Callable[[], Awaitable[str]]


@router.command("效果", "看效果", "内容效果", "最近效果", "效果怎么样", "效果如何", staff=True)
async def lately(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is not None:
        _answer_later(ask, lambda: telling.overview(ask.community, DAYS, ask.now))


@router.pattern(r"效果[\s:]*(?:最近|近|过去)?\s*(?P<days>[0-9]{1,3})\s*[天日]", staff=True)
async def of_days(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is not None:
        days = _days(ask.words["days"])
        _answer_later(ask, lambda: telling.overview(ask.community, days, ask.now))


@router.pattern(rf"效果[\s:]+(?P<word>{WORDS})(?:\s*(?P<days>[0-9]{{1,3}})\s*[天日])?", staff=True)
async def by(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is not None:
        word, days = ask.words["word"], _days(ask.words.get("days", "30"))
        _answer_later(ask, lambda: telling.listed(ask.community, SAME.get(word, word), days, ask.now))


@router.pattern(r"效果[\s:]*群发\s*#?(?P<number>[0-9]{1,9})\s*号?", staff=True)
async def of_campaign(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is not None:
        number = int(ask.words["number"])
        _answer_later(ask, lambda: telling.of_campaign(ask.community, number, ask.now))


@router.pattern(r"效果[\s:]*素材\s*#?(?P<item>\S.*)", staff=True)
async def of_content(ask: Ask) -> None:
    """By number, or by a word of its title."""
    if await desk.who(ask, desk.LOOK) is None:
        return
    number = await _number(ask, ask.words["item"].strip().removesuffix("号"))
    _answer_later(ask, lambda: telling.of_content(ask.community, number, ask.now))


@router.pattern(r"效果[\s:]+(?P<room>\S.*)", staff=True, addressed=True)
async def of_room(ask: Ask) -> None:
    """Anything else is the name of a room."""
    if await desk.who(ask, desk.LOOK) is None:
        return
    room = desk.one_room(ask, ask.words["room"], "效果")
    _answer_later(ask, lambda: telling.of_room(ask.community, room, 30, ask.now))


def _days(text: str) -> int:
    return max(1, min(int(text), LONGEST))


async def _number(ask: Ask, wanted: str) -> int:
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= 9:
        return int(wanted)
    found = await library.find(ask.tx, wanted.strip('「」"“”'), 2)
    if len(found) == 1:
        return int(found[0]["id"])
    raise RefusedError(f"{'有几条' if found else '没找到'}叫「{wanted[:20]}」的素材，写上编号，例如「效果 素材 12」")


def _answer_later(ask: Ask, tell: Tell) -> None:
    """Counting takes a while: it is done after this message is stored, while others are answered."""

    async def answer() -> None:
        try:
            text = await tell()
        except RefusedError as error:
            text = str(error)

        async def say(tx: Tx) -> None:
            await outbox.reply(tx, ask.community, ask.heard, Outgoing(text=text), ask.now, privately=True)

        await ask.community.db.write(say)

    ask.tx.after_commit(lambda: ask.community.later(answer))
    desk.sent_privately(ask)
