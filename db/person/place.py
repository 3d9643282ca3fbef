"""What a place where a member's data lie is: one table, what of it they are shown, what an erasure does to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

IDS = "numbers of ours that say nothing about the person"
WORDS = "one of our own fixed words"
# the member $1 and all who were merged into it
PERSON = "(SELECT CAST($1 AS BIGINT) UNION ALL SELECT id FROM member WHERE merged_into_id = $1)"
MINE = f"member_id IN {PERSON}"


@dataclass(frozen=True, slots=True)
class Place:
    """One table. Every column is shown (with its label) or hidden (with the reason).

    `of`: which rows concern the person who is member $1, with all who were merged into it. `erased`: column -> SQL for
    what it becomes ({now} is the time, UTC ms); `kept`: text columns that an erasure leaves, with the reason. `gone`:
    the rows are deleted. `late`: a whole table has to be read to find the rows, so they are erased just after the
    commit, off the event loop.
    """

    title: str
    of: str
    shown: Mapping[str, str]
    hidden: Mapping[str, str] = field(default_factory=dict)
    erased: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False
    late: bool = False
