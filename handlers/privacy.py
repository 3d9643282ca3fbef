"""我的数据 and 注销: a member sees all that is kept of them, and can have it erased."""

from actions import questions
from actions.person import export, privacy
from actions.speaking import outbox
from db.person import consents, secrets
from db.person import profiles as profile_rows
from db.talk import people, rooms
from db.trade import ledger
from handlers.router import Ask, Router
from rules.errors import RefusedError
from rules.person.profile import shown_value
from rules.text import fold, normalise
from rules.times import local

router = Router()

SURE = "确认注销"
UNSURE = ("确认", "确定", "是的", "是", "对", "对的", "好的", "好", "嗯", "确定注销")
NO = ("取消", "算了", "不注销了", "不注销", "取消注销", "不办了", "不用了")
_UNSURE = frozenset(map(fold, UNSURE))


@router.command(
    "我的数据", "导出我的数据", "导出数据", "我的个人信息", "导出我的个人信息", "查询我的数据", "你有我什么数据"
)
async def own_data(ask: Ask) -> None:
    """The main facts at once, the whole as files; privately, wherever it was asked."""
    heard, db = ask.heard, ask.tx
    member = await people.member(db, ask.member_id)
    assert member is not None
    activity = await people.activity(db, ask.member_id)
    again = export.lately(ask.community, ask.member_id, ask.now)
    ask.say_privately(
        "privacy/own_data",
        name=member["name"],
        code=member["code"],
        since=_day(ask, member["created_at"]),
        interactions=activity["interactions"] if activity else 0,
        points=await ledger.balance(db, ask.member_id),
        rooms="、".join(row["topic"] for row in await rooms.of_member(db, ask.member_id)),
        profile="；".join([f"{name}：{value}" for name, value in await _answers(ask)]),
        marketing="已退订" if member["marketing_out_at"] else "接收",
        personalised="已关闭" if member["personalisation_out_at"] else "开启",
        decisions=len(await consents.history(db, ask.member_id)),
        files=not again,
    )
    if not again:
        account_id, identity_id = await outbox.private_way(db, heard, ask.now)
        await export.FILED.ask_for(db, ask.community, ask.member_id, account_id, identity_id, ask.now)
    if heard.room:
        ask.say("privacy/sent_privately", called=ask.called)


async def _answers(ask: Ask) -> list[tuple[str, str]]:
    key = await secrets.key_of(ask.tx, ask.member_id)
    rows = await profile_rows.answers(ask.tx, ask.member_id)
    return [
        (row["field"], shown_value(secrets.unseal(key, bytes(row["value"]), row["field"])))
        for row in rows
        if key is not None and row["value"] is not None
    ]


def _day(ask: Ask, at: int) -> str:
    return local(at, ask.community.settings.zone).date().isoformat()


@router.command(
    *(
        "注销",
        "注销账号",
        "注销会员",
        "我要注销账号",
        "删除我的数据",
        "删除我的信息",
        "删除我的个人信息",
        "清除我的数据",
    ),
    *(
        "删掉我的数据",
        "删除个人信息",
        "抹去我的数据",
        "销号",
        "我要销号",
        "我想销号",
        "删除账号",
        "删除我的账号",
        "删号",
    ),
    *("把我的信息删掉", "把我的数据删掉", "把我的资料删掉", "把我的信息删了", "把我的数据删了", "把我的资料删了"),
    *("删掉我的信息", "删掉我的资料", "删除我的资料", "清空我的资料", "清空我的数据", "清空我的信息", "清除我的资料"),
    *("清除我的信息", "抹去我的信息", "抹掉我的数据", "注销我的账号", "注销账户"),
)
async def ask_to_erase(ask: Ask) -> None:
    """Says what goes and what stays, and waits for the word."""
    if ask.heard.room:
        ask.say("privacy/erase_privately", called=ask.called)
        return
    if ask.staff:
        raise RefusedError("您是团队成员，请先让负责人解除绑定，再来注销。")
    await questions.ask(ask.tx, ask.community, ask.member_id, ask.heard.scope, "erase", {}, ask.now)
    points = await privacy.points_of(ask.tx, ask.member_id)
    ask.say("privacy/erase_question", points=points, minutes=ask.community.settings.privacy.pending_minutes)


@router.answer("erase", words=(SURE, *UNSURE, *NO))
async def erase(ask: Ask) -> None:
    if fold(ask.typed) in _UNSURE:  # not enough for what can't be taken back
        ask.say("privacy/erase_again")
        return
    if ask.said != normalise(SURE):
        await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
        ask.say("privacy/erase_cancelled")
        return
    heard = ask.heard
    farewell = ask.render("privacy/farewell")
    through = (heard.account.id, heard.event.person.id)
    await privacy.erase(ask.tx, ask.community, ask.member_id, ask.now, farewell=farewell, through=through)


@router.command(SURE)
async def nothing_to_confirm(ask: Ask) -> None:
    """The question has lapsed, or was never asked: nobody is erased by one word."""
    ask.say("privacy/erase_first", called=ask.called)
