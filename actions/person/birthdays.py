"""Birthdays by month and day, kept with each answer of the profile; the night makes up for answers from before."""

from functools import partial

from actions.community import Community
from db.database import Tx
from db.person import birthdays, secrets
from rules.person.profile import DEFAULT_FIELDS, birthday_of

AT_ONCE = 200


async def learn(tx: Tx, member_id: int, value: str) -> None:
    """Keep the day of a stored answer ("lunar:1990-08-15"), none for an answer that was taken back."""
    found = birthday_of(value)
    if found is None:
        await birthdays.remove(tx, member_id)
    else:
        await birthdays.put(tx, member_id, *found)


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
                    await community.db.write(partial(_learn, member_id=row["member_id"], value=value))
                    learned += 1
            after = rows[-1]["id"]
    return f"{learned} 个生日" if learned else ""


async def _learn(tx: Tx, member_id: int, value: str) -> None:
    await learn(tx, member_id, value)
