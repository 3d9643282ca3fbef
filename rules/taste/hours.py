"""The hour at which somebody is usually there: when they spoke and opened things, the hours beside it counted half."""

from collections.abc import Mapping

FEWEST = 3  # of what they did, or it may be chance


def best_hour(times: Mapping[int, int], awake: frozenset[int], usual: int) -> int:
    """Of the hours outside of the quiet ones; `usual` for who is hardly heard. Of two alike the one nearer to it."""

    def weight(hour: int) -> float:
        beside = times.get((hour - 1) % 24, 0) + times.get((hour + 1) % 24, 0)
        return times.get(hour, 0) + beside / 2

    if sum(n for hour, n in times.items() if hour in awake) < FEWEST:
        return usual
    return max(sorted(awake), key=lambda hour: (weight(hour), -abs(hour - usual), -hour))


def awake(quiet: tuple[int, int]) -> frozenset[int]:
    """The hours that begin outside of the quiet ones (minutes after midnight, from and to)."""
    start, end = quiet

    def is_quiet(minute: int) -> bool:
        return start <= minute < end if start < end else start != end and (minute >= start or minute < end)

    return frozenset(hour for hour in range(24) if not is_quiet(hour * 60)) or frozenset(range(24))
