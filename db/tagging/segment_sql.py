"""A checked condition as one SQL query, alike for SQLite and PostgreSQL; every value is a parameter.

Each test becomes a condition of two values (never NULL), so that "not" means not. What is counted in another table is
a set of members: `IN` where SQLite looks it up fastest, a joined set for PostgreSQL, which hashes it then. For one
member alone the sets are narrowed to that member, so that an answer costs a few look-ups.
"""

from collections.abc import Callable
from dataclasses import replace

from db.tagging.segment_parts import COMPARE, OPPOSITE, Stones
from db.voices.feedback import OPEN_COMPLAINT
from rules.supers.potential import FRESH, HORIZON, PATIENCE, START
from rules.tagging.segments.measures import LEVELS
from rules.tagging.segments.tree import Both, Either, Given, Named, Node, Not, Test, leaves
from rules.tagging.segments.when import Bounds, as_number

POTENTIAL = (
    f"CASE WHEN COALESCE(s.days, 0) > 0 THEN {HORIZON}.0 * (s.days - 1 + {START}) / ({{today}} - s.first_day + {FRESH})"
    f" / (1.0 + ({{today}} - s.last_day) / ({PATIENCE} * ({{today}} - s.first_day + {FRESH}) / s.days)) ELSE 0.0 END"
)
COLUMNS = {  # of the rows joined to a member
    "r": "COALESCE(s.r, 0)", "f": "COALESCE(s.f, 0)", "m": "COALESCE(s.m, 0)",
    "rfm": "COALESCE(s.r + s.f + s.m, 0)", "brought": "COALESCE(s.brought, 0)",
    "interactions": "COALESCE(a.interactions, 0)",
}  # fmt: skip
COUNTED = ("bought", "spent", "points", "messages", "active_days", "rooms", "feedback", "shares", "referrals")


NEVER = 1_000_000  # a day that does not come


