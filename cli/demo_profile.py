"""What the demo's members told of themselves, through the same verb that a real answer takes."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from actions.community import Community
from actions.person import profile
from cli.demo_history import Inhabitant, Moment, Year
from db.database import Tx
from rules.settings import ProfileField
from rules.times import MINUTE

MOTHER, CHILDREN, CALLED, BIRTHDAY = "妈", "小朋友", "称呼", "生日"
TOLD = {"daily": (1.0, 7), "often": (0.8, 5), "sometimes": (0.5, 3), "quiet": (0.4, 2), "new": (0.5, 1)}
SOON = 3  # days until the first person's birthday

Told = list[tuple[Inhabitant, ProfileField, str, int]]


def make_answers(
    community: Community,
    people: Sequence[Inhabitant],
    pools: Mapping[str, Sequence[str]],
    year: Year,
    today: date,
    chance: random.Random,
) -> Told:
    """(who, field, words, at): given in the first hour after they came; the chats' record gets its lines."""
    fields = [one for one in profile.fields_of(community) if one.name in pools]
    told: Told = []
    for number, person in enumerate(people):
        likely, count = TOLD[person.habit]
        if person.staff or chance.random() > likely:
            continue
        for place, field in enumerate(fields[:count], 1):
            words = _words(field.name, person, pools, chance, today + timedelta(days=SOON) if number == 0 else None)
            told.append((person, field, words, year.joined[person.member_id] + place * 2 * MINUTE))
            year.moments.append(Moment(told[-1][3], person.member_id, None, "text", profile.INSTEAD))
    return told


def _words(
    field: str, person: Inhabitant, pools: Mapping[str, Sequence[str]], chance: random.Random, birthday: date | None
) -> str:
    if field == CALLED:
        return person.name
    if field == BIRTHDAY:
        day = birthday or date(2024, 1, 1) + timedelta(days=chance.randrange(366))
        return f"{day.month}月{day.day}日"
    if field == CHILDREN and MOTHER in person.name:
        return pools[field][0]
    return chance.choice(pools[field])


async def store(tx: Tx, community: Community, told: Told) -> None:
    """Before all other points, so that each statement stands in the order of time."""
    for person, field, words, at in told:
        await profile.answer(tx, community, person.member_id, field, words, 0, at)
