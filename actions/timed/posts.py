"""Posts: what rooms get on schedule or when staff say so, one outbox row for each room in the run's own commit."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from actions.community import Community
from actions.speaking import outbox
from actions.timed import runs
from actions.timed.planning import Job, version_of
from db.database import Reader, Row, Tx
from db.speaking import outbox as outbox_rows
from db.talk import rooms as room_rows
from db.timed import runs as run_rows
from rules.errors import RefusedError, TemplateError
from rules.messages import Act, Outgoing
from rules.settings import PostSettings, Settings
from rules.timed.calendar import day_facts
from rules.timed.festivals import festival_of, lunar_name
from rules.timed.schedule import Timing
from rules.times import DAY, MINUTE, business_day
from templates import Plain

JOB = "post:"
LIFE = DAY  # a post that could not leave within a day is not sent any more (a skip-late one: within its grace)
NAME = 60  # characters of a post's name in its job: with room and time it must fit the outbox's key
CHAT = Job("post:chat", "chat", Timing(at="00:00"), "ask", 30 * MINUTE)
MISSED = "没有发到："
SHOWN_ROOMS = 5
WEEKDAYS = "一二三四五六日"
FIELDS = frozenset({"community", "room", "theme", "members", "date", "weekday", "lunar", "festival", "workday"})


class Upcoming(NamedTuple):
    """A run of the timetable for staff: the row (id, job, state, reason, due_at …), what it is, when (UTC ms)."""

    run: Row
    what: str
    when: int


def jobs(settings: Settings) -> list[Job]:
    """The posts of the settings."""
    return [
        Job(
            _job_name(name),
            version_of(post.model_dump_json(exclude={"title"}), settings.zone),
            post.timing,
            post.late,
            post.grace,
        )
        for name, post in settings.posts.items()
    ]


def _job_name(name: str) -> str:
    if len(name) > NAME:
        name = f"{name[: NAME - 9]}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f"post:{name}"


async def say(tx: Tx, community: Community, job: Job, row: Row, now: int) -> str:
    """Write a post run's outbox rows; what could not be done for some rooms. Raises RefusedError if none gets it."""
    if row["payload"] is not None:
        rooms, missing = await _rooms_by_id(tx, json.loads(row["payload"])["rooms"])
    else:
        rooms, missing = await _rooms_named(tx, community, _settings_of(community, row["job"]).rooms)
    expires_at = row["due_at"] + job.grace if job.late == "skip" and not row["decided_by"] else now + LIFE
    before = await run_rows.done(tx, row["job"])  # takes the wordings in turn, whether it comes daily or weekly
    reached = 0
    for room in rooms:
        values = await values_for(tx, community, room, now)
        sent = True
        for number, content in enumerate(_contents(community, row, values, before + int(room["id"]))):
            key = f"{row['job']}:{row['due_at']}:{room['id']}" + (f":{number}" if number else "")
            sent = sent and await outbox.to_room(
                tx, community, room["id"], content, now, purpose="post", key=key, reason=row["job"],
                expires_at=expires_at,
            )  # fmt: skip
        reached += sent
        if not sent:
            missing.append(f"{room['topic'] or room['ext_id']}（群里没有我们的账号）")
    note = f"{MISSED}{'、'.join(missing)}" if missing else ""
    if not reached:
        raise RefusedError(note or "没有要发的群")
    if missing:
        await runs.tell_failed(tx, community, row, note, now)
    return note


def _settings_of(community: Community, job: str) -> PostSettings:
    return next(post for name, post in community.settings.posts.items() if _job_name(name) == job)


def _name_of(community: Community, job: str) -> str:
    return next(name for name in community.settings.posts if _job_name(name) == job)


def _contents(community: Community, row: Row, values: dict[str, Plain], seed: int) -> list[Outgoing]:
    """What one room gets."""
    if row["payload"] is not None:
        content = Outgoing.from_dict(json.loads(row["payload"])["content"])
        text = community.phrases.render_text(content.text, audience="room", **values) if content.text else ""
        return [Outgoing.from_dict({**content.as_dict(), "text": text})]
    post = _settings_of(community, row["job"])
    if post.text:
        text = community.phrases.render_text(post.text, audience="room", **values)
    else:
        text = community.phrases.render(f"posts/{_name_of(community, row['job'])}", seed, audience="room", **values)
    picture = [Outgoing(act=Act.IMAGE, path=post.image)] if post.image else []
    return [Outgoing(text=text), *picture]


async def values_for(db: Reader, community: Community, room: Row, now: int) -> dict[str, Plain]:
    """The fields of a text that a room gets: FIELDS."""
    settings = community.settings
    today = business_day(now, settings.zone)
    theme = settings.rooms[room["topic"]].theme if room["topic"] in settings.rooms else ""
    values = {"room": room["topic"], "theme": theme, "members": await room_rows.size(db, room["id"])}
    return {**values, **_day(today), "community": settings.community.name}


def _day(today: date) -> dict[str, Plain]:
    return {
        "date": f"{today.month}月{today.day}日",
        "weekday": f"星期{WEEKDAYS[today.weekday()]}",
        "lunar": lunar_name(today),
        "festival": festival_of(today),
        "workday": day_facts(today).workday,
    }


