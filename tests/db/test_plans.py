"""What the team and the night ask for is found by a small index, not by reading a table through."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from db import media, privacy, reports
from tests.house import House

pytestmark = pytest.mark.sqlite  # PostgreSQL reads small tables through whatever the indexes


class Asked:
    """A reader that only writes down what it is asked."""

    def __init__(self) -> None:
        self.sql, self.args = "", ()

    async def all(self, sql: str, *args: Any) -> Sequence[Any]:
        self.sql, self.args = sql, args  # type: ignore[assignment]
        return []

    async def value(self, sql: str, *args: Any) -> int:
        await self.all(sql, *args)
        return 0


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda db: privacy.old_farewells(db, 1), "outbox_farewell"),
        (lambda db: privacy.erased_since(db, 1), "member_erased"),
        (lambda db: media.older_than(db, 1, 10), "media_kept"),
        (lambda db: reports.newcomers(db, 1), "member_created"),
        (lambda db: reports.check_ins(db, "2026-11-22"), "member_check_in"),
        (lambda db: reports.feedback_open(db, "complaint"), "feedback_new"),
    ],
)
async def test_the_query_goes_by_its_index(house: House, ask: Callable[[Any], Awaitable[Any]], index: str) -> None:
    asked = Asked()
    await ask(asked)
    plan = await house.db.all(f"EXPLAIN QUERY PLAN {asked.sql}", *asked.args)
    assert f"INDEX {index} " in " ".join(str(row["detail"]) for row in plan)
