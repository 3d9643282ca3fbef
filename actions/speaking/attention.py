"""The attention budget of one person, asked when something is planned for them and again as it leaves."""

from actions.community import Community
from db.database import Reader
from db.speaking import attention
from rules.relationship.figures import day_number
from rules.speaking.attention import FREE, WEEK, Attention, Hearer, Ruling, ruling
from rules.times import business_day


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
) -> Ruling:
    """Whether a member may be written to unasked now. Inside the transaction that sends, `hold` them first.

    `service`: it is service rather than marketing. `personal`: it goes to them for what is known of them.
    """
    settings = community.settings
    limits = settings.attention.limits()
    today = day_number(business_day(now, settings.zone))
    row = await attention.hearer(db, member_id, today, service)
    if row is None:
        return Ruling("erased")
    if member_id in community.directory.staff:
        return Ruling("staff") if kind == "offer" else FREE
    since = now - max(limits.theme, WEEK)
    got = await attention.touches(db, member_id, since) if kind == "offer" else ()
    hearer = Hearer(
        refused=bool(row["refused"]),
        minor=bool(row["minor"]),
        complaint=bool(row["complaint"]),
        impersonal=bool(row["impersonal"]),
        helped=bool(row["helped"]),
        human_at=row["human_at"],
        touches=tuple((touch["at"], touch["theme"]) for touch in got),
    )
    return ruling(hearer, limits, now, settings.zone, attention=kind, theme=theme, personal=personal)
