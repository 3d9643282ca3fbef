"""What the product would have counted of a simulated community on its last day: the columns of the standing table.

These are the definitions of db/relationship/standing.py over arrays; tests/benchmarks/test_community.py puts a
smaller community into a real database and compares the two.
"""

import numpy as np

from benchmarks.community import DAYS, HOURS, Community, Ints, Seen
from rules.settings import CandidateSettings
from rules.times import HOUR
from rules.voices.shares import ROUND

WINDOW = 365
EPOCH = 20_000  # the first day of the simulation, in days since 1970-01-01
LAST = EPOCH + DAYS - 1

Figures = dict[str, Ints]


def owner_of(community: Community) -> Ints:
    """Whose member the rows of an account belong to: a second account that was found out is merged into the first."""
    return np.where(community.known_second, community.second_of, np.arange(community.size))


def figures(community: Community, given: CandidateSettings) -> Figures:
    """One array a column, by account; those of merged accounts are zero."""
    size, seen, owner = community.size, community.seen, owner_of(community)
    member, day = owner[seen.order_member], seen.order_day
    stands = seen.order_refunded < seen.order_fen
    inside = stands & (day > DAYS - 1 - WINDOW)
    net = seen.order_fen - seen.order_refunded
    counts, share_day = _shares(seen, owner, size, given)
    last_day = _edge(member[stands], day[stands], size)
    brought_by, newcomer = owner[seen.inviter], owner[seen.newcomer]
    counted = (last_day[newcomer] > 0) & (brought_by != newcomer)
    return {
        "orders": np.bincount(member[inside], minlength=size),
        "money": np.bincount(member[inside], net[inside], minlength=size).astype(np.int64),
        "first_day": _edge(member[stands], day[stands], size, first=True),
        "last_day": last_day,
        "days": _distinct(member[stands], day[stands], size),
        "same_item": _most_days(member[stands], seen.order_product[stands], day[stands], size),
        "categories": _distinct(member[inside], seen.order_category[inside], size),
        "brands": _distinct(member[inside], seen.order_brand[inside], size),
        "brought": np.bincount(brought_by[counted], minlength=size),
        "brought_day": _edge(brought_by[counted], last_day[newcomer[counted]] - EPOCH, size),
        "shares": counts,
        "share_day": share_day,
        "ideas": np.bincount(owner[seen.idea_member], minlength=size),
        "idea_day": _edge(owner[seen.idea_member], seen.idea_day, size),
        "messages": np.bincount(owner, seen.messages, minlength=size).astype(np.int64),
    }


def _distinct(member: Ints, what: Ints, size: int) -> Ints:
    pairs = np.unique(member * 100_000 + what)
    return np.bincount(pairs // 100_000, minlength=size)


def _most_days(member: Ints, product: Ints, day: Ints, size: int) -> Ints:
    """The most days on which a member bought one product."""
    triples = np.unique((member * 1000 + product) * 1000 + day)
    pairs, times = np.unique(triples // 1000, return_counts=True)
    most = np.zeros(size, np.int64)
    np.maximum.at(most, pairs // 1000, times)
    return most


def _edge(member: Ints, day: Ints, size: int, first: bool = False) -> Ints:
    """The last (or first) day of each member, counted from 1970; 0 for none."""
    result = np.full(size, 10 * EPOCH if first else 0)
    (np.minimum if first else np.maximum).at(result, member, day + EPOCH)
    return np.where(result == 10 * EPOCH, 0, result)


def _shares(seen: Seen, owner: Ints, size: int, given: CandidateSettings) -> tuple[Ints, Ints]:
    """(counted shares, day of the last), as rules/voices/shares.py counts them: a burst once, a round in one room once.

    Small circles among themselves are left out: the simulated rooms are large. Rows are in time order.
    """
    burst, round_time = given.burst / HOUR, ROUND / HOUR
    counted = np.zeros(size, np.int64)
    last = np.full(size, -(10**6))
    passed: dict[tuple[int, int], int] = {}
    columns = (owner[seen.share_member], seen.share_hour, seen.share_room, seen.share_target)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for member, hour, room, target in rows:
        if hour - last[member] >= burst and hour - passed.get((room, target), -(10**6)) >= round_time:
            counted[member] += 1
            last[member] = passed[room, target] = hour
    return counted, np.where(counted > 0, last // HOURS + EPOCH, 0)
