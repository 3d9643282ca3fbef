"""Promise 8: whatever order events come in, however often, orders, points and debts are those of a 40-line model."""

import asyncio
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

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

from actions.one_person import handles
from actions.trade import orders, points
from db.trade import ledger
from db.trade import orders as order_rows
from rules.errors import InsufficientPointsError
from rules.trade.orders import Line, OrderClosed, OrderPaid, OrderRefunded, ShopEvent
from tests.actions.trade.order_model import Expected, expected
from tests.conftest import ENGINE
from tests.house import NOON, House

SKUS = ("吐司", "蛋糕", "饼干")


class Town:
    """Members with phones in a house, and what they earned and spent beside their orders."""

    def __init__(self, house: House, numbers: Iterator[int]) -> None:
        self.house, self.numbers = house, numbers
        self.told: dict[tuple[str, str], ShopEvent] = {}
        self.sums: dict[str, int] = {}  # phone -> what came and went beside orders
        self.members: dict[str, int] = {}

    async def meet(self, phone: str) -> None:
        async def verb(tx: Any) -> int:
            number = next(self.numbers)
            member_id: int = await tx.insert(
                "INSERT INTO member (code, created_at) VALUES ($1, $2)", f"Z{number}", NOON
            )
            await handles.learn(tx, self.house.community, member_id, "phone", phone, "member", NOON)
            return member_id

        self.members[phone] = await self.house.db.write(verb)
        self.sums[phone] = 0

    async def tell(self, event: ShopEvent) -> orders.Recorded:
        self.told[event.shop, event.event_id] = event
        return await self.house.db.write(lambda tx: orders.record(tx, self.house.community, event, NOON))

    async def earn(self, phone: str, amount: int) -> None:
        source = f"award:{next(self.numbers)}"
        member_id = self.members[phone]
        await self.house.db.write(
            lambda tx: points.issue(tx, self.house.community, source, member_id, amount, "award", "", "", NOON)
        )
        self.sums[phone] += amount

    async def spend(self, phone: str, amount: int) -> bool:
        source = f"spend:{next(self.numbers)}"
        member_id = self.members[phone]
        with suppress(InsufficientPointsError):
            await self.house.db.write(
                lambda tx: points.spend(tx, self.house.community, member_id, amount, "", source, "", NOON)
            )
            self.sums[phone] -= amount
            return True
        return False

    def worth(self, phone: str, model: dict[str, Expected]) -> int:
        """What a member's points and debt come to together."""
        return self.sums[phone] + sum(one.points for one in model.values() if one.phone == phone)

    async def check(self) -> None:
        """Every order, balance and debt is the model's."""
        db, model = self.house.db, expected(self.told.values())
        shop = next(iter(self.told))[0] if self.told else ""
        for number, one in model.items():
            row = await order_rows.find(db, shop, number)
            assert row is not None
            lines = [
                (line["sku"], line["amount"], bool(line["returned"])) for line in await order_rows.lines(db, row["id"])
            ]
            owner = self.members.get(one.phone)
            found = (row["amount"], row["refunded"], bool(row["stands"]), row["member_id"], row["points"], tuple(lines))
            assert found == (one.amount, one.refunded, one.stands, owner, one.points if owner else 0, one.lines), number
        for phone, member_id in self.members.items():
            total = self.worth(phone, model)
            has = (await ledger.balance(db, member_id), await ledger.debt(db, member_id))
            assert has == (max(total, 0), max(-total, 0)), phone


