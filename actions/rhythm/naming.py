"""定向互动: now and then one member of a room is named with care, if they agreed to it and something true can be said.

Only what the room itself has seen is said: what they showed, a suggestion that was adopted, an answer they gave, days
in a row of checking in; nothing of orders, points, or what was said privately. Who was named when is what the outbox
says (rows of the theme `naming`); there is no other list that could differ from it.
"""

from functools import partial
from typing import NamedTuple

from actions.community import Community, RoomEntry
from actions.person import consent
from actions.rhythm import naming_facts as facts
from actions.speaking import attention, outbox
from actions.timed.planning import Job, version_of
from actions.timed.posts import fits
from actions.timed.runs import Keep, Kind
from db.database import Reader, Row, Tx
from db.person import consents
from db.rhythm import naming as rows
from db.speaking import outbox as outbox_rows
from db.talk import rooms
from rules.messages import Outgoing
from rules.relationship.figures import day_number
from rules.rhythm.naming import WEEK, Fact, Person, has_turn, queue, when
from rules.settings import Settings
from rules.timed.schedule import Timing
from rules.times import DAY, HOUR, business_day

PURPOSE = "naming"
REASON = "群里点名"
LIFE = 3 * HOUR  # a word of praise that is later than that waits for the next time
ASK_LIFE = 2 * DAY


class Named(NamedTuple):
    """Somebody who may be named, and what is said of them."""

    member_id: int
    name: str
    fact: Fact


def jobs(settings: Settings) -> list[Job]:
    """Looked at once a day; whether a room has its turn, its own history says."""
    wanted = settings.naming
    if not wanted.rooms:
        return []
    return [Job("naming", version_of("naming", wanted.at, settings.zone), Timing(at=wanted.at), "skip", LIFE)]


async def work(community: Community, keep: Keep) -> str:
    """Name somebody in each room whose turn it is, and ask a few whether they would like it."""
    named = asked = 0
    for room in rooms_of(community):
        await keep()
        now = community.clock.now()
        named += await community.db.write(partial(name_one, community=community, room=room, now=now))
        asked += await _ask_some(community, room, now)
    return f"点名 {named} 位，问了 {asked} 位" if named or asked else ""


KIND = Kind(jobs=jobs, work=work)


def rooms_of(community: Community) -> list[RoomEntry]:
    """The rooms in which members may be named."""
    settings, known = community.settings, community.directory.rooms_by_id
    wanted = settings.naming.rooms
    return [
        room for _, room in sorted(known.items()) if any(fits(room.topic, room.ext_id, one, settings) for one in wanted)
    ]


async def name_one(tx: Tx, community: Community, room: RoomEntry, now: int) -> bool:
    """Name whoever is next in a room, if it has its turn; False if nobody is named."""
    await rows.lock(tx, room.id)
    today = _today(community, now)
    if room.paused or not has_turn(today, await turns(tx, community, room, now), community.settings.naming.per_week):
        return False
    found = await upcoming(tx, community, room, now, 1)
    if not found:
        return False
    one = found[0]
    content = await content_of(tx, community, room, one, now)
    reason = f"{REASON}：{one.fact.words(today)}"
    return await outbox.to_room(
        tx, community, room.id, content, now, purpose="post", key=f"naming:{room.id}:{one.member_id}:{today}",
        reason=reason, expires_at=now + LIFE, member_id=one.member_id, theme=rows.NAMED,
    )  # fmt: skip


async def turns(db: Reader, community: Community, room: RoomEntry, now: int) -> list[int]:
    """The days of the last week on which a room named somebody."""
    zone = community.settings.zone
    return [day_number(business_day(at, zone)) for at in await rows.named_in(db, room.id, now - (WEEK + 1) * DAY)]


async def upcoming(db: Reader, community: Community, room: RoomEntry, now: int, most: int) -> list[Named]:
    """Who would be named next in a room, in order, each with what can be said of them."""
    today, zone = _today(community, now), community.settings.zone
    known = await facts.heard_in(db, community, room, now)
    there = {
        row["member_id"]: row
        for row in await rows.people(db, room.id, today)
        if row["consent"] == "given" and row["member_id"] in known
    }
    named = {who: row["named_at"] and day_number(business_day(row["named_at"], zone)) for who, row in there.items()}
    found: list[Named] = []
    for person in queue((Person(who, named[who]) for who in there), today, community.settings.naming.rest_days):
        fact = await facts.best_of(db, community, room, there[person.member_id], known, now)
        if fact is not None:
            found.append(Named(person.member_id, _called(there[person.member_id]), fact))
        if len(found) == most:
            break
    return found


