"""Votes in polls: a number or an option's own words, in the room of the poll while it is open.

A mere number counts only where the poll is the last thing that was posted there, or when it is said to the bot: people
say numbers for many reasons. Votes are taken silently, or a lively poll would drown its room in answers.
"""

from actions.rhythm import polls
from db.rhythm import votes
from handlers import unknown
from handlers.router import Ask, Router
from rules.rhythm.polls import read_vote

router = Router()


def may_be_vote(ask: Ask) -> bool:
    """Whether the words name an option of a poll that this process knows to be open here."""
    room = ask.heard.room
    shown = ask.community.directory.polls.get(room.id, ()) if room is not None else ()
    return any(read_vote(ask.typed, options) is not None for options in shown)


@router.when(may_be_vote)
async def vote(ask: Ask) -> None:
    assert ask.heard.room is not None
    for poll in await polls.polls_of(ask.tx, ask.heard.room.id, ask.now):
        found = read_vote(ask.typed, poll.options)
        if found is None or (found.bare and not await _meant(ask, poll)):
            continue
        await polls.vote(ask.tx, poll, ask.member_id, found.choice, ask.now)
        if ask.heard.addressed:
            ask.say("rhythm/voted", called=ask.called, option=poll.options[found.choice - 1])
        return
    if ask.heard.addressed:
        await unknown.fallback(ask)


async def _meant(ask: Ask, poll: polls.Poll) -> bool:
    """Whether a mere number is an answer to this poll."""
    assert ask.heard.room is not None
    last = await votes.latest_post(ask.tx, ask.heard.room.id)
    return ask.heard.addressed or last.startswith(poll.key.removesuffix("0"))
