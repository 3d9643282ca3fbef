"""接待, 接手, 答, 接完: members who want a person; 常见问题, 问答统计, 加问答: what the bot answers by itself."""

import re
from collections.abc import Sequence

from actions.helpdesk import adding, answering, handing, watching
from actions.helpdesk.book import book_of
from db.helpdesk import answers, handovers
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import RefusedError
from rules.helpdesk.entries import LONGEST_ANSWER, LONGEST_QUESTION, Entry
from rules.times import DAY, describe
from templates import Plain

router = Router()

DAYS = 30
TOP, PAGE, FOUND, PROBLEMS = 8, 15, 3, 5
SHORT = 28  # characters of an answer in the list
_NUMBER = r"\s*#?(?P<number>[0-9]{1,12})"
_ADD = r"(?:加|新增|添加)(?:一[条个])?问答"
_PARTS = re.compile(r"问\s*[:：]\s*(?P<questions>.+?)[\s,，;；。]*答\s*[:：]\s*(?P<answer>.+)", re.DOTALL)
_WHY = {handing.ASKED: "找人聊", handing.UNSURE: "问题", handing.ANGER: "不高兴"}


@router.command("接待", "待接待", "接待列表", "转人工列表", staff=True)
async def waiting(ask: Ask) -> None:
    """Privately: what somebody asks for is not for a room."""
    if await desk.who(ask, desk.LOOK) is None:
        return
    zone = ask.community.settings.zone
    lines: list[Plain] = []
    for row in await handovers.open_ones(ask.tx):
        state = "已接" if row["taken_at"] else "没人接"
        who = f"{row['staff']}，{state}" if row["staff"] else state
        when, why = describe(row["at"], ask.now, zone), _WHY.get(row["why"], "")
        lines.append(f"{row['id']}. {row['name'] or '会员'}（{when} {why}，{who}）：{handing.short(row['context'])}")
    ask.say_privately("helpdesk/staff_list", lines=lines)
    desk.sent_privately(ask)


@router.pattern(rf"接手{_NUMBER}", staff=True)
async def take(ask: Ask) -> None:
    desk.quietly(ask)
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    row = await handing.take(ask.tx, person, int(ask.words["number"]), ask.now)
    ask.say("helpdesk/staff_taken", called=ask.called, number=row["id"], name=row["name"])


@router.pattern(rf"(?:接完|接待完|聊完)了?(?:{_NUMBER})?", staff=True)
async def done(ask: Ask) -> None:
    desk.quietly(ask)
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    number = int(ask.words["number"]) if "number" in ask.words else None
    row = await handing.finish(ask.tx, person, number, ask.now)
    ask.say("helpdesk/staff_done", called=ask.called, number=row["id"], name=row["name"])


@router.pattern(rf"答{_NUMBER}(?:[\s,:;。、]+(?P<words>.+))?", staff=True)
async def answer(ask: Ask) -> None:
    desk.quietly(ask)
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    number = int(ask.words["number"])
    words = desk.as_typed(ask, rf"答{_NUMBER}").lstrip(" ,，。、;；:：")
    told = await handing.answer(ask.tx, ask.community, person, number, words, ask.heard.interaction_id, ask.now)
    row = await handovers.by_number(ask.tx, number)
    name = row["name"] if row is not None else ""
    ask.say("helpdesk/staff_answered", called=ask.called, number=number, name=name, told=told)


@router.command("常见问题", "问答", "问答列表", "faq", staff=True)
@router.pattern(r"(?:常见问题|问答列表|faq)\s*(?P<page>[0-9]{1,3})", staff=True)
async def listed(ask: Ask) -> None:
    """A page of what the bot answers, with the figures filled in."""
    if await desk.who(ask, desk.LOOK) is None:
        return
    page = max(1, int(ask.words.get("page", "1")))
    entries = book_of(ask.community).current(ask.community).entries
    shown = entries[(page - 1) * PAGE : page * PAGE]
    if page > 1 and not shown:
        raise RefusedError(f"一共 {len(entries)} 条，没有第 {page} 页")
    _list(ask, [_line(ask, one, SHORT) for one in shown], further=page + 1 if len(entries) > page * PAGE else 0)


@router.pattern(r"(?:常见问题|问答列表|faq)[\s:]+(?P<what>\S.{0,60})", staff=True)
async def looked_for(ask: Ask) -> None:
    """The entries nearest to some words, whole."""
    if await desk.who(ask, desk.LOOK) is None:
        return
    found = book_of(ask.community).current(ask.community).find(ask.words["what"], FOUND)
    if not found:
        raise RefusedError(f"没有和「{ask.words['what'][:20]}」相近的，说「加问答 问：… 答：…」添一条")
    _list(ask, [_line(ask, one.entry, LONGEST_ANSWER) for one in found], found=True)


def _line(ask: Ask, entry: Entry, most: int) -> str:
    answer = answering.words_of(ask.community, entry) if entry.answer else "（转给同事）"
    return f"「{entry.questions[0]}」{handing.short(answer, most)}"


def _list(ask: Ask, lines: Sequence[str], *, further: int = 0, found: bool = False) -> None:
    book = book_of(ask.community)
    ask.say_privately(
        "helpdesk/staff_faq", count=len(book.current(ask.community).entries), lines=[*lines], found=found,
        problems=[*book.problems[:PROBLEMS]], further=further,
    )  # fmt: skip
    desk.sent_privately(ask)


@router.command("问答统计", "问答 统计", "常见问题统计", staff=True)
async def stats(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    since = ask.now - DAYS * DAY
    persons = {one.id for one in book_of(ask.community).current(ask.community).entries if not one.answer}
    rows = await answers.counts(ask.tx, since)
    gaps = sum(row["n"] for row in rows if not row["entry"])
    handed = sum(row["n"] for row in rows if row["entry"] in persons)
    total = sum(row["n"] for row in rows)
    often = [f"{row['entry']} {row['n']} 次" for row in rows if row["entry"]]
    top: list[Plain] = [*often[:TOP]]
    unanswered: list[Plain] = [*watching.asked(list(await answers.without_answer(ask.tx, since, 200)), TOP)]
    wrongs: list[Plain] = [
        f"{handing.short(row['text'])} → {row['entry']}" for row in await answers.wrong_ones(ask.tx, since, TOP)
    ]
    ask.say_privately(
        "helpdesk/staff_stats", days=DAYS, total=total, answered=total - gaps - handed, handed=handed, gaps=gaps,
        wrong=sum(row["wrong"] for row in rows), top=top, unanswered=unanswered, wrongs=wrongs,
    )  # fmt: skip
    desk.sent_privately(ask)


@router.pattern(rf"{_ADD}(?:[\s,:;。、]+.*)?", staff=True)
async def add(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    found = _PARTS.fullmatch(desk.as_typed(ask, _ADD).strip())
    if found is None:
        raise RefusedError("请写成「加问答 问：能带狗吗 答：可以，请牵好绳」，几种问法用 / 分开")
    questions = tuple(one.strip() for one in re.split(r"\s*[/／|｜]\s*", found["questions"]) if one.strip())
    said = found["answer"].strip()
    if not questions or any(len(one) > LONGEST_QUESTION for one in questions) or len(said) > LONGEST_ANSWER:
        raise RefusedError(f"问法不超过 {LONGEST_QUESTION} 字，答案不超过 {LONGEST_ANSWER} 字")
    adding.add(ask.tx, ask.community, ask.heard, person, questions, said)
