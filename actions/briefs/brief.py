"""The names of the morning brief: read over all members, split among the team, written down with reason and draft.

They are given once a day for everyone who gets a brief; who joins later gets of those who are left. What is read may
take a while, so it is done outside of transactions; how each member stands is looked at again in the one that writes.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from actions import staff
from actions.community import Community
from actions.relationship.measuring import day_of
from actions.supers import dossier
from db import accounts, meta
from db.briefs import brief
from db.database import Reader, Row, Tx
from db.talk import people
from rules.briefs.brief import (
    ACTIVE,
    ACTIVE_DAYS,
    ACTIVE_MESSAGES,
    AGAIN,
    BIRTHDAY,
    BIRTHDAY_DAYS,
    BOUGHT,
    BOUGHT_DAYS,
    COMPLAINING,
    ORDER,
    PERSONAL,
    POTENTIAL,
    SILENT,
    SILENT_DAYS,
    Facts,
    Name,
    may_stand,
    most,
    quote,
    reason,
    rested,
    split,
)  # fmt: skip
from rules.relationship.figures import date_of, day_number
from rules.supers.potential import HIGH
from rules.tagging.segments.tree import Span
from rules.tagging.segments.when import When, as_number
from rules.times import DAY, at_local, business_day

LEAST = "service"  # the role from which one gets a brief
OFF = "off"
GIVEN = "brief"  # in the meta table: for whom names were given on which day
SPARE = 50  # more than can be given are read, for some are taken or have a busy owner
DRAFT = 500
REASON = 200


@dataclass(frozen=True, slots=True)
class Found:
    """The names of each question in order, and what is known of each."""

    names: dict[str, list[Name]]
    facts: dict[tuple[str, int], Facts]


def gets_one(row: Row) -> bool:
    """Whether a person of the team gets a brief each morning."""
    return staff.may(row["role"], LEAST) and row["brief_at"] != OFF


async def readers(db: Reader, now: int, also: int | None = None) -> list[int]:
    """Who of the team gets a brief and can be written to: what others were given nobody would read.

    `also`: somebody who asks, whether or not they get one.
    """
    return [
        row["id"]
        for row in await accounts.staff(db)
        if row["id"] == also or (gets_one(row) and await people.best_reach(db, row["member_id"], now) is not None)
    ]


async def prepare(community: Community, now: int, also: int | None = None) -> None:
    """Give names to all who get a brief and have none yet today. `also`: somebody who asks, though they get none."""
    team = await readers(community.db, now, also)
    day = as_number(day_of(now, community.settings))
    if fresh := [person for person in team if person not in await _done(community.db, day)]:
        found = await gather(community, now, len(fresh))
        taken = {row["member_id"] for row in await brief.lately(community.db, day)}
        given = split(found.names, fresh, community.settings.brief.per_question, taken)
        await community.db.write(lambda tx: give(tx, community, given, found, fresh, now))


async def _done(db: Reader, day: int) -> list[int]:
    marker = json.loads(await meta.get(db, GIVEN) or "{}")
    return list(marker.get("staff", [])) if marker.get("day") == day else []


async def gather(community: Community, now: int, people: int) -> Found:
    """The six answers, for so many people of the team."""
    found = _Gathering(community, now, people)
    await found.complaining()
    await found.birthdays()
    await found.by_purchases()
    await found.active()
    return Found({question: found.names[question] for question in ORDER}, found.facts)


class _Gathering:
    """Reads one question after the other."""

    def __init__(self, community: Community, now: int, people: int) -> None:
        self.db, self.settings = community.db, community.settings
        self.now, self.today = now, day_of(now, community.settings)
        self.date = date_of(self.today)
        self.shown = self.date.isoformat()
        self.people = people
        self.names: dict[str, list[Name]] = defaultdict(list)
        self.facts: dict[tuple[str, int], Facts] = {}
        self._named: dict[int, list[tuple[str, int]]] | None = None

    async def complaining(self) -> None:
        rows = await brief.complaining(self.db, self.shown, await self._limit(COMPLAINING))
        for row in rows:
            known = Facts(text=row["text"], day=day_of(row["at"], self.settings))
            self._take(COMPLAINING, row, known, ())

    async def birthdays(self) -> None:
        named, limit = await self._lately(), await self._limit(BIRTHDAY)
        for ahead in range(BIRTHDAY_DAYS + 1):
            when = When(self.today + ahead, self.settings.zone, policy=self.settings.moments.birthday.policy())
            solar, lunar = when.coming(Span(word="today"))
            for row in await brief.birthdays(self.db, self.shown, solar, lunar, limit):
                known = Facts(ahead=ahead, lunar=bool(row["lunar"]))
                self._take(BIRTHDAY, row, known, named.get(row["member_id"], ()))
            if len(self.names[BIRTHDAY]) >= limit:
                break

    async def by_purchases(self) -> None:
        quiet = at_local(self.date - timedelta(days=SILENT_DAYS), 0, self.settings.zone)
        db, today, shown = self.db, self.today, self.shown
        answers = {
            POTENTIAL: await brief.potential(db, today, shown, HIGH, await self._limit(POTENTIAL)),
            BOUGHT: await brief.bought(db, today - BOUGHT_DAYS, shown, await self._limit(BOUGHT)),
            SILENT: await brief.silent(db, today - SILENT_DAYS, quiet, shown, await self._limit(SILENT)),
        }
        named = await self._lately()
        for question, rows in answers.items():
            for row in rows:
                known = Facts(row["days"], row["first_day"], row["last_day"], row["orders"])
                self._take(question, row, known, named.get(row["member_id"], ()))

    async def active(self) -> None:
        named, since = await self._lately(), as_number(self.today - ACTIVE_DAYS + 1)
        limit = await self._limit(ACTIVE)
        for row in await brief.active(self.db, since, ACTIVE_MESSAGES, self.shown, limit):
            self._take(ACTIVE, row, Facts(messages=int(row["messages"])), named.get(row["member_id"], ()))

    def _take(self, question: str, row: Row, known: Facts, named: Sequence[tuple[str, int]]) -> None:
        member_id = row["member_id"]
        if (question, member_id) not in self.facts and rested(question, named, self.today):
            self.names[question].append(Name(member_id, question, row["owner_id"]))
            self.facts[question, member_id] = known

    async def _limit(self, question: str) -> int:
        """So many that enough are left when those named lately are out."""
        lately = sum(len(days) for days in (await self._lately()).values())
        return most(question, self.settings.brief.per_question) * self.people + lately + SPARE

    async def _lately(self) -> dict[int, list[tuple[str, int]]]:
        """The questions and days that named somebody before today."""
        if self._named is None:
            self._named = defaultdict(list)
            for row in await brief.lately(self.db, as_number(self.today - max(AGAIN.values()))):
                if (day := _day_of_number(row["day"])) < self.today:
                    self._named[row["member_id"]].append((row["question"], day))
        return self._named


def _day_of_number(number: int) -> int:
    return day_number(date_of(0).replace(year=number // 10_000, month=number // 100 % 100, day=number % 100))


async def give(
    tx: Tx, community: Community, given: Iterable[tuple[int, Name]], found: Found, people: Sequence[int], now: int
) -> None:
    """Write the names down, as far as they are still true, unless another process has done it."""
    today = day_of(now, community.settings)
    day = as_number(today)
    done = await _done(tx, day)
    mine = [(person, name) for person, name in given if person not in done]
    stands = await brief.checked(tx, [name.member_id for _, name in mine])
    places: dict[tuple[int, str], int] = defaultdict(int)
    for person, name in mine:
        row = stands.get(name.member_id)
        if row is None or not stands_under(name.question, row):
            continue
        if name.question in PERSONAL and await dossier.minor(tx, community, name.member_id, now):
            continue  # nobody who is not of age is singled out to be sold to
        known = found.facts[name.question, name.member_id]
        seed = today + places[person, name.question]
        places[person, name.question] += 1
        draft = await _draft(tx, community, row, name.question, known, seed)
        why = reason(name.question, known, today)[:REASON]
        await brief.give(tx, day, name.member_id, person, name.question, why, draft[:DRAFT])
    everyone = sorted({*done, *people})
    await meta.put(tx, GIVEN, json.dumps({"day": day, "staff": everyone}))


def stands_under(question: str, row: Row) -> bool:
    """Whether a row of `brief.checked` may (still) stand under a question."""
    return may_stand(
        question,
        complains=bool(row["complains"]),
        marketing_out=row["marketing_out_at"] is not None,
        personal_out=row["personalisation_out_at"] is not None,
    )


async def _draft(tx: Tx, community: Community, row: Row, question: str, known: Facts, seed: int) -> str:
    """What can be sent as it is."""
    wanted = question in (BOUGHT, SILENT, POTENTIAL)
    return community.phrases.render(
        f"brief/draft_{question}",
        seed,
        name=row["name"] or "朋友",
        brand=community.settings.community.name,
        product=await brief.last_product(tx, row["id"]) if wanted else "",
        quote=quote(known.text),
        ahead=known.ahead,
    )


async def tidy(community: Community, now: int) -> str:
    """Lines that no question looks back at any more."""
    day = business_day(now - (max(AGAIN.values()) + 7) * DAY, community.settings.zone)
    gone = await community.db.write(lambda tx: brief.forget(tx, as_number(day_number(day))))
    return f"清理 {gone} 行简报" if gone else ""
