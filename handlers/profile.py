"""完善资料: a few questions a round, each with what it is for; 我的资料 shows the answers and lets one be corrected."""

from typing import Any

from actions import questions
from actions.person import profile
from handlers import unknown
from handlers.router import Ask, Router
from rules.person.profile import CLEAR, SKIP, STOP, field_called, shown_value
from rules.settings import ProfileField
from rules.text import fold, normalise

router = Router()

QUESTION = "profile"


@router.command("完善资料", "完善个人资料", "完善信息", "填资料", "填写资料", "补充资料", "继续完善资料", "继续填资料")
async def start(ask: Ask) -> None:
    """Begin the next round, privately: what one tells us is nobody else's business."""
    if ask.heard.room:
        ask.say("profile/privately", called=ask.called)
        return
    names = await profile.to_ask(ask.tx, ask.community, ask.member_id)
    if not names:
        ask.say("profile/complete")
        return
    step = ask.community.settings.points.profile_step
    opening = ask.render("profile/start", count=len(names), points=step)
    await _next(ask, {"names": names, "at": 0, "points": 0, "answered": 0}, opening)


async def _next(ask: Ask, state: dict[str, Any], before: str = "") -> None:
    """Ask the round's next question, or end the round; `before` stands above it in the same message."""
    fields = {field.name: field for field in profile.fields_of(ask.community)}
    while state["at"] < len(state["names"]) and state["names"][state["at"]] not in fields:
        state["at"] += 1  # the configuration has changed in between
    if state["at"] >= len(state["names"]):
        await _end(ask, state, before)
        return
    await questions.ask(ask.tx, ask.community, ask.member_id, ask.heard.scope, QUESTION, state, ask.now)
    field = fields[state["names"][state["at"]]]
    ask.say("profile/question", before=before, **_question(field), number=state["at"] + 1, total=len(state["names"]))


def _question(field: ProfileField) -> dict[str, Any]:
    choices = "  ".join(f"{number}.{choice}" for number, choice in enumerate(field.choices, 1))
    return {
        "question": field.question,
        "why": field.why,
        "choices": choices,
        "agree": field.kind == "phone",
    }


async def _end(ask: Ask, state: dict[str, Any], before: str = "") -> None:
    await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
    more = await profile.to_ask(ask.tx, ask.community, ask.member_id)
    ask.say("profile/end", before=before, answered=state["answered"], points=state["points"], more=bool(more))


@router.answer(QUESTION)
async def answered(ask: Ask) -> None:
    """An answer, a skip, an end, or what can't be taken: then the same question again, with the reason."""
    state, said = dict(ask.waited), fold(ask.typed)
    fields = {field.name: field for field in profile.fields_of(ask.community)}
    name = state["names"][state["at"]] if state["at"] < len(state["names"]) else ""
    field = fields.get(name)
    if said in STOP or normalise(ask.typed) in STOP:
        await _end(ask, state)
        return
    if field is None:
        await _next(ask, state)
        return
    before = ""
    if said in CLEAR and state.get("correcting"):
        await profile.clear(ask.tx, ask.community, ask.member_id, field, ask.now)
        before = ask.render("profile/cleared", field=field.name)
    elif said in SKIP:
        await profile.skip(ask.tx, ask.member_id, field, ask.now)
    else:
        reading, paid = await profile.answer(
            ask.tx, ask.community, ask.member_id, field, ask.heard.text, ask.heard.interaction_id, ask.now
        )
        if reading.problem:
            await questions.ask(ask.tx, ask.community, ask.member_id, ask.heard.scope, QUESTION, state, ask.now)
            ask.say("profile/again", problem=reading.problem)
            return
        state["points"] += paid
        state["answered"] += 1
        before = ask.render("profile/noted", field=field.name, value=shown_value(reading.value))
    state["at"] += 1
    if state.get("correcting"):
        await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
        ask.say("profile/corrected", before=before, points=state["points"])
        return
    await _next(ask, state, before)


@router.command("我的资料", "看我的资料", "查我的资料", "我的个人资料", "我填的资料")
async def mine(ask: Ask) -> None:
    """What the member has told us, in their private chat only."""
    if ask.heard.room:
        ask.say("profile/mine_privately", called=ask.called)
        return
    entries = await profile.known(ask.tx, ask.community, ask.member_id)
    lines = [f"{one.field.name}：{shown_value(one.value) or '未填'}" for one in entries]
    first = next((one.field.name for one in entries if one.value), entries[0].field.name if entries else "")
    ask.say("profile/mine", lines="\n".join(lines), field=first, complete=all(one.value for one in entries))


@router.pattern(r"(?:修改|更改|更正|更新|重填|改)(?:一下)?(?:我的)?\s*(?P<field>[^\s,。?!]{1,12})", private=True)
async def correct(ask: Ask) -> None:
    """改 生日: asks that one field anew."""
    field = field_called(profile.fields_of(ask.community), ask.words["field"].removesuffix("资料") or "资料")
    if field is None:
        await unknown.fallback(ask)
        return
    state = {"names": [field.name], "at": 0, "points": 0, "answered": 0, "correcting": True}
    await _next(ask, state, ask.render("profile/correcting", field=field.name))
