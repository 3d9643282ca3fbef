"""群发列表, 群发进度 3, 群发暂停 / 继续 / 停止 3, 没发给谁 3 已退订: how campaigns stand. Answered privately."""

from collections.abc import Sequence
from functools import partial

from actions import audit, questions
from actions.campaigns import deciding, summary
from actions.campaigns.tally import tally
from actions.speaking import outbox
from db.campaigns import campaigns, people
from db.database import Row, Tx
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.campaigns.choosing import WHY
from rules.errors import RefusedError
from rules.messages import Outgoing

router = Router()

KIND = "campaign_left_out"
LISTED, PAGE = 10, 20
MORE = ("更多", "下一页", "继续看", "后面的")
STEPS = {"暂停": "pause", "继续": "resume", "恢复": "resume", "停止": "stop"}
BACK = {"pause": "resume", "resume": "pause", "stop": ""}  # what 撤销 does; a stop can't be taken back


@router.command("群发列表", "群发 列表", "群发记录", staff=True)
async def listed(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    desk.quietly(ask)
    ask.tx.after_commit(lambda: ask.community.later(lambda: _listed(ask)))


async def _listed(ask: Ask) -> None:
    lines = []
    for row in await campaigns.latest(ask.community.db, LISTED):
        counted = await tally(ask.community, row["id"])
        state = deciding.STATES.get(row["state"], row["state"])
        lines.append(f"{row['id']}. {row['name']} {state} {counted.sent}/{counted.audience - counted.holdout}")
    await _say(ask, ask.render("campaigns/listed", lines=lines))


@router.pattern(r"群发\s*(?:进度|情况)\s*#?(?P<number>[0-9]{0,12})", staff=True)
async def progress(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    desk.quietly(ask)
    row = await number_of(ask, ask.words["number"], ("running", "paused"))
    ask.tx.after_commit(lambda: ask.community.later(lambda: _progress(ask, row)))


async def _progress(ask: Ask, row: Row) -> None:
    told = await summary.progress(ask.community, row, ask.now)
    await _say(ask, ask.community.phrases.render("campaigns/progress", row["id"], audience="private", **told))


@router.pattern(
    r"(?:群发\s*(?P<what>暂停|继续|恢复|停止)|(?P<first>暂停|继续|恢复|停止)群发)\s*#?(?P<number>[0-9]{0,12})",
    staff=True,
)
async def step(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    desk.quietly(ask)
    what = STEPS[ask.words.get("what") or ask.words["first"]]
    row = await number_of(ask, ask.words.get("number", ""), ("paused",) if what == "resume" else ("running", "paused"))
    if what == "pause":
        await deciding.pause(ask.tx, ask.community, row["id"], f"{person.name} 暂停的", ask.now)
    elif what == "resume":
        await deciding.resume(ask.tx, ask.community, row["id"], ask.now)
    else:
        await deciding.stop(ask.tx, ask.community, row["id"], ask.now)
    undo = {"verb": "campaign", "campaign": row["id"], "do": BACK[what]} if BACK[what] else None
    actor = audit.actor_of(person.id)
    await audit.record(ask.tx, actor, f"campaign.{what}", f"campaign:{row['id']}", "", ask.now, undo)
    ask.say("campaigns/decided", number=row["id"], name=row["name"], what=what)


@router.pattern(r"(?:群发)?\s*没发给谁\s*#?(?P<number>[0-9]{0,12})\s*(?P<reason>[^0-9\s].*)?", staff=True)
async def left_out(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    desk.quietly(ask)
    row = await number_of(ask, ask.words["number"], ())
    list_left_out(ask, row["id"], ask.words.get("reason", "").strip(" ,，。？?「」"), 0)


def list_left_out(ask: Ask, campaign_id: int, reason: str, after: int) -> None:
    """Counts by reason, or the names of one reason; both after this message is stored."""
    ask.tx.after_commit(lambda: ask.community.later(partial(_left_out, ask, campaign_id, reason, after)))


@router.answer(KIND, words=MORE, staff=True)
async def more(ask: Ask) -> None:
    person = await desk.who(ask, desk.LOOK)
    await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
    if person is not None:
        list_left_out(ask, ask.waited["campaign"], ask.waited["reason"], ask.waited["after"])


async def _left_out(ask: Ask, campaign_id: int, reason: str, after: int) -> None:
    """Counts first, and the first names; then the names a page at a time."""
    db = ask.community.db
    counted = await tally(ask.community, campaign_id)
    reasons = [*counted.why(), (WHY["holdout"], counted.holdout)] if counted.holdout else counted.why()
    fitting = [words for words, _ in reasons if reason in words]
    if reason and not fitting:
        said = "、".join(f"「{words}」" for words, _ in reasons)
        await _say(ask, f"没有因为「{reason[:20]}」不发的。{f'原因有{said}' if said else ''}")
        return
    rows = await people.left_out(db, campaign_id, _keys(fitting) if reason else None, fitting, after, PAGE + 1)
    lines = [f"{words} {count}" for words, count in reasons] if not after and not reason else []
    shown = [f"{row['name'] or '会员'} {row['code']}：{_why(row)}" for row in rows[:PAGE]]
    total = sum(count for words, count in reasons)
    text = ask.render(
        "campaigns/left_out", number=campaign_id, lines=lines, people=shown, more=len(rows) > PAGE, total=total
    )
    data = {"campaign": campaign_id, "reason": reason, "after": rows[PAGE - 1]["id"]} if len(rows) > PAGE else None
    await _say(ask, text, data)


def _keys(words: Sequence[str]) -> list[str]:
    return [key for key, said in WHY.items() if said in words]


def _why(row: Row) -> str:
    return str(row["why"]) or WHY.get(row["reason"], row["reason"])


async def _say(ask: Ask, text: str, data: dict[str, object] | None = None) -> None:
    async def say(tx: Tx) -> None:
        await outbox.reply(tx, ask.community, ask.heard, Outgoing(text=text), ask.now, privately=True)
        if data is not None:
            account_id, _ = await outbox.private_way(tx, ask.heard, ask.now)
            await questions.ask(tx, ask.community, ask.member_id, -account_id, KIND, data, ask.now)

    await ask.community.db.write(say)


async def number_of(ask: Ask, said: str, states: Sequence[str]) -> Row:
    """The campaign that a number names; without one, the latest in one of these states, or of all."""
    if said:
        row = await campaigns.by_id(ask.tx, int(said))
        if row is None or row["state"] == "discarded":
            raise RefusedError(f"没有第 {int(said)} 号群发，说「群发列表」看看编号")
        return row
    latest = await campaigns.latest(ask.tx, LISTED)
    fitting = [row for row in latest if row["state"] in states]
    if len(fitting) > 1:
        numbers = "、".join(f"{row['id']}「{row['name']}」" for row in fitting)
        raise RefusedError(f"有几个：{numbers}，请带上编号")
    if fitting or latest:
        return fitting[0] if fitting else latest[0]
    raise RefusedError("还没有群发。这样开始：「群发 宝妈且30天未购买 素材 12」")
