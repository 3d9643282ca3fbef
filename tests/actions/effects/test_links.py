"""Links: one for each person and item, however often and by however many it is asked for."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from actions.effects.links import link_for
from tests.house import House

URL = "https://shop.example.com/toast"


@pytest.fixture
async def linking(database_url: str, folder: Path) -> AsyncIterator[House]:
    """A house with an address of its own and a shop that is declared."""
    house = House(
        database_url,
        folder,
        web={"public_url": "https://go.example.cn/"},
        links={"hosts": ["shop.example.com"]},
    )
    await house.open()
    yield house
    await house.close()


async def made(house: House, url: str = URL, **values: Any) -> str:
    return await house.db.write(lambda tx: link_for(tx, house.community, url, house.clock.now(), **values))


async def test_a_person_has_one_link_for_an_item_and_a_use(linking: House) -> None:
    one = await made(linking, member_id=1, content_id=3)
    assert one.startswith("https://go.example.cn/s/")
    assert await made(linking, member_id=1, content_id=3) == one
    others = [
        await made(linking, member_id=2, content_id=3),
        await made(linking, member_id=1, content_id=4),
        await made(linking, member_id=1, content_id=3, campaign_id=1),
        await made(linking, room_id=1, content_id=3),
        await made(linking, member_id=1, content_id=3, url=URL + "/2"),
    ]
    assert len({one, *others}) == 6
    assert await linking.db.value("SELECT COUNT(*) FROM short_link") == 6


async def test_twenty_at_once_make_one_link_and_one_key(linking: House) -> None:
    found = await asyncio.gather(*(made(linking, member_id=1, product_id=9) for _ in range(20)))
    assert len(set(found)) == 1
    assert await linking.db.value("SELECT COUNT(*) FROM short_link") == 1
    await linking.restart()
    assert await made(linking, member_id=1, product_id=9) == found[0]


async def test_where_no_link_can_be_made_the_plain_address_stands(linking: House) -> None:
    assert await made(linking) == URL
    for url in ("https://evil.example/a", "javascript:alert(1)", "weixin://dl", ""):
        assert await made(linking, url, member_id=1) == url
    assert await linking.db.value("SELECT COUNT(*) FROM short_link") == 0


async def test_a_key_that_was_not_kept_signs_nothing(linking: House) -> None:
    async def fails(tx: Any) -> None:
        await link_for(tx, linking.community, URL, 1, member_id=1)
        raise LookupError

    with pytest.raises(LookupError):
        await linking.db.write(fails)
    assert linking.community.directory.link_key == b""
    await made(linking, member_id=1)
    kept = await linking.db.value("SELECT value FROM meta WHERE key = 'link_key'")
    assert linking.community.directory.link_key == bytes.fromhex(kept)


async def test_without_an_address_of_ones_own_there_are_no_links(house: House) -> None:
    assert await made(house, member_id=1) == URL
