"""Invitation codes: what a member passes on to a friend, and how it is found in what the friend says."""

import re
import unicodedata

from rules.talk.codes import ALPHABET, DIGITS, MARK, MOST_MEMBERS, member_code, member_of
from rules.times import DAY

FIRST = "Y"  # 邀: tells an invitation from the code in a remark
NEWCOMER_DAYS = 7
NEWCOMER_MESSAGES = 20

_FACTOR, _SHIFT = 7_368_787, 1_299_709  # no multiple of 31: each member has a code of their own
_CODE = re.compile(rf"(?<![0-9A-Z]){FIRST}[{ALPHABET}]{{{DIGITS + 1}}}(?![0-9A-Z])")


def invite_code(member_id: int) -> str:
    """The invitation code of a member, such as "YK7Q3ZD": one to one, and not the code of their remark."""
    return FIRST + member_code((member_id * _FACTOR + _SHIFT) % MOST_MEMBERS).removeprefix(MARK)


def invite_in(text: str) -> str | None:
    """The first code in a text whose check character is right, however it is typed; None if there is none."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return next((found for found in _CODE.findall(folded) if member_of(MARK + found[1:]) is not None), None)


def is_newcomer(met_at: int, messages: int, now: int) -> bool:
    """Whether somebody can still be brought: in their first week and with their first few messages."""
    return now - met_at <= NEWCOMER_DAYS * DAY and messages <= NEWCOMER_MESSAGES
