"""Many members at once in a query: a range of ids where they lie close together, else each by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.database import Database, Row

CHUNK = 500  # ids that are named one by one in a query
DENSE = 8  # people who are more than one in so many of their neighbours are read as a range


@dataclass(frozen=True, slots=True)
class Crowd:
    """Some members, by id. `dense`: all between the first and the last are read, others among them."""

    ids: Sequence[int]
    dense: bool

    async def read(self, db: Database, sql: str, column: str, *args: object, merged: str = "") -> Sequence[Row]:
        """Run a query, off the event loop, with `{ids}` as the condition that `column` is one of them.

        `merged`: a column of members who may have been merged into one of them.
        """
        if self.dense:
            first = len(args) + 1
            where = f"{column} BETWEEN ${first} AND ${first + 1}"
            return await db.slow(sql.replace("{ids}", where), *args, self.ids[0], self.ids[-1])
        places = ", ".join(f"${len(args) + number}" for number in range(1, len(self.ids) + 1))
        where = f"{column} IN ({places})"
        if merged:
            where = f"({where} OR {merged} IN (SELECT id FROM member WHERE merged_into_id IN ({places})))"
        return await db.slow(sql.replace("{ids}", where), *args, *self.ids)


def crowds(ids: Sequence[int]) -> list[Crowd]:
    """These members, as few queries as they can be read with."""
    ordered = sorted(ids)
    if len(ordered) > CHUNK and ordered[-1] - ordered[0] < DENSE * len(ordered):
        return [Crowd(ordered, True)]
    return [Crowd(ordered[at : at + CHUNK], False) for at in range(0, len(ordered), CHUNK)]
