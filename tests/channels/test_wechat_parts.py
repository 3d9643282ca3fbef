"""Parts of the WeChat channel by themselves: the cache, what a failure means, files named by URL."""

import asyncio
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import grpc
import grpc.aio
import pytest

from channels.wechat.cache import Cache
from channels.wechat.channel import WechatChannel
from channels.wechat.errors import send_failure
from channels.wechat.fetch import fetch
from channels.wechat.inbound import milliseconds
from channels.wechat.media import handle
from rules.errors import ChannelError
from tests.gateway.process import Gateway

# the cache


class Loader:
    """Counts its loads, and waits until it is let go."""

    def __init__(self) -> None:
        self.loads: list[str] = []
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def load(self, key: str) -> str:
        self.loads.append(key)
        await self.go.wait()
        if self.error:
            raise self.error
        return f"{key}{len(self.loads)}"


async def test_many_who_ask_at_once_make_one_load() -> None:
    loader = Loader()
    cache = Cache(loader.load, 10)
    asked = [asyncio.create_task(cache.get("a")) for _ in range(20)]
    await asyncio.sleep(0)
    loader.go.set()
    assert await asyncio.gather(*asked) == ["a1"] * 20
    assert loader.loads == ["a"]


async def test_a_failed_load_is_told_to_all_and_not_kept() -> None:
    loader = Loader()
    loader.error = ChannelError("away")
    cache = Cache(loader.load, 10)
    asked = [asyncio.create_task(cache.get("a")) for _ in range(3)]
    await asyncio.sleep(0)
    loader.go.set()
    assert [type(one) for one in await asyncio.gather(*asked, return_exceptions=True)] == [ChannelError] * 3
    loader.error = None
    assert await cache.get("a") == "a2"


async def test_one_who_gives_up_takes_nobody_along() -> None:
    loader = Loader()
    cache = Cache(loader.load, 10)
    first, second, third = (asyncio.create_task(cache.get("a")) for _ in range(3))
    await asyncio.sleep(0)
    first.cancel()  # the one that loads
    second.cancel()  # one that waits
    await asyncio.sleep(0)
    loader.go.set()
    assert await third == "a2"


async def test_what_was_dropped_while_on_its_way_is_not_kept() -> None:
    loader = Loader()
    cache = Cache(loader.load, 10)
    asked = asyncio.create_task(cache.get("a"))
    await asyncio.sleep(0)
    cache.drop("a")
    loader.go.set()
    assert await asked == "a1"
    assert await cache.get("a") == "a2"


async def test_the_cache_has_a_size_and_keeps_what_is_used() -> None:
    loader = Loader()
    loader.go.set()
    cache = Cache(loader.load, 2)
    for key in ("a", "b", "a", "c", "a"):
        await cache.get(key)
    assert loader.loads == ["a", "b", "c"]
    await cache.get("b")
    assert loader.loads == ["a", "b", "c", "b"]


# failures


@pytest.mark.parametrize(
    "notice",
    [
        "操作过于频繁，请稍后再试。",
        "操作频繁",
        "操作太频繁，请稍后再试",
        "发送消息过于频繁",
        "您的操作过于频繁,可稍后再试",
        "发送频率过快",
        "请求过快",
        "添加好友过于频繁",
        "Too many requests",
        "you are sending messages too frequently",
        "rate limit exceeded",
        "Rate-Limited",
        "request was throttled",
    ],
)
def test_every_spelling_of_too_often_is_known(notice: str) -> None:
    failure = send_failure(a_failure(grpc.StatusCode.UNKNOWN, notice))
    assert (failure.throttled, failure.delivered) == (True, "no")


@pytest.mark.parametrize("notice", ["no such room", "contact not found", "对方不是你的好友"])
def test_other_refusals_do_not_stop_the_account(notice: str) -> None:
    assert not send_failure(a_failure(grpc.StatusCode.UNKNOWN, notice)).throttled


