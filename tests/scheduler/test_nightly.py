"""The nightly work: each job does its own, one that fails does not stop the others, a missed night is made up once."""

import pytest

from actions.timed import nightly
from db.database import Tx
from db.speaking import outbox
from db.talk import media, pendings
from rules.times import DAY, HOUR
from tests.clockwork import Clockwork, moment, settings_of

NIGHT = moment("2026-11-24", "03:30")


async def run_night(clockwork: Clockwork) -> str:
    await clockwork.run()
    await clockwork.run(NIGHT)
    state: str = await clockwork.db.value("SELECT state FROM run WHERE job = 'nightly' AND due_at = $1", NIGHT)
    return state


async def test_old_sends_are_forgotten_and_those_of_the_last_day_kept(clockwork: Clockwork) -> None:
    async def sends(tx: Tx) -> None:
        for age in (1, 24, 26, 300):
            await tx.execute(
                "INSERT INTO send_log (account_id, at, conversation) VALUES (1, $1, 'room')", NIGHT - age * HOUR
            )

    await clockwork.db.write(sends)
    assert await run_night(clockwork) == "done"
    assert [row["at"] for row in await outbox.sends_since(clockwork.db, 1, 0)] == [NIGHT - 24 * HOUR, NIGHT - HOUR]


async def test_old_files_of_members_go_and_young_ones_stay(clockwork: Clockwork) -> None:
    folder = clockwork.folder / "media"
    folder.mkdir()
    ids = []
    for age in (181, 10):
        (folder / f"{age}").write_text("picture")

        async def store(tx: Tx, age: int = age) -> int:
            media_id = await tx.insert(
                "INSERT INTO media (interaction_id, account_id, member_id, handle, name, asked_at)"
                " VALUES ($1, 1, 1, 'h', 'cat.jpg', $2)", age, NIGHT - age * DAY,
            )  # fmt: skip
            await media.fetched(tx, media_id, f"media/{age}", 7, NIGHT - age * DAY)
            return media_id

        ids.append(await clockwork.db.write(store))
    assert await run_night(clockwork) == "done"
    assert sorted(path.name for path in folder.iterdir()) == ["10"]
    paths = [row["path"] for row in await media.of_member(clockwork.db, 1)]
    assert paths == [None, "media/10"]


async def test_questions_nobody_answered_lapse(clockwork: Clockwork) -> None:
    async def ask(tx: Tx) -> None:
        await pendings.ask(tx, 1, -1, "gift", "{}", NIGHT - DAY, NIGHT - HOUR)
        await pendings.ask(tx, 2, -1, "gift", "{}", NIGHT - DAY, NIGHT + HOUR)

    await clockwork.db.write(ask)
    clockwork.community.directory.pending |= {(1, -1), (2, -1)}
    await run_night(clockwork)
    assert [row["member_id"] for row in await pendings.everything(clockwork.db)] == [2]
    assert clockwork.community.directory.pending == {(2, -1)}


async def test_staff_hear_once_that_next_years_holidays_are_missing(clockwork: Clockwork) -> None:
    await run_night(clockwork)  # in November there is time
    assert not any("2027" in text for text in await clockwork.told())
    await clockwork.run_until(NIGHT + 25 * DAY)
    assert len([text for text in await clockwork.told() if "2027" in text]) == 1
    assert (await clockwork.states("nightly"))["done"] == 26


async def test_staff_hear_of_a_balance_that_does_not_fit_its_history(clockwork: Clockwork) -> None:
    await clockwork.db.write(
        lambda tx: tx.insert("INSERT INTO ledger_account (kind, member_id, balance) VALUES ('member', 9, 50)")
    )
    await run_night(clockwork)
    assert [text for text in await clockwork.told() if "对账不平" in text]
    assert "对不上" in await clockwork.db.value("SELECT reason FROM run WHERE job = 'nightly' AND state = 'done'")


async def test_a_job_that_fails_is_named_and_the_others_are_done(clockwork: Clockwork, monkeypatch: object) -> None:
    done: list[str] = []

    async def fails(community: object, now: int) -> str:
        raise OSError("disk full")

    async def works(community: object, now: int) -> str:
        done.append("works")
        return ""

    jobs = nightly.JOBS
    try:
        nightly.JOBS = [("第一", fails), ("第二", works)]
        assert await run_night(clockwork) == "failed"
    finally:
        nightly.JOBS = jobs
    assert done == ["works"]
    assert "第一：OSError disk full" in await clockwork.db.value("SELECT reason FROM run WHERE state = 'failed'")


async def test_missed_nights_are_made_up_once(clockwork: Clockwork) -> None:
    clockwork.edit(settings_of())
    await clockwork.run()
    await clockwork.run(NIGHT + 4 * DAY + 9 * HOUR)
    assert {state: n for state, n in (await clockwork.states("nightly")).items() if state != "planned"} == {
        "done": 1, "skipped": 4,
    }  # fmt: skip


@pytest.mark.sqlite
async def test_copies_of_the_database_stay_two_weeks(clockwork: Clockwork) -> None:
    for age in (15, 13):
        for kind in ("before", "before-restore"):
            (clockwork.folder / f"zhiji.sqlite3.{kind}-{NIGHT - age * DAY}").write_text("old")
    assert await run_night(clockwork) == "done"
    left = sorted(path.name for path in clockwork.folder.glob("*.before*"))
    assert left == [f"zhiji.sqlite3.{kind}-{NIGHT - 13 * DAY}" for kind in ("before", "before-restore")]
