"""What members are measured by until the next night: the cut points of R, F and M, and the lines between the tiers."""

import json
from dataclasses import dataclass
from typing import Any

from db import meta
from db.database import Reader, Tx
from rules.relationship import rfm, tiers
from rules.relationship.deciding import Decided
from rules.relationship.figures import day_number
from rules.relationship.rfm import Yardstick
from rules.relationship.tiers import Key
from rules.settings import Settings
from rules.times import business_day

KEPT = "yardstick"  # in the meta table


@dataclass(frozen=True, slots=True)
class Measure:
    """`lines`: the last key within each tier but the bottom one, once all have risen; None where nobody is."""

    yardstick: Yardstick
    lines: list[Key | None]


def measure_of(decided: Decided) -> Measure:
    """What everybody is measured by who is decided alone from now on."""
    return Measure(decided.yardstick, tiers.taken_up(decided.lines))


def day_of(at: int, settings: Settings) -> int:
    """The business day of a moment as the tables have it."""
    return day_number(business_day(at, settings.zone))


async def measure(db: Reader, settings: Settings, today: int) -> Measure:
    """Last night's; the thresholds and no lines while there is none of these rules."""
    text = await meta.get(db, KEPT) or ""
    if not _last or _last[0][0] is not settings or _last[0][1:3] != (today, text):
        _last[:] = [(settings, today, text, _measure(text, settings, today))]
    return _last[0][3]


_last: list[tuple[Settings, int, str, Measure]] = []  # what was read last: most often it is asked for again at once


def _measure(text: str, settings: Settings, today: int) -> Measure:
    found = json.loads(text) if text else {}
    if found.get("rules") != _rules(settings):
        return Measure(rfm.thresholds(settings.rfm, today), [None] * (len(settings.tiers.names) - 1))
    yardstick = rfm.from_dict(found["yardstick"])
    if settings.rfm.method == "threshold":
        yardstick = rfm.thresholds(settings.rfm, today)
    return Measure(yardstick, [Key(*line) if line else None for line in found["lines"]])


async def keep(tx: Tx, settings: Settings, found: Measure) -> None:
    """From now on this is what everybody is measured by."""
    lines = [[line.below, line.held, line.member_id] if line else None for line in found.lines]
    values = {"rules": _rules(settings), "yardstick": rfm.as_dict(found.yardstick), "lines": lines}
    await meta.put(tx, KEPT, json.dumps(values))


def _rules(settings: Settings) -> list[Any]:
    """What the measure was made by: with other rules it does not hold."""
    known = settings.rfm
    return [known.method, known.window_days, list(known.use), list(settings.tiers.shares)]
