"""待处理, 反馈 12: what members said; 认领, 回复, 采纳, 上线, 已处理: what becomes of it; 待定: of which kind it is."""

from actions.timed.deadlines import line as overdue_line
from actions.voices import answering
from db.database import Row
from db.voices import feedback as feedback_rows
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.times import describe
from rules.voices.feedback import KINDS_OF_WORD, WORD

router = Router()

SHOWN = 10
TEXT = 40
_NUMBER = r"\s*(?:反馈|投诉|建议)?\s*#?(?P<number>[0-9]{1,12})"
_WORDS = r"(?:[\s,:;。、]+(?P<words>.+))?"
_KIND = "|".join(KINDS_OF_WORD)


@router.command("待处理", "待处理反馈", "待处理投诉", "未处理", staff=True)
@router.command("反馈", "反馈列表", staff=True, addressed=True)
async def waiting(ask: Ask) -> None:
    """Privately: what somebody complained about is not for a room."""
    if await desk.who(ask, desk.LOOK) is None:
        return
    rows = await feedback_rows.open_ones(ask.tx, SHOWN + 1)
    late = await feedback_rows.overdue(ask.tx, ask.now, SHOWN)
    ask.say_privately(
        "staff/feedback_open",
        lines=[_line(ask, row) for row in rows[:SHOWN]],
        more=len(rows) > SHOWN,
        overdue=[overdue_line(row, ask.community, ask.now) for row in late],
        unsure=await feedback_rows.count_unsure(ask.tx),
    )
    desk.sent_privately(ask)


@router.command("反馈待定", "待定反馈", "待定", staff=True)
async def unsure(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    rows = await feedback_rows.unsure(ask.tx, SHOWN + 1)
    lines = [f"{row['id']}. {row['name'] or '会员'}：{_short(row['text'])}（像{WORD[row['guess']]}）" for row in rows]
    ask.say_privately("staff/feedback_unsure", lines=lines[:SHOWN], more=len(rows) > SHOWN)
    desk.sent_privately(ask)


@router.pattern(rf"反馈{_NUMBER}", staff=True)
async def show(ask: Ask) -> None:
    """One in full, privately."""
    if await desk.who(ask, desk.LOOK) is None:
        return
    row = await answering.one(ask.tx, int(ask.words["number"]))
    zone = ask.community.settings.zone
    ask.say_privately(
        "staff/feedback_one",
        number=row["id"],
        name=row["name"],
        kind=WORD.get(row["kind"], "反馈"),
        when=describe(row["at"], ask.now, zone),
        place=row["topic"] or "私聊",
        text=row["text"],
        state=answering.STATES[row["state"]],
        owner=row["owner"],
        due=describe(row["due_at"], ask.now, zone) if row["due_at"] and row["state"] == "new" else "",
    )
    desk.sent_privately(ask)


@router.pattern(rf"反馈{_NUMBER}\s*(?:是|算)?\s*(?P<kind>{_KIND})", staff=True)
async def settle(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    number = int(ask.words["number"])
    kind = await answering.settle(ask.tx, ask.community, person, number, ask.words["kind"], ask.now)
    ask.say("staff/feedback_settled", called=ask.called, number=number, kind=WORD[kind] if kind else "")


@router.pattern(rf"认领{_NUMBER}", staff=True)
async def claim(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    number = int(ask.words["number"])
    await answering.claim(ask.tx, ask.community, person, number, ask.now)
    ask.say("staff/feedback_claimed", called=ask.called, number=number, owner=person.name)


@router.pattern(rf"反馈{_NUMBER}\s*(?:交|转)?给\s*(?P<who>\S.*)", staff=True)
async def assign(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    number = int(ask.words["number"])
    owner = await answering.assign(ask.tx, ask.community, person, number, ask.words["who"], ask.now)
    ask.say("staff/feedback_claimed", called=ask.called, number=number, owner=owner)


@router.pattern(rf"回复{_NUMBER}{_WORDS}", staff=True)
async def answer(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    number = int(ask.words["number"])
    words = desk.as_typed(ask, rf"(?i:回复){_NUMBER}").lstrip(" ,，。、;；:：")
    told = await answering.answer(ask.tx, ask.community, person, number, words, ask.now)
    ask.say("staff/feedback_answered", called=ask.called, number=number, told=told)


@router.pattern(rf"采纳{_NUMBER}{_WORDS}", staff=True)
async def adopt(ask: Ask) -> None:
    await _advance(ask, "采纳")


@router.pattern(rf"上线{_NUMBER}{_WORDS}", staff=True)
async def ship(ask: Ask) -> None:
    await _advance(ask, "上线")


async def _advance(ask: Ask, command: str) -> None:
    desk.quietly(ask)
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    number = int(ask.words["number"])
    words = desk.as_typed(ask, rf"{command}{_NUMBER}").lstrip(" ,，。、;；:：")
    verb = answering.adopt if command == "采纳" else answering.ship
    points, told = await verb(ask.tx, ask.community, person, number, words, ask.now)
    name = (await answering.one(ask.tx, number))["name"]
    ask.say(
        "staff/feedback_advanced", called=ask.called, number=number, name=name, done=command, points=points, told=told
    )


@router.pattern(rf"已处理{_NUMBER}", staff=True)
async def close(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    number = int(ask.words["number"])
    await answering.close(ask.tx, person, number, ask.now)
    ask.say("staff/feedback_closed", called=ask.called, number=number)


def _line(ask: Ask, row: Row) -> str:
    when = describe(row["at"], ask.now, ask.community.settings.zone)
    owner = f"（{row['owner']}跟进）" if row["owner"] else ""
    return f"{row['id']}. {when} {row['name'] or '会员'} {WORD.get(row['kind'], '反馈')}：{_short(row['text'])}{owner}"


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= TEXT else words[: TEXT - 1] + "…"
