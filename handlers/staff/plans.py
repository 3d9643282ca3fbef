"""排期: what will be posted; 取消发布 12: call one off."""

from actions import audit
from actions.briefs import overview
from actions.timed import posts
from db.timed import runs
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import RefusedError
from rules.times import describe

router = Router()

LISTED = 15


@router.command("排期", "发布计划", staff=True)
@router.command("计划", "看排期", "待发布", staff=True, addressed=True)
async def planned(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    zone = ask.community.settings.zone
    ahead = await posts.upcoming(ask.tx, ask.now, overview.soon(ask.now))
    lines = [
        f"{one.run['id']}. {describe(one.when, ask.now, zone)} {one.what.removeprefix('定时内容 ')}"
        f" → {posts.where(ask.community, one.run)}"
        for one in ahead
    ]
    ask.say_privately("staff/plans", lines=lines[:LISTED], more=max(0, len(lines) - LISTED))
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
    if run is None:
        raise RefusedError("没有这一条，说「排期」看看编号")
    if run["payload"] is None:
        raise RefusedError("这是 config.toml 里定的定时内容，请在那里改；只停一个群可以说「暂停 群名」")
    if not await posts.cancel(ask.tx, run["job"], ask.now, person.name):
        raise RefusedError("已经发出去了，取消不了")
    await audit.record(ask.tx, audit.actor_of(person.id), "post.cancel", run["job"], "", ask.now)
    ask.say("staff/plan_cancelled", called=ask.called, number=run["id"])