async def content_of(db: Reader, community: Community, room: RoomEntry, one: Named, now: int) -> Outgoing:
    """What a room hears; a mention where the channel has them, else the name."""
    speaker = community.directory.accounts.get(community.directory.speaker(room) or 0)
    contact = ""
    if speaker is not None and speaker.capabilities.mentions:
        contact = await rows.contact(db, speaker.id, one.member_id)
    today = _today(community, now)
    text = community.phrases.render(
        f"naming/{one.fact.what}", one.member_id + today, audience="room", name="" if contact else one.name,
        count=one.fact.count, lately=when(one.fact.day, today),
        brand=community.settings.community.name,
    )  # fmt: skip
    return Outgoing(text=text, mentions=(contact,) if contact else (), names=(one.name,) if contact else ())


async def may_still(db: Reader, community: Community, row: Row, now: int) -> bool:
    """Whether a row that names somebody may leave: they may have refused, left or complained a moment ago."""
    return await rows.agreed(db, row["room_id"], row["member_id"], _today(community, now))


async def decide(tx: Tx, community: Community, member_id: int, agrees: bool, evidence_id: int, now: int) -> bool:
    """A member says whether they may be named; obeyed at once. False if that is how it stood."""
    state = "given" if agrees else "refused"
    before = await consents.latest(tx, member_id, PURPOSE)
    await consent.record(tx, community, member_id, PURPOSE, state, "chat", evidence_id, now)
    if not agrees:
        await rows.call_off(tx, member_id, "不要点名", now)
    return before != state


async def _ask_some(community: Community, room: RoomEntry, now: int) -> int:
    """Ask a few of whom something could be said whether they would like it: each once, within their budget."""
    db, today, asked = community.db, _today(community, now), 0
    known = await facts.heard_in(db, community, room, now)
    for row in await rows.people(db, room.id, today):
        if asked >= community.settings.naming.asks:
            break
        if row["consent"] or row["asked"] or row["member_id"] not in known:
            continue
        fact = await facts.best_of(db, community, room, row, known, now)
        if fact is not None:
            one = Named(row["member_id"], row["name"], fact)
            asked += await db.write(partial(_ask, community=community, room=room, one=one, now=now))
    return asked


async def _ask(tx: Tx, community: Community, room: RoomEntry, one: Named, now: int) -> bool:
    ruled = await attention.ask(tx, community, one.member_id, now, kind="offer", theme="naming_ask", personal=True)
    if ruled.reason or await consents.latest(tx, one.member_id, PURPOSE) is not None:
        return False  # not today
    key = f"naming:ask:{one.member_id}"
    await outbox_rows.free_key(tx, key)  # an invitation that did not leave was none
    text = community.phrases.render(
        "naming/ask", one.member_id, name=one.name, fact=one.fact.words(_today(community, now)), room=room.topic
    )
    return await outbox.to_member(
        tx, community, one.member_id, Outgoing(text=text), now, purpose="marketing", key=key,
        reason="想在群里点名谢谢您", expires_at=now + ASK_LIFE, attention="offer", theme="naming_ask",
    )  # fmt: skip


def _today(community: Community, now: int) -> int:
    return day_number(business_day(now, community.settings.zone))


def _called(row: Row) -> str:
    name: str = row["room_name"] or row["name"]
    return name


async def skip(tx: Tx, community: Community, room: RoomEntry, member_id: int, by: str, now: int) -> str:
    """Pass somebody over this time, as if they had been named; the key of the row that says so, '' if it stood."""
    key = f"naming:skip:{member_id}:{_today(community, now)}"
    await rows.call_off(tx, member_id, f"{by}：跳过", now)
    return key if await rows.skip(tx, room.id, member_id, key, f"{by}：跳过", now) else ""


async def room_of(db: Reader, community: Community, member_id: int) -> RoomEntry | None:
    """A room in which a member may be named."""
    theirs = {row["id"] for row in await rooms.of_member(db, member_id)}
    return next((room for room in rooms_of(community) if room.id in theirs), None)
