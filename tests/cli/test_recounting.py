"""`recount` puts everybody right from the orders."""

import asyncio
from pathlib import Path

from cli.recounting import recount
from rules.settings import Settings
from tests.actions.relationship.books import TODAY, buy, member, refresh
from tests.house import SETTINGS, House


async def test_what_was_changed_by_hand_is_put_right(house: House, database_url: str, folder: Path) -> None:
    mei = await member(house, "小美")
    await buy(house, mei, TODAY)
    await refresh(house, mei)
    await house.db.write(lambda tx: tx.execute("UPDATE standing SET level = 'super', orders = 77, counted_day = 1"))
    assert await recount(Settings.model_validate(SETTINGS), database_url, folder) == 1
    row = await house.db.one("SELECT level, orders FROM standing WHERE member_id = $1", mei)
    assert row is not None
    assert row["level"] in ("micro", "none")  # the wall clock says which day it is
    assert row["orders"] in (0, 1)


def test_an_empty_database_needs_nothing(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'data' / 'zhiji.sqlite3'}"
    assert asyncio.run(recount(Settings.model_validate(SETTINGS), url, tmp_path / "data")) == 0
