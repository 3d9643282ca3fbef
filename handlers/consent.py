"""退订 and back, and refusing personal recommendations: words that are obeyed in any chat."""

from actions.person import consent
from handlers.router import Ask, Router

router = Router()

MARKETING_OUT = (
    *("退订", "TD", "T", "退订TD", "TD退订", "回T退订", "回TD退订", "unsubscribe", "取消订阅", "退出订阅", "不订阅了"),
    *("不要再发了", "别再发了", "别发了", "不要发了", "别给我发了", "不要给我发了", "别再给我发了", "不要再给我发了"),
    *("别给我发消息了", "不要给我发消息了", "别再给我发消息了", "不要再给我发消息了", "停止发送", "停止推送"),
    *("取消推送", "关闭推送", "别推送了", "不要推送了", "别再推送了", "不要再推送了", "拒收", "拒收广告", "拒收推送"),
    *("别发广告了", "不要发广告了", "别再发广告了", "不要再发广告了", "不想收到了", "不想再收到了", "不再接收"),
    *("不想收消息了", "我不想收消息了", "不想再收消息了", "我不想再收消息了", "不想收广告了", "我不想收广告了"),
    *(
        "不要给我推送了",
        "别给我推送了",
        "不要再给我推送了",
        "别再给我推送了",
        "别烦我",
        "别烦我了",
        "不要烦我",
        "别再烦我",
    ),
)
MARKETING_IN = ("恢复订阅", "重新订阅", "继续订阅", "订阅", "取消退订", "恢复推送", "开启推送", "继续推送")
# said among people in a room these can only be meant for us
MARKETING_OUT_ALOUD = ("退订", "TD", "取消订阅", "unsubscribe")
MARKETING_IN_ALOUD = ("恢复订阅",)
PERSONAL_OUT = (
    *("关闭个性化推荐", "关闭个性化", "不要个性化推荐", "不要个性化", "取消个性化推荐", "取消个性化", "拒绝个性化推荐"),
    *("拒绝个性化", "停止个性化推荐", "停用个性化推荐", "关掉个性化推荐", "别给我个性化推荐", "不想要个性化推荐"),
)
PERSONAL_IN = ("开启个性化推荐", "开启个性化", "打开个性化推荐", "打开个性化", "恢复个性化推荐", "恢复个性化")


@router.command(*MARKETING_OUT_ALOUD, always=True)
@router.command(*MARKETING_OUT, addressed=True, always=True)  # the decorator above is asked later and has the last word
async def marketing_out(ask: Ask) -> None:
    await _decide(ask, "marketing", "refused", "consent/marketing_out", "consent/marketing_out_already")


@router.command(*MARKETING_IN_ALOUD, always=True)
@router.command(*MARKETING_IN, addressed=True, always=True)
async def marketing_in(ask: Ask) -> None:
    await _decide(ask, "marketing", "given", "consent/marketing_in", "consent/marketing_in_already")


@router.command(*PERSONAL_OUT, addressed=True, always=True)
async def personal_out(ask: Ask) -> None:
    await _decide(ask, "profiling", "refused", "consent/personal_out", "consent/personal_out_already")


@router.command(*PERSONAL_IN, addressed=True, always=True)
async def personal_in(ask: Ask) -> None:
    await _decide(ask, "profiling", "given", "consent/personal_in", "consent/personal_in_already")


async def _decide(ask: Ask, purpose: str, state: str, changed: str, already: str) -> None:
    """Each decision is kept with the words that show it, also one that changes nothing."""
    evidence = ask.heard.interaction_id
    new = await consent.decide(ask.tx, ask.community, ask.member_id, purpose, state, evidence, ask.now)
    ask.say_privately(changed if new else already, called="")
    if ask.heard.room and not ask.hushed:
        ask.say("consent/in_room", called=ask.called)
