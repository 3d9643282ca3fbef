"""标签建议: tags that members' own words suggest; 采纳标签 3, 不采纳标签 3."""

import re
from collections.abc import Sequence

from actions import audit
from actions.tagging import own_words
from db.database import Row
from db.tagging import tags
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.text import mask_phone
from rules.times import describe

router = Router()

_NUMBERS = r"[\s#:]*(?P<numbers>[0-9]{1,12}(?:[\s、,和#]+[0-9]{1,12}){0,9})"


@router.command("标签建议", "建议标签", "建议的标签", "待定标签", staff=True)
async def suggestions(ask: Ask) -> None:
    """Privately: what somebody said of themselves is not for a room."""
    if await desk.who(ask, desk.LOOK) is None:
        return
    rows = await tags.suggested(ask.tx, own_words.SHOWN + 1)
    lines = [_line(ask, row) for row in rows[: own_words.SHOWN]]
    example = rows[0]["id"] if rows else 0
    more = len(rows) > own_words.SHOWN
    ask.say_privately("staff/suggestions", lines=lines, more=more, example=example)
    desk.sent_privately(ask)


@router.pattern(rf"采纳标签(?:建议)?{_NUMBERS}", staff=True)
async def adopt(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    actor = audit.actor_of(person.id)
    rows, replaced = await own_words.adopt(ask.tx, ask.community, _numbers(ask), actor, ask.now)
    await _decided(ask, "tag.adopt", actor, rows, replaced)


@router.pattern(rf"(?:不采纳|拒绝|忽略)标签(?:建议)?{_NUMBERS}", staff=True)
async def refuse(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    actor = audit.actor_of(person.id)
    rows = await own_words.refuse(ask.tx, ask.community, _numbers(ask), actor, ask.now)
    await _decided(ask, "tag.refuse", actor, rows, [])


async def _decided(ask: Ask, action: str, actor: str, rows: Sequence[Row], replaced: list[list[int | str]]) -> None:
    """One row of the log for all of them: they are taken back together."""
    ids = [row["id"] for row in rows]
    undo = {"verb": "suggest", "tags": ids, "back": replaced}
    whom = audit.member(rows[0]["member_id"]) if len({row["member_id"] for row in rows}) == 1 else "members"
    await audit.record(ask.tx, actor, action, whom, "tags " + ",".join(map(str, ids)), ask.now, undo)
    names = [f"{await desk.name_of(ask, row['member_id'])}「{own_words.label_of(row)}」" for row in rows]
    ask.say_privately("staff/suggestions_decided", names=names, adopted=action == "tag.adopt")
    desk.sent_privately(ask)


def _numbers(ask: Ask) -> list[int]:
    return list(dict.fromkeys(int(number) for number in re.findall("[0-9]+", ask.words["numbers"])))


def _line(ask: Ask, row: Row) -> str:
    label, settings = own_words.label_of(row), ask.community.settings
    quote = mask_phone(own_words.quote_of(row["quote"] or "", settings, label))
    said = f"：“{quote}”" if quote else ""
    return f"{row['id']}. {row['name'] or '会员'} {label}（{describe(row['at'], ask.now, settings.zone)}）{said}"