async def _rooms_by_id(db: Reader, ids: Sequence[int]) -> tuple[list[Row], list[str]]:
    found = {row["id"]: row for row in await room_rows.everything(db)}
    return [found[one] for one in ids if one in found], [f"第 {one} 个群" for one in ids if one not in found]


async def _rooms_named(db: Reader, community: Community, names: Sequence[str]) -> tuple[list[Row], list[str]]:
    """The rooms of topics, network ids and tag:…, each once; all rooms that share a topic; and what fits no room."""
    every = await room_rows.everything(db)
    chosen: dict[int, Row] = {}
    missing: list[str] = []
    for name in names:
        fitting = [row for row in every if fits(row["topic"], row["ext_id"], name, community.settings)]
        chosen.update((row["id"], row) for row in fitting)
        if not fitting:
            missing.append(name)
    return list(chosen.values()), missing


def fits(topic: str, ext_id: str, name: str, settings: Settings) -> bool:
    """Whether a room is meant by one entry of a post's `rooms`."""
    if name.startswith("tag:"):
        return topic in settings.rooms and name.removeprefix("tag:") in settings.rooms[topic].tags
    return name in (topic, ext_id)


async def publish(
    tx: Tx,
    community: Community,
    room_ids: Sequence[int],
    content: Outgoing,
    due_at: int,
    by: str,
    now: int,
    *,
    interaction_id: int = 0,
) -> str:
    """Plan a post that staff made in chat, or send it in this very transaction when it is due; its job's name.

    `interaction_id`: what asked for it; the same one again plans nothing more. Raises RefusedError when the text
    can't be rendered or no room can be written to.
    """
    try:
        if content.text:
            community.phrases.check_text(content.text, audience="room", fields=FIELDS)
    except TemplateError as error:
        raise RefusedError(f"这段文字发不出去：{error}") from error
    payload = json.dumps({"rooms": list(room_ids), "content": content.as_dict(), "by": by}, ensure_ascii=False)
    source = str(interaction_id) if interaction_id else f"{now}~{version_of(payload)[:8]}"
    job = f"{CHAT.name}:{source}"
    run_id = await run_rows.add(tx, job, max(due_at, now), CHAT.version, now, payload=payload)
    if not run_id:
        return job
    row = await run_rows.by_id(tx, run_id)
    if due_at <= now and row is not None:
        await runs.perform(tx, community, CHAT, say, row, now)
    else:
        tx.after_commit(community.look_again)
    return job


async def preview(db: Reader, community: Community, room_id: int, content: Outgoing, now: int) -> Outgoing:
    """A post that staff made in chat, as a room would get it now. Raises RefusedError as `publish`."""
    row = await room_rows.by_id(db, room_id)
    assert row is not None
    if not content.text:
        return content
    try:
        community.phrases.check_text(content.text, audience="room", fields=FIELDS)
        values = await values_for(db, community, row, now)
        text = community.phrases.render_text(content.text, audience="room", **values)
    except TemplateError as error:
        raise RefusedError(f"这段文字发不出去：{error}") from error
    return Outgoing.from_dict({**content.as_dict(), "text": text})


async def cancel(tx: Tx, job: str, now: int, by: str = "staff") -> bool:
    """Call off a job's runs, and what of it waits in the outbox; False if nothing of it was still to come."""
    runs_off = await run_rows.cancel_open(tx, job, "取消了", now, by)
    rows_off = await outbox_rows.drop_unsent(tx, f"{job}:", "取消了", now)
    return bool(runs_off or rows_off)


async def upcoming(db: Reader, community: Community, now: int, until: int) -> list[Upcoming]:
    """The posts planned up to a time, and those that wait for a decision, for staff."""
    rows = await run_rows.ahead(db, until)
    return [Upcoming(row, runs.what(row, community), row["due_at"]) for row in rows if row["job"].startswith(JOB)]


async def happened(db: Reader, community: Community, since: int, now: int) -> list[Upcoming]:
    """The posts due in [since, now]: done, or not, with the reason (run["state"], run["reason"])."""
    rows = await run_rows.between(db, since, now + 1)
    return [Upcoming(row, runs.what(row, community), row["due_at"]) for row in rows if row["job"].startswith(JOB)]


async def unsent(db: Reader, community: Community, since: int, now: int) -> list[Upcoming]:
    """Those of them that rooms did not get, though nobody had decided so."""
    return [
        one
        for one in await happened(db, community, since, now)
        if one.run["state"] == "failed"
        or (one.run["state"] == "skipped" and not one.run["decided_by"])
        or (one.run["state"] == "done" and one.run["reason"].startswith(MISSED))
    ]


def where(community: Community, run: Row) -> str:
    """The rooms of a planned post as staff read them: 早安面包房、tag:宝妈."""
    if run["payload"] is not None:
        by_id = community.directory.rooms_by_id
        ids = json.loads(run["payload"])["rooms"]
        names = [by_id[one].topic or f"群{one}" if one in by_id else f"群{one}" for one in ids]
    else:
        named = (post for name, post in community.settings.posts.items() if _job_name(name) == run["job"])
        post = next(named, None)
        names = list(post.rooms) if post else []
    return "、".join(names[:SHOWN_ROOMS]) + (f"等 {len(names)} 个群" if len(names) > SHOWN_ROOMS else "")
