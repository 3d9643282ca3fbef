"""Any order of merges, undoings and life in between, against a model of one page (promise 29).

In the model everything belongs to the member by whose contact, phone or name it came; a person has what all of their
members have. So whatever was merged and parted meanwhile, every sum and set follows from who is one person now.
"""

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from actions import directory
from actions.clock import MovableClock
from actions.community import AccountEntry, Community
from actions.one_person import handles, merging, parting
from actions.talk import members
from actions.trade import orders, points
from channels.base import Capabilities
from db.database import Tx, open_database
from db.one_person import merges
from db.talk import interactions, people
from db.trade import ledger
from rules.errors import InsufficientPointsError, RefusedError
from rules.messages import Event, Kind, Person, Place
from rules.settings import Settings
from rules.trade.orders import OrderPaid, OrderRefunded
from templates import Phrases
from tests.house import NOON, SETTINGS

MEMBERS = 3
DAY = 86_400_000
POSTGRES = os.environ.get("ZHIJI_TEST_DB") == "postgres"
who = st.integers(0, MEMBERS - 1)


class Small:
    """A community without its machinery: only what verbs need."""

    def __init__(self, db: Any, folder: Path) -> None:
        self.clock = MovableClock()
        self.now = NOON
        rules = Settings.model_validate({**SETTINGS, "points": {"streak_bonus": {"3": 7}}})
        self.community = Community(rules, db, Phrases(folder / "templates"), self.clock, folder)
        self.account = AccountEntry(1, "小知", "sandbox", Capabilities())
        self.community.directory.add_account(self.account)
        self.db = db
        self.numbers = itertools.count(1)

    async def write(self, verb: Callable[[Tx], Any]) -> Any:
        """One transaction a second later, as the inbox does it."""
        self.now += 1000

        async def followed(tx: Tx) -> Any:
            await directory.follow_merges(tx, self.community)
            return await verb(tx)

        return await self.db.write(followed)

    async def hear(self, tx: Tx, contact: str, text: str, room: str = "") -> members.Heard:
        place = Place(room, room) if room else None
        person = Person(contact, contact, friend=True)
        event = Event(Kind.TEXT, f"m{next(self.numbers)}", self.now, "小知", person, place, text)
        heard = await members.hear(tx, self.community, event, self.now)
        assert heard is not None
        return heard


