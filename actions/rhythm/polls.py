"""Polls in rooms: opened by a slot, voted on by number or word, closed by a run of their own with a word and figures.

The run that closes a poll is also the record of it: it holds the options as they were shown, whatever becomes of the
item, and a poll is open while that run is still to come.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from actions.community import Community
from actions.content import library
from actions.speaking import outbox
from actions.timed.planning import Job
from db.database import Reader, Row, Tx
from db.rhythm import votes
from db.timed import runs
from rules.messages import Outgoing
from rules.rhythm.polls import Standing, standing
from rules.settings import Settings
from rules.timed.schedule import Timing
from rules.times import DAY, HOUR
from templates import Plain

OPEN = DAY
JOB = "poll:"
CLOSING = Job("poll", "poll", Timing(at="00:00"), "send", 12 * HOUR)


def jobs(settings: Settings) -> list[Job]:
    """None of the settings: a poll that is shown plans its own end."""
    return []


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll in a room. `key`: of the outbox row that showed it."""

    use_id: int
    room_id: int
    title: str
    options: tuple[str, ...]
    key: str
    closes_at: int
    open: bool


async def open_one(tx: Tx, community: Community, row: Row, use_id: int, room: Row, now: int, how_long: int) -> None:
    """A poll is being shown: it is open until its run."""
    use = await votes.use(tx, use_id)
    assert use is not None
    title = row["title"] or "投票"
    payload = {
        "room": room["id"],
        "title": title,
        "options": list(library.options_of(row)),
        "key": use["outbox_key"],
        "content": {"text": f"投票 {title}"},  # what the run is, for staff
    }
    text = json.dumps(payload, ensure_ascii=False)
    await runs.add(tx, f"{JOB}{use_id}", now + how_long, CLOSING.version, now, payload=text)
    polls = community.directory.polls
    tx.after_commit(lambda: polls.setdefault(room["id"], []).append(tuple(payload["options"])))
    tx.after_commit(community.look_again)


async def polls_of(db: Reader, room_id: int, now: int) -> list[Poll]:
    """The open polls of a room, the newest first."""
    found = [poll_of(row, now) for row in await votes.open_runs(db)]
    return [one for one in sorted(found, key=lambda one: -one.use_id) if one.room_id == room_id and one.open]


def poll_of(run: Row, now: int) -> Poll:
    """What the run of a poll says."""
    told = json.loads(run["payload"])
    return Poll(
        int(run["job"].removeprefix(JOB)), told["room"], told["title"], tuple(told["options"]), told["key"],
        run["due_at"], run["state"] == "planned" and run["due_at"] > now,
    )  # fmt: skip


async def vote(tx: Tx, poll: Poll, member_id: int, choice: int, now: int) -> None:
    """One vote each, the last one counts."""
    await votes.put(tx, poll.use_id, member_id, choice, now)


async def figures(db: Reader, poll: Poll) -> Standing:
    return standing(poll.options, {row["choice"]: row["n"] for row in await votes.counts(db, poll.use_id)})


async def close(tx: Tx, community: Community, job: Job, run: Row, now: int) -> str:
    """The time is up: a closing word in the room, unless nobody voted."""
    poll = poll_of(run, now)
    found = await figures(tx, poll)
    if not found.votes:
        return "没有人投票"
    text = words(community, poll, found, closed=True)
    await outbox.to_room(
        tx, community, poll.room_id, Outgoing(text=text), now,
        purpose="post", key=f"{JOB}{poll.use_id}", reason="投票结果", expires_at=now + DAY,
    )  # fmt: skip
    return f"{found.votes} 人投票"


def words(community: Community, poll: Poll, found: Standing, *, closed: bool) -> str:
    return community.phrases.render(
        "rhythm/poll_result", poll.use_id, audience="room", **values_of(poll, found, closed=closed)
    )


def values_of(poll: Poll, found: Standing, *, closed: bool) -> dict[str, Plain]:
    """The fields of the text that tells how a poll stands."""
    lines: list[Plain] = [f"{option} {n} 票（{share}%）" for option, n, share in found.options]
    best = "、".join(found.best)
    return {"title": poll.title, "votes": found.votes, "lines": lines, "best": best, "closed": closed}


async def withdraw(tx: Tx, use_id: int, now: int) -> None:
    """A poll that was taken back is not closed with a word."""
    await runs.cancel_open(tx, f"{JOB}{use_id}", "撤回了", now)


async def newest(db: Reader, room_ids: Sequence[int], now: int) -> Poll | None:
    """The newest poll in some rooms, open or closed."""
    for row in await votes.latest_runs(db):
        poll = poll_of(row, now)
        if poll.room_id in room_ids:
            return poll
    return None
