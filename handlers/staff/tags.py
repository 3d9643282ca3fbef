"""加标签 / 去标签 @小美 宝妈 人生阶段:新手妈妈."""

from collections.abc import Iterable
from typing import Any

from actions import audit, finding, tags
from actions.tags import Label
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
    new = await tags.add(ask.tx, ask.community, member_id, labels, audit.actor_of(person.id), ask.now)
    if new:
        undo = {"verb": "untag", "tags": list(new)}
        await _record(ask, person.id, "tag.add", member_id, new, undo)
    name = await desk.name_of(ask, member_id)
    ask.say("staff/tagged", called=ask.called, name=name, new=_shown(new.values()), all=_shown(labels))


@router.pattern(r"(?:去掉?|删除?|取消|移除)标签(?:\s|:)*(?P<who_and_tags>.*)", staff=True)
async def remove(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    member_id, rest = await finding.person_and_rest(ask.tx, ask.community, ask.heard, ask.words["who_and_tags"])
    labels = tags.parse(rest)
    taken = await tags.remove(ask.tx, ask.community, member_id, labels, ask.now)
    if taken:
        await _record(ask, person.id, "tag.remove", member_id, taken, {"verb": "tag", "tags": list(taken)})
    name = await desk.name_of(ask, member_id)
    ask.say("staff/untagged", called=ask.called, name=name, taken=_shown(taken.values()), all=_shown(labels))


async def _record(
    ask: Ask, staff_id: int, action: str, member_id: int, moved: Iterable[int], undo: dict[str, Any]
) -> None:
    # the numbers of the tags, not their words: a tag may be something personal
    detail = "tags " + ",".join(str(tag_id) for tag_id in moved)
    actor = audit.actor_of(staff_id)
    await audit.record(ask.tx, actor, action, audit.member(member_id), detail, ask.now, undo)


def _shown(labels: Iterable[Label]) -> list[str]:
    return [str(label) for label in labels]
