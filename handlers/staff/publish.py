"""发布 明早8点 早安面包房：文字 — a post now or later, shown first exactly as it will look, sent when confirmed."""

from collections.abc import Sequence

from actions import audit, questions
from actions.community import Community
from actions.timed import posts
from db.talk import media
from handlers import unknown
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import RefusedError
from rules.messages import Act, Outgoing
from rules.names import name_key
from rules.text import clean_text
from rules.timed.announcement import Announcement, read_announcement
from rules.times import DAY, MINUTE, describe

router = Router()

LIMIT = 2_000
FARTHEST = 180 * DAY
PICTURE_AGE = 10 * MINUTE  # 发布 图片: the picture the same person sent privately this short while ago
PICTURES = ("图片", "刚才的图片", "上面的图片", "这张图片", "[图片]")
EVERYWHERE = frozenset(map(name_key, ("全部群", "所有群", "全部", "所有的群")))
YES, NO = ("确认", "确定", "确认发布", "发布", "发吧"), ("取消", "算了", "不发了", "不用了")


@router.pattern(r"(?:发布|发帖)(?:[\s:].*)", staff=True)
async def prepare(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    wanted = _read(ask)
    if wanted.when is not None and wanted.when < ask.now - MINUTE:
        when = describe(wanted.when, ask.now, ask.community.settings.zone)
        raise RefusedError(f"{when} 已经过了，换个时间吧")
    if wanted.when is not None and wanted.when > ask.now + FARTHEST:
        raise RefusedError("太远了，半年以内的可以先排好")
    rooms = wanted.rooms or ((ask.heard.room.id,) if ask.heard.room else ())
    if not rooms:
        raise RefusedError("发到哪个群？这样写：「发布 明早8点 群名：内容」，全部群就写「全部群：内容」")
    content = await _content(ask, wanted.text)
    shown = await posts.preview(ask.tx, ask.community, rooms[0], content, ask.now)
    # expected where the preview is: in the private chat with the account that heard it
    scope = -ask.heard.account.id
    data = {"rooms": list(rooms), "content": content.as_dict(), "at": wanted.when, "asked": ask.heard.interaction_id}
    await questions.ask(ask.tx, ask.community, ask.member_id, scope, "publish", data, ask.now)
    ask.send(shown, privately=True)
    ask.say_privately("staff/publish_ask", **_summary(ask, rooms, wanted.when))
    if ask.heard.room is not None:
        ask.say("staff/publish_privately", called=ask.called)


@router.command("发布", "发帖", staff=True)
async def how(ask: Ask) -> None:
    if await desk.who(ask, desk.WORK) is not None:
        ask.say("staff/publish_how", called=ask.called)


@router.answer("publish", words=(*YES, *NO), staff=True)
async def decided(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
    if person is None:
        return
    if ask.said in NO:
        ask.say("staff/not_published", called=ask.called)
        return
    rooms, content = ask.waited["rooms"], Outgoing.from_dict(ask.waited["content"])
    when: int | None = ask.waited["at"]
    actor = audit.actor_of(person.id)
    job = await posts.publish(
        ask.tx, ask.community, rooms, content, when or ask.now, actor, ask.now, interaction_id=ask.waited["asked"]
    )
    undo = {"verb": "cancel", "job": job}
    await audit.record(ask.tx, actor, "post.publish", job, f"{len(rooms)} rooms", ask.now, undo)
    ask.say(
        "staff/published", called=ask.called, later=when is not None and when > ask.now, **_summary(ask, rooms, when)
    )


@router.command(*YES[:3], *NO[:2], staff=True)
async def decided_in_room(ask: Ask) -> None:
    """The answer, typed where the preview is not: other people talk there, too."""
    waited = await questions.waiting(ask.tx, ask.community, ask.member_id, -ask.heard.account.id, ask.now)
    if ask.heard.room is not None and waited is not None and waited[0] == "publish":
        ask.say("staff/publish_answer_privately", called=ask.called, word=ask.said)
    elif ask.heard.addressed and ask.said in YES:
        ask.say("help/lapsed", called=ask.called)
    elif ask.heard.addressed:
        await unknown.fallback(ask)


def _read(ask: Ask) -> Announcement:
    text = clean_text(desk.as_typed(ask, "发布|發布|发帖|發帖"), LIMIT + 200)
    zone = ask.community.settings.zone
    topics = [room.topic for room in ask.community.directory.rooms_by_id.values() if room.accounts and room.topic]
    wanted = read_announcement(text, ask.now, zone, lambda name: rooms_called(ask.community, name), topics)
    if not wanted.text:
        raise RefusedError("要发的内容是空的，这样写：「发布 明早8点 群名：内容」")
    if len(wanted.text) > LIMIT:
        raise RefusedError(f"内容太长了，最多 {LIMIT} 字")
    return wanted


def rooms_called(community: Community, name: str) -> tuple[int, ...]:
    """The rooms of exactly this name or tag; none of ours is guessed."""
    key = name_key(name.strip('「」"“”'))
    rooms = [room for room in community.directory.rooms_by_id.values() if room.accounts]
    if key in EVERYWHERE:
        return tuple(room.id for room in rooms)
    if name.startswith("tag:"):
        return tuple(room.id for room in rooms if posts.fits(room.topic, room.ext_id, name, community.settings))
    return tuple(room.id for room in rooms if key and name_key(room.topic) == key)


async def _content(ask: Ask, text: str) -> Outgoing:
    """The text, or the picture that was sent just before."""
    if text not in PICTURES:
        return Outgoing(text=text)
    row = await media.latest_picture(ask.tx, ask.member_id, ask.now - PICTURE_AGE)
    if row is None:
        raise RefusedError("没找到刚才的图片：先私聊发给我图片，再说「发布 群名：图片」")
    return Outgoing(act=Act.IMAGE, path=row["path"])


def _summary(ask: Ask, rooms: Sequence[int], when: int | None) -> dict[str, object]:
    """How many rooms, which, when, and which of them are paused."""
    entries = [ask.community.directory.rooms_by_id[room_id] for room_id in rooms]
    return {
        "count": len(entries),
        "rooms": [room.topic or f"群{room.id}" for room in entries[:5]],
        "when": describe(when, ask.now, ask.community.settings.zone) if when is not None else "",
        "paused": [room.topic or f"群{room.id}" for room in entries if room.paused][:5],
    }
