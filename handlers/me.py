"""我的: who a member is here, like an identity card."""

from actions.relationship import standing_words
from db.talk import people, rooms
from db.trade import ledger
from handlers.check_in import living_streak
from handlers.router import Ask, Router
from rules.relationship.levels import CALLED
from rules.times import business_day

router = Router()

SHOWN_ROOMS = 5
WORDS = (
    "我的", "我是谁", "我的名片", "我的信息", "我的卡片", "我的主页", "我的身份", "我的身份卡",
    "我的档案", "我的会员", "我的会员信息", "会员信息", "会员中心", "个人中心", "个人信息",
    "个人资料", "个人主页", "我的等级", "我的级别", "我什么等级", "我是什么等级", "我几级", "我是几级", "我的状态",
    "我的账户", "我的情况", "认识我", "你认识我", "你知道我是谁", "知道我是谁", "我是哪位",
)  # fmt: skip
ALOUD = ("我的名片",)  # the others are talk among people in a group
LOOSE = (
    "名片", "等级", "身份", "me", "who am i", "whoami", "profile",
)  # fmt: skip


@router.command(*ALOUD)
@router.command(*WORDS, *LOOSE, addressed=True)
async def card(ask: Ask) -> None:
    member = await people.member(ask.tx, ask.member_id)
    assert member is not None
    theirs = await rooms.of_member(ask.tx, ask.member_id)
    activity = await people.activity(ask.tx, ask.member_id)
    level, tier, friendly = await standing_words.card(ask.tx, ask.community, ask.member_id)
    today = business_day(ask.now, ask.community.settings.zone)
    since = business_day(member["created_at"], ask.community.settings.zone)
    ask.say(
        "points/card",
        called=ask.called,
        brand=ask.community.settings.community.name,
        name=ask.heard.name,
        level=CALLED[level],
        tier=tier,
        friendly=friendly,
        points=await ledger.balance(ask.tx, ask.member_id),
        days=max((today - since).days, 0) + 1,
        since=f"{since:%Y-%m-%d}",
        messages=activity["interactions"] if activity else 0,
        streak=living_streak(member["check_in_day"], member["streak"], today),
        # which other groups somebody is in is not said in a group
        rooms=[] if ask.heard.room else [row["topic"] for row in theirs[:SHOWN_ROOMS]],
        room_count=len(theirs),
    )