class Query(Stones):
    """A whole condition."""

    def where(self, node: Node) -> str:
        """The condition as SQL; what it joins stands in `source`, which is asked for after it."""
        self._alone = len(leaves(node)) == 1
        return self._where(node)

    def _where(self, node: Node) -> str:
        match node:
            case Both(parts):
                return "(" + " AND ".join(self._where(part) for part in parts) + ")"
            case Either(parts):
                return "(" + " OR ".join(self._where(part) for part in parts) + ")"
            case Not(part):
                return f"NOT ({self._where(part)})"
            case Named(_, inner):
                return self._where(inner)
            case Test():
                return self._test(node)
        raise ValueError(f"not checked: {node}")

    def figure(self, test: Test) -> str:
        """What a test counts for the one member, NULL where it is a yes or no."""
        self._counting = True
        if test.measure in COLUMNS:
            return COLUMNS[test.measure]
        if test.measure not in COUNTED:
            return "NULL"
        found: str = getattr(self, f"_{test.measure}")(replace(test, op=">", value=Given(0)))
        return found

    # One test

    def _test(self, test: Test) -> str:
        if test.measure in COLUMNS:
            return self._column(COLUMNS[test.measure], test)
        found: str = getattr(self, f"_{test.measure}")(test)
        return found

    def _column(self, column: str, test: Test) -> str:
        assert test.value is not None
        return f"{column} {test.op.replace('!=', '<>')} {self.value(test.value.value)}"

    def _everyone(self, test: Test) -> str:
        return "1 = 1"

    def _tag(self, test: Test) -> str:
        where = "removed_at IS NULL"
        where += f" AND value = {self.value(test.arg('value'))}" if test.arg("value") else ""
        where += f" AND dimension = {self.value(test.arg('dimension'))}" if test.arg("dimension") else ""
        states = ("sure", "suggested") if test.arg("state") == "any" else (test.arg("state"),)
        return self._in("member_id", "tag", f"{where} AND {self._any('state', states)}")

    def _borne(self, test: Test) -> str:
        """For tag rules: whether a tag is there or refused; with a source, whether that gave it."""
        where = f"dimension = {self.value(test.arg('dimension'))} AND value = {self.value(test.arg('value'))}"
        if test.arg("source"):
            given = f"source = {self.value(test.arg('source'))} AND state = 'sure' AND removed_at IS NULL"
            return self._in("member_id", "tag", f"{where} AND {given}")
        open_ones = self._in("member_id", "tag", f"{where} AND removed_at IS NULL")
        refused = self._in("member_id", "tag", f"{where} AND state = 'refused'")
        return f"({open_ones} OR {refused})"

    def _goods(self, test: Test) -> str:
        """The products that the arguments mean."""
        parts = [f"p.{name} = {self.value(test.arg(name))}" for name in ("category", "brand", "shop") if test.arg(name)]
        if what := test.arg("what"):
            parts.append(f"{self.value(what)} IN (p.category, p.brand, p.name)")
        if product := test.arg("product"):
            parts.append(f"{self.value(product)} IN (p.name, p.ext_id)")
        return f"l.product_id IN (SELECT p.id FROM product p WHERE {' AND '.join(parts)})"

    def _bought(self, test: Test) -> str:
        days = self._when.bounds(test.span)
        if not test.args and test.op == ">=" and test.value is not None and test.value.value == 1:
            return self._ordered(days)
        return self._purchases(test, "COUNT(*)", "COUNT(DISTINCT l.order_id)")

    def _spent(self, test: Test) -> str:
        return self._purchases(test, "SUM(o.amount - o.refunded)", "SUM(l.amount)")

    def _purchases(self, test: Test, of_orders: str, of_lines: str) -> str:
        days = self._when.bounds(test.span)
        if not test.args and not self._alone and not self._counting:
            return self._each(test, of_orders, f"o.stands = 1{self._between('o.day', days)}")
        if {name for name, _ in test.args} <= {"shop"}:
            shop = f" AND o.shop = {self.value(test.arg('shop'))}" if test.args else ""
            where = f"o.stands = 1 AND o.member_id IS NOT NULL{shop}{self._between('o.day', days)}"
            return self._amount("o.member_id", "shop_order o", where, of_orders, test)
        where = f"l.member_id IS NOT NULL AND {self._goods(test)}{self._between('l.day', days)}"
        once = test.op == ">=" and test.value is not None and test.value.value == 1 and "COUNT" in of_lines
        return self._amount("l.member_id", "order_line l", where, "COUNT(*)" if once else of_lines, test)

    def _each(self, test: Test, figure: str, where: str) -> str:
        """Counted for each member that the other tests leave."""
        assert test.value is not None
        orders = f"SELECT COALESCE({figure}, 0) FROM shop_order o WHERE o.member_id = m.id AND {where}"
        return f"({orders}) {test.op.replace('!=', '<>')} {self.value(test.value.value)}"

    def _days_of(self, test: Test, within: Callable[[Bounds], str]) -> str:
        """A day long ago, compared or within a stretch."""
        if test.value is None:
            return within(self._when.bounds(test.span))
        days = int(test.value.value)
        if test.op == "!=":
            return f"NOT ({within(self._when.ago('=', days))})"
        return within(self._when.ago(test.op, days))

    def _last_purchase(self, test: Test) -> str:
        def within(bounds: Bounds) -> str:
            first, last = bounds
            parts = [self._ordered((first, None))] if first is not None or last is None else []
            if last is not None:
                parts.append(f"COALESCE({self._purchase_day('MAX')}, {NEVER}) <= {self.value(last)}")
            return f"({' AND '.join(parts)})"

        return self._days_of(test, within)

    def _first_purchase(self, test: Test) -> str:
        def within(bounds: Bounds) -> str:
            first, last = bounds
            parts = [self._ordered((None, last))] if last is not None or first is None else []
            if first is not None:
                parts.append(f"COALESCE({self._purchase_day('MIN')}, -1) >= {self.value(max(first, 0))}")
            return f"({' AND '.join(parts)})"

        return self._days_of(test, within)

    def _purchase_day(self, which: str) -> str:
        """The first or last day with a purchase, NULL for none: one step in the index."""
        return f"(SELECT {which}(o.day) FROM shop_order o WHERE o.member_id = m.id AND o.stands = 1)"

    def _joined(self, test: Test) -> str:
        def within(bounds: Bounds) -> str:
            return f"(1 = 1{self._between('m.created_at', self._when.moments(bounds), open_end=True)})"

        return self._days_of(test, within)

    def _silent(self, test: Test) -> str:
        """The last word or purchase; for who never gave any, the day we met them."""

        def within(bounds: Bounds) -> str:
            (first, last), (start, end) = bounds, self._when.moments(bounds)
            never = f"a.last_at IS NULL AND NOT {self._ordered((None, None))}"
            parts = []
            if first is not None:
                begin = self.value(start)
                lived = f"COALESCE(a.last_at, 0) >= {begin} OR {self._ordered((first, None))}"
                parts.append(f"({lived} OR ({never} AND m.created_at >= {begin}))")
            if last is not None:
                stop = self.value(end)
                quiet = f"COALESCE(a.last_at, 0) < {stop} AND NOT {self._ordered((last + 1, None))}"
                parts.append(f"({quiet} AND (m.created_at < {stop} OR NOT ({never})))")
            return f"({' AND '.join(parts)})"

        return self._days_of(test, within)

    def _active(self, test: Test) -> str:
        bounds = self._when.bounds(test.span)
        start = self.value(self._when.moments(bounds)[0])
        return f"(COALESCE(a.last_at, 0) >= {start} OR {self._ordered(bounds)})"

    def _level(self, test: Test) -> str:
        assert test.value is not None
        fitting = [name for rank, name in enumerate(LEVELS) if COMPARE[test.op](rank, test.value.value)]
        return self._any("COALESCE(s.level, 'none')", fitting)

    def _tier(self, test: Test) -> str:
        assert test.value is not None
        ranks = {0: 0, **{self._when.tiers + 1 - number: number for number in range(1, self._when.tiers + 1)}}
        fitting = [number for rank, number in ranks.items() if COMPARE[test.op](rank, test.value.value)]
        return self._any("COALESCE(s.tier, 0)", sorted(fitting))

    def _score(self, test: Test) -> str:
        assert test.value is not None
        thousandths = self.value(round(float(test.value.value) * 1000))
        return f"COALESCE(s.score, 0) {test.op.replace('!=', '<>')} {thousandths}"

    def _potential(self, test: Test) -> str:
        assert test.value is not None
        figure = POTENTIAL.format(today=self.value(float(self._when.today)))
        return f"{figure} {test.op.replace('!=', '<>')} {self.value(float(test.value.value))}"

    def _points(self, test: Test) -> str:
        assert test.value is not None
        number = test.value.value
        zero = COMPARE[test.op](0, number)
        op = OPPOSITE[test.op] if zero else test.op.replace("!=", "<>")
        where = "kind = 'member' AND member_id IS NOT NULL"
        if self._counting:
            return (
                f"(SELECT COALESCE(SUM(balance), 0) FROM ledger_account WHERE {where} AND member_id = {self._member})"
            )
        where += f" AND balance {op} {self.value(number)}"
        return self._in("member_id", "ledger_account", where, out=zero)

    def _talk_days(self, test: Test) -> str:
        first, last = self._when.bounds(test.span)
        days = (None if first is None else as_number(first), None if last is None else as_number(last))
        return f"1 = 1{self._between('day', days)}"

    def _messages(self, test: Test) -> str:
        return self._amount("member_id", "talk", self._talk_days(test), "SUM(messages)", test)

    def _active_days(self, test: Test) -> str:
        return self._amount("member_id", "talk", self._talk_days(test), "COUNT(DISTINCT day)", test)

    def _room(self, test: Test) -> str:
        topic = self.value(test.arg("room"))
        rooms = f"room_id IN (SELECT r.id FROM room r WHERE r.topic = {topic})"
        return self._in("member_id", "room_member", f"left_at IS NULL AND {rooms}")

    def _rooms(self, test: Test) -> str:
        return self._amount("member_id", "room_member", "left_at IS NULL", "COUNT(*)", test)

    def _complaining(self, test: Test) -> str:
        return self._in("member_id", "feedback", OPEN_COMPLAINT)

    def _feedback(self, test: Test) -> str:
        kind = f" AND kind = {self.value(test.arg('kind'))}" if test.arg("kind") else ""
        return self._amount("member_id", "feedback", f"1 = 1{kind}{self._moments('at', test)}", "COUNT(*)", test)

    def _looked(self, test: Test) -> str:
        first = (self._when.bounds(test.span)[0], None)  # no later order is on an earlier day: fewer to read
        since = (
            "NOT EXISTS (SELECT 1 FROM shop_order o WHERE o.member_id = f.member_id AND o.stands = 1"
            f"{self._between('o.day', first)} AND o.paid_at >= f.at)"
        )
        return self._in("f.member_id", "feedback f", f"f.kind = 'question'{self._moments('f.at', test)} AND {since}")

    def _birthday(self, test: Test) -> str:
        assert test.span is not None
        solar, lunar = self._when.coming(test.span)
        by_sun = f"(lunar = 0 AND {self._any('day', sorted(solar))})"
        by_moon = f"(lunar = 1 AND {self._any('day', sorted(lunar))})"
        return self._in("member_id", "birthday", f"({by_sun} OR {by_moon})")

    def _shares(self, test: Test) -> str:
        return self._amount("member_id", "share", f"counts = 1{self._moments('at', test)}", "COUNT(*)", test)

    def _referrals(self, test: Test) -> str:
        where = f"refused_at IS NULL{self._moments('at', test)}"
        return self._amount("inviter_id", "referral", where, "COUNT(*)", test)

    def _invited(self, test: Test) -> str:
        return self._in("newcomer_id", "referral", "refused_at IS NULL")

    def _candidate(self, test: Test) -> str:
        if test.value is None:
            return self._in("member_id", "candidate", "state IN ('new', 'later', 'invited')")
        where = f"state = {self.value(test.value.value)}"
        return self._in("member_id", "candidate", where, out=test.op == "!=")

    def _consent(self, test: Test) -> str:
        purpose = test.arg("purpose")
        if purpose == "marketing":
            return "m.marketing_out_at IS NULL"
        if purpose == "profiling":
            return "m.personalisation_out_at IS NULL"
        latest = "c.id = (SELECT MAX(d.id) FROM consent d WHERE d.member_id = c.member_id AND d.purpose = c.purpose)"
        where = f"c.purpose = {self.value(purpose)} AND c.state = 'given' AND {latest}"
        return self._in("c.member_id", "consent c", where)
