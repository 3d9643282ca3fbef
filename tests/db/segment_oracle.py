"""A small community as plain rows, and what each condition means for it in plain Python: what the SQL has to equal."""

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from rules.relationship.figures import date_of, day_number
from rules.supers.potential import potential
from rules.tagging.segments.measures import LEVELS
from rules.tagging.segments.tree import Both, Either, Named, Node, Not, Span, Test
from rules.tagging.segments.when import as_number
from rules.timed.calendar import day_facts
from rules.times import DAY, HOUR, at_local, business_day

ZONE = "Asia/Shanghai"
TIERS = ("金卡", "银卡", "会员卡")
TODAY = 20_779
START = at_local(date_of(TODAY), 0, ZONE)
NOW = START + 15 * HOUR
CATEGORIES, BRANDS, SHOPS = ("面包", "烘焙课"), ("甲", "乙"), ("mall", "mini")
TAGS = (("人生阶段", "宝妈"), ("人生阶段", "学生"), ("爱好", "烘焙"), ("", "学生"))
ROOMS = ("早安面包房", "烘焙课堂")
LONG_AGO = 800  # days; half of what happens is within the last 40

Rows = dict[str, list[dict[str, Any]]]


def community(seed: int, people: int = 10) -> Rows:
    """Rows by table, with ids."""
    chance = random.Random(seed)
    rows: Rows = defaultdict(list)

    def ago() -> int:
        return chance.choice(
            (0, 1, 6, 7, 29, 30, 31, 59, 60, 61, 89, 90, 179, 180, 181, 364, 365, chance.randrange(LONG_AGO))
        )

    def moment() -> int:
        return min(NOW, START - ago() * DAY + chance.choice((0, 1, 12 * HOUR, DAY - 1)))

    def add(table: str, **values: Any) -> int:
        rows[table].append({"id": len(rows[table]) + 1, **values})
        return len(rows[table])

    for number, name in enumerate(ROOMS, 1):
        add("room", channel="sandbox", ext_id=f"r{number}", topic=name, created_at=0)
    for number in range(6):
        add(
            "product", shop=chance.choice(SHOPS), ext_id=f"p{number}", name=f"商品{number}",
            brand=chance.choice(BRANDS), category=chance.choice(CATEGORIES), created_at=0,
        )  # fmt: skip
    for number in range(people):
        _member(chance, rows, add, ago, moment, number)
    return rows


def _member(
    chance: random.Random,
    rows: Rows,
    add: Callable[..., int],
    ago: Callable[[], int],
    moment: Callable[[], int],
    n: int,
) -> None:
    def some(most: int) -> range:
        return range(chance.randrange(most + 1))

    member = add(
        "member", code=f"c{n}", name=f"人{n}", created_at=moment(),
        erased_at=NOW if chance.random() < 0.1 else None, merged_into_id=1 if n and chance.random() < 0.1 else None,
        marketing_out_at=chance.choice((None, None, 1)), personalisation_out_at=chance.choice((None, None, 1)),
    )  # fmt: skip
    if chance.random() < 0.8:
        add(
            "activity", member_id=member, interactions=chance.randrange(5), first_at=0, last_at=moment(), last_id=member
        )
    if chance.random() < 0.8:
        first = TODAY - ago()
        days = chance.randrange(4)
        add(
            "standing", member_id=member, r=chance.randrange(6), f=chance.randrange(6), m=chance.randrange(6),
            level=chance.choice(LEVELS), tier=chance.randrange(4), score=chance.choice((0, 1000, 1500, 2000)),
            brought=chance.randrange(3), days=days, first_day=first, last_day=chance.randrange(first, TODAY + 1),
        )  # fmt: skip
    for _ in some(4):
        _order(chance, rows, add, ago, member)
    for table in ("tag", "room", "talk", "feedback", "share", "consent"):
        for index in some(3):
            _row(chance, rows, add, moment, member, table, index)
    if chance.random() < 0.7:
        add("ledger_account", kind="member", member_id=member, balance=chance.randrange(5))
    if chance.random() < 0.5:
        day = date_of(TODAY) + timedelta(days=chance.randrange(-3, 40))
        lunar = chance.random() < 0.5
        facts = day_facts(day)
        number = facts.lunar_month * 100 + chance.choice((facts.lunar_day, 30)) if lunar else day.month * 100 + day.day
        add("birthday", member_id=member, day=number, lunar=int(lunar))
    if n and chance.random() < 0.5:
        refused = chance.choice((None, None, 1))
        add("referral", inviter_id=n, newcomer_id=member, source="code", at=moment(), refused_at=refused)
    if chance.random() < 0.5:
        add(
            "candidate", member_id=member, state=chance.choice(("new", "later", "invited", "accepted", "gone")), since=0
        )


