"""推荐, 换一批, 不感兴趣 2, 为什么推荐 2: what fits the one who asks; in a room the general list, nothing personal."""

import re
from collections.abc import Sequence

from actions.taste import advice, dislikes, stock
from actions.taste.advice import Advised
from actions.taste.words import lines_of
from db.taste import profile
from handlers import asked, unknown
from handlers.router import Ask, Router
from rules.taste.asking import named
from rules.taste.assortment import called
from rules.times import DAY

router = Router()

WORDS = (
    "推荐", "给我推荐", "有什么适合我的", "有什么适合我", "适合我的", "有适合我的吗", "有什么推荐", "有什么推荐的",
    "有啥推荐", "有推荐吗", "推荐点什么", "推荐一些", "推荐几样", "推荐几个", "今天有什么推荐", "给我推荐点",
    "给我推荐几样", "猜我喜欢", "我的推荐", "买什么好", "今天买什么", "有什么好东西", "看看推荐",
)  # fmt: skip
OTHERS = ("换一批", "换一批推荐", "再推荐", "再推荐几个", "还有别的推荐吗", "看看别的", "换几个")
UNDO = ("撤销不感兴趣", "取消不感兴趣", "撤回不感兴趣", "又感兴趣了")
DIGITS, CHINESE = "123456789", "一二三四五六七八九"
GENERAL = 5  # items that a room gets at most, whatever is configured


@router.command(*WORDS, addressed=True)
async def recommend(ask: Ask) -> None:
    if ask.heard.room:
        await _for_room(ask)
        return
    await _show(ask)


@router.command(*OTHERS, addressed=True)
async def others(ask: Ask) -> None:
    """Others than those of the last day."""
    if ask.heard.room:
        await _for_room(ask)
        return
    seen = await profile.shown(ask.tx.all, [ask.member_id], ask.now - DAY)
    await _show(ask, frozenset(row["item"] for row in seen))


@router.pattern(r"(?:给我|帮我)?推荐(?:一下|一?些|一?点|几[个样款]|[个款])?\s*(?P<what>\S.{0,15})", private=True)
async def about(ask: Ask) -> None:
    """推荐 吐司: what was just said counts as a question about it, so it stands first. Else it is for others.

    Where somebody of the team is talking with them, it was said to that one.
    """
    if await asked.keeps_out(ask):
        return
    assortment = await stock.of(ask.tx, ask.community, ask.now)
    wanted = named(ask.words["what"], assortment.terms, 0)
    focus = wanted.features if wanted is not None else called(assortment, ask.words["what"])
    if not focus:
        await unknown.fallback(ask)
        return
    await _show(ask, focus=focus)


async def _show(ask: Ask, without: frozenset[str] = frozenset(), focus: Sequence[str] = ()) -> None:
    """Their own list, which is kept; who refuses that gets the general one, of which nothing is."""
    most = ask.community.settings.advice.most
    own = not await profile.impersonal(ask.tx.all, ask.member_id)
    found: list[Advised] = []
    if own:
        found = await advice.advise(ask.tx, ask.community, ask.member_id, ask.now, most, without=without, focus=focus)
        if not found and without:  # all were seen: better again than nothing
            found = await advice.advise(ask.tx, ask.community, ask.member_id, ask.now, most)
        found = await advice.keep(ask.tx, ask.community, ask.member_id, found, ask.now, asked=True)
    else:
        found = await advice.general(ask.tx, ask.community, ask.now, most)
    if not found:
        assortment = await stock.of(ask.tx, ask.community, ask.now)
        ask.say("advice/empty", called=ask.called, careful=bool(assortment.items))
        return
    ask.say("advice/list", called=ask.called, items=lines_of(found), own=own)


async def _for_room(ask: Ask) -> None:
    room = ask.heard.room
    assert room is not None
    most = min(ask.community.settings.advice.most, GENERAL)
    found = await advice.general(ask.tx, ask.community, ask.now, most, room=room)
    if not found:
        ask.say("advice/empty", called=ask.called, careful=False)
        return
    shown = [(await advice.linked(ask.tx, ask.community, one, ask.now, room_id=room.id))[0] for one in found]
    ask.say("advice/list", called=ask.called, items=lines_of(shown), own=False)


@router.command(*UNDO, addressed=True)
async def undo(ask: Ask) -> None:
    what = await dislikes.undo(ask.tx, ask.community, ask.member_id, ask.now)
    if what is None:
        _privately(ask, "advice/none_yet", shown=0, undo=True)
        return
    _privately(ask, "advice/dislike_undone", what=what)


@router.pattern(r"(?:不感兴趣|没兴趣)\s*:?\s*(?P<what>.{0,16})", addressed=True)
async def dislike(ask: Ask) -> None:
    """不感兴趣 2, 不感兴趣 吐司; alone, of a list of one. The general list is the same for all: nothing leaves it."""
    if await profile.impersonal(ask.tx.all, ask.member_id):
        _privately(ask, "advice/why_general")
        return
    said = ask.words["what"].strip(" 。.,!了的谢")
    shown = await dislikes.last_list(ask.tx, ask.community, ask.member_id, ask.now)
    numbers = numbers_of(said)
    if not numbers and await asked.keeps_out(ask):
        return
    if said and not numbers:
        name = await dislikes.of_kind(ask.tx, ask.community, said, ask.member_id, ask.now)
        _privately(ask, "advice/disliked", what=[name])
    elif not shown:
        _privately(ask, "advice/none_yet", shown=0, undo=False)
    elif numbers or len(shown) == 1:
        what = await dislikes.of_list(ask.tx, shown, numbers or [1], ask.member_id, ask.now)
        _privately(ask, "advice/disliked", what=what)
    else:
        _privately(ask, "advice/dislike_which", titles=[one.title for one in shown])


@router.pattern(r"(?:第\s*)?(?P<what>[1-9一二三四五六七八九])\s*[个样款]?\s*(?:我)?(?:不感兴趣|没兴趣)", addressed=True)
async def dislike_that(ask: Ask) -> None:
    """第二个不感兴趣."""
    await dislike(ask)


@router.pattern(
    r"为(?:什么|啥|何)(?:会|要)?(?:给我)?推荐(?:我|给我)?(?:这个|这些)?\s*(?P<what>(?:第?\s*[1-9一二三四五六七八九]\s*[个样款]?)?)",
    addressed=True,
)
async def why(ask: Ask) -> None:
    if await profile.impersonal(ask.tx.all, ask.member_id):
        _privately(ask, "advice/why_general")
        return
    shown = await dislikes.last_list(ask.tx, ask.community, ask.member_id, ask.now)
    numbers = numbers_of(ask.words.get("what", ""))
    picked = [one for one in shown if not numbers or one.number in numbers]
    if not picked:
        _privately(ask, "advice/none_yet", shown=len(shown), undo=False)
        return
    items = [{"title": one.title, "reason": one.reason, "tried": one.tried} for one in picked]
    _privately(ask, "advice/why", items=items)


def numbers_of(text: str) -> list[int]:
    """2, 第二个, 1 和 3; [] for what is no numbers."""
    if not re.fullmatch(rf"[\s第个样款和跟,，、{DIGITS}{CHINESE}]*", text):
        return []
    return [(DIGITS if one in DIGITS else CHINESE).index(one) + 1 for one in re.findall(f"[{DIGITS}{CHINESE}]", text)]


def _privately(ask: Ask, template: str, **values: object) -> None:
    """What somebody likes is nobody else's business."""
    ask.say_privately(template, called="", **values)
    if ask.heard.room and not ask.hushed:
        ask.say("advice/in_room", called=ask.called)
