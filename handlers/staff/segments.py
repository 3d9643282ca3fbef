"""分群 宝妈且30天未购买: how many fit, a few names and why; 分群 列表: which there are. Always answered privately."""

import re

from actions import audit, questions
from actions.community import StaffEntry
from actions.speaking import outbox
from actions.tagging import segments
from actions.tagging.segments import Found
from db.database import Tx
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import ConditionError
from rules.messages import Outgoing

router = Router()

KIND = "segment"
SHOWN = 5
_ENGLISH = re.compile(r"(?<![0-9A-Za-z_])\s?\([0-9a-z][^()]*\)")  # what the operator's terminal shows, too
MORE = ("更多", "下一页", "继续", "再来几位", "下一批", "后面的")


@router.command("分群", "分群列表", "分群 列表", "有哪些分群", "分群有哪些", "看分群", staff=True)
async def choices(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    lines = [
        f"{one.name}{''.join(f' 〈{name}〉' for name in one.params)}{f'：{one.why}' if one.why else ''}"
        for one in segments.all_of(ask.community)
    ]
    ask.say_privately("staff/segments", lines=lines)
    _point_to_private(ask)


@router.pattern(r"分群[\s:]+(?P<condition>.+)", staff=True)
@router.pattern(r"分群(?P<condition>[^\s:].*)", staff=True, addressed=True)
async def count(ask: Ask) -> None:
    person = await desk.who(ask, desk.LOOK)
    if person is not None:
        await _answer_later(ask, person, _joined(ask.words["condition"].strip()), 0)


@router.answer(KIND, words=MORE, staff=True)
async def more(ask: Ask) -> None:
    person = await desk.who(ask, desk.LOOK)
    await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
    if person is not None:
        await _answer_later(ask, person, ask.waited["condition"], ask.waited["offset"])


def plainly(problem: str) -> str:
    """What is wrong with a condition, without the English."""
    return _ENGLISH.sub("", problem)


async def _answer_later(ask: Ask, person: StaffEntry, condition: str, offset: int) -> None:
    """Counting takes long: it is done after this message is stored, while others are answered."""
    await audit.record(ask.tx, audit.actor_of(person.id), "view", "segment", "", ask.now)
    ask.tx.after_commit(lambda: ask.community.later(lambda: _answer(ask, condition, offset)))
    _point_to_private(ask)


async def _answer(ask: Ask, condition: str, offset: int) -> None:
    community, now = ask.community, ask.now
    try:
        found = await segments.look(community, condition, offset, SHOWN, now)
        text, left = _text(ask, found, offset), found.count > offset + len(found.people)
    except ConditionError as error:
        text, left = ask.render("staff/segment_unclear", problem=plainly(str(error))), False

    async def say(tx: Tx) -> None:
        await outbox.reply(tx, community, ask.heard, Outgoing(text=text), now, privately=True)
        if left:
            account_id, _ = await outbox.private_way(tx, ask.heard, now)
            data = {"condition": condition, "offset": offset + SHOWN}
            await questions.ask(tx, community, ask.member_id, -account_id, KIND, data, now)

    await community.db.write(say)


def _text(ask: Ask, found: Found, offset: int) -> str:
    people = [
        f"{number}. {one.name or '会员'} {one.code}：{'；'.join(one.why)}"
        for number, one in enumerate(found.people, offset + 1)
    ]
    left = found.count - offset - len(people)
    return ask.render(
        "staff/segment", meaning=found.meaning, count=found.count, people=people, left=left, first=not offset
    )


def _joined(condition: str) -> str:
    """宝妈，30天未购买: as one says it, a comma is 且; in brackets it parts what belongs to a name."""
    return condition if re.search(r"[(（'\"“‘「『]", condition) else re.sub("[,，]", "且", condition)


def _point_to_private(ask: Ask) -> None:
    desk.sent_privately(ask)
