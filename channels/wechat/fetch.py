"""Fetch a file that a gateway names by URL; never from inside the house's own network, and never too much of it.

Whoever wrote the message may have chosen the URL. Only the gateway's own host may be a private one.
"""

import asyncio
import http.client
import ipaddress
import socket
import ssl
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

from rules.errors import ChannelError

PIECE = 64 * 1024
TIMEOUT = 20.0  # for each read
LONGEST = 300.0
REDIRECTS = 3


async def fetch(url: str, to: Path, limit: int, trusted: str) -> int:
    """Write what the URL serves into a file; its size. Raises ChannelError."""
    try:
        async with asyncio.timeout(LONGEST):
            return await asyncio.to_thread(_fetch, url, to, limit, trusted)
    except TimeoutError:
        raise ChannelError("a file took too long to arrive") from None


def _fetch(url: str, to: Path, limit: int, trusted: str) -> int:
    for _ in range(REDIRECTS + 1):
        parts = urlsplit(url)
        try:
            connection = _connect(parts, trusted)
        except (OSError, ValueError) as error:
            raise ChannelError(f"the host of a file can't be reached: {type(error).__name__}") from None
        try:
            connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
            answer = connection.getresponse()
            if answer.status == http.client.OK:
                return _save(answer, to, limit)
            location = answer.getheader("Location")
            if not 300 <= answer.status < 400 or not location:
                raise ChannelError(
                    f"the host of a file answered {answer.status}", permanent=answer.status in (404, 410)
                )
            url = urljoin(url, location)
        except (OSError, http.client.HTTPException) as error:
            raise ChannelError(f"a file did not arrive whole: {type(error).__name__}") from None
        finally:
            connection.close()
    raise ChannelError("a file is forwarded too often", permanent=True)


def _save(answer: http.client.HTTPResponse, to: Path, limit: int) -> int:
    size = 0
    with to.open("wb") as file:
        while piece := answer.read(PIECE):
            size += file.write(piece)
            if size > limit:
                raise ChannelError(f"the file is larger than {limit} bytes", permanent=True)
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    return size


def _connect(parts: SplitResult, trusted: str) -> http.client.HTTPConnection:
    """To the address that was checked, not to what the name says a moment later."""
    host, secure = parts.hostname or "", parts.scheme == "https"
    if parts.scheme not in ("http", "https") or not host:
        raise ChannelError("a file is named by a URL that is not fetched here", permanent=True)
    port = parts.port or (443 if secure else 80)
    address = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    if host != trusted and not ipaddress.ip_address(address.partition("%")[0]).is_global:
        raise ChannelError("a file is named by a URL inside a private network", permanent=True)
    connection = http.client.HTTPConnection(parts.netloc.rpartition("@")[2], timeout=TIMEOUT)
    connected = socket.create_connection((address, port), TIMEOUT)
    connection.sock = ssl.create_default_context().wrap_socket(connected, server_hostname=host) if secure else connected
    return connection
