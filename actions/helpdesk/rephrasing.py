"""Having a found answer put into other words, after the commit.

The plain answer stands in the outbox from the start and leaves by itself a moment later, whatever becomes of the
request, also after a kill. The endpoint's words take its place when they pass; it can do nothing else.
"""

from functools import partial

from actions.community import Community
from actions.speaking import outbox
from actions.talk.members import Heard
from channels.phrasing import SECONDS, Phraser
from db.database import Tx
from db.speaking import outbox as rows
from rules.helpdesk import phrasing
from rules.messages import Outgoing

MEMORY = "phraser"  # its place in Community.memory; nothing there: nobody is asked
WAIT = int(SECONDS * 1000) + 1_000  # ms that the plain answer waits


def phraser_of(community: Community) -> Phraser | None:
    found = community.memory.get(MEMORY)
    return found if isinstance(found, Phraser) else None


def use(community: Community, key: str) -> None:
    """Ask the endpoint of config.toml from now on, if there is one."""
    settings = community.settings.phrasing
    if settings.endpoint:
        community.memory[MEMORY] = Phraser(settings.endpoint, settings.model, key)


async def say(tx: Tx, community: Community, heard: Heard, question: str, said: str, answer: str, now: int) -> None:
    """Put the plain answer (`said`, with its `answer` in it) into the outbox; other words are asked for after that."""
    content = Outgoing(text=said)
    row_id = await outbox.reply(tx, community, heard, content, now, not_before=now + WAIT)
    work = partial(_rephrase, community, heard.account.id, row_id, question, answer, content)
    tx.after_commit(lambda: community.later(work))


async def _rephrase(
    community: Community, account_id: int, row_id: int, question: str, answer: str, plain: Outgoing
) -> None:
    phraser = phraser_of(community)
    words = ""
    if phraser is not None:
        words = phrasing.text_of(await phraser.ask(phrasing.request(phraser.model, question, (answer,))))
        if words and phrasing.refusal(words, (answer,)):
            words = ""
    said = Outgoing(text=plain.text.replace(answer, words, 1)) if words else plain
    now = community.clock.now()

    async def release(tx: Tx) -> None:
        await rows.release(tx, row_id, outbox.content_of(plain), outbox.content_of(said), now)
        tx.after_commit(lambda: community.wake(account_id))

    await community.db.write(release)