def _order(chance: random.Random, rows: Rows, add: Callable[..., int], ago: Callable[[], int], member: int) -> None:
    day = TODAY - ago()
    paid = min(NOW, at_local(date_of(day), 0, ZONE) + chance.choice((0, 9 * HOUR)))
    amount = chance.choice((100, 5000, 5001, 20000))
    order = add(
        "shop_order", shop=chance.choice(SHOPS), ext_id=f"o{len(rows['shop_order'])}",
        member_id=None if chance.random() < 0.1 else member, paid_at=paid, day=day, amount=amount,
        refunded=chance.choice((0, 0, 99)), stands=int(chance.random() < 0.8), created_at=0,
    )  # fmt: skip
    for line in range(chance.randrange(3)):
        add(
            "order_line", order_id=order, line=line, product_id=chance.randrange(1, 7),
            amount=chance.choice((100, 5000)), returned=int(chance.random() < 0.2),
        )  # fmt: skip


def _row(
    chance: random.Random,
    rows: Rows,
    add: Callable[..., int],
    moment: Callable[[], int],
    member: int,
    table: str,
    n: int,
) -> None:
    at = moment()
    if table == "tag":
        dimension, value = chance.choice(TAGS)
        state = chance.choice(("sure", "sure", "suggested", "refused"))
        removed = at if state == "refused" else chance.choice((None, None, at))
        add(
            "tag",
            member_id=member,
            dimension=dimension,
            value=value,
            source="staff",
            at=at,
            state=state,
            removed_at=removed,
        )
    elif table == "room" and n < len(ROOMS):
        add("room_member", room_id=n + 1, member_id=member, joined_at=0, left_at=chance.choice((None, None, at)))
    elif table == "talk":
        day = as_number(day_number(business_day(at, ZONE)))
        if not any((one["day"], one["member_id"], one["room_id"]) == (day, member, n % 2 + 1) for one in rows["talk"]):
            add("talk", room_id=n % 2 + 1, day=day, member_id=member, messages=chance.randrange(1, 4))
    elif table == "feedback":
        kind = chance.choice(("complaint", "question", "question", "suggestion"))
        add(
            "feedback", member_id=member, interaction_id=1, kind=kind, text="", at=at,
            state=chance.choice(("new", "answered", "closed")),
        )  # fmt: skip
    elif table == "share":
        add(
            "share", member_id=member, interaction_id=len(rows["share"]), kind="link", at=at, counts=chance.randrange(2)
        )
    elif table == "consent":
        add(
            "consent", member_id=member, purpose=chance.choice(("service", "sensitive")),
            state=chance.choice(("given", "refused")), source="chat", at=at,
        )  # fmt: skip


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


def fitting(rows: Rows, node: Node) -> set[int]:
    """The ids of those who fit."""
    alive = [one for one in rows["member"] if one["erased_at"] is None and one["merged_into_id"] is None]
    return {one["id"] for one in alive if holds(rows, one, node)}


def holds(rows: Rows, member: dict[str, Any], node: Node) -> bool:
    match node:
        case Both(parts):
            return all(holds(rows, member, part) for part in parts)
        case Either(parts):
            return any(holds(rows, member, part) for part in parts)
        case Not(part):
            return not holds(rows, member, part)
        case Named(_, inner):
            return holds(rows, member, inner)
    assert isinstance(node, Test)
    return Person(rows, member).fits(node)


