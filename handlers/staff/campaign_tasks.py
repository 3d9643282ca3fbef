"""待办群发: whom to write to by hand, with the text; 发了 12: done. 待找回: whom a lost account has left behind."""

from actions import audit, questions
from actions.campaigns import losing, tasks
from db.campaigns import rehoming
from db.database import Row
from db.talk import rooms
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import RefusedError
from rules.times import describe

router = Router()

SHOWN = 3  # texts at once: each is copied from the chat
PAGE = 10
KIND = "rehoming"
MORE = ("更多", "下一页", "后面的")


@router.command("待办群发", "群发待办", "群发 待办", staff=True)
async def listed(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    desk.quietly(ask)
    found = await tasks.listed(ask.tx, ask.community, person, SHOWN, ask.now)
    lines = [f"{one.number}. {one.name}（用 {one.account}）\n{one.text}" for one in found.tasks]
    ask.say_privately("campaigns/tasks", lines=lines, left=found.left, others=found.others)


@router.pattern(r"发了\s*#?(?P<number>[0-9]{1,12})", staff=True, addressed=True)
async def done(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    desk.quietly(ask)
    number = int(ask.words["number"])
    name = await tasks.done(ask.tx, ask.community, number, person, ask.now)
    undo = {"verb": "task", "person": number}
    await audit.record(
        ask.tx, audit.actor_of(person.id), "campaign.task", f"campaign_person:{number}", "", ask.now, undo
    )
    found = await tasks.listed(ask.tx, ask.community, person, 0, ask.now)
    ask.say_privately("campaigns/task_done", name=name or "这位会员", left=found.left)


@router.command("待找回", "找回名单", staff=True)
async def lost(ask: Ask) -> None:
    if await desk.who(ask, desk.SERVE) is not None:
        desk.quietly(ask)
        await _page(ask, 0)


@router.answer(KIND, words=MORE, staff=True)
async def more(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
    if person is not None:
        await _page(ask, ask.waited["after"])


async def _page(ask: Ask, after: int) -> None:
    rows = await rehoming.listed(ask.tx, after, PAGE + 1)
    lines = [await _line(ask, row) for row in rows[:PAGE]]
    left = len(rows) > PAGE
    ask.say_privately("campaigns/rehoming", lines=lines, total=await rehoming.count(ask.tx), more=left)
    if left:
        data = {"after": rows[PAGE - 1]["id"]}
        await questions.ask(ask.tx, ask.community, ask.member_id, -ask.heard.account.id, KIND, data, ask.now)


async def _line(ask: Ask, row: Row) -> str:
    """ "12. 小美 b1k2（小知 掉线，9月20日 10:00 起）手机尾号 1234，备注 小美妈妈，都在 早安面包房"."""
    member_id, zone = row["member_id"], ask.community.settings.zone
    since = describe(row["at"], ask.now, zone)
    parts = [f"{row['id']}. {row['name'] or '会员'} {row['code']}（{row['account']}，{since} 起）"]
    if tail := await losing.phone_tail(ask.tx, ask.community, member_id):
        parts.append(f"手机尾号 {tail}")
    remark = await rehoming.remark(ask.tx, member_id, row["account_id"])
    if remark and remark != row["name"]:
        parts.append(f"备注 {remark}")
    shared = [room["topic"] for room in await rooms.of_member(ask.tx, member_id) if room["topic"]]
    if shared:
        parts.append(f"都在 {'、'.join(shared[:3])}")
    return "，".join(parts)


@router.pattern(r"(?:找回了|已找回)\s*#?(?P<number>[0-9]{1,12})", staff=True)
async def found(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    number = int(ask.words["number"])
    row = await rehoming.by_id(ask.tx, number)
    if row is None or not await rehoming.settle(ask.tx, number, "staff", ask.now):
        raise RefusedError(f"待找回里没有第 {number} 位，可能已经找回了")
    undo = {"verb": "lost_again", "rehoming": number}
    actor = audit.actor_of(person.id)
    await audit.record(ask.tx, actor, "rehoming.settle", audit.member(row["member_id"]), "", ask.now, undo)
    ask.say("campaigns/found", name=row["name"] or row["code"])
