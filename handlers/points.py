"""积分: how many points a member has."""

from db.trade import ledger
from handlers.router import Ask, Router

router = Router()

WORDS = (
    "积分", "我的积分", "积分余额", "我的积分余额", "积分查询", "查积分", "查询积分", "查我的积分", "查询我的积分",
    "看积分", "看我的积分", "多少积分", "几个积分", "剩余积分", "可用积分", "当前积分", "目前积分", "现有积分",
    "现在的积分", "我现在的积分", "积分多少", "我的积分多少", "我积分多少", "积分有多少", "我的积分有多少",
    "我积分有多少", "积分是多少", "我的积分是多少", "积分还有多少", "我的积分还有多少", "我积分还有多少",
    "积分还剩多少", "我的积分还剩多少", "积分剩多少", "我的积分剩多少", "积分剩余", "积分数", "我的积分数",
    "积分情况", "我的积分情况", "有积分", "有没有积分", "我有没有积分", "我的积分有几个", "积分有几个", "积分总数",
    "总积分", "我的总积分", "积分几多", "积分余额多少", "积分余额是多少", "我的积分余额多少", "我的积分余额是多少",
)  # fmt: skip
USE = (
    "积分怎么用", "积分怎么使用", "积分怎么花", "怎么用积分", "怎么花积分", "积分有什么用", "积分有啥用",
    "积分能干什么", "积分能干嘛", "积分可以干什么", "积分能换什么", "积分可以换什么", "积分换什么", "积分能兑换什么",
    "积分可以兑换什么", "积分怎么换", "积分怎么兑换", "积分兑换", "兑换积分", "积分能做什么",
)  # fmt: skip
# among people in a group these may be about a match or an exam
LOOSE = (
    "多少分", "几分", "我的分", "我的分数", "分数", "查分", "余额", "我的余额", "jf", "points", "my points",
    "balance",
)  # fmt: skip


@router.command(*WORDS)
async def balance(ask: Ask) -> None:
    points = await ledger.balance(ask.tx, ask.member_id)
    ask.say("points/balance", called=ask.called, name=ask.heard.name, points=points)


router.command(*LOOSE, addressed=True)(balance)


@router.command(*USE)
async def use(ask: Ask) -> None:
    """What points are good for: the shop says it in its own words (templates/points/use.txt)."""
    ask.say("points/use", called=ask.called)