class Person:
    def __init__(self, rows: Rows, member: dict[str, Any]) -> None:
        self.rows, self.member, self.id = rows, member, member["id"]

    def of(self, table: str, column: str = "member_id", **values: Any) -> list[dict[str, Any]]:
        wanted = {column: self.id, **values}
        return [one for one in self.rows[table] if all(one[name] == value for name, value in wanted.items())]

    def orders(self) -> list[dict[str, Any]]:
        return self.of("shop_order", stands=1)

    def fits(self, test: Test) -> bool:
        value = getattr(self, f"_{test.measure}")(test)
        if value is None:  # never happened: no comparison holds, but "another day" does
            return test.op == "!="
        if isinstance(value, bool):
            return value
        if test.value is None:
            return within(test.span, TODAY - value)
        return COMPARE[test.op](value, test.value.value)

    def _everyone(self, test: Test) -> bool:
        return True

    def _tag(self, test: Test) -> bool:
        states = {"any": ("sure", "suggested")}.get(test.arg("state"), (test.arg("state"),))
        return any(
            one["removed_at"] is None and one["state"] in states
            and test.arg("value") in ("", one["value"]) and test.arg("dimension") in ("", one["dimension"])
            for one in self.of("tag")
        )  # fmt: skip

    def _purchases(self, test: Test) -> tuple[set[int], int]:
        orders, fen = set(), 0
        for order in self.orders():
            if not within(test.span, order["day"]):
                continue
            if {name for name, _ in test.args} <= {"shop"}:
                if test.arg("shop") in ("", order["shop"]):
                    orders.add(order["id"])
                    fen += order["amount"] - order["refunded"]
                continue
            for line in self.rows["order_line"]:
                product = self.rows["product"][line["product_id"] - 1]
                if line["order_id"] == order["id"] and not line["returned"] and self._meant(test, product):
                    orders.add(order["id"])
                    fen += line["amount"]
        return orders, fen

    def _meant(self, test: Test, product: dict[str, Any]) -> bool:
        what, item = test.arg("what"), test.arg("product")
        return (
            all(test.arg(name) in ("", product[name]) for name in ("category", "brand", "shop"))
            and (not what or what in (product["category"], product["brand"], product["name"]))
            and (not item or item in (product["name"], product["ext_id"]))
        )

    def _bought(self, test: Test) -> int:
        return len(self._purchases(test)[0])

    def _spent(self, test: Test) -> int:
        return self._purchases(test)[1]

    def _last_purchase(self, test: Test) -> int | None:
        days = [one["day"] for one in self.orders()]
        return TODAY - max(days) if days else None

    def _first_purchase(self, test: Test) -> int | None:
        days = [one["day"] for one in self.orders()]
        return TODAY - min(days) if days else None

    def _joined(self, test: Test) -> int:
        return TODAY - day_of(self.member["created_at"])

    def _life(self) -> list[int]:
        return [day_of(one["last_at"]) for one in self.of("activity")] + [one["day"] for one in self.orders()]

    def _silent(self, test: Test) -> int:
        return TODAY - max(self._life() or [day_of(self.member["created_at"])])

    def _active(self, test: Test) -> bool:
        return any(within(test.span, day) for day in self._life())

    def _standing(self, name: str, default: Any = 0) -> Any:
        return next((one[name] for one in self.of("standing")), default)

    def _level(self, test: Test) -> int:
        return LEVELS.index(self._standing("level", "none"))

    def _tier(self, test: Test) -> int:
        tier = self._standing("tier")
        return len(TIERS) + 1 - tier if tier else 0

    def _r(self, test: Test) -> int:
        return int(self._standing("r"))

    def _f(self, test: Test) -> int:
        return int(self._standing("f"))

    def _m(self, test: Test) -> int:
        return int(self._standing("m"))

    def _rfm(self, test: Test) -> int:
        return self._r(test) + self._f(test) + self._m(test)

    def _brought(self, test: Test) -> int:
        return int(self._standing("brought"))

    def _score(self, test: Test) -> float:
        return float(self._standing("score")) / 1000

    def _potential(self, test: Test) -> float:
        return potential(*(self._standing(name) for name in ("days", "first_day", "last_day")), TODAY)

    def _points(self, test: Test) -> int:
        return sum(one["balance"] for one in self.of("ledger_account"))

    def _interactions(self, test: Test) -> int:
        return sum(one["interactions"] for one in self.of("activity"))

    def _talks(self, test: Test) -> list[dict[str, Any]]:
        first, last = days_of(test.span)
        return [one for one in self.of("talk") if as_number(first) <= one["day"] <= as_number(last)]

    def _messages(self, test: Test) -> int:
        return sum(one["messages"] for one in self._talks(test))

    def _active_days(self, test: Test) -> int:
        return len({one["day"] for one in self._talks(test)})

    def _room(self, test: Test) -> bool:
        ids = {one["id"] for one in self.rows["room"] if one["topic"] == test.arg("room")}
        return any(one["room_id"] in ids for one in self.of("room_member", left_at=None))

    def _rooms(self, test: Test) -> int:
        return len(self.of("room_member", left_at=None))

    def _complaining(self, test: Test) -> bool:
        complaints = self.of("feedback", kind="complaint")
        return any(one["state"] in ("new", "answered") for one in complaints)

    def _feedback(self, test: Test) -> int:
        return sum(
            test.arg("kind") in ("", one["kind"]) and within(test.span, day_of(one["at"]))
            for one in self.of("feedback")
        )

    def _looked(self, test: Test) -> bool:
        return any(
            within(test.span, day_of(one["at"])) and not any(order["paid_at"] >= one["at"] for order in self.orders())
            for one in self.of("feedback", kind="question")
        )

    def _birthday(self, test: Test) -> bool:
        today = date_of(TODAY)
        assert test.span is not None
        if test.span.word == "month":
            days = [date_of(TODAY + n) for n in range(-31, 32) if date_of(TODAY + n).month == today.month]
        else:
            days = [today + timedelta(days=n) for n in range(test.span.last + 1)]
        return any(celebrates(one, day) for one in self.of("birthday") for day in days)

    def _shares(self, test: Test) -> int:
        return sum(within(test.span, day_of(one["at"])) for one in self.of("share", counts=1))

    def _referrals(self, test: Test) -> int:
        brought = self.of("referral", "inviter_id", refused_at=None)
        return sum(within(test.span, day_of(one["at"])) for one in brought)

    def _invited(self, test: Test) -> bool:
        return bool(self.of("referral", "newcomer_id", refused_at=None))

    def _candidate(self, test: Test) -> bool:
        state = next((one["state"] for one in self.of("candidate")), "")
        if test.value is None:
            return state in ("new", "later", "invited")
        return COMPARE[test.op](state, test.value.value)

    def _consent(self, test: Test) -> bool:
        if test.arg("purpose") in ("marketing", "profiling"):
            column = {"marketing": "marketing_out_at", "profiling": "personalisation_out_at"}[test.arg("purpose")]
            return self.member[column] is None
        said = self.of("consent", purpose=test.arg("purpose"))
        return bool(said) and said[-1]["state"] == "given"


