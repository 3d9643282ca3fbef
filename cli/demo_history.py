"""The year behind the demo community, made up from a seed: what each member said, their check-ins, what they earned.

Nothing is stored here: values in, values out. Days run up to yesterday, so that today is the player's.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from rules.times import at_local, business_day
from rules.trade.check_in import CheckInRules, decide_check_in

TALKS = {"daily": 0.6, "often": 0.3, "sometimes": 0.09, "quiet": 0.12, "new": 0.5}  # chance of talking on a day
CHECKS_IN = {"daily": 0.85, "often": 0.4, "sometimes": 0.08, "quiet": 0.08, "new": 0.5}
QUIET_FOR = 190  # days that a quiet member has not been seen
HOURS = [7, 8, 8, 9, 10, 12, 12, 13, 15, 16, 18, 20, 20, 21, 21, 22]
STREAK = 6  # days that the player's first person has checked in in a row: today's is the seventh, with its bonus
WORTH_SPENDING = 260
GIFTS = 30


@dataclass(frozen=True, slots=True)
class Inhabitant:
    """Somebody of the demo community. `rooms`: room ids, the first is where they check in. `staff`: of the team."""

    member_id: int
    name: str
    rooms: tuple[int, ...]
    themes: tuple[str, ...]  # one for each room
    habit: str
    days: int
    staff: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """Something a member did; `room` None in a private chat. `data` as in an event."""

    at: int
    member_id: int
    room: int | None
    kind: str
    text: str = ""
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """Points that moved; member id 0 stands for the brand."""

    at: int
    source: str
    giver: int
    taker: int
    amount: int
    kind: str
    reason: str = ""
    actor: str = ""


@dataclass
class Year:
    moments: list[Moment] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    check_ins: dict[int, tuple[date, int]] = field(default_factory=dict)  # member id -> last day, streak
    joined: dict[int, int] = field(default_factory=dict)  # member id -> when first seen


def make_year(
    people: Sequence[Inhabitant],
    words: Mapping[str, Sequence[str]],
    talk: Mapping[str, Sequence[str]],
    rewards: CheckInRules,
    zone: str,
    now: int,
    chance: random.Random,
) -> Year:
    """A year up to `now` (UTC ms); `chance` is seeded by the caller. What is earned and given is in no order yet."""
    maker = _Maker(words, talk, rewards, zone, business_day(now, zone), chance)
    for number, person in enumerate(people):
        maker.live(person, known_streak=number == 0)
    maker.gifts(people)
    year = maker.year
    year.moments.sort(key=lambda one: one.at)
    return year


class _Maker:
    def __init__(
        self,
        words: Mapping[str, Sequence[str]],
        talk: Mapping[str, Sequence[str]],
        rewards: CheckInRules,
        zone: str,
        today: date,
        chance: random.Random,
    ) -> None:
        self.year = Year()
        self._words, self._talk, self._rewards = words, talk, rewards
        self._zone, self._today, self._chance = zone, today, chance

    def _moment(self, ago: int, hour: int) -> int:
        """A moment so many days ago, some time within an hour (UTC ms)."""
        at = at_local(self._today - timedelta(days=ago), hour * 60 + self._chance.randrange(60), self._zone)
        return at + self._chance.randrange(60_000)

    def live(self, person: Inhabitant, *, known_streak: bool) -> None:
        """The whole time of one member, from the day they came."""
        self._arrive(person)
        last = QUIET_FOR if person.habit == "quiet" else 1
        for ago in range(person.days - 1, last - 1, -1):
            if self._checks_in(person, ago, known_streak):
                self._check_in(person, ago)
            if self._chance.random() < TALKS[person.habit]:
                self._speak(person, ago)

    def _arrive(self, person: Inhabitant) -> None:
        at = self._moment(person.days, self._chance.choice([10, 11, 15, 19]))
        self.year.joined[person.member_id] = at
        self.year.moments.append(Moment(at, person.member_id, None, "friend"))
        for place, room in enumerate(person.rooms):
            later = at + 60_000 + place * self._chance.randrange(1, 5) * 3_600_000
            self.year.moments.append(Moment(later, person.member_id, room, "join", data={"inviter": ""}))

    def _checks_in(self, person: Inhabitant, ago: int, known_streak: bool) -> bool:
        if person.staff:
            return False
        if known_streak and ago <= STREAK + 1:
            return ago <= STREAK
        return self._chance.random() < CHECKS_IN[person.habit]

    def _check_in(self, person: Inhabitant, ago: int) -> None:
        at, day = self._moment(ago, self._chance.choice([7, 7, 8, 8, 9, 12])), self._today - timedelta(days=ago)
        last, streak = self.year.check_ins.get(person.member_id, (None, 0))
        decided = decide_check_in(last, streak, day, self._rewards)
        self.year.check_ins[person.member_id] = day, decided.streak
        self.year.moments.append(Moment(at, person.member_id, person.rooms[0], "text", "签到"))
        actor = f"member:{person.member_id}"
        for kind, amount, reason in (
            ("check_in", decided.points, ""),
            ("streak", decided.bonus, f"连续 {decided.streak} 天"),
        ):
            if amount:
                source = f"{kind}:{person.member_id}:{day}"
                self.year.payments.append(Payment(at, source, 0, person.member_id, amount, kind, reason, actor))

    def _speak(self, person: Inhabitant, ago: int) -> None:
        hour = self._chance.choice(HOURS)
        for _ in range(self._chance.choice([1, 1, 1, 2, 2, 3]) if person.habit == "daily" else 1):
            at = self._moment(ago, hour)
            if self._chance.random() < 0.1:
                self.year.moments.append(Moment(at, person.member_id, None, "text", self._said("私")))
                continue
            place = self._chance.randrange(len(person.rooms))
            self.year.moments.append(self._word(at, person, person.rooms[place], person.themes[place]))

    def _word(self, at: int, person: Inhabitant, room: int, theme: str) -> Moment:
        dice = self._chance.random()
        if dice < 0.03:
            return Moment(at, person.member_id, room, "image", data={"media": "", "name": "晒单.jpg", "size": 0})
        if dice < 0.04:
            shared = {
                "title": self._said("享"),
                "url": "https://example.com/bread",
                "description": "",
                "thumbnail": "",
            }
            return Moment(at, person.member_id, room, "link", data=shared)
        return Moment(at, person.member_id, room, "text", self._said(theme))

    def _said(self, theme: str) -> str:
        text = self._chance.choice(self._talk[theme])
        return re.sub(r"{(\w+)}", lambda slot: self._chance.choice(self._words[slot[1]]), text)

    def gifts(self, people: Sequence[Inhabitant]) -> None:
        """Members who give each other points now and then."""
        givers = [one for one in people if one.habit == "daily"]
        takers = [one for one in people if one.habit in ("daily", "often", "sometimes")]
        for number in range(GIFTS):
            giver, taker = self._chance.choice(givers), self._chance.choice(takers)
            ago = self._chance.randrange(2, max(min(giver.days, taker.days), 3))
            if giver.member_id != taker.member_id:
                amount = self._chance.choice([10, 20, 20, 50])
                self.year.payments.append(
                    Payment(
                        self._moment(ago, 20), f"gift:demo:{number}", giver.member_id, taker.member_id, amount, "gift",
                        actor=f"member:{giver.member_id}",
                    )
                )  # fmt: skip


def affordable(
    payments: Sequence[Payment], spending: Sequence[tuple[str, int]], chance: random.Random
) -> list[Payment]:
    """In time order, without gifts that nobody could pay, and with something bought when there is enough.

    What will go back with a refund is nobody's to spend.
    """
    balances: dict[int, int] = {}
    bound: dict[int, int] = {}
    kept: list[Payment] = []
    for one in payments:
        if one.kind == "refund":
            bound[one.giver] = bound.get(one.giver, 0) + one.amount

    def move(one: Payment) -> None:
        kept.append(one)
        balances[one.giver] = balances.get(one.giver, 0) - one.amount
        balances[one.taker] = balances.get(one.taker, 0) + one.amount

    for one in sorted(payments, key=lambda one: one.at):
        if one.kind == "refund":
            bound[one.giver] -= one.amount
        elif one.giver and balances.get(one.giver, 0) - bound.get(one.giver, 0) < one.amount:
            continue
        move(one)
        free = balances.get(one.taker, 0) - bound.get(one.taker, 0)
        if one.taker and free > WORTH_SPENDING and chance.random() < 0.08:
            what, cost = chance.choice(spending)
            source = f"spend:demo:{len(kept)}"
            actor = f"member:{one.taker}"
            move(Payment(one.at + 3_600_000, source, one.taker, 0, cost, "spend", what, actor))
    return sorted(kept, key=lambda one: one.at)
