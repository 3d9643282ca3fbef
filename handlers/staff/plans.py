"""排期: what the rooms get in the next seven days; 取消发布 12: call off what was published for later."""

from collections.abc import Sequence

from actions import audit
from actions.community import RoomEntry
from actions.rhythm import calendar
from actions.timed import posts
from db.timed import runs
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import RefusedError
from templates import Plain

router = Router()

LEFT = 10  # rooms that are only named
LONGEST = 60  # lines of one answer


@router.command("排期", "发布计划", staff=True)
@router.command("计划", "看排期", "待发布", staff=True, addressed=True)
async def planned(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is not None:
        await _show(ask, [room for _, room in sorted(ask.community.directory.rooms_by_id.items())])


@router.pattern(r"排期[\s:]+(?P<room>.{1,60})", staff=True)
async def planned_in(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is not None:
        await _show(ask, [desk.one_room(ask, ask.words["room"], "排期")])


async def _show(ask: Ask, rooms: Sequence[RoomEntry]) -> None:
    """The next seven days of some rooms; what is too long is left to 排期 群名."""
    coming = await calendar.coming(ask.tx, ask.community, ask.now, rooms)
    shown: list[dict[str, Plain]] = []
    left: list[Plain] = []
    lines = 0
    for topic, days in coming.items():
        lines += len(days) + 1
        if lines > LONGEST and shown:
            left.append(topic)
        else:
            shown.append({"topic": topic, "days": list(days)})
    ask.say_privately("staff/plans", rooms=list(shown), left=left[:LEFT], more=max(0, len(left) - LEFT))
    desk.sent_privately(ask)


@router.command("取消发布", "撤掉发布", "取消排期", "撤掉排期", staff=True)
async def which(ask: Ask) -> None:
    if await desk.who(ask, desk.WORK) is not None:
        raise RefusedError("取消哪一条？先说「排期」看编号，再说「取消发布 编号」")


@router.pattern(r"(?:取消|撤掉)(?:发布|排期)\s*#?(?P<number>[0-9]{1,12})", staff=True)
async def cancel(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    run = await runs.by_id(ask.tx, int(ask.words["number"]))
    if run is None or not run["job"].startswith(posts.JOB):  # the ends of polls are runs, too
        raise RefusedError("没有这一条，说「排期」看看编号")
    if run["payload"] is None:
        raise RefusedError("这是 config.toml 里定的定时内容，请在那里改；只停一个群可以说「暂停 群名」")
    if not await posts.cancel(ask.tx, run["job"], ask.now, person.name):
        raise RefusedError("已经发出去了，取消不了")
    await audit.record(ask.tx, audit.actor_of(person.id), "post.cancel", run["job"], "", ask.now)
    ask.say("staff/plan_cancelled", called=ask.called, number=run["id"])
