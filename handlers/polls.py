"""Votes in polls: a number or an option's own words, in the room of the poll while it is open.

A mere number counts only where the poll is the last thing that was posted there, or when it is said to the bot: people
say numbers for many reasons. Votes are taken silently, or a lively poll would drown its room in answers.
"""

import re
from collections.abc import Sequence

from actions.rhythm import polls
from db.rhythm import votes
from handlers import unknown
from handlers.router import Ask, Router
from rules.errors import RefusedError
from rules.rhythm.polls import read_vote

router = Router()

NUMBER = re.compile(r"(?:我?[选投])?\s*(?:第)?\s*[0-9]{1,2}\s*[号个项]?")


def may_be_vote(ask: Ask) -> bool:
    """Whether the words name an option of a poll that this process knows to be open here."""
    return any(read_vote(ask.typed, options) is not None for options in _open_here(ask))


def _open_here(ask: Ask) -> Sequence[Sequence[str]]:
    """The options of each poll that is open in this room."""
    room = ask.heard.room
    return ask.community.directory.polls.get(room.id, ()) if room is not None else ()


@router.when(may_be_vote)
async def vote(ask: Ask) -> None:
    assert ask.heard.room is not None
    for poll in await polls.polls_of(ask.tx, ask.heard.room.id, ask.now):
        found = read_vote(ask.typed, poll.options)
        if found is None or (found.bare and not await _meant(ask, poll)) or not await votes.was_shown(ask.tx, poll.key):
            continue
        await polls.vote(ask.tx, poll, ask.member_id, found.choice, ask.now)
        if ask.heard.addressed:
            ask.say("rhythm/voted", called=ask.called, option=poll.options[found.choice - 1])
        return
    if ask.heard.addressed:
        await unknown.fallback(ask)


def is_beyond(ask: Ask) -> bool:
    """A number said to the bot that no poll open here has."""
    return bool(ask.heard.addressed and NUMBER.fullmatch(ask.typed.strip()) and _open_here(ask))


@router.when(is_beyond)
async def beyond(ask: Ask) -> None:
    ask.say("rhythm/vote_beyond", called=ask.called, most=max(map(len, _open_here(ask))))


@router.command("投票结果", "投票情况", addressed=True)
async def result(ask: Ask) -> None:
    """How the room's newest poll stands; a private chat has none."""
    if ask.heard.room is None:
        await unknown.fallback(ask)
        return
    poll = await polls.newest(ask.tx, [ask.heard.room.id], ask.now)
    if poll is None:
        raise RefusedError("这个群还没有投票")
    ask.say("rhythm/poll_result", **polls.values_of(poll, await polls.figures(ask.tx, poll), closed=not poll.open))


async def _meant(ask: Ask, poll: polls.Poll) -> bool:
    """Whether a mere number is an answer to this poll."""
    assert ask.heard.room is not None
    last = await votes.latest_post(ask.tx, ask.heard.room.id)
    return ask.heard.addressed or last.startswith(poll.key.removesuffix("0"))
