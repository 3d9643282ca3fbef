"""After a backup was restored nothing that was due in between is sent again."""

from pathlib import Path

from db.backup import backup, restore
from rules.times import DAY
from tests.clockwork import Clockwork, moment, settings_of


async def test_posts_that_went_out_after_the_backup_are_not_made_up_for(database_url: str, folder: Path) -> None:
    now = moment("2026-11-23", "07:00")
    settings = settings_of({"morning": {"rooms": ["早安面包房"], "at": "08:00", "text": "早", "late": "send"}})
    clockwork = await Clockwork(database_url, folder, settings, now).set_up()
    await clockwork.run()
    file = folder / "copy.sqlite3"
    await backup(database_url, folder, file, now)
    await clockwork.run_until(now + 10 * DAY)
    assert len(await clockwork.posts()) == 10
    await clockwork.close()

    now += 10 * DAY
    await restore(database_url, folder, file, now)
    again = await Clockwork(database_url, folder, settings, now).open()
    await again.run()
    assert await again.posts() == []
    assert await again.states("post:%") == {"asked": 3, "planned": 3}
    await again.run_until(now + 2 * DAY)
    assert len(await again.posts()) == 2
    await again.close()
