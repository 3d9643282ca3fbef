"""转积分: a member gives points to another; shown first, done when confirmed, both are told."""

from actions import finding, questions
from actions.speaking import outbox
from actions.trade import points
from db.trade import ledger
from handlers.router import Ask, Router
from rules.errors import RefusedError
from rules.messages import Outgoing
from rules.names import name_key
from rules.text import fold, parse_amount

router = Router()

YES = ("确认", "确定", "确认赠送", "确认转赠", "确认送出", "是的", "确认转")
NODS = ("是", "对", "对的", "好的", "好", "嗯", "嗯嗯")  # in a group they may be for somebody else
NO = ("取消", "算了", "不送了", "不转了", "不用了", "不了", "不要了", "先不送了")
NOBODY = frozenset(map(name_key, ("你", "您", "我", "自己", "我自己", "他", "她", "它", "ta", "大家", "咱", "我们")))
HOW = (
    "送积分", "转积分", "转赠积分", "赠送积分", "转让积分", "积分转赠", "积分赠送", "积分转让", "积分送人",
    "送人积分", "打赏积分", "怎么送积分", "怎么转积分", "怎么转赠积分", "怎么赠送积分", "如何送积分", "如何转积分",
    "如何转赠积分", "积分怎么送", "积分怎么转", "积分怎么送人", "积分怎么转赠", "积分怎么转给别人",
    "积分怎么送给别人", "积分可以送人", "积分可以转", "积分能送人", "积分能转", "积分能转让", "送积分给朋友",
    "转积分给朋友", "送朋友积分", "给朋友送积分",
)  # fmt: skip

# every repetition is bounded: the patterns are tried on whatever anybody writes
_S = r"\s{0,3}"
_POLITE = rf"(?:请你?|麻烦你?|帮我|我想要?|我要|我|那就?){{0,4}}{_S}"
_GIVE = r"(?:转赠|转账|转让|赠送|打赏|转|送|赠)"
_END = r"[。.!~\s]{0,5}"
_TO = rf"(?P<to>@?.{{1,60}}?){_END}"
_NUMBER = rf"(?P<amount>[-+]?[0-9][0-9,.]{{0,30}}{_S}[万千百wk]?|[零一二两三四五六七八九十百千万]{{1,12}})"
_ANY = r"(?P<amount>[^\s积分给到@]{1,30})"
_POINTS = rf"{_S}个?{_S}积分"


@router.pattern(rf"{_POLITE}{_GIVE}{_S}{_ANY}{_POINTS}{_S}(?:转给|送给|赠给|给|到){_S}{_TO}")  # 转 50 积分 给 @小美
@router.pattern(rf"{_POLITE}把{_S}(?:我的)?{_S}{_ANY}{_POINTS}{_S}{_GIVE}?{_S}(?:给|到){_S}{_TO}")  # 把 50 积分转给小美
@router.pattern(  # 送小美50积分, 给小美转50积分, 转给 @小美 50 积分
    rf"{_POLITE}(?:{_GIVE}{_S}给?|给){_S}(?P<to>@?.{{1,60}}?){_S}{_GIVE}?{_S}{_NUMBER}{_POINTS}{_END}"
)
@router.pattern(rf"(?P<to>@.{{1,60}}?){_S}我?{_GIVE}给?[你您]{_S}{_NUMBER}{_POINTS}{_END}")  # @小美 送你50积分
@router.pattern(
    rf"{_POLITE}{_GIVE}{_S}{_NUMBER}{_S}个?分?{_S}(?:转给|送给|给|到){_S}{_TO}", addressed=True
)  # 转50给小美
async def gift(ask: Ask) -> None:
    wanted = ask.words["to"].strip()
    if name_key(wanted) in NOBODY:
        if ask.heard.addressed:  # 送你50积分 among friends in a group is not for us
            ask.say("points/gift_how", called=ask.called, most=ask.community.settings.points.gift_max)
        return
    amount = parse_amount(ask.words["amount"])
    if amount is None:
        raise RefusedError("积分要是整数，比如「转 50 积分 给 @小美」")
    receiver = await finding.find_person(ask.tx, ask.community, ask.heard, wanted)
    meant = await points.check_gift(ask.tx, ask.community, ask.member_id, receiver, amount)
    # the key comes from the question: however often 确认 arrives, it is this one gift
    data = {"to": receiver, "name": meant.name, "amount": amount, "source": f"gift:{ask.heard.interaction_id}"}
    await questions.ask(ask.tx, ask.community, ask.member_id, ask.heard.scope, "gift", data, ask.now)
    ask.say("points/gift_ask", called=ask.called, to=meant.name, amount=amount, points=meant.points)


@router.command(*HOW)
async def how(ask: Ask) -> None:
    ask.say("points/gift_how", called=ask.called, most=ask.community.settings.points.gift_max)


@router.answer("gift", words=YES + NODS + NO)
async def answered(ask: Ask) -> None:
    if fold(ask.typed) in _NODS and not ask.heard.addressed:
        return
    await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
    if fold(ask.typed) in _NO:
        ask.say("points/left", called=ask.called)
        return
    to, amount, source = ask.waited["to"], ask.waited["amount"], ask.waited["source"]
    try:
        await points.give(ask.tx, ask.community, ask.member_id, to, amount, source, ask.now)
    except RefusedError as refused:  # said here, so that the question stays closed
        ask.send(Outgoing(text=f"{ask.called}{refused}"))
        return
    told = await _tell(ask, to, amount, source)
    left = await ledger.balance(ask.tx, ask.member_id)
    ask.say("points/gift_done", called=ask.called, to=ask.waited["name"], amount=amount, left=left, told=told)


_NO, _NODS = frozenset(map(fold, NO)), frozenset(map(fold, NODS))


async def _tell(ask: Ask, to: int, amount: int, source: str) -> bool:
    """Tell the receiver privately; False if no account reaches them."""
    total = await ledger.balance(ask.tx, to)
    text = ask.render("points/gift_received", giver=ask.heard.name, amount=amount, total=total)
    return await outbox.to_member(
        ask.tx,
        ask.community,
        to,
        Outgoing(text=text),
        ask.now,
        purpose="service",
        key=source,
        reason="收到转赠的积分",
    )
