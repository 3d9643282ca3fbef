"""`staff add`: a one-time code for a person of the team."""

from pathlib import Path

from actions import staff
from db.database import open_database
from db.migrate import migrate


async def add_staff(url: str, folder: Path, name: str, role: str, now: int) -> str:
    """The code; adding a name again renews it."""
    folder.mkdir(parents=True, exist_ok=True)
    await migrate(url, folder, str(now))
    db = await open_database(url, folder)
    try:
        return await db.write(lambda tx: staff.add(tx, name, role, now))
    finally:
        await db.close()
