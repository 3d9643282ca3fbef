"""What the team and the night ask for is found by a small index, not by reading a table through."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from db import reports
from db.campaigns import campaigns
from db.campaigns import people as campaign_people
from db.person import privacy
from db.supers import candidates
from db.talk import media
from db.voices import feedback, shares
from tests.house import House

pytestmark = pytest.mark.sqlite  # PostgreSQL reads small tables through whatever the indexes


class Asked:
    """A reader that only writes down what it is asked."""

    def __init__(self) -> None:
        self.sql, self.args = "", ()

    async def all(self, sql: str, *args: Any) -> Sequence[Any]:
        self.sql, self.args = sql, args  # type: ignore[assignment]
        return []

    async def slow(self, sql: str, *args: Any) -> Sequence[Any]:
        return await self.all(sql, *args)

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
        (reports.complaints_open, "complaint_open"),
        (lambda db: feedback.has_open_complaint(db, 1), "complaint_open"),
        (feedback.count_unsure, "feedback_new"),
        (lambda db: feedback.unsure(db, 10), "feedback_new"),
        (lambda db: feedback.overdue(db, 1, 10), "feedback_due"),
        (lambda db: feedback.overdue(db, 1, 10, reminded=False), "feedback_due"),
        (lambda db: candidates.given(db, 1, "2026-11-22"), "candidate_shown"),
        (candidates.supers, "candidate_queue"),
        (lambda db: candidates.free(db, "new", "", 1, 1, 1, "", 10, lately=False), "candidate_queue"),
        (lambda db: shares.of_room(db, 1, 1, 2), "share_room"),
        (lambda db: campaigns.with_row_open(db, 1), "outbox_open"),
        (lambda db: campaign_people.next_planned(db, 1, 1, 1, 1), "campaign_open"),
        (lambda db: campaign_people.open_ones(db, 1, "waiting", 0, 10), "campaign_open"),
        (lambda db: campaign_people.planned_by(db, 1, [1, 2], 10), "campaign_open"),
        (lambda db: campaign_people.any_open(db, 1), "campaign_open"),
        (lambda db: campaign_people.tasks(db, 1, 0, 1, 0, 10), "campaign_open"),
    ],
)
async def test_the_query_goes_by_its_index(house: House, ask: Callable[[Any], Awaitable[Any]], index: str) -> None:
    asked = Asked()
    await ask(asked)
    plan = await house.db.all(f"EXPLAIN QUERY PLAN {asked.sql}", *asked.args)
    assert f"INDEX {index} " in " ".join(f"{row['detail']} " for row in plan)
