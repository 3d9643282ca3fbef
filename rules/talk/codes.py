"""The code kept in a WeChat contact's remark, by which a member is known again after ids have changed."""

import re
import unicodedata

# No 0 O 1 I L, which are mistaken for each other; 31 is a prime, so that one check character finds every single slip.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
MARK = "·"
DIGITS = 5
MOST_MEMBERS = len(ALPHABET) ** DIGITS  # 28,629,151
REMARK_LENGTH = 16  # what WeChat keeps of a remark

_BASE = len(ALPHABET)
_VALUE = {char: value for value, char in enumerate(ALPHABET)}
# Each round multiplies, adds and turns the digits round, so that neighbours share nothing. Factors prime to 31.
_ROUNDS = (
    (17_653_421, 9_104_729),
    (23_918_077, 4_410_853),
    (12_775_363, 20_655_091),
    (26_044_729, 15_287_417),
    (8_519_653, 2_736_881),
)
_INVERSES = tuple((pow(factor, -1, MOST_MEMBERS), shift) for factor, shift in reversed(_ROUNDS))
_CHECK_WEIGHTS = (3, 7, 12, 18, 29)
_CHECK_SHIFT = 11

_MARKS = "·•・‧∙⋅"  # what keyboards and phones make of the mark
_CODE = re.compile(rf"[{_MARKS}]([{ALPHABET}]{{{DIGITS + 1}}})(?![0-9A-Za-z])")
_JOINERS = "\u200d\ufe0e\ufe0f"


def member_code(n: int) -> str:
    """The code of member `n`, such as "·K7Q3ZD": a mark, five characters, a check character. One to one, stable.

    The order is mixed up so that nobody reads the number of members off it; it is no secret. Raises ValueError
    outside 0..28,629,150.
    """
    if not 0 <= n < MOST_MEMBERS:
        raise ValueError(f"会员编号 {n} 超出了 0–{MOST_MEMBERS - 1} (no code for this member id)")
    for factor, shift in _ROUNDS:
        n = _turned((n * factor + shift) % MOST_MEMBERS)
    digits = _digits(n)
    return MARK + "".join(ALPHABET[digit] for digit in digits) + ALPHABET[_check(digits)]


def member_of(code: str) -> int | None:
    """The member whose code it is, with or without other text around; None if there is no right code."""
    found = code_in(code)
    if found is None:
        return None
    n = 0
    for char in found[1 : DIGITS + 1]:
        n = n * _BASE + _VALUE[char]
    for inverse, shift in _INVERSES:
        n = (_turned(n) - shift) * inverse % MOST_MEMBERS
    return n


def code_in(remark: str) -> str | None:
    """The code in a remark, as `member_code` writes it; None if there is none, or if two different ones are in it.

    Text may stand around it and the mark may have been retyped, but the check character must be right.
    """
    folded = unicodedata.normalize("NFKC", remark) if not remark.isascii() else remark
    codes = {MARK + body for body in _CODE.findall(folded) if _is_right(body)}
    return codes.pop() if len(codes) == 1 else None


def remark_for(name: str, code: str) -> str:
    """The remark for a contact: as much of the name as fits, then the code, 16 characters at most.

    A name that looks like a code loses its marks, so that it is never taken for one. An emoji counts as two.
    """
    printable = "".join(char for char in name if char.isprintable() or char in _JOINERS).strip()
    plain = _shortened(printable, REMARK_LENGTH - len(code))
    if len(_CODE.findall(unicodedata.normalize("NFKC", plain + code))) > 1:
        plain = "".join(char for char in plain if not set(unicodedata.normalize("NFKC", char)) & set(_MARKS))
    return plain + code


def _shortened(name: str, room: int) -> str:
    """The beginning of a name in `room` UTF-16 units, without half an emoji at its end."""
    used = 0
    for place, char in enumerate(name):
        used += 2 if ord(char) > 0xFFFF else 1
        if used > room:
            return name[:place].rstrip(_JOINERS + " ")
    return name


def _is_right(body: str) -> bool:
    return _VALUE[body[DIGITS]] == _check([_VALUE[char] for char in body[:DIGITS]])


def _check(digits: list[int]) -> int:
    return (sum(weight * digit for weight, digit in zip(_CHECK_WEIGHTS, digits, strict=True)) + _CHECK_SHIFT) % _BASE


def _digits(n: int) -> list[int]:
    digits = []
    for _ in range(DIGITS):
        n, digit = divmod(n, _BASE)
        digits.append(digit)
    return digits[::-1]


def _turned(n: int) -> int:
    """The number whose digits are those of `n` the other way round."""
    turned = 0
    for digit in reversed(_digits(n)):
        turned = turned * _BASE + digit
    return turned
