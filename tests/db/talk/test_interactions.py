"""The chain of a member's interactions holds every one of them, whoever wrote it."""

import asyncio
from pathlib import Path

from db.database import Database, Tx, open_database
from db.talk import interactions, people

EACH = 60


async def hear(database: Database, account: int) -> None:
    for number in range(EACH):

        async def verb(tx: Tx, number: int = number) -> None:
            found = await interactions.add(
                tx, number, f"{account}:{number}", -account, account, None, 1, "text", "", None, 0
            )
            await people.touch(tx, 1, number, found)

        await database.write(verb)


async def test_two_processes_that_hear_one_member_at_once_keep_one_chain(database_url: str, folder: Path) -> None:
    databases = [await open_database(database_url, folder) for _ in range(4)]
    await databases[0].write(lambda tx: people.touch(tx, 1, 0, 0))
    await asyncio.gather(*(hear(database, number) for number, database in enumerate(databases, 1)))
    assert len(await interactions.recent(databases[0], 1, 1000)) == 4 * EACH
    for database in databases:
        await database.close()
