"""Segments in SQL: the same members as plain Python names, on generated communities, counted, listed and one by one."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.database import Database, Tx, open_database
from db.tagging import segments
from rules.tagging.segments.check import Known, read
from rules.tagging.segments.measures import MEASURES
from rules.tagging.segments.tree import leaves
from rules.tagging.segments.when import When
from tests.db import segment_oracle as oracle

KNOWN = Known(dimensions={"人生阶段": (), "爱好": ()}, tiers=oracle.TIERS)
WHEN = When.at(oracle.NOW, oracle.ZONE, len(oracle.TIERS))
TABLES = (
    "member", "room", "product", "activity", "standing", "shop_order", "order_line", "tag", "room_member", "talk",
    "feedback", "share", "consent", "ledger_account", "birthday", "referral", "candidate",
)  # fmt: skip
KEYED = ("activity", "standing", "birthday", "candidate")  # their key is the member

LOW = {
    name: re.sub(r">= [0-9]+\b", ">= 1", one.example) for name, one in MEASURES.items()
}  # within reach of a few rows
SPANS = st.sampled_from(
    ["in 1d", "in 7d", "in 30d", "in 60d", "in 1y", "in month", "in last_month", "in week", "in today", "in year",
     "since 2026-10-01", "before 2026-11-01", "in 2026-09-01..2026-11-01"]
)  # fmt: skip
OPS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
GOODS = st.sampled_from(
    ["", "('面包')", "(category='烘焙课')", "(brand='甲', shop='mall')", "(shop='mini')", "(product='p1')", "('商品2')"]
)


@st.composite
def a_test(draw: st.DrawFn) -> str:
    """One test of any figure, as it is written."""
    name = draw(st.sampled_from(sorted(MEASURES)))
    measure = MEASURES[name]
    span = " " + draw(SPANS)
    recent = " " + draw(st.sampled_from(["in 1d", "in 30d", "in 1y", "since 2026-10-01", "in month"]))
    maybe = draw(st.sampled_from(["", span]))
    compared = f" {draw(OPS)} {draw(st.integers(0, 6))}"
    match measure.kind:
        case "count":
            goods = draw(GOODS) if name == "bought" else ""
            kind = draw(st.sampled_from(["", "(kind='question')"])) if name == "feedback" else ""
            return f"{name}{goods}{kind}{draw(st.sampled_from(['', compared]))}{maybe}"
        case "yuan":
            return f"{name}{draw(GOODS)} {draw(OPS)} {draw(st.sampled_from(['0', '1', '50', '50.01', '200']))}{maybe}"
        case "number":
            return name + compared
        case "decimal":
            return f"{name} {draw(OPS)} {draw(st.sampled_from(['0', '1.5', '2']))}"
        case "ago":
            return name + draw(st.sampled_from([span, f" {draw(OPS)} {draw(st.sampled_from([0, 1, 30, 60, 180]))}d"]))
        case "rank":
            choices = ["none", "weak", "强关系", "super"] if name == "level" else ["金卡", "银卡", "会员卡", "无等级"]
            return f"{name} {draw(OPS)} '{draw(st.sampled_from(choices))}'"
        case "state":
            return draw(st.sampled_from([name, f"{name} = 'accepted'", f"{name} != 'new'"]))
    flags = {
        "tag": ["tag('人生阶段:宝妈')", "tag('人生阶段')", "tag('学生')", "tag('爱好:烘焙', state=any)",
                "tag('学生', state=suggested)"],
        "active": [f"active{recent}"], "looked": ["looked", f"looked{recent}"],
        "room": ["room('早安面包房')"], "birthday": ["birthday in 7d", "birthday in 30d", "birthday in month"],
        "consent": [f"consent('{one}')" for one in ("marketing", "profiling", "service", "sensitive")],
    }  # fmt: skip
    return draw(st.sampled_from(flags.get(name, [name])))


CONDITIONS = st.recursive(
    a_test(),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} and {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} or {two[1]})"),
    ),
    max_leaves=5,
)


@pytest.fixture
def runner(database_url: str, folder: Any) -> Iterator[tuple[asyncio.Runner, Database]]:
    with asyncio.Runner() as runner:
        database = runner.run(open_database(database_url, folder))
        yield runner, database
        runner.run(database.close())


async def fill(database: Database, rows: oracle.Rows) -> None:
    async def verb(tx: Tx) -> None:
        for table in TABLES:
            await tx.execute(f"DELETE FROM {table}")
            for row in rows[table]:
                names = [name for name in row if not (name == "id" and table in KEYED)]
                places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
                values = [row[name] for name in names]
                await tx.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", *values)

    await database.write(verb)


async def compare(database: Database, rows: oracle.Rows, texts: list[str]) -> None:
    await fill(database, rows)
    for text in texts:
        node = read(text, KNOWN)
        expected = oracle.fitting(rows, node)
        assert await segments.count(database, node, WHEN) == len(expected), text
        assert {row["id"] for row in await segments.page(database, node, WHEN, 0, 100)} == expected, text
    nodes = [read(text, KNOWN) for text in texts]
    for member in rows["member"]:
        found = await segments.truths(database, database.dialect, nodes, WHEN, member["id"])
        gone = member["erased_at"] is not None or member["merged_into_id"] is not None
        assert found == (None if gone else [oracle.holds(rows, member, node) for node in nodes]), texts


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), texts=st.lists(CONDITIONS, min_size=4, max_size=8))
def test_sql_names_the_same_members_as_plain_python(
    runner: tuple[asyncio.Runner, Database], seed: int, texts: list[str]
) -> None:
    runner[0].run(compare(runner[1], oracle.community(seed), texts))


def test_each_figure_alone_on_many_communities(runner: tuple[asyncio.Runner, Database]) -> None:
    """Every figure once, in the form of its example, so that none is left to chance."""
    texts = [*LOW.values(), *(one.example for one in MEASURES.values())]
    assert {test.measure for text in texts for test in leaves(read(text, KNOWN))} == set(MEASURES)
    for seed in range(8):
        runner[0].run(compare(runner[1], oracle.community(seed), texts))


def test_the_generated_communities_have_something_to_find() -> None:
    """Or the comparison above would be one of nothing with nothing."""
    for name, text in LOW.items():
        node = read(text, KNOWN)
        fitting = total = 0
        for seed in range(30):
            rows = oracle.community(seed)
            fitting += len(oracle.fitting(rows, node))
            total += len(oracle.fitting(rows, read("everyone", KNOWN)))
        assert 0 < fitting <= total, name
        assert fitting < total or name == "everyone", name
