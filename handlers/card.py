"""会员卡: a member's card as a picture, drawn for them and sent to them alone."""

from actions.person import card
from actions.speaking import outbox
from handlers.router import Ask, Router

router = Router()


@router.command("我的会员卡", "我的电子会员卡")
@router.command("会员卡", "电子会员卡", "会员卡图片", addressed=True)
async def own_card(ask: Ask) -> None:
    """Where no picture can be sent, 我的 says the same in words."""
    account_id, identity_id = await outbox.private_way(ask.tx, ask.heard, ask.now)
    if not ask.community.directory.accounts[account_id].capabilities.media:
        ask.say_privately("points/card_in_words")
    else:
        await card.FILED.ask_for(ask.tx, ask.community, ask.member_id, account_id, identity_id, ask.now)
    if ask.heard.room:
        ask.say("points/card_privately", called=ask.called)
