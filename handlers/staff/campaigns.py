"""群发 宝妈且30天未购买 素材 12 留 10% 明天10点: planned and shown first, sent when confirmed. Answered privately."""

from collections.abc import Sequence

from actions import audit, questions
from actions.campaigns import deciding, planning, saying, summary
from actions.community import StaffEntry
from actions.content import library
from actions.speaking import outbox
from db.campaigns import campaigns, people
from db.content import items
from db.database import Row, Tx
from handlers.router import Ask, Router
from handlers.staff import desk
from handlers.staff.campaign_desk import list_left_out, number_of
from handlers.staff.segments import plainly
from rules.campaigns.order import Order, read
from rules.errors import RefusedError
from rules.messages import Outgoing
from rules.speaking.attention import quiet_until
from rules.text import clean_text
from rules.times import describe
from templates import Plain

router = Router()

KIND = "campaign"
LIMIT = 2_000
YES, NO = ("确认", "确定", "开始", "发吧"), ("取消", "算了", "不发了", "不用了")
TRY, WHO = ("试发", "发给我", "先发给我"), ("没发给谁", "不发给谁", "名单")


@router.command("群发", staff=True)
async def how(ask: Ask) -> None:
    if await desk.who(ask, desk.WORK) is not None:
        read("", ask.now, ask.community.settings.zone)  # says how it is written


@router.pattern(r"群发\s*(?P<what>确认|取消|试发)\s*#?(?P<number>[0-9]{0,12})", staff=True)
async def by_number(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    desk.quietly(ask)
    row = await number_of(ask, ask.words["number"], ("draft",))
    if ask.words["what"] == "试发":
        await _try(ask, row)
    elif ask.words["what"] == "取消":
        await _discard(ask, row["id"], person)
    else:
        await _confirm(ask, row["id"], person)


@router.pattern(r"群发[\s:](?P<order>.+)", staff=True)
@router.pattern(r"群发(?P<order>[^\s:].*)", staff=True, addressed=True)
async def plan(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    desk.quietly(ask)
    text = clean_text(desk.as_typed(ask, "群发|群發"), LIMIT + 200)
    orders = read(text, ask.now, ask.community.settings.zone)
    if len(orders[-1].text) > LIMIT:
        raise RefusedError(f"内容太长了，最多 {LIMIT} 字")
    ask.tx.after_commit(lambda: ask.community.later(lambda: _plan(ask, person, orders)))


async def _plan(ask: Ask, person: StaffEntry, orders: Sequence[Order]) -> None:
    """Reading an audience takes long: it is done after this message is stored, while others are answered."""
    community, now = ask.community, ask.now
    try:
        order = await planning.check(community, orders)
        campaign_id = await community.db.write(lambda tx: _draft(tx, ask, person, order))
        if not await planning.plan(community, campaign_id, now):
            return  # called off meanwhile
        row = await campaigns.by_id(community.db, campaign_id)
        assert row is not None
        told = await summary.plan(community, row, now)
        shown: list[Plain] = await summary.readers(community, row, now)
        text = community.phrases.render("campaigns/plan", campaign_id, audience="private", readers=shown, **told)
    except RefusedError as error:
        text, told, campaign_id = plainly(str(error)), {}, 0
    anybody = any(told.get(one) for one in ("planned", "tasks", "waiting"))

    async def say(tx: Tx) -> None:
        await outbox.reply(tx, community, ask.heard, Outgoing(text=text), now, privately=True)
        if anybody:
            account_id, _ = await outbox.private_way(tx, ask.heard, now)
            await questions.ask(tx, community, ask.member_id, -account_id, KIND, {"campaign": campaign_id}, now)

    await community.db.write(say)


async def _draft(tx: Tx, ask: Ask, person: StaffEntry, order: Order) -> int:
    community, source = ask.community, ask.heard.interaction_id
    if order.text:
        content = await planning.typed(tx, community, order.text, person.name, source, ask.now)
    else:
        content = await _content(tx, ask, order)
    why = await library.usable(tx, community, content, ask.now)
    if why:
        raise RefusedError(f"素材 {content['id']} 现在不能发：{why}")
    if content["kind"] == "poll":
        raise RefusedError(f"投票要在群里投才看得到结果，可以「插入 明天10点 群名 素材 {content['id']}」")
    await saying.read(tx, community, content, ask.member_id, ask.now)  # whether it can be said at all
    campaign_id = await planning.draft(tx, community, order, content, person.id, source, ask.now)
    detail = f"content {content['id']}"
    await audit.record(tx, audit.actor_of(person.id), "campaign.plan", f"campaign:{campaign_id}", detail, ask.now)
    return campaign_id


async def _content(tx: Tx, ask: Ask, order: Order) -> Row:
    if order.number:
        row = await library.get(tx, order.number)
        if row is None:
            raise RefusedError(f"没有第 {order.number} 号素材，说「素材 列表」看看编号")
        return row
    found = await library.find(tx, order.title, 3)
    if len(found) == 1 or (found and found[0]["title"] == order.title):
        row = await items.get(tx, found[0]["id"])
        assert row is not None
        return row
    if not found:
        raise RefusedError(f"没找到叫「{order.title[:20]}」的素材")
    raise RefusedError("是哪一条？" + "，".join(f"素材 {row['id']}「{row['title']}」" for row in found))


@router.answer(KIND, words=(*YES, *NO, *TRY, *WHO), staff=True)
async def decided(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    campaign_id: int = ask.waited["campaign"]
    if ask.said in TRY:
        await _try(ask, await deciding.held(ask.tx, campaign_id))
        return
    if ask.said in WHO:
        list_left_out(ask, campaign_id, "", 0)
        return
    await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
    if ask.said in NO:
        await _discard(ask, campaign_id, person)
    else:
        await _confirm(ask, campaign_id, person)


async def _confirm(ask: Ask, campaign_id: int, person: StaffEntry) -> None:
    row = await deciding.confirm(ask.tx, ask.community, campaign_id, ask.now)
    undo = {"verb": "campaign", "campaign": campaign_id, "do": "stop"}
    await audit.record(
        ask.tx, audit.actor_of(person.id), "campaign.confirm", f"campaign:{campaign_id}", "", ask.now, undo
    )
    settings = ask.community.settings
    opens = quiet_until(max(row["starts_at"], ask.now), settings.attention.limits().quiet, settings.zone)
    start, count = describe(opens, ask.now, settings.zone), await people.to_reach(ask.tx, campaign_id)
    ask.say("campaigns/confirmed", number=campaign_id, count=count, start=start, now=opens <= ask.now)


async def _discard(ask: Ask, campaign_id: int, person: StaffEntry) -> None:
    await deciding.discard(ask.tx, campaign_id, "取消了", ask.now)
    actor = audit.actor_of(person.id)
    await audit.record(ask.tx, actor, "campaign.discard", f"campaign:{campaign_id}", "", ask.now)
    ask.tx.after_commit(lambda: ask.community.later(lambda: planning.forget(ask.community, campaign_id)))
    ask.say("campaigns/decided", number=campaign_id, name="", what="discard")


async def _try(ask: Ask, row: Row) -> None:
    """To oneself, exactly as a member would get it."""
    item = await saying.item_of(ask.tx, row)
    if item is None:
        raise RefusedError("素材没有了")
    for piece in await saying.pieces(ask.tx, ask.community, row, item, ask.member_id, ask.now):
        ask.send(piece, privately=True)