def test_a_host_that_could_not_be_reached_got_nothing() -> None:
    details = "failed to connect to all addresses; last error: ipv4:127.0.0.1:1: Connection refused"
    assert send_failure(a_failure(grpc.StatusCode.UNAVAILABLE, details)).delivered == "no"
    assert send_failure(a_failure(grpc.StatusCode.UNAVAILABLE, "recvmsg:Connection reset")).delivered == "unknown"


def a_failure(code: grpc.StatusCode, details: str) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details)


@pytest.mark.parametrize(
    ("given", "stamp"),
    [(1_700_000_000, 1_700_000_000_000), (1_700_000_000_123, 1_700_000_000_123), (None, 0), ("x", 0), (-5, 0)],
)
def test_times_in_seconds_andmilliseconds_are_told_apart(given: object, stamp: int) -> None:
    assert milliseconds(given) == stamp


# files named by URL


class Shelf(http.server.BaseHTTPRequestHandler):
    """Serves /file, forwards /to/<url>, cuts /short, knows nothing else."""

    hits: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.hits.append(self.path)
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        self.send_response(200 if self.path in ("/file?a=1", "/short") else 404)
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(b"x" * (100 if self.path == "/short" else 5000))

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def shelf() -> Iterator[str]:
    Shelf.hits.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shelf) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_a_file_on_the_gateways_own_host_is_fetched(shelf: str, tmp_path: Path) -> None:
    assert await fetch(f"http://{shelf}/file?a=1", tmp_path / "in", 5000, "127.0.0.1") == 5000
    assert await fetch(f"http://{shelf}/to/http://{shelf}/file?a=1", tmp_path / "in", 5000, "127.0.0.1") == 5000


@pytest.mark.parametrize(
    "url",
    [
        "http://{shelf}/file?a=1",
        "http://user@{shelf}/file?a=1",
        "http://[::ffff:127.0.0.1]:{port}/file?a=1",
        "http://2130706433:{port}/file?a=1",
        "http://0.0.0.0:{port}/file?a=1",
        "http://localhost:{port}/file?a=1",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "file:///etc/passwd",
        "ftp://{shelf}/file",
        "http:///file",
        "not a url",
    ],
)
async def test_nothing_is_fetched_from_inside(shelf: str, tmp_path: Path, url: str) -> None:
    named = url.format(shelf=shelf, port=shelf.rpartition(":")[2])
    with pytest.raises(ChannelError):
        await fetch(named, tmp_path / "in", 5000, "gateway.example")
    assert Shelf.hits == []


async def test_a_forward_to_the_inside_is_not_followed(shelf: str, tmp_path: Path) -> None:
    port = shelf.rpartition(":")[2]
    with pytest.raises(ChannelError, match="private network"):
        await fetch(f"http://{shelf}/to/http://127.0.0.2:{port}/file", tmp_path / "in", 5000, "127.0.0.1")
    assert len(Shelf.hits) == 1


@pytest.mark.parametrize(("path", "limit"), [("/file?a=1", 4999), ("/short", 5000), ("/none", 5000)])
async def test_what_is_too_large_cut_or_missing_is_an_error(shelf: str, tmp_path: Path, path: str, limit: int) -> None:
    with pytest.raises(ChannelError):
        await fetch(f"http://{shelf}{path}", tmp_path / "in", limit, "127.0.0.1")


@pytest.mark.gateway
async def test_a_file_that_the_gateway_gives_by_url_is_downloaded(
    gateways: dict[tuple[str, ...], Gateway], shelf: str, tmp_path: Path
) -> None:
    gateway = gateways.get(("--seed", "3")) or gateways.setdefault(("--seed", "3"), Gateway("--seed", "3"))
    file = {"name": "目录.pdf", "url": f"http://{shelf}/file?a=1"}
    message = gateway.say(sender="wxid_s3c0", file=file)
    there = gateway.accounts[0]
    channel = WechatChannel("小知", there["endpoint"], there["token"])
    media = handle(message, "目录.pdf", image=False)
    assert await channel.download(media, tmp_path / "in", 5000) == 5000
    with pytest.raises(ChannelError):
        await channel.download(media, tmp_path / "in2", 100)
    assert not (tmp_path / "in2").exists()
    assert not (tmp_path / "in2.part").exists()
    await channel.close()
