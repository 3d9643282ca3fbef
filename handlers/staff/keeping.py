"""存素材 (replying to a message or right after one), its theme and tags; 改素材, 下架, 上架, 采用晒单, 不用晒单 12."""

import json
from typing import Any

from actions import audit, questions
from actions.community import StaffEntry
from actions.content import editing, keeping, shows
from actions.content.editing import Changed
from actions.talk.links import names_of
from db.content import items
from db.database import Row
from handlers.router import Ask, Router
from handlers.staff import desk
from handlers.staff.segments import plainly
from rules.content import placing, quoting
from rules.errors import RefusedError
from rules.text import fold, strip_mention

router = Router()

KIND = "content"
YES = frozenset(map(fold, ("好", "好的", "行", "可以", "ok", "嗯", "对", "是", "确认", "确定")))
NO = frozenset(map(fold, ("取消", "算了", "不存了", "不要了")))
NUMBER = r"\s*#?(?P<number>[0-9]{1,9})"


@router.pattern(rf"(?P<quote>{quoting.HEAD})?(?:存素材|存到素材库|存为素材)[\s:]*(?P<rest>.*)", staff=True)
async def keep(ask: Ask) -> None:
    """Keep a message; where it belongs is asked for in one step, unless it is said at once."""
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    desk.quietly(ask)
    said = strip_mention(ask.heard.text, names_of(ask.heard.account))
    quote = quoting.read(said) if ask.words.get("quote") else None
    source = await keeping.meant(ask.tx, ask.heard, quote)
    if source is not None and source["member_id"] not in ask.community.directory.staff:
        await _of_member(ask, person, source)
        return
    kept = await keeping.keep(ask.tx, ask.community, person, ask.heard, source, quote.said if quote else "", ask.now)
    row = await editing.item(ask.tx, kept.id)
    if kept.again and row["state"] != "draft":
        ask.say("content/kept_before", number=kept.id, title=row["title"])
        return
    await _record(ask, person, "content.keep", kept.id, Changed("", _off(kept.id)))
    theme, tags = await keeping.suggested(ask.tx, row)
    if ask.words["rest"].strip():
        theme, tags = placing.typed(ask.words["rest"])
        await _place(ask, person, row, theme or placing.ELSEWHERE, tags)
        return
    data = {"item": kept.id, "theme": theme, "tags": list(tags)}
    # expected where it is asked: in the private chat with the account that heard it
    await questions.ask(ask.tx, ask.community, ask.member_id, -ask.heard.account.id, KIND, data, ask.now)
    ask.say("content/kept", number=kept.id, title=row["title"], theme=theme, tags=list(tags))


def _off(number: int) -> dict[str, Any]:
    return {"verb": "content", "content": number, "values": {"state": "retired"}}


async def _of_member(ask: Ask, person: StaffEntry, source: Row) -> None:
    number = await shows.offer(ask.tx, ask.community, source, ask.now)
    row = await editing.item(ask.tx, number)
    if row["state"] != "offered":
        ask.say("content/kept_before", number=number, title=row["title"])
        return
    await _accept(ask, person, row)


@router.answer(KIND, staff=True, first=(*YES, *NO))
async def placed(ask: Ask) -> None:
    """ "好", "取消", or where it belongs."""
    person = await desk.who(ask, desk.WORK)
    if person is None:
        await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
        return
    row = await editing.item(ask.tx, ask.waited["item"])
    said = fold(ask.typed)
    theme, tags = ask.waited["theme"], tuple(ask.waited["tags"])
    if said not in YES and said not in NO:
        theme, tags = placing.typed(ask.typed)
    await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
    if said in NO:
        await editing.write(ask.tx, row, {"state": "retired"}, "", audit.actor_of(person.id), ask.now)
        ask.say("content/not_kept", called=ask.called)
        return
    await _place(ask, person, row, theme or ask.waited["theme"], tags)


