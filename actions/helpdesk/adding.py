"""加问答: an entry goes into the file of the chat after the commit; then it is logged, and staff hear of it."""

import asyncio
from functools import partial

import structlog

from actions import audit
from actions.community import Community, StaffEntry
from actions.helpdesk.book import book_of
from actions.speaking import outbox
from actions.talk.members import Heard
from db.database import Tx
from rules.errors import RefusedError, TemplateError
from rules.helpdesk.entries import Entry
from rules.messages import Outgoing

log = structlog.get_logger()


def add(tx: Tx, community: Community, heard: Heard, staff: StaffEntry, questions: tuple[str, ...], answer: str) -> None:
    """Have it written. Raises RefusedError for an answer that can't be said."""
    try:
        book_of(community).check(answer)
    except TemplateError as error:
        raise RefusedError(f"答案里有用不了的写法：{error}") from None
    entry = Entry(f"chat-{heard.interaction_id}", questions, answer)
    work = partial(_write, community, heard, staff, entry)
    tx.after_commit(lambda: community.later(work))


async def _write(community: Community, heard: Heard, staff: StaffEntry, entry: Entry) -> None:
    try:
        await asyncio.to_thread(book_of(community).add, entry)
        written = True
    except OSError as error:
        log.error("faq", error=error)
        written = False
    now = community.clock.now()

    async def store(tx: Tx) -> None:
        if written:
            undo = {"verb": "faq", "entry": entry.id}
            await audit.record(tx, audit.actor_of(staff.id), "faq.add", f"faq:{entry.id}", "", now, undo)
        called = f"{heard.name}，" if heard.room and heard.name else ""
        text = community.phrases.render(
            "helpdesk/staff_added", heard.interaction_id, called=called, question=entry.questions[0], written=written
        )
        await outbox.reply(tx, community, heard, Outgoing(text=text), now)

    await community.db.write(store)


def remove(tx: Tx, community: Community, entry_id: str) -> None:
    """Take an entry out again, once the transaction is durable."""
    tx.after_commit(lambda: community.later(partial(_remove, community, entry_id)))


async def _remove(community: Community, entry_id: str) -> None:
    await asyncio.to_thread(book_of(community).remove, entry_id)
