"""Tags that members' own words suggest: noted with the quote, and put before the team, who adopt or refuse them."""

from collections.abc import Sequence

from actions.community import Community
from actions.talk.observing import Observer
from db.database import Row, Tx
from db.tagging import tags
from db.talk import people
from rules.errors import RefusedError
from rules.settings import Settings
from rules.tagging import own_words
from rules.tagging.own_words import Suggestion

SHOWN = 10
SOURCE = "words"


def look(settings: Settings, row: Row) -> list[Suggestion] | None:
    """What a message suggests of who sent it."""
    if row["kind"] != "text" or row["recalled_at"] is not None:
        return None
    return own_words.find(row["text"], settings.tags.words, settings.tags.dimensions) or None


async def note(tx: Tx, community: Community, row: Row, found: list[Suggestion], now: int) -> None:
    """Keep it for the team; nothing for who wants no personalisation, bears the tag, or had it refused."""
    member = await people.member(tx, row["member_id"])
    if member is None or member["erased_at"] is not None or member["personalisation_out_at"] is not None:
        return
    for one in found:
        dimension, _, value = one.tag.partition(":")
        await tags.give(
            tx, row["member_id"], dimension, value, SOURCE, SOURCE, now,
            confidence=own_words.CONFIDENCE, state="suggested", evidence_id=row["id"],
        )  # fmt: skip


OBSERVER = Observer("own words", look, note)


def quote_of(text: str, words: Settings, tag: str) -> str:
    """The part of a message that speaks for a tag; the message itself where that is not found any more."""
    found = own_words.find(text, words.tags.words, words.tags.dimensions)
    return next((one.quote for one in found if one.tag == tag), " ".join(text.split())[: own_words.QUOTE])


def label_of(row: Row) -> str:
    """人生阶段:宝妈."""
    return f"{row['dimension']}:{row['value']}" if row["dimension"] else str(row["value"])


async def adopt(
    tx: Tx, community: Community, numbers: Sequence[int], by: str, now: int
) -> tuple[list[Row], list[list[int | str]]]:
    """Make suggestions certain; their rows, and (id, state) of the tags that made way where one is borne at a time.

    Raises RefusedError for a number that is no suggestion any more.
    """
    rows = [await _open(tx, number) for number in numbers]
    replaced: list[list[int | str]] = []
    for row in rows:
        await _settle(tx, row, "sure", by, now)
        dimension = community.settings.tags.dimensions.get(row["dimension"])
        if dimension is None or not dimension.single:
            continue
        for other in await tags.any_of_member(tx, row["member_id"]):
            if other["dimension"] == row["dimension"] and other["id"] != row["id"]:
                await tags.remove(tx, other["id"], now)
                replaced.append([other["id"], other["state"]])
    return rows, replaced


async def refuse(tx: Tx, community: Community, numbers: Sequence[int], by: str, now: int) -> list[Row]:
    """Refuse suggestions; the same is not suggested of the same person again. Raises as `adopt` does."""
    rows = [await _open(tx, number) for number in numbers]
    for row in rows:
        await _settle(tx, row, "refused", by, now)
    return rows


async def _open(tx: Tx, number: int) -> Row:
    row = await tags.by_id(tx, number)
    if row is None or row["state"] != "suggested" or row["removed_at"] is not None:
        raise _none(number)
    return row


async def _settle(tx: Tx, row: Row, state: str, by: str, now: int) -> None:
    if not await tags.settle(tx, row["id"], state, by, now):  # somebody else of the team was faster
        raise _none(row["id"])


def _none(number: int) -> RefusedError:
    return RefusedError(f"没有待定的标签建议 {number}，说「标签建议」看还有哪些")
