"""撤销: taking back what a person of the team did last, as the audit log says how."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from actions import audit
from actions.community import Community, StaffEntry
from actions.content import making, stock
from actions.helpdesk import adding, handing
from actions.one_person import parting
from actions.rhythm import editing
from actions.speaking import pausing
from actions.supers import candidates
from actions.trade import points
from actions.voices import answering
from db import audit as log
from db.database import Row, Tx
from db.one_person import matches
from db.rhythm import naming
from db.tagging import tags
from rules.errors import RefusedError

WINDOW = 24 * 3_600_000
LOOKS = ("view", "today", "accounts", "export", "staff.bind")  # change nothing that could be taken back


@dataclass(frozen=True, slots=True)
class Undoable:
    """What would be taken back: the log's row, and the later action that stands in the way ('' if none)."""

    row: Row
    after: str


async def find(tx: Tx, staff: StaffEntry, now: int) -> Undoable:
    """The last action of a person that can be taken back. Raises RefusedError if there is none within a day."""
    actor = audit.actor_of(staff.id)
    last = await log.last_done(tx, actor, now - WINDOW, LOOKS)
    row = await log.last_undoable(tx, actor, now - WINDOW)
    if row is None:
        if last is not None:
            raise RefusedError(f"「{name_of(last['action'])}」撤不回来，最近一天里也没有别的可以撤销")
        raise RefusedError("最近一天没有可以撤销的操作")
    return Undoable(row, name_of(last["action"]) if last is not None and last["id"] != row["id"] else "")


async def undo(tx: Tx, community: Community, staff: StaffEntry, audit_id: int, now: int) -> str:
    """Take one logged action back; what it was, in words. Raises RefusedError when it can't be any more."""
    actor = audit.actor_of(staff.id)
    row = await log.by_id(tx, audit_id)
    if row is None or row["actor"] != actor or row["undo"] is None or await log.undone(tx, audit_id):
        raise RefusedError("这一步已经撤销过了")
    how = json.loads(row["undo"])
    await VERBS[how["verb"]](tx, community, how, staff, now)
    await audit.record(tx, actor, "undo", row["object"], row["action"], now, undoes_id=audit_id)
    return name_of(row["action"])


async def _reverse(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    if not await points.reverse(tx, community, how["transfer"], audit.actor_of(staff.id), now):
        raise RefusedError("这笔积分已经撤销过了")


async def _untag(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    for tag_id in how["tags"]:
        await tags.remove(tx, tag_id, now)
    for tag_id, state in how.get("back", ()):
        await tags.put_back(tx, tag_id, state)


async def _tag(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    states = how.get("states") or ["sure"] * len(how["tags"])
    for tag_id, state in zip(how["tags"], states, strict=True):
        await tags.put_back(tx, tag_id, state)


async def _suggest(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    for tag_id in how["tags"]:
        await tags.put_back(tx, tag_id, "suggested")
    for tag_id, state in how.get("back", ()):
        await tags.put_back(tx, tag_id, state)


async def _pause(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    await pausing.pause(tx, community, how["room"], staff.id, now)


async def _resume(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    await pausing.resume(tx, community, how["room"])


async def _cancel(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    from actions.timed import posts

    if not await posts.cancel(tx, how["job"], now):
        raise RefusedError("已经发出去了，撤不回来")


async def _reopen(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    await answering.reopen(tx, how["feedback"], now)


async def _feedback(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    await answering.restore(tx, community, how, staff, now)


async def _restore(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    await candidates.restore(tx, how, now)


async def _part(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    await parting.part(tx, community, how["merge"], audit.actor_of(staff.id), now)


async def _doubt(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    await matches.reopen(tx, how["match"])


async def _slot(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    for slot in how["slots"]:
        await editing.take_back(tx, community, slot, now)


async def _campaign(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    from actions.campaigns import deciding

    if how["do"] == "pause":
        await deciding.pause(tx, community, how["campaign"], f"{staff.name} 撤销了继续", now)
    else:
        step = {"resume": deciding.resume, "stop": deciding.stop}[how["do"]]
        await step(tx, community, how["campaign"], now)


async def _lost_again(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    from db.campaigns import rehoming

    if not await rehoming.reopen(tx, how["rehoming"]):
        raise RefusedError("这位已经在待找回的名单里了")


async def _task(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    from actions.campaigns import tasks

    await tasks.undo(tx, how["person"], now)


async def _content(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    await making.restore(tx, how, audit.actor_of(staff.id), now)


async def _stock(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    await stock.put_back(tx, how)


async def _unskip(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    if not await naming.unskip(tx, how["key"]):
        raise RefusedError("已经不是跳过的状态了")


Way = Callable[[Tx, Community, dict[str, Any], StaffEntry, int], Awaitable[None]]


async def _handover(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    await handing.reopen(tx, how["handover"], now)


async def _faq(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    adding.remove(tx, community, how["entry"])


VERBS: dict[str, Way] = {
    "handover": _handover,
    "faq": _faq,
    "reverse": _reverse,
    "untag": _untag,
    "tag": _tag,
    "suggest": _suggest,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "reopen": _reopen,
    "part": _part,
    "doubt": _doubt,
    "feedback": _feedback,
    "candidate": _restore,
    "unskip": _unskip,
    "content": _content,
    "stock": _stock,
    "campaign": _campaign,
    "lost_again": _lost_again,
    "task": _task,
    "slot": _slot,
}

NAMES = {
    "handover.done": "接完",
    "handover.take": "接手",
    "handover.answer": "转达",
    "faq.add": "加问答",
    "points.award": "发积分",
    "points.deduct": "扣积分",
    "tag.add": "加标签",
    "tag.remove": "去标签",
    "tag.adopt": "采纳标签",
    "tag.refuse": "不采纳标签",
    "feedback.close": "已处理",
    "feedback.claim": "认领",
    "feedback.assign": "交给别人跟进",
    "feedback.answer": "回复反馈",
    "feedback.adopted": "采纳",
    "feedback.shipped": "上线",
    "feedback.settle": "反馈归类",
    "candidate.later": "暂缓",
    "candidate.decline": "拒绝候选",
    "candidate.accept": "成为超级用户",
    "candidate.invite": "邀请",
    "candidate.date": "约会",
    "member.merge": "合并",
    "member.part": "撤销合并",
    "member.apart": "不是同一人",
    "content.keep": "存素材",
    "content.change": "改素材",
    "content.off": "下架素材",
    "content.on": "上架素材",
    "content.accept": "采用晒单",
    "content.decline": "不用晒单",
    "product.stock": "改库存",
    "naming.skip": "跳过点名",
    "room.pause": "暂停",
    "room.resume": "恢复",
    "post.publish": "发布",
    "post.cancel": "取消发布",
    "slot.swap": "换素材",
    "slot.skip": "跳过",
    "slot.put_in": "插入",
    "slot.recall": "撤回",
    "send.settle": "处理未确认的消息",
    "run.settle": "处理过时的发布",
    "account.resume": "恢复发送",
    "campaign.plan": "群发的计划",
    "campaign.confirm": "群发",
    "campaign.discard": "取消群发",
    "campaign.pause": "群发暂停",
    "campaign.resume": "群发继续",
    "campaign.stop": "群发停止",
    "campaign.task": "发了",
    "rehoming.settle": "找回了",
    "undo": "撤销",
}


def name_of(action: str) -> str:
    """An action of the log as staff call it."""
    return NAMES.get(action, action)
