"""The attention budget: asked for one person as something is planned and as it leaves, or for thousands at once."""

import asyncio
from collections.abc import Sequence

from actions.community import Community
from db.database import Reader
from db.speaking import attention, attention_facts
from db.speaking.attention_facts import Facts
from rules.relationship.figures import day_number
from rules.speaking.attention import FREE, WEEK, Attention, Hearer, Ruling, ruling
from rules.times import DAY, HOUR, business_day


async def ask(
    db: Reader,
    community: Community,
    member_id: int,
    now: int,
    *,
    kind: Attention,
    theme: str = "",
    service: bool = False,
    personal: bool = False,
    content_id: int = 0,
) -> Ruling:
    """Whether a member may be written to unasked now. Inside the transaction that sends, `hold` them first.

    `service`: it is service rather than marketing. `personal`: it goes to them for what is known of them.
    `content_id`: what it says; who has it from a room lately does not need it once more.
    """
    settings = community.settings
    limits = settings.attention.limits()
    row = await attention.hearer(db, member_id, _today(community, now), service)
    if row is None:
        return Ruling("erased")
    if member_id in community.directory.staff:
        return Ruling("staff") if kind == "offer" else FREE
    offer = kind == "offer"
    if theme and not offer and not service and await _greeted(db, member_id, theme, now):
        return Ruling("theme")
    got = await attention.touches(db, member_id, now - max(limits.theme, WEEK) - HOUR) if offer else ()
    hearer = Hearer(
        refused=bool(row["refused"]),
        minor=bool(row["minor"]),
        complaint=bool(row["complaint"]),
        impersonal=bool(row["impersonal"]),
        heard=bool(offer and content_id and await attention.heard(db, member_id, content_id, now - limits.theme)),
        helped=bool(row["helped"]),
        human_at=row["human_at"],
        touches=tuple((touch["at"], touch["theme"]) for touch in got),
    )
    return ruling(hearer, limits, now, settings.zone, attention=kind, theme=theme, personal=personal, service=service)


async def _greeted(db: Reader, member_id: int, theme: str, now: int) -> bool:
    """Whether they heard this very greeting today, under another name that has turned out to be theirs."""
    return any(touch["theme"] == theme for touch in await attention.touches(db, member_id, now - DAY))


async def ask_all(
    community: Community,
    member_ids: Sequence[int],
    now: int,
    *,
    kind: Attention,
    theme: str = "",
    service: bool = False,
    personal: bool = False,
    content_id: int = 0,
) -> dict[int, Ruling]:
    """What `ask` would answer for each of many members, from a few large reads off the event loop."""
    limits, zone = community.settings.attention.limits(), community.settings.zone
    offer = kind == "offer"
    found = await attention_facts.facts(
        community.db,
        member_ids,
        day=_today(community, now),
        service=service,
        touched_since=now - max(limits.theme, WEEK) - HOUR if offer else now,
        human_since=now - limits.after_human,
        content_id=content_id if offer else 0,
        heard_since=now - limits.theme,
    )
    staff, known = frozenset(community.directory.staff), found.everybody()
    anybody = ruling(Hearer(), limits, now, zone, attention=kind, theme=theme, personal=personal, service=service)
    ruled: dict[Hearer, Ruling] = {}  # most people are alike

    def one(member_id: int) -> Ruling:
        if member_id not in known and member_id not in staff:
            return anybody
        if member_id in found.erased:
            return Ruling("erased")
        if member_id in staff:
            return Ruling("staff") if offer else FREE
        hearer = _hearer(found, member_id)
        if hearer not in ruled:
            ruled[hearer] = ruling(
                hearer, limits, now, zone, attention=kind, theme=theme, personal=personal, service=service
            )
        return ruled[hearer]

    return await asyncio.to_thread(lambda: {member_id: one(member_id) for member_id in member_ids})


def _hearer(found: Facts, member_id: int) -> Hearer:
    return Hearer(
        refused=member_id in found.refused,
        minor=member_id in found.minor,
        complaint=member_id in found.complaint,
        impersonal=member_id in found.impersonal,
        heard=member_id in found.heard,
        helped=member_id in found.helped,
        human_at=found.human_at.get(member_id, 0),
        touches=tuple(found.touches.get(member_id, ())),
    )


def _today(community: Community, now: int) -> int:
    return day_number(business_day(now, community.settings.zone))
