"""Short links over HTTP: they lead to declared hosts only, count people once, and give nobody away."""

import ast
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog

from actions.effects.links import link_for
from rules.effects.codes import LENGTH, code_of
from rules.errors import StorageError
from tests.conftest import ROOT
from tests.house import House
from tests.rules.effects.test_redirects import HOSTILE
from tests.rules.effects.test_visitors import ANDROID, FETCHER, IPHONE
from tests.web.conftest import Answer, Shop
from web import Door

URL = "https://shop.example.com/面包?x=1"
SENT = "https://shop.example.com/%E9%9D%A2%E5%8C%85?x=1"
HOSTS = ("shop.example.com", "evil-once.example")


@pytest.fixture
async def site(database_url: str, folder: Path) -> AsyncIterator[Shop]:
    house = House(database_url, folder, web={"public_url": "https://go.example.cn"}, links={"hosts": HOSTS})
    await house.open()
    door = Door(house.community, {})
    await door.start("127.0.0.1:0")
    async with aiohttp.ClientSession() as client:
        yield Shop(house, door, client)
    await door.stop()
    await house.close()


async def made(site: Shop, url: str = URL, **values: Any) -> str:
    house = site.house
    link = await house.db.write(lambda tx: link_for(tx, house.community, url, house.clock.now(), **values))
    return link.removeprefix("https://go.example.cn")


async def opened(site: Shop, path: str, agent: str = IPHONE, method: str = "GET", **headers: str) -> Answer:
    return await site.ask(method, path, headers={"user-agent": agent, **headers}, allow_redirects=False)


async def rewritten(site: Shop, url: str) -> None:
    await site.house.db.write(lambda tx: tx.execute("UPDATE short_link SET url = $1", url))


async def clicks(site: Shop) -> list[int]:
    """`machine` of each click."""
    return [row["machine"] for row in await site.house.db.all("SELECT machine FROM click ORDER BY id")]


async def test_a_link_leads_on_and_leaves_nothing_behind_in_the_browser(site: Shop) -> None:
    await site.house.say("小美", "你好")
    answer = await opened(site, await made(site, member_id=await site.house.member("小美")))
    assert (answer.status, answer.headers["location"], answer.text) == (302, SENT, "")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "set-cookie" not in answer.headers
    assert await clicks(site) == [0]


async def test_a_double_tap_is_one_click_and_a_second_look_another(site: Shop) -> None:
    path = await made(site, member_id=1)
    answers = await asyncio.gather(*(opened(site, path) for _ in range(8)))
    assert {answer.status for answer in answers} == {302}
    assert await clicks(site) == [0]
    site.house.clock.offset += 6_000
    await opened(site, path)
    assert await clicks(site) == [0, 0]


async def test_two_people_on_a_rooms_link_are_two_and_a_double_tap_is_one(site: Shop) -> None:
    path = await made(site, room_id=1)
    for agent in (IPHONE, ANDROID, IPHONE, ANDROID):
        await opened(site, path, agent)
    assert await clicks(site) == [0, 0]
    site.house.clock.offset += 6_000
    await opened(site, path)
    assert await clicks(site) == [0, 0, 0]


async def test_programs_are_sent_on_and_counted_apart(site: Shop) -> None:
    path = await made(site, member_id=1)
    assert (await opened(site, path, method="HEAD")).headers["location"] == SENT
    site.house.clock.offset += 6_000
    await opened(site, path, FETCHER)
    site.house.clock.offset += 6_000
    await opened(site, path, purpose="prefetch")
    assert await clicks(site) == [1, 1, 1]
    await opened(site, path)  # right after its preview
    assert await clicks(site) == [1, 1, 1, 0]
    path = await made(site, room_id=1)
    await opened(site, path, purpose="prefetch")
    await opened(site, path)  # of the same browser
    assert await clicks(site) == [1, 1, 1, 0, 1, 0]


async def test_whoever_was_erased_is_sent_on_and_counted_no_more(site: Shop) -> None:
    house = site.house
    await house.say("小美", "你好")
    member_id = await house.member("小美")
    path = await made(site, member_id=member_id)
    await house.say("小美", "注销")
    await house.say("小美", "确认注销")
    assert await house.db.value("SELECT erased_at FROM member WHERE id = $1", member_id) is not None
    assert (await opened(site, path)).headers["location"] == SENT
    assert await clicks(site) == []


