"""转人工: a person is wanted; 答错了: the answer was not what they asked. Pictures keep a talk with a person going."""

from actions.helpdesk import answering, handing
from handlers import asked, unknown
from handlers.router import Ask, Router
from rules.messages import MEDIA, Kind

router = Router()

HUMAN = (
    "人工", "人工客服", "人工服务", "找人工", "转人工", "转人工客服", "接人工", "客服", "找客服", "联系客服", "叫客服",
    "要人工", "在线客服", "有人工", "有客服", "真人", "找真人", "真人客服", "找店员", "找老板",
    "联系店家", "联系商家", "找同事",
)  # fmt: skip
WRONG = (
    "答错了", "答错", "不是这个", "不是这个意思", "不是我问的", "答非所问", "我问的不是这个", "没答对", "回答错了",
    "答得不对",
)  # fmt: skip


@router.command(*HUMAN, addressed=True)
async def human(ask: Ask) -> None:
    await asked.to_person(ask, handing.ASKED)


@router.command(*WRONG, addressed=True)
async def wrong(ask: Ask) -> None:
    """About the bot's last answer; without one it is talk like any other."""
    if await asked.keeps_out(ask):
        return
    if await answering.was_wrong(ask.tx, ask.member_id, ask.now):
        ask.say("helpdesk/wrong", called=ask.called)
    else:
        await unknown.fallback(ask)


@router.event(*MEDIA, Kind.LINK, Kind.MINI_PROGRAM, Kind.CARD, Kind.LOCATION)
async def shown(ask: Ask) -> None:
    """What they send to the person who looks after them is a word, too."""
    await handing.keeps_out(ask.tx, ask.community, ask.heard, "[图片或文件]", ask.now)