def celebrates(birthday: dict[str, Any], day: Any) -> bool:
    month, number = divmod(birthday["day"], 100)
    facts, following = day_facts(day), day_facts(day + timedelta(days=1))
    if birthday["lunar"]:
        last = facts.lunar_day == 29 and following.lunar_day == 1
        return (
            not facts.leap_month
            and facts.lunar_month == month
            and (facts.lunar_day == number or (last and number == 30))
        )
    ends_february = (day.month, day.day) == (2, 28) and following.lunar_day and (day + timedelta(days=1)).day == 1
    return (day.month, day.day) == (month, number) or bool(ends_february and (month, number) == (2, 29))


def day_of(moment: int) -> int:
    return day_number(business_day(moment, ZONE))


def days_of(span: Span | None) -> tuple[int, int]:
    today = date_of(TODAY)
    if span is None:
        return 0, 99_999
    if span.last:
        return TODAY - span.last + 1, 99_999
    if span.word == "month":
        return day_number(today.replace(day=1)), 99_999
    if span.word == "last_month":
        last = day_number(today.replace(day=1)) - 1
        return day_number(date_of(last).replace(day=1)), last
    if span.word == "year":
        return day_number(today.replace(month=1, day=1)), 99_999
    if span.word == "week":
        return TODAY - today.weekday(), 99_999
    if span.word == "today":
        return TODAY, 99_999
    return (day_number(span.since) if span.since else 0), (day_number(span.until) if span.until else 99_999)


def within(span: Span | None, day: int) -> bool:
    first, last = days_of(span)
    return first <= day <= last