class MergeMachine(RuleBasedStateMachine):
    run: Callable[[Any], Any]
    small: Small
    rounds = itertools.count(1)

    @initialize()
    def begin(self) -> None:
        self.round = next(self.rounds)
        self.contacts = [f"wx:{self.round}:{number}" for number in range(MEMBERS)]
        self.phones = [f"138{self.round:04}{number:04}" for number in range(MEMBERS)]
        self.said: list[list[str]] = [[] for _ in range(MEMBERS)]
        self.talk: list[Counter[str]] = [Counter() for _ in range(MEMBERS)]
        self.points = [0] * MEMBERS
        self.orders: list[set[str]] = [set() for _ in range(MEMBERS)]
        self.tags: list[set[str]] = [set() for _ in range(MEMBERS)]
        self.feedback: list[set[str]] = [set() for _ in range(MEMBERS)]
        self.days: list[set[int]] = [set() for _ in range(MEMBERS)]
        self.lived = 0  # steps since the last merge: one that is undone at once tells little
        self.root = list(range(MEMBERS))  # whose person each member is
        self.merges: list[tuple[int, int, int]] = []  # (id, kept, gone) in force, oldest first
        self.ids: list[int] = []
        for number in range(MEMBERS):
            self.ids.append(self._say(number, "房"))
            self.is_awarded(number, 40)
        for member_id, phone in zip(self.ids, self.phones, strict=True):
            self.run(
                self.small.write(
                    lambda tx, member_id=member_id, phone=phone: handles.learn(
                        tx, self.small.community, member_id, "phone", phone, "member", self.small.now
                    )
                )
            )

    def _say(self, one: int, room: str) -> int:
        text = f"t{next(self.small.numbers)}"
        heard = self.run(self.small.write(lambda tx: self.small.hear(tx, self.contacts[one], text, room)))
        self.said[one].append(text)
        if room:
            self.talk[one][room] += 1
        return int(heard.member_id)

    def _net(self, member_id: int) -> int:
        return int(self.run(ledger.balance(self.small.db, member_id)) - self.run(ledger.debt(self.small.db, member_id)))

    def _id(self, one: int) -> int:
        """The member that somebody is now."""
        return self.ids[self.root[one]]

    def _gain(self, owner: int, holder: int, verb: Callable[[Tx], Any]) -> Any:
        """Run a verb; what it changed of the holder's points is the owner's."""
        before = self._net(holder)
        done = self.run(self.small.write(verb))
        self.points[owner] += self._net(holder) - before
        return done

    @rule(one=who, room=st.sampled_from(["", "房", "另一个房"]))
    def talks(self, one: int, room: str) -> None:
        assert self._say(one, room) == self._id(one)

    @rule(one=who, later=st.booleans())
    def checks_in(self, one: int, later: bool) -> None:
        if later:
            self.small.now += DAY
        text = f"t{next(self.small.numbers)}"

        async def verb(tx: Tx) -> Any:
            heard = await self.small.hear(tx, self.contacts[one], text)
            return await points.check_in(tx, self.small.community, heard.member_id, self.small.now)

        done = self._gain(one, self._id(one), verb)
        self.said[one].append(text)
        day = (self.small.now + 8 * 3_600_000) // DAY
        person = set().union(*(self.days[other] for other in range(MEMBERS) if self.root[other] == self.root[one]))
        assert done.accepted == (day not in person)
        if done.accepted:
            self.days[one].add(day)

    @rule(one=who, amount=st.integers(1, 60))
    def spends(self, one: int, amount: int) -> None:
        text = f"t{next(self.small.numbers)}"

        async def verb(tx: Tx) -> Any:
            heard = await self.small.hear(tx, self.contacts[one], text)
            try:
                async with tx.savepoint():
                    await points.spend(
                        tx, self.small.community, heard.member_id, amount, "杯子", f"spend:{heard.interaction_id}",
                        f"member:{heard.member_id}", self.small.now,
                    )  # fmt: skip
            except InsufficientPointsError:
                return False
            return True

        enough = self._person(self.root[one], self.points) >= amount
        assert self._gain(one, self._id(one), verb) == enough
        self.said[one].append(text)

    @rule(one=who, other=who, amount=st.integers(1, 30))
    def gives(self, one: int, other: int, amount: int) -> None:
        if self.root[one] == self.root[other] or self._person(self.root[one], self.points) < amount:
            return
        text = f"t{next(self.small.numbers)}"
        receiver = self._id(other)
        before = self._net(receiver)

        async def verb(tx: Tx) -> Any:
            heard = await self.small.hear(tx, self.contacts[one], text)
            source = f"gift:{heard.interaction_id}"
            await points.give(
                tx, self.small.community, heard.member_id, self.ids[other], amount, source, self.small.now
            )

        self._gain(one, self._id(one), verb)
        self.points[self.root[other]] += self._net(receiver) - before  # meant is the person, as the team sees them
        self.said[one].append(text)

    @rule(one=who, amount=st.integers(1, 60))
    def is_awarded(self, one: int, amount: int) -> None:
        source = f"award:{next(self.small.numbers)}:{self.round}"
        self._gain(
            self.root[one],
            self._id(one),
            lambda tx: points.award(
                tx, self.small.community, self._id(one), amount, "好", source, "staff:1", self.small.now
            ),
        )

    @rule(one=who, yuan=st.integers(1, 80))
    def buys(self, one: int, yuan: int) -> None:
        number = f"{self.round}-{next(self.small.numbers)}"

        async def verb(tx: Tx) -> Any:
            at = self.small.now
            event = OrderPaid("店", f"p{number}", at, number, at, yuan * 100, phone=self.phones[one])
            return await orders.record(tx, self.small.community, event, at)

        self._gain(one, self._id(one), verb)
        self.orders[one].add(number)

    @precondition(lambda self: any(self.orders))
    @rule(data=st.data())
    def sends_back(self, data: Any) -> None:
        one, number = data.draw(
            st.sampled_from([(one, number) for one in range(MEMBERS) for number in sorted(self.orders[one])])
        )

        async def verb(tx: Tx) -> Any:
            at = self.small.now
            event = OrderRefunded("店", f"r{next(self.small.numbers)}:{number}", at, number, f"r{number}", None)
            return await orders.record(tx, self.small.community, event, at)

        self._gain(one, self._id(one), verb)

    @rule(one=who, said=st.booleans())
    def is_tagged(self, one: int, said: bool) -> None:
        """By the team, who see the person, or for their own words."""
        value, text = f"v{next(self.small.numbers)}", f"t{next(self.small.numbers)}"

        async def verb(tx: Tx) -> Any:
            evidence = (await self.small.hear(tx, self.contacts[one], text)).interaction_id if said else None
            await tx.insert(
                "INSERT INTO tag (member_id, value, source, evidence_id, at) VALUES ($1, $2, $3, $4, $5)",
                self._id(one), value, "words" if said else "staff", evidence, self.small.now,
            )  # fmt: skip

        self.run(self.small.write(verb))
        self.tags[one if said else self.root[one]].add(value)
        if said:
            self.said[one].append(text)

    @rule(one=who)
    def complains(self, one: int) -> None:
        text = f"t{next(self.small.numbers)}"

        async def verb(tx: Tx) -> Any:
            heard = await self.small.hear(tx, self.contacts[one], text)
            await tx.insert(
                "INSERT INTO feedback (member_id, interaction_id, kind, text, at) VALUES ($1, $2, 'complaint', $3, $4)",
                heard.member_id, heard.interaction_id, text, self.small.now,
            )  # fmt: skip

        self.run(self.small.write(verb))
        self.feedback[one].add(text)
        self.said[one].append(text)

    @precondition(lambda self: len(set(self.root)) > 1)
    @rule(data=st.data())
    def are_merged(self, data: Any) -> None:
        roots = data.draw(st.permutations(sorted(set(self.root))))
        self._merge(roots[0], roots[1])

    @rule(one=who, other=who)
    def anybody_is_merged(self, one: int, other: int) -> None:
        self._merge(one, other)

    def _merge(self, one: int, other: int) -> None:
        kept, gone = self.ids[one], self.ids[other]
        fine = self.root[one] == one and self.root[other] == other and one != other
        try:
            merge_id = self.run(
                self.small.write(
                    lambda tx: merging.merge(tx, self.small.community, kept, gone, "staff:1", "staff", self.small.now)
                )
            )
        except RefusedError:
            assert not fine
            return
        assert fine
        self.merges.append((merge_id, one, other))
        self.lived = 0
        self.root = [one if root == other else root for root in self.root]

    @precondition(lambda self: len(self.merges) > 1 or (self.merges and self.lived > 2))
    @rule(data=st.data())
    def is_parted(self, data: Any) -> None:
        chosen = data.draw(st.sampled_from(self.merges))
        self.run(
            self.small.write(lambda tx: parting.part(tx, self.small.community, chosen[0], "staff:1", self.small.now))
        )
        with_ids = {
            (row["kept_id"], row["gone_id"]): row["id"]
            for row in self.run(
                self.small.db.all("SELECT id, kept_id, gone_id FROM merge WHERE undone_at IS NULL ORDER BY id")
            )
        }
        left = [(kept, gone) for merge_id, kept, gone in self.merges if merge_id != chosen[0]]
        self.merges = sorted((with_ids[self.ids[kept], self.ids[gone]], kept, gone) for kept, gone in left)
        self.root = list(range(MEMBERS))
        into = {gone: kept for _, kept, gone in self.merges}
        for one in range(MEMBERS):
            while self.root[one] in into:
                self.root[one] = into[self.root[one]]

    def _person(self, root: int, each: list[int]) -> int:
        return sum(each[one] for one in range(MEMBERS) if self.root[one] == root)

    @invariant()
    def everybody_has_what_is_theirs(self) -> None:
        if not hasattr(self, "ids"):
            return
        self.lived += 1
        for one in range(MEMBERS):
            mine = [other for other in range(MEMBERS) if self.root[other] == one]
            self.run(self._check(self.ids[one], mine, is_root=self.root[one] == one))

    async def _check(self, member_id: int, mine: list[int], is_root: bool) -> None:
        db = self.small.db
        row = await people.member(db, member_id)
        assert row is not None
        assert (row["merged_into_id"] is None) == is_root
        points_now, debt = await ledger.balance(db, member_id), await ledger.debt(db, member_id)
        assert points_now - debt == sum(self.points[one] for one in mine)
        assert points_now == 0 or debt == 0
        if not is_root:
            assert not await merges.rows_of(db, "identity", member_id)
            return
        contacts = {row["ext_id"] for row in await merges.rows_of(db, "identity", member_id)}
        assert contacts == {self.contacts[one] for one in mine}
        said = [row["text"] for row in await interactions.recent(db, member_id, 10_000)]
        assert sorted(said) == sorted(text for one in mine for text in self.said[one])
        activity = await people.activity(db, member_id)
        assert activity is not None
        assert activity["interactions"] == len(said)
        assert {row["ext_id"] for row in await merges.rows_of(db, "shop_order", member_id)} == {
            number for one in mine for number in self.orders[one]
        }
        assert {row["value"] for row in await merges.rows_of(db, "tag", member_id)} == {
            value for one in mine for value in self.tags[one]
        }
        assert {row["text"] for row in await merges.rows_of(db, "feedback", member_id)} == {
            text for one in mine for text in self.feedback[one]
        }
        talk: Counter[str] = Counter()
        for row in await db.all(
            "SELECT r.topic, t.messages FROM talk t JOIN room r ON r.id = t.room_id WHERE t.member_id = $1", member_id
        ):
            talk[row["topic"]] += row["messages"]
        assert talk == sum((self.talk[one] for one in mine), Counter())
        rooms = {row["topic"] for row in await db.all(
            "SELECT r.topic FROM room_member m JOIN room r ON r.id = m.room_id"
            " WHERE m.member_id = $1 AND m.left_at IS NULL", member_id)}  # fmt: skip
        assert rooms == set(talk)
        for one in mine:
            hash = await handles.hash_of(db, "phone", self.phones[one])
            assert await handles.members_with(db, "phone", hash) == [member_id]

    def teardown(self) -> None:
        assert self.run(ledger.recount(self.small.db)).right


@pytest.mark.timeout(180)
def test_whatever_is_merged_and_parted_everybody_has_what_is_theirs(database_url: str, folder: Path) -> None:
    with asyncio.Runner() as runner:
        db = runner.run(open_database(database_url, folder))
        runner.run(db.write(lambda tx: tx.insert("INSERT INTO account (name, channel) VALUES ('小知', 'sandbox')")))

        class Machine(MergeMachine):
            pass

        Machine.run = staticmethod(runner.run)
        Machine.small = Small(db, folder)
        try:
            run_state_machine_as_test(
                Machine,
                settings=settings(
                    max_examples=int(os.environ.get("ZHIJI_MERGE_EXAMPLES", "4" if POSTGRES else "40")),
                    stateful_step_count=40,
                    deadline=None,
                    derandomize=True,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(db.close())
