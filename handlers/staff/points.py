"""发积分 / 扣积分 @小美 50 理由."""

from actions import audit, finding
from actions.community import StaffEntry
from actions.trade import points
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import RefusedError
from rules.text import clean_text, parse_amount

router = Router()

REASON_LIMIT = 60
_EXAMPLE = {"points.award": "发积分 @小美 50 试吃有功", "points.deduct": "扣积分 @小美 50 重复领取"}
_NUMBER = r"(?P<amount>\+?[0-9][0-9,]*|[零一二两三四五六七八九十百千万]{1,12})"
_AMOUNT = rf"{_NUMBER}\s*(?:个?积分|分)?"
_WHY = r"(?:[\s,:;。、]+(?P<why>.+))?"
_AWARD, _DEDUCT = "(?:发|奖励?|加|补发?)", "(?:扣除?|减)"


@router.pattern(rf"{_AWARD}积分(?:给|\s|:)*(?P<who>.+?)\s+{_AMOUNT}{_WHY}", staff=True)
@router.pattern(rf"给\s*(?P<who>.+?)\s*{_AWARD}\s*{_NUMBER}\s*个?积分{_WHY}", staff=True)
async def award(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is not None:
        await _move(ask, person, "points.award")


@router.pattern(rf"{_DEDUCT}积分(?:\s|:)*(?P<who>.+?)\s+{_AMOUNT}{_WHY}", staff=True)
async def deduct(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is not None:
        await _move(ask, person, "points.deduct")


@router.pattern(r"(?:发|奖励?|加|扣除?|减)积分(?:\s.*)?", staff=True, addressed=True)
async def how(ask: Ask) -> None:
    if await desk.who(ask, desk.WORK) is not None:
        ask.say("staff/points_how", called=ask.called, most=ask.community.settings.points.staff_max)


async def _move(ask: Ask, person: StaffEntry, action: str) -> None:
    amount = parse_amount(ask.words["amount"])
    if amount is None:
        raise RefusedError("积分要是整数，例如「发积分 @小美 50 分享做法」")
    why = clean_text(ask.words.get("why", ""), REASON_LIMIT).strip()
    if not any(char.isalnum() for char in why):
        raise RefusedError(f"还差理由，例如「{_EXAMPLE[action]}」")
    member_id = await finding.find_person(ask.tx, ask.community, ask.heard, ask.words["who"])
    verb = points.award if action == "points.award" else points.deduct
    source = f"{action.removeprefix('points.')}:{ask.heard.interaction_id}:{member_id}"
    actor = audit.actor_of(person.id)
    transfer_id = await verb(ask.tx, ask.community, member_id, amount, why, source, actor, ask.now)
    undo = {"verb": "reverse", "transfer": transfer_id}
    await audit.record(ask.tx, actor, action, audit.member(member_id), f"{amount}", ask.now, undo)
    name = await desk.name_of(ask, member_id)
    template = "staff/awarded" if action == "points.award" else "staff/deducted"
    ask.say(template, called=ask.called, name=name, amount=amount, why=why)
