"""`recount`: everybody's standing counted anew from the orders."""

from pathlib import Path

from actions.clock import WallClock
from actions.community import Community
from actions.relationship import ruling
from actions.relationship.standing_night import everybody
from db.database import open_database
from db.migrate import migrate
from rules.settings import Settings
from templates import Phrases


async def recount(settings: Settings, url: str, folder: Path) -> int:
    """How many members were put right. The bot may run meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    await migrate(url, folder, str(WallClock().now()))
    db = await open_database(url, folder)
    try:
        community = Community(settings, db, Phrases(folder / "templates"), WallClock(), folder)
        await ruling.take_up(community)
        return (await everybody(community, community.clock.now(), anew=True)).changed
    finally:
        await db.close()
