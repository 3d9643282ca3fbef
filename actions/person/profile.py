"""Getting to know a member: rounds of a few questions, each answer sealed, tagged and rewarded in one transaction."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from actions.community import Community
from actions.one_person import handles
from actions.person import birthdays, consent
from actions.tagging import tags
from actions.trade import points
from db.database import Reader, Tx
from db.person import profiles, secrets
from rules.errors import RefusedError
from rules.one_person.handles import PHONE, phone_of
from rules.person.profile import DEFAULT_FIELDS, Reading, next_round, read_answer
from rules.settings import ProfileField
from rules.times import business_day

INSTEAD = "（填写资料）"  # stands in the chat's record for the words of an answer
TAG_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Known:
    """One field as a member sees it; `value` is '' when it was skipped or not asked yet."""

    field: ProfileField
    value: str


def fields_of(community: Community) -> Sequence[ProfileField]:
    return community.settings.profile.fields or DEFAULT_FIELDS


async def known(db: Reader, community: Community, member_id: int) -> list[Known]:
    """All fields of the configuration, with what a member has said."""
    key = await secrets.key_of(db, member_id)
    sealed = {row["field"]: row["value"] for row in await profiles.answers(db, member_id)}
    return [
        Known(field, secrets.unseal(key, bytes(sealed[field.name]), field.name))
        if key is not None and sealed.get(field.name) is not None
        else Known(field, "")
        for field in fields_of(community)
    ]


async def to_ask(db: Reader, community: Community, member_id: int) -> list[str]:
    """The names of the next round's fields; none when all are answered."""
    answered = {row["field"]: row["value"] is not None for row in await profiles.answers(db, member_id)}
    return next_round(fields_of(community), answered, community.settings.profile.per_round)


async def answer(
    tx: Tx, community: Community, member_id: int, field: ProfileField, text: str, interaction_id: int, now: int
) -> tuple[Reading, int]:
    """Take one answer; how it was read, and the points paid for it (once for each field, corrections earn nothing)."""
    reading = read_answer(field, text, business_day(now, community.settings.zone))
    if reading.problem:
        return reading, 0
    key = await secrets.ensure_key(tx, member_id)
    before = await _phones(tx, community, member_id)
    await profiles.put(tx, member_id, field.name, secrets.seal(key, reading.value, field.name), now)
    await profiles.forget_words(tx, interaction_id, INSTEAD)
    if field.kind == "birthday":
        await birthdays.learn(tx, community, member_id, reading.value, now)
    if field.kind == PHONE:
        await consent.record(tx, community, member_id, "sensitive", "given", "chat", interaction_id, now)
        await _forget_phones(tx, community, member_id, before, now)
        await handles.learn(tx, community, member_id, PHONE, reading.value, "member", now)
    if field.tag:
        await profiles.untag(tx, member_id, field.tag, now)
        for label in _labels(community, field, reading):
            await tags.put(tx, community, member_id, label, "member", f"member:{member_id}", now)
    return reading, await points.profile_step(tx, community, member_id, field.name, now)


def _labels(community: Community, field: ProfileField, reading: Reading) -> list[tags.Label]:
    """The tags of an answer. Words that its dimension doesn't have are an answer, but no tag."""
    settings, found = community.settings.tags, list[tags.Label]()
    for value in reading.tags:
        with suppress(RefusedError):
            found.append(tags.declared(settings, tags.Label(field.tag, value[:TAG_LIMIT])))
    single = any(settings.dimensions[one.dimension].single for one in found if one.dimension in settings.dimensions)
    return found[:1] if single else found


async def _phones(db: Reader, community: Community, member_id: int) -> set[str]:
    return {phone_of(one.value) for one in await known(db, community, member_id) if one.field.kind == PHONE} - {""}


async def _forget_phones(tx: Tx, community: Community, member_id: int, before: set[str], now: int) -> None:
    """Numbers that no answer holds any more name this member no longer."""
    for phone in sorted(before - await _phones(tx, community, member_id)):
        await handles.forget(tx, member_id, PHONE, phone, now)


async def clear(tx: Tx, community: Community, member_id: int, field: ProfileField, now: int) -> None:
    """A member takes an answer back."""
    before = await _phones(tx, community, member_id)
    await profiles.put(tx, member_id, field.name, None, now)
    if field.kind == "birthday":
        await birthdays.learn(tx, community, member_id, "", now)
    await _forget_phones(tx, community, member_id, before, now)
    if field.tag:
        await profiles.untag(tx, member_id, field.tag, now)


async def skip(tx: Tx, member_id: int, field: ProfileField, now: int) -> None:
    await profiles.skip(tx, member_id, field.name, now)
