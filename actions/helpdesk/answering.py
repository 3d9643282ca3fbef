"""Answering a question from the FAQ: the entry that fits, its words, and that it was asked."""

from dataclasses import dataclass

from actions.community import Community
from actions.helpdesk.book import book_of, values_of
from actions.talk.members import Heard
from db.database import Tx
from db.helpdesk import answers
from rules.helpdesk.asking import about_us, asks, elsewhere, harmed
from rules.helpdesk.entries import Entry
from rules.helpdesk.matching import LEAST, Match, chosen
from rules.times import MINUTE, business_day
from rules.voices.classifier import classify
from rules.voices.feedback import QUESTION, for_the_shop
from templates import Audience

WRONG_WITHIN = 10 * MINUTE  # 不是这个 means the answer before it
NEAR = 0.3  # so alike to a question of the FAQ that it is about us


@dataclass(frozen=True, slots=True)
class Found:
    """What the FAQ makes of a text. `match`: what may be answered with; `open`: a question for a person."""

    match: Match | None
    near: tuple[Match, ...]
    open: bool

    @property
    def entry(self) -> Entry | None:
        """The entry that answers; None when none does, or its answer is a person."""
        return self.match.entry if self.match is not None and self.match.entry.answer else None


def look_up(community: Community, heard: Heard, text: str, now: int) -> Found:
    """Look a text up among the entries that are said here and today."""
    today = business_day(now, community.settings.zone)
    index = book_of(community).current(community)
    near = tuple(one for one in index.find(text, most=6) if one.entry.fits(today, room=heard.room is not None))
    match = chosen(text, near, community.settings.helpdesk.sure)
    return Found(match, near, match is not None or _for_a_person(community, text, near))


def _for_a_person(community: Community, text: str, near: tuple[Match, ...]) -> bool:
    """Whether a text without an answer is a question to the shop, and not chit-chat."""
    if for_the_shop(text) or (harmed(text) and not elsewhere(text)):
        return True
    if not asks(text):
        return False
    if about_us(text):
        return True
    said = classify(text)
    sure = said.kind == QUESTION and said.confidence >= community.settings.feedback.sure
    return sure and bool(near) and near[0].score >= NEAR and near[0].known >= LEAST


def words_of(community: Community, entry: Entry) -> str:
    """The answer, filled in."""
    audience: Audience = "private" if entry.where == "private" else "room"
    return community.phrases.render_text(entry.answer, audience=audience, **values_of(community.settings))


async def note(tx: Tx, heard: Heard, found: Found, now: int) -> None:
    """Write down what was asked, and what answered it."""
    entry = found.match.entry.id if found.match is not None else ""
    score = found.match.score if found.match is not None else found.near[0].score if found.near else 0.0
    await answers.add(tx, heard.interaction_id, heard.member_id, entry, score, now)


async def first_time(tx: Tx, member_id: int) -> bool:
    return await answers.last_of(tx, member_id) is None


async def was_wrong(tx: Tx, member_id: int, now: int) -> bool:
    """The last answer was not what they asked; False if there was none lately."""
    last = await answers.last_of(tx, member_id)
    return last is not None and now - last["at"] <= WRONG_WITHIN and await answers.mark_wrong(tx, last["id"], now)
