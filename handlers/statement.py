"""积分明细: the last movements of a member's points, like a bank statement."""

from db.database import Row
from db.trade import ledger
from handlers.router import Ask, Router
from rules.times import local

router = Router()

LINES = 8
KINDS = {
    "check_in": "签到",
    "streak": "连签奖励",
    "profile": "完善资料",
    "award": "奖励",
    "deduct": "扣减",
    "spend": "兑换",
    "order": "购物",
    "refund": "退款收回",
    "debt": "补扣",
    "referral": "邀请朋友",
    "adopted": "建议被采纳",
    "share": "分享",
    "reversal": "撤销",
}
WORDS = (
    "积分明细", "我的积分明细", "查积分明细", "查询积分明细", "积分记录", "我的积分记录", "查积分记录", "积分账单",
    "我的积分账单", "积分流水", "我的积分流水", "积分历史", "我的积分历史", "积分历史记录", "历史积分", "积分变动",
    "积分变动记录", "积分变化", "积分收支", "积分详情", "我的积分详情", "积分来源", "积分怎么来的",
    "我的积分怎么来的", "积分哪来的", "积分去哪", "积分去哪里", "积分去哪儿", "积分用哪", "积分怎么少",
    "我的积分怎么少", "积分为什么少", "为什么扣我积分", "积分清单",
)  # fmt: skip
LOOSE = (
    "账单", "我的账单", "明细", "我的明细", "流水", "对账", "statement", "points history",
)  # fmt: skip


@router.command(*WORDS)
async def statement(ask: Ask) -> None:
    points = await ledger.balance(ask.tx, ask.member_id)
    if ask.heard.room:  # what somebody earned and spent is theirs to show
        ask.say("points/statement_in_room", called=ask.called, points=points)
        return
    rows = await ledger.history(ask.tx, ask.member_id, LINES + 1)
    if not rows:
        ask.say("points/statement_empty")
        return
    zone = ask.community.settings.zone
    lines = [_line(row, zone) for row in rows[:LINES]]
    debt = await ledger.debt(ask.tx, ask.member_id)
    ask.say("points/statement", points=points, lines=lines, more=len(rows) > LINES, debt=debt)


router.command(*LOOSE, addressed=True)(statement)


def _line(row: Row, zone: str) -> dict[str, str | int]:
    sign = "+" if row["change"] > 0 else "-"
    when = local(row["at"], zone)
    return {
        "when": f"{when:%m-%d %H:%M}",
        "what": what_for(row),
        "change": f"{sign}{abs(row['change'])}",
        "after": row["after"],
    }


def what_for(row: Row) -> str:
    """What a movement was for, in words; a row of `ledger.history`."""
    if row["kind"] == "gift":
        other = row["other_name"] or "一位朋友"
        return f"{other}送的" if row["change"] > 0 else f"送给{other}"
    if row["kind"] == "reversal":
        undone = row["reason"].partition(":")[0]
        return f"撤销{KINDS.get(undone, '转赠' if undone == 'gift' else '')}"
    words = KINDS.get(row["kind"], row["kind"])
    return f"{words}：{row['reason']}" if row["reason"] and row["kind"] not in ("profile", "check_in") else words
