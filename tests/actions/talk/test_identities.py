"""Who is who is kept in memory only once it is durable: another transaction must not write of somebody it can't see."""

import pytest

from actions.talk import identities
from db.database import Tx
from rules.messages import Person
from tests.house import NOON, House

XIAOMEI = Person("wx:小美", "小美")


async def test_a_contact_is_known_to_others_only_once_it_is_committed(house: House) -> None:
    account = house.community.directory.by_name["小知"]
    key = (account.channel, identities.scope_of(account, XIAOMEI.id), XIAOMEI.id)

    async def meet(tx: Tx) -> None:
        await identities.find(tx, house.community, account, XIAOMEI, NOON)
        assert house.community.directory.contact(key) is None

    await house.db.write(meet)
    assert house.community.directory.contact(key) is not None


async def test_a_contact_whose_making_was_taken_back_is_not_remembered(house: House) -> None:
    account = house.community.directory.by_name["小知"]
    key = (account.channel, identities.scope_of(account, XIAOMEI.id), XIAOMEI.id)

    async def meet(tx: Tx) -> None:
        await identities.find(tx, house.community, account, XIAOMEI, NOON)
        raise RuntimeError("taken back")

    with pytest.raises(RuntimeError):
        await house.db.write(meet)
    assert house.community.directory.contact(key) is None
    assert await house.db.value("SELECT COUNT(*) FROM identity") == 0
