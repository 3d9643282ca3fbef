"""签到: once a business day, with a bonus for days in a row."""

from datetime import date, timedelta

from actions.trade import points
from db.trade import check_ins, ledger
from handlers.router import Ask, Router
from rules.times import business_day
from rules.trade.check_in import CheckIn

router = Router()

WORDS = (
    "签到", "打卡", "签个到", "打个卡", "我来签到", "来签到", "我签到", "我来打卡", "来打卡", "我打卡", "早安签到",
    "早安打卡", "早安，签到", "早上签到", "早起签到", "早起打卡", "每日签到", "每日打卡", "每天签到", "天天签到",
    "今日签到", "今日打卡", "今天签到", "今天打卡", "今天的签到", "签到打卡", "打卡签到", "签到领积分", "签到拿积分",
    "签到赚积分", "早签到", "早安！打卡", "早安，打卡", "早安！签到", "晚安签到", "会员签到", "积分签到", "check in",
    "checkin",
)  # fmt: skip
STATUS = (
    "签到天数", "我的签到", "签到记录", "我的签到记录", "签到情况", "连续签到", "连续签到几天", "连续签到多少天",
    "连续签到天数", "签到几天", "签到多少天", "我签到几天", "我签到多少天", "我连续签到几天", "我连续签到多少天",
    "今天签到没", "今天签到没有", "我今天签到没", "我今天签到没有", "我签到没", "我签到没有", "签到没", "签到没有",
    "签到有什么用", "签到有多少积分", "签到多少积分", "签到几个积分", "签到给多少积分", "签到规则", "签到奖励",
    "怎么签到", "如何签到", "怎样签到", "签到怎么签", "怎么打卡", "我签到了几天", "签到了几天", "我签到了多少天",
    "签到了多少天",
)  # fmt: skip


@router.command(*WORDS)
async def check_in(ask: Ask) -> None:
    done = await points.check_in(ask.tx, ask.community, ask.member_id, ask.now)
    if done.accepted:
        total = await ledger.balance(ask.tx, ask.member_id)
        ask.say("points/check_in", called=ask.called, points=done.points, bonus=done.bonus, total=total, **_row(done))
    else:
        ask.say("points/check_in_again", called=ask.called, **_row(done))


def _row(done: CheckIn) -> dict[str, int]:
    days, bonus = done.next_bonus or (0, 0)
    return {"streak": done.streak, "next_days": days, "next_bonus": bonus}


@router.command(*STATUS)
async def status(ask: Ask) -> None:
    today = business_day(ask.now, ask.community.settings.zone)
    row = await check_ins.last(ask.tx, ask.member_id)
    last = row["check_in_day"] if row else None
    settings = ask.community.settings.points
    ask.say(
        "points/check_in_status",
        called=ask.called,
        done=last is not None and last >= today.isoformat(),
        streak=living_streak(last, row["streak"] if row else 0, today),
        points=settings.check_in,
        bonuses=[{"days": days, "points": bonus} for days, bonus in sorted(settings.streak_bonus.items())],
    )


def living_streak(last_day: str | None, streak: int, today: date) -> int:
    """Days in a row that still count: a streak whose last day is before yesterday is over."""
    return streak if last_day is not None and last_day >= (today - timedelta(days=1)).isoformat() else 0
