"""Noticing feedback in plain talk 主动提意见: what is sure is kept with its words, what is not is asked of the team."""

import re
import unicodedata

from actions.community import Community
from actions.relationship import standing
from actions.talk.observing import Observer
from actions.voices import feedback
from db.database import Row, Tx
from db.talk import interactions, people
from db.voices import feedback as rows
from rules.messages import Kind
from rules.settings import Settings
from rules.text import clean_text
from rules.times import HOUR, MINUTE
from rules.voices.classifier import classify
from rules.voices.feedback import (
    COMPLAINT,
    LONGEST,
    MARKED,
    MARKED_ALOUD,
    MARKS,
    PRAISE,
    QUESTION,
    SHORTEST,
    SHOW,
    SUGGESTION,
    UNSURE,
    shown,
)

PICTURE = "picture"
TOGETHER = 3 * MINUTE  # a picture and the words to it
GUESSED = (SUGGESTION, COMPLAINT)  # worth asking the team about; the rest of what is unsure is talk
KEPT = (SUGGESTION, COMPLAINT, QUESTION, PRAISE, SHOW)


def _look(settings: Settings, row: Row) -> tuple[str, str] | None:
    """(kind, guess) of a text, (PICTURE, "") of a picture in a room."""
    if row["kind"] == Kind.IMAGE:
        return (PICTURE, "") if row["room_id"] is not None else None
    said = row["text"].strip()
    if row["kind"] != Kind.TEXT or len(said) < SHORTEST or said in MARKS:  # the word alone says nothing yet
        return None
    if row["room_id"] is not None and shown(said):
        return SHOW, ""
    found = classify(_without_mark(row) if row["room_id"] is not None else row["text"])
    if found.confidence < settings.feedback.sure:
        return (UNSURE, found.kind) if found.kind in GUESSED else None
    if found.kind == QUESTION and row["room_id"] is None:
        return None  # what is asked of the bot itself it has answered, or taken as a question
    return (found.kind, "") if found.kind in KEPT else None


def _without_mark(row: Row) -> str:
    """Among people 差评，这天气 is talk: what stands behind such a word says whether it is more."""
    text = row["text"].strip()
    folded = unicodedata.normalize("NFKC", text)
    found = re.fullmatch(MARKED, folded, re.DOTALL)
    return found["text"] if found and not re.fullmatch(MARKED_ALOUD, folded, re.DOTALL) else text


async def note(tx: Tx, community: Community, row: Row, found: tuple[str, str], now: int) -> None:
    """Keep it, unless a command has; several in a row of one kind are one."""
    kind, guess = found
    member_id = row["member_id"]
    if kind == PICTURE:
        await _shown(tx, community, row, now)
        return
    if await rows.taken(tx, member_id, row["id"]):
        return
    if kind == PRAISE and await _after_picture(tx, row):
        kind = SHOW
    text = clean_text(row["text"], LONGEST)
    before = await rows.going_on(tx, member_id, kind, row["at"] - HOUR)
    if before is not None:
        await rows.append(tx, before["id"], text)
        return
    due_at = feedback.due_at(community, kind, row["at"])
    number = await rows.add(
        tx, member_id, row["id"], row["room_id"], kind, text, row["at"], source="words", guess=guess, due_at=due_at
    )
    if kind == COMPLAINT:
        await _tell(tx, community, row, number, text, now)
    await standing.refresh(tx, community, member_id, now)


async def _after_picture(tx: Tx, row: Row) -> bool:
    """Whether the member's message before this one was a picture, there and then."""
    before = await interactions.by_id(tx, row["before_id"]) if row["before_id"] else None
    return (
        before is not None
        and before["kind"] == Kind.IMAGE
        and before["scope"] == row["scope"]
        and row["at"] - before["at"] <= TOGETHER
    )


async def _shown(tx: Tx, community: Community, row: Row, now: int) -> None:
    """A picture right after praise: what was praised is shown."""
    said = await rows.going_on(tx, row["member_id"], PRAISE, row["at"] - TOGETHER)
    if said is not None and said["source"] == "words" and said["room_id"] == row["room_id"]:
        await rows.change(tx, said["id"], {"kind": SHOW})
        await standing.refresh(tx, community, row["member_id"], now)


async def _tell(tx: Tx, community: Community, row: Row, number: int, text: str, now: int) -> None:
    """The team hears of it at once, of one person once an hour."""
    member = await people.member(tx, row["member_id"])
    room = community.directory.rooms_by_id.get(row["room_id"] or 0)
    name, place = member["name"] if member is not None else "", room.topic if room is not None else ""
    key = f"complaint:{row['member_id']}:{now // HOUR}"
    await feedback.tell(tx, community, name, place, COMPLAINT, number, text, now, key, answered=False)


OBSERVERS = [Observer("feedback", _look, note)]
