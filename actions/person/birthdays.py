"""Birthdays by month and day, kept with each answer of the profile; the night makes up for answers from before."""

from functools import partial

from actions.community import Community
from db.database import Tx
from db.person import birthdays, secrets
from rules.person.ages import minor_until
from rules.person.profile import DEFAULT_FIELDS, birthday_of
from rules.relationship.figures import day_number
from rules.times import business_day

AT_ONCE = 200


async def learn(tx: Tx, community: Community, member_id: int, value: str, now: int) -> None:
    """Keep the day of a stored answer ("lunar:1990-08-15"), none for an answer that was taken back. Of a minor also
    until when they are one: no offers are made to them."""
    found = birthday_of(value)
    if found is None:
        await birthdays.remove(tx, member_id)
        return
    grown = minor_until(value)
    minor = grown is not None and grown > business_day(now, community.settings.zone)
    await birthdays.put(tx, member_id, *found, minor_until=day_number(grown) if grown and minor else 0)


async def nightly(community: Community, now: int) -> str:
    """Answers that were given before there was such a table, or that came with a merge."""
    fields = community.settings.profile.fields or DEFAULT_FIELDS
    learned = 0
    for field in (one.name for one in fields if one.kind == "birthday"):
        after = 0
        while rows := await birthdays.unknown(community.db, field, after, AT_ONCE):
            for row in rows:
                key = await secrets.key_of(community.db, row["member_id"])
                value = secrets.unseal(key, bytes(row["value"]), field) if key else ""
                if birthday_of(value):
                    await community.db.write(
                        partial(learn, community=community, member_id=row["member_id"], value=value, now=now)
                    )
                    learned += 1
            after = rows[-1]["id"]
    return f"{learned} 个生日" if learned else ""