class OrderMachine(RuleBasedStateMachine):
    """Three people, of whom one is met later, a few orders, and every event that a shop could tell of them."""

    run: Callable[[Any], Any]
    house: House
    numbers = itertools.count(1)

    @initialize()
    def begin(self) -> None:
        self.round = next(self.numbers)
        self.town = Town(self.house, self.numbers)
        self.phones = [f"13{n}{self.round:08}" for n in range(3)]
        for phone in self.phones[:2]:
            self.run(self.town.meet(phone))

    def values(self, order: int, at: int) -> tuple[str, str, int, str]:
        return f"shop{self.round}", f"e{next(self.numbers)}", NOON + at, f"A{order}"

    @rule(
        order=st.integers(1, 3),
        at=st.integers(1, 5),
        fen=st.one_of(st.integers(0, 2000), st.sampled_from([99, 100, 101, 99_999_999_999])),
        skus=st.lists(st.sampled_from(SKUS), max_size=3),
        who=st.integers(0, 2),
    )
    def paid(self, order: int, at: int, fen: int, skus: list[str], who: int) -> None:
        lines = tuple(Line(sku, amount=fen // len(skus)) for sku in skus)
        shop, event_id, moment, number = self.values(order, at)
        self.run(self.town.tell(OrderPaid(shop, event_id, moment, number, moment, fen, lines, self.phones[who])))

    @rule(
        order=st.integers(1, 3),
        at=st.integers(1, 5),
        number=st.integers(1, 2),
        fen=st.one_of(st.none(), st.integers(0, 1500)),
        skus=st.lists(st.sampled_from(SKUS), max_size=2, unique=True),
    )
    def refunded(self, order: int, at: int, number: int, fen: int | None, skus: list[str]) -> None:
        event = OrderRefunded(*self.values(order, at), f"R{number}", fen, tuple(skus))
        self.run(self.town.tell(event))

    @rule(order=st.integers(1, 3), at=st.integers(1, 5))
    def closed(self, order: int, at: int) -> None:
        self.run(self.town.tell(OrderClosed(*self.values(order, at))))

    @precondition(lambda self: self.town.told)
    @rule(data=st.data())
    def told_again(self, data: st.DataObject) -> None:
        event = data.draw(st.sampled_from(list(self.town.told.values())))
        assert self.run(self.town.tell(event)) == orders.Recorded("same")

    @precondition(lambda self: len(self.town.members) == 2)
    @rule()
    def the_third_is_met(self) -> None:
        self.run(self.town.meet(self.phones[2]))

    @rule(data=st.data(), amount=st.integers(1, 25))
    def earn(self, data: st.DataObject, amount: int) -> None:
        self.run(self.town.earn(data.draw(st.sampled_from(list(self.town.members))), amount))

    @rule(data=st.data(), amount=st.integers(1, 25))
    def spend(self, data: st.DataObject, amount: int) -> None:
        phone = data.draw(st.sampled_from(list(self.town.members)))
        there = self.town.worth(phone, expected(self.town.told.values()))
        assert self.run(self.town.spend(phone, amount)) == (amount <= there)

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        self.run(self.town.check())

    def teardown(self) -> None:
        assert self.run(ledger.recount(self.house.db)).right


def test_orders_points_and_debts_are_the_models_after_any_events(database_url: str, folder: Path) -> None:
    with asyncio.Runner() as runner:
        house = House(database_url, folder)
        runner.run(house.open())

        class Machine(OrderMachine):
            pass

        Machine.run = staticmethod(runner.run)
        Machine.house = house
        try:
            run_state_machine_as_test(
                Machine,
                settings=settings(
                    max_examples=60 if ENGINE == "sqlite" else 15,
                    stateful_step_count=40,
                    deadline=None,
                    derandomize=True,
                    phases=[Phase.generate, Phase.shrink],
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(house.close())


def story(chance: random.Random, number: int, phones: list[str]) -> list[ShopEvent]:
    """The events of one order, in the order in which they come: sometimes twice paid, refunded first, or closed."""
    shop, order, at = "mall", f"A{number}", NOON + number * 1000
    skus = chance.sample(SKUS, chance.randint(1, 3))
    fen = chance.randint(1, 30_000)
    lines = tuple(Line(sku, amount=fen // len(skus)) for sku in skus)
    phone = chance.choice(phones)
    events: list[ShopEvent] = [OrderPaid(shop, f"{order}:paid", at, order, at, fen, lines, phone)]
    if chance.random() < 0.1:
        part = chance.randint(1, fen)
        events.append(OrderRefunded(shop, f"{order}:part", at + 1, order, "R1", part, tuple(skus[:1])))
    if chance.random() < 0.05:
        events.insert(0, OrderRefunded(shop, f"{order}:first", at + 2, order, "R2", chance.choice([None, fen // 2])))
    if chance.random() < 0.05:
        events.append(OrderPaid(shop, f"{order}:again", at + 3, order, at, fen + 700, lines, phone))
    if chance.random() < 0.05:
        events.append(OrderClosed(shop, f"{order}:closed", at + 4, order))
    return events


async def test_two_thousand_orders_each_event_up_to_five_times_and_shuffled(house: House) -> None:
    chance = random.Random(8)
    town = Town(house, itertools.count(1))
    phones = [f"139{number:08}" for number in range(60)]
    for phone in phones[:50]:  # the rest is met in the middle
        await town.meet(phone)
    count = 2000 if ENGINE == "sqlite" else 500
    events = [event for number in range(count) for event in story(chance, number, phones)]
    deliveries = [event for event in events for _ in range(chance.randint(1, 5))]
    window = 400  # shuffled within a while, as late and repeated events are
    deliveries.sort(key=lambda event: event.at / 1000 + chance.random() * window)
    for place in range(0, len(deliveries), 100):
        await asyncio.gather(*(town.tell(event) for event in deliveries[place : place + 100]))
        for phone in chance.sample(list(town.members), 15):
            await town.spend(phone, await ledger.balance(house.db, town.members[phone]) or 1)
        await town.earn(chance.choice(list(town.members)), chance.randint(1, 20))
        if place == len(deliveries) // 200 * 100:
            for phone in phones[50:]:
                await town.meet(phone)
    await town.check()
    assert (await ledger.recount(house.db)).right
    owed = await house.db.value("SELECT COUNT(*) FROM transfer WHERE kind = 'refund' AND source LIKE '%:debt'")
    paid = await house.db.value("SELECT COUNT(*) FROM transfer WHERE kind = 'debt'")
    assert owed > 5 < paid, "spent points were taken back, and paid later"