async def _place(ask: Ask, person: StaffEntry, row: Row, theme: str, tags: tuple[str, ...]) -> None:
    values = {"theme": theme, "tags": json.dumps(tags, ensure_ascii=False), "state": "ready"}
    held = await editing.item(ask.tx, row["id"])
    await editing.write(ask.tx, held, values, "", audit.actor_of(person.id), ask.now)
    ask.say("content/placed", called=ask.called, number=row["id"], theme=theme, tags=list(tags))


@router.command("改素材", staff=True)
@router.pattern(rf"(?:改|修改)素材(?:{NUMBER}(?:\s+\S*)?)?", staff=True)
async def how(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is not None:
        ask.say("content/change_how", called=ask.called)


@router.pattern(rf"(?:改|修改)素材{NUMBER}\s+(?P<field>[^\s:]+)[\s:]+(?P<value>.+)", staff=True)
async def change(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    desk.quietly(ask)
    row = await editing.item(ask.tx, int(ask.words["number"]))
    # letter for letter: what patterns see has other signs
    value = desk.as_typed(ask, rf"(?:改|修改)素材\s*#?[0-9]+\s+{ask.words['field']}")
    actor = audit.actor_of(person.id)
    try:
        done = await editing.edit(ask.tx, ask.community, row, ask.words["field"], value, actor, ask.now)
    except RefusedError as error:
        raise RefusedError(plainly(str(error))) from error
    await _record(ask, person, "content.change", row["id"], done)
    ask.say("content/changed", number=row["id"], what=done.what)


@router.pattern(rf"(?P<how>下架|上架)\s*素材{NUMBER}", staff=True)
@router.pattern(rf"素材\s*(?P<how>下架|上架){NUMBER}", staff=True)
@router.pattern(rf"(?P<how>下架|上架){NUMBER}", staff=True, addressed=True)
async def shelve(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    row = await editing.item(ask.tx, int(ask.words["number"]))
    on = ask.words["how"] == "上架"
    if row["state"] in ("offered", "asked", "refused"):
        ask.say("content/is_members", called=ask.called, number=row["id"], state=row["state"])
        return
    state = "ready" if on else "retired"
    if row["state"] != state:
        done = await editing.write(ask.tx, row, {"state": state}, "", audit.actor_of(person.id), ask.now)
        await _record(ask, person, "content.on" if on else "content.off", row["id"], done)
    ask.say("content/shelved", called=ask.called, number=row["id"], title=row["title"], on=on)


@router.pattern(rf"(?:采用|用)(?:晒单|素材){NUMBER}", staff=True)
async def accept(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    desk.quietly(ask)
    row = await editing.item(ask.tx, int(ask.words["number"]))
    if row["member_id"] is None:
        ask.say("content/kept_before", number=row["id"], title=row["title"])
        return
    await _accept(ask, person, row)


async def _accept(ask: Ask, person: StaffEntry, row: Row) -> None:
    state = await shows.accept(ask.tx, ask.community, row, ask.now)
    undo = {"verb": "content", "content": row["id"], "values": {"state": "offered"}}
    await _record(ask, person, "content.accept", row["id"], Changed("", undo))
    name = await desk.name_of(ask, row["member_id"])
    ask.say("content/accepted", number=row["id"], name=name, state=state)


@router.pattern(rf"不用(?:晒单|素材){NUMBER}", staff=True)
async def decline(ask: Ask) -> None:
    """The team has no use for it; the member hears nothing of that."""
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    row = await editing.item(ask.tx, int(ask.words["number"]))
    if row["member_id"] is None:
        ask.say("content/kept_before", number=row["id"], title=row["title"])
        return
    await items.change(ask.tx, row["id"], {"state": "retired"}, ask.now)
    undo = {"verb": "content", "content": row["id"], "values": {"state": row["state"]}}
    await _record(ask, person, "content.decline", row["id"], Changed("", undo))
    ask.say("content/shelved", called=ask.called, number=row["id"], title=row["title"], on=False)


async def _record(ask: Ask, person: StaffEntry, action: str, number: int, done: Changed) -> None:
    actor = audit.actor_of(person.id)
    await audit.record(ask.tx, actor, action, f"content:{number}", done.what, ask.now, done.undo)
