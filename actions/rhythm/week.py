"""The weeks of the settings: their slots as lines, the jobs that plan them, their rooms, what each asks for."""

from collections.abc import Sequence
from typing import NamedTuple

from actions.community import Community
from actions.timed import posts
from actions.timed.planning import Job, version_of
from db.database import Row
from rules.rhythm.choosing import Wish
from rules.rhythm.settings import TIPS, RhythmSettings, SlotSettings
from rules.settings import Settings
from rules.times import DAY

JOB = "slot:"
AHEAD = 7 * DAY  # so far slots stand in their table
PERIODS = {"best_day": (1, "昨天"), "best_week": (7, "近七天"), "best_month": (30, "近三十天")}  # whole days


class Line(NamedTuple):
    """One slot of one rhythm."""

    rhythm: str
    name: str
    settings: SlotSettings
    of: RhythmSettings

    @property
    def job(self) -> str:
        return f"{JOB}{self.rhythm}:{self.name}"

    @property
    def window(self) -> int:
        """Nothing is said twice in a room within so many ms."""
        return self.of.repeat_days * DAY

    @property
    def asks_for(self) -> str:
        """What it takes from the library, as staff read it: 主题「故事」的投票."""
        wished = f"主题「{self.settings.theme}」的" if self.settings.theme else ""
        if self.settings.tags:
            wished += f"带标签{'、'.join(self.settings.tags)}的"
        elif self.settings.fill == "tip":
            wished += "带群标签的"
        return wished + ("投票" if self.settings.fill == "poll" else "素材")


def lines(settings: Settings) -> list[Line]:
    return [Line(rhythm, name, slot, of) for rhythm, of in settings.rhythms.items() for name, slot in of.slots.items()]


def line_of(settings: Settings, rhythm: str, name: str) -> Line | None:
    """The line a slot belongs to; None for one that the team put in, or whose line the settings no longer have."""
    of = settings.rhythms.get(rhythm)
    slot = of.slots.get(name) if of else None
    return Line(rhythm, name, slot, of) if of and slot else None


def jobs(settings: Settings) -> list[Job]:
    """Each slot of each rhythm is a job: one run says it in all rooms of the rhythm."""
    return [
        Job(line.job, _version(line, settings.zone), line.settings.timing, "skip", line.settings.grace)
        for line in lines(settings)
    ]


def _version(line: Line, zone: str) -> str:
    return version_of(line.settings.model_dump_json(), *line.of.rooms, zone)


def rooms_of(of: RhythmSettings, rooms: Sequence[Row], settings: Settings) -> list[Row]:
    """The rooms of a rhythm, each once; all that share a topic."""
    return [
        room for room in rooms if any(posts.fits(room["topic"], room["ext_id"], name, settings) for name in of.rooms)
    ]


def missing_of(of: RhythmSettings, rooms: Sequence[Row], settings: Settings) -> list[str]:
    """The names of a rhythm that fit no room."""
    return [
        name
        for name in of.rooms
        if not any(posts.fits(room["topic"], room["ext_id"], name, settings) for room in rooms)
    ]


def room_tags(community: Community, topic: str) -> frozenset[str]:
    settings = community.settings.rooms.get(topic)
    return frozenset(settings.tags) if settings else frozenset()


def wish_of(community: Community, line: Line, topic: str) -> Wish:
    """What a slot asks of the library for one room."""
    slot, kinds, tags = line.settings, line.settings.kinds, frozenset(line.settings.tags)
    if slot.fill == "poll":
        kinds = ("poll",)
    elif slot.fill == "tip":
        kinds, tags = kinds or TIPS, tags or room_tags(community, topic)
    return Wish(slot.theme, frozenset(kinds), tags)