async def test_a_forged_code_is_refused_before_the_database_is_asked(
    site: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = await made(site, member_id=1)
    forged = [f"/s/{code_of(b'x' * 32, ('a', number))}" for number in range(20)]
    forged += ["/s/" + "2" * LENGTH, "/s/short", "/s/%3Cscript%3E", "/s/%00", "/s/..%2f..%2fetc", real[:-1] + "é"]
    pages = [await opened(site, real[:3] + code_of(site.house.community.directory.link_key, ("never made",)))]

    async def asked(*args: Any) -> Any:
        raise AssertionError("the database was asked")

    with monkeypatch.context() as patch:
        patch.setattr("db.effects.links.by_code", asked)
        pages += [await opened(site, path) for path in forged]
    assert {page.status for page in pages} == {404}
    assert len({page.text for page in pages}) == 1
    assert "script" not in pages[0].text
    assert await clicks(site) == []


async def test_an_address_that_was_put_into_the_table_leads_nowhere(site: Shop) -> None:
    """Not even whoever can write to the database makes an open redirect of a link."""
    path = await made(site, member_id=1)
    for url in [one for one in HOSTILE if "\x00" not in one and len(one) <= 500]:
        await rewritten(site, url)
        answer = await opened(site, path)
        assert (answer.status, answer.headers.get("location")) == (404, None), url
    assert await clicks(site) == []


async def test_a_host_that_is_declared_no_more_is_led_to_no_more(site: Shop) -> None:
    path = await made(site, "https://evil-once.example/a", member_id=1)
    assert (await opened(site, path)).status == 302
    settings = site.house.community.settings
    site.house.community.settings = settings.model_copy(
        update={"links": settings.links.model_copy(update={"hosts": HOSTS[:1]})}
    )
    assert (await opened(site, path)).status == 404


async def test_while_the_database_cannot_write_people_are_sent_on(site: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await made(site, member_id=1)

    async def away(*args: Any, **values: Any) -> Any:
        raise StorageError("away")

    with monkeypatch.context() as patch:
        patch.setattr(type(site.house.db), "write", away)
        assert (await opened(site, path)).status == 302
        patch.setattr("db.effects.links.by_code", away)
        assert (await opened(site, path)).status == 503


async def test_no_code_and_no_address_stands_in_the_log(site: Shop) -> None:
    path = await made(site, member_id=1)
    with structlog.testing.capture_logs() as lines:
        await opened(site, path + "?phone=13800000001")
        await opened(site, "/s/13800000001")
    assert len(lines) == 2
    for told in (path.removeprefix("/s/"), "shop.example.com", "13800000001"):
        assert told not in repr(lines)


async def test_following_a_link_opens_no_connection_of_ours(site: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 25: the server sends the browser there, it doesn't go itself."""
    loop, seen = asyncio.get_running_loop(), []
    real = loop.create_connection

    async def watched(*args: Any, **values: Any) -> Any:
        seen.append(args[1:3] if len(args) > 2 else values)
        return await real(*args, **values)

    monkeypatch.setattr(loop, "create_connection", watched)
    path = await made(site, member_id=1)
    assert (await opened(site, path)).status == 302
    assert all("shop.example.com" not in repr(one) for one in seen)
    assert all(str(site.door.port) in repr(one) or "sock" in repr(one) for one in seen)


def test_nothing_that_answers_the_web_can_fetch() -> None:
    """No client stands in web/ or in what came of it: aiohttp is imported for its server alone."""
    clients = {"httpx", "requests", "socket", "http.client", "urllib.request", "urllib3", "aiohttp.client"}
    for room in ("web", "actions/effects", "rules/effects", "db/effects"):
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    names = {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    names = {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
                else:
                    continue
                assert not names & clients, file
                assert not {one for one in names if one.startswith("aiohttp.") and one != "aiohttp.web"}, file
                assert "aiohttp.ClientSession" not in names, file
