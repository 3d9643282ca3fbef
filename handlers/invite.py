"""我的邀请码: a member's own code, a text to pass on and a link; a code that a newcomer sends is welcomed."""

from actions.voices import referrals
from handlers import unknown
from handlers.router import Ask, Router
from rules.voices.invites import invite_in

router = Router()

MINE = (
    "我的邀请码", "邀请码", "邀请朋友", "邀请好友", "邀请新朋友", "我要邀请朋友", "推荐给朋友", "推荐朋友", "推荐好友",
    "介绍朋友", "怎么邀请朋友", "怎么推荐朋友", "如何邀请朋友", "我的邀请链接", "邀请链接", "我邀请的朋友", "邀请有礼",
)  # fmt: skip


@router.command("我的邀请码")
@router.command(*(word for word in MINE if word != "我的邀请码"), addressed=True)
async def mine(ask: Ask) -> None:
    """The code and how it is used, then the text to forward as a message of its own."""
    settings = ask.community.settings
    code = await referrals.code_for(ask.tx, ask.member_id, ask.now)
    link = f"{settings.web.public_url.rstrip('/')}/i/{code}" if settings.web.public_url else ""
    came, bought = await referrals.counts(ask.tx, ask.member_id)
    points = settings.points.referral_first_purchase
    ask.say_privately("referral/mine", code=code, points=points, came=came, bought=bought)
    ask.say_privately("referral/forward", brand=settings.community.name, code=code, link=link)
    if ask.heard.room:
        ask.say("referral/privately", called=ask.called)


@router.pattern(
    r"(?:(?:我?朋友|我)?的?邀请码(?:是)?\s*[:,]?\s*)?(?P<code>[Yy][0-9A-Za-z]{6})[。.!~\s]*", addressed=True
)
async def came(ask: Ask) -> None:
    """Somebody sends a code and nothing else; within a longer text it is noticed without a word."""
    code = invite_in(ask.words["code"])
    if code is None and not ask.words.get("mark") and ask.words["code"].isalpha():
        await unknown.fallback(ask)  # a word
    elif code is None or await referrals.owner(ask.tx, code) is None:
        ask.say("referral/unknown", called=ask.called)
    elif await referrals.owner(ask.tx, code) == ask.member_id:
        ask.say("referral/own", called=ask.called)
    elif await referrals.attribute(
        ask.tx, ask.community, ask.member_id, code, referrals.CODE, ask.heard.interaction_id, ask.now
    ):
        ask.say("referral/welcome", called=ask.called, brand=ask.community.settings.community.name)
    else:
        ask.say("referral/not_new", called=ask.called)
