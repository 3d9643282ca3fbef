"""Where a short link may lead: to declared hosts only, whatever a text that claims to be an address looks like.

The address is not parsed and put together again: readers of addresses differ, and between two of them lies an open
redirect. What is not plainly of the one allowed shape is refused. So `@`, backslashes, brackets and anything that is
no letter of ASCII have no place in front of the path.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

LONGEST = 500

_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+)"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<path>/[^?#]*)?(?P<rest>[?#].*)?",
    re.IGNORECASE,
)
_DECLARED = re.compile(r"(?:(?P<scheme>https?)://)?(?P<host>[^/:]+)(?::(?P<port>[0-9]+))?(?P<path>/.*)?", re.IGNORECASE)
_HOSTILE = re.compile(r"[\\\x00-\x20\x7f]|%(?:0[0-9a-f]|1[0-9a-f]|5c|7f)", re.IGNORECASE)
_UPWARDS = re.compile(r"/(?:\.|%2e){1,2}(?:/|%2f|;|\Z)", re.IGNORECASE)
_PLAIN = "".join(chr(code) for code in range(0x21, 0x7F))  # stays as it is; the rest is written in percents
_PORTS = {"https": "443", "http": "80"}


def destination(url: str, declared: Iterable[str]) -> str:
    """The address to send a browser to, '' if it may not be sent there.

    `declared`: "shop.example.com", "example.com/bakery" (only that path), each with the hosts under it; https only,
    unless it is written with its "http://"; another port only if it is written with it.
    """
    if len(url) > LONGEST or _HOSTILE.search(url) or not all(char.isprintable() for char in url):
        return ""
    found = _ADDRESS.fullmatch(url)
    if found is None or _UPWARDS.search(found["path"] or ""):
        return ""
    if not any(_is_under(found, one) for one in declared):
        return ""
    whole = quote(url, safe=_PLAIN)
    return whole if len(whole) <= LONGEST else ""


def _is_under(address: re.Match[str], declared: str) -> bool:
    wanted = _DECLARED.fullmatch(declared.strip())
    if wanted is None:
        return False
    scheme = address["scheme"].lower()
    if scheme != (wanted["scheme"] or "https").lower():
        return False
    if (address["port"] or _PORTS[scheme]) != (wanted["port"] or _PORTS[scheme]):
        return False
    host, brand = address["host"].lower(), wanted["host"].lower()
    path, under = address["path"] or "/", (wanted["path"] or "").rstrip("/")
    return (host == brand or host.endswith(f".{brand}")) and (
        not under or path == under or path.startswith(f"{under}/")
    )
