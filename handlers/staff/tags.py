"""加标签 / 去标签 @小美 宝妈 人生阶段:新手妈妈."""

from collections.abc import Iterable
from typing import Any

from actions import audit, finding
from actions.tagging import tags
from actions.tagging.tags import Label
from db.tagging import tags as tag_rows
from handlers.router import Ask, Router
from handlers.staff import desk

router = Router()


@router.pattern(r"(?:加|打|贴)(?:上|个)?标签(?:给|\s|:)*(?P<who_and_tags>.*)", staff=True)
async def add(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    member_id, rest = await finding.person_and_rest(ask.tx, ask.community, ask.heard, ask.words["who_and_tags"])
    labels = tags.parse(rest)
    added = await tags.add(ask.tx, ask.community, member_id, labels, audit.actor_of(person.id), ask.now)
    if added.new:
        undo = {"verb": "untag", "tags": list(added.new), "back": await _states(ask, added.replaced)}
        await _record(ask, person.id, "tag.add", member_id, added.new, undo)
    name = await desk.name_of(ask, member_id)
    new = _shown(added.new.values())
    ask.say("staff/tagged", called=ask.called, name=name, new=new, all=_shown(labels), hints=added.hints)


@router.pattern(r"(?:去掉?|删除?|取消|移除)标签(?:\s|:)*(?P<who_and_tags>.*)", staff=True)
async def remove(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    member_id, rest = await finding.person_and_rest(ask.tx, ask.community, ask.heard, ask.words["who_and_tags"])
    labels = tags.parse(rest)
    before = {row["id"]: row["state"] for row in await tag_rows.any_of_member(ask.tx, member_id)}
    taken = await tags.remove(ask.tx, ask.community, member_id, labels, ask.now)
    if taken:
        undo = {"verb": "tag", "tags": list(taken), "states": [before[tag_id] for tag_id in taken]}
        await _record(ask, person.id, "tag.remove", member_id, taken, undo)
    name = await desk.name_of(ask, member_id)
    ask.say("staff/untagged", called=ask.called, name=name, taken=_shown(taken.values()), all=_shown(labels))


async def _record(
    ask: Ask, staff_id: int, action: str, member_id: int, moved: Iterable[int], undo: dict[str, Any]
) -> None:
    # the numbers of the tags, not their words: a tag may be something personal
    detail = "tags " + ",".join(str(tag_id) for tag_id in moved)
    actor = audit.actor_of(staff_id)
    await audit.record(ask.tx, actor, action, audit.member(member_id), detail, ask.now, undo)


async def _states(ask: Ask, tag_ids: Iterable[int]) -> list[list[Any]]:
    """Each tag that made way with what it was, for taking that back."""
    rows = [await tag_rows.by_id(ask.tx, tag_id) for tag_id in tag_ids]
    return [[row["id"], row["state"]] for row in rows if row is not None]


def _shown(labels: Iterable[Label]) -> list[str]:
    return [str(label) for label in labels]
