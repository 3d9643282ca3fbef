"""What can stand in slots: the library as the rules of choosing want it, and what was and will be said where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from actions.community import Community
from actions.content import library
from actions.rhythm import week
from db.database import Reader, Row
from db.rhythm import slots, uses
from rules.rhythm.choosing import Choice, Item, Past, Place, Said, Wish, ranked, why_not
from rules.times import DAY

OVERLAP = 0.3  # of the smaller room: more, and two rooms do not hear the same on one day
LOOK_BACK = 2  # windows: what was said longer ago counts as never said


@dataclass(slots=True)
class Shelf:
    """The library for one look at the weeks; it reads each part once."""

    db: Reader
    community: Community
    said: dict[int, list[Said]] = field(default_factory=dict)  # by item: what was and will be said
    figures: dict[int, tuple[int, int]] = field(default_factory=dict)
    overlaps: dict[int, frozenset[int]] = field(default_factory=dict)
    barred: dict[int, frozenset[int]] = field(default_factory=dict)  # room -> items that are for other people
    sizes: dict[int, int] = field(default_factory=dict)  # of rooms
    _items: dict[tuple[int, str, frozenset[str]], list[Item]] = field(default_factory=dict)

    async def meet(self, room_id: int) -> None:
        """Learn which rooms have many of the same people as this one."""
        self.sizes = self.sizes or await uses.sizes(self.db)
        pairs = [(room_id, row["other"], row["n"]) for row in await uses.shared_with(self.db, room_id)]
        self.overlaps = overlapping(self.sizes, pairs)

    async def choices(self, line: week.Line, room: Row, at: int) -> list[Choice]:
        """What may stand in a slot of a room, best first."""
        wish = week.wish_of(self.community, line, room["topic"])
        return await self.fitting(wish, room, at, line.window)

    async def fitting(self, wish: Wish, room: Row, at: int, window: int) -> list[Choice]:
        barred = self.barred.get(room["id"], frozenset())
        items = [item for item in await self._ready(wish, at) if item.id not in barred]
        return ranked(items, wish, self.place(room, at), Past(self.said), window)

    def place(self, room: Row, at: int) -> Place:
        settings = self.community.settings
        of = settings.rooms.get(room["topic"])
        return Place(
            room["id"], at, settings.zone, week.room_tags(self.community, room["topic"]), of.theme if of else "",
            self.overlaps.get(room["id"], frozenset()),
        )  # fmt: skip

    def why_not(self, content_id: int, room: Row, at: int, window: int) -> str:
        return why_not(content_id, self.place(room, at), Past(self.said), window)

    def stands(self, content_id: int, room_id: int, at: int) -> None:
        """Something was said in a room, or will be, as far as the next choices are concerned."""
        self.said.setdefault(content_id, []).append(Said(content_id, room_id, at))

    async def _ready(self, wish: Wish, at: int) -> list[Item]:
        key = (at, wish.theme, wish.kinds)
        if key not in self._items:
            rows = await library.ready(
                self.db, self.community, at, theme=wish.theme or None, kinds=sorted(wish.kinds) or None
            )
            self._items[key] = [self._item(row) for row in rows]
        return self._items[key]

    def _item(self, row: Row) -> Item:
        reached, answered = self.figures.get(row["id"], (0, 0))
        return Item(
            row["id"], row["kind"], row["theme"], frozenset(library.tags_of(row)), bool(row["season_from"]),
            row["expires_at"], reached, answered,
        )  # fmt: skip


async def opened(
    db: Reader, community: Community, now: int, *, without: Iterable[int] = (), fixed_only: bool = False
) -> Shelf:
    """The shelf as it stands. `without`: slots that are chosen anew, so that what stands there does not count.

    `fixed_only`: of what is to come only what the team has chosen counts; the rules will choose the rest anew.
    """
    shelf = Shelf(db, community)
    windows = [of.repeat_days for of in community.settings.rhythms.values()]
    since = now - LOOK_BACK * max([*windows, 1]) * DAY
    for row in await uses.in_rooms(db, since):
        shelf.stands(row["content_id"], row["room_id"], row["at"])
    out = set(without)
    for row in await slots.planned(db, now):
        if row["content_id"] is not None and row["id"] not in out and (row["by"] or not fixed_only):
            shelf.stands(row["content_id"], row["room_id"], row["due_at"])
    shelf.figures = {row["content_id"]: (int(row["reached"]), int(row["answered"])) for row in await uses.figures(db)}
    return shelf


def overlapping(sizes: dict[int, int], pairs: Sequence[tuple[int, int, int]]) -> dict[int, frozenset[int]]:
    """Of each room the others with many of the same people; `pairs`: (room, other, how many they share)."""
    found: dict[int, set[int]] = {}
    for one, other, n in pairs:
        if n >= OVERLAP * max(min(sizes.get(one, 0), sizes.get(other, 0)), 1):
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return {room: frozenset(others) for room, others in found.items()}
