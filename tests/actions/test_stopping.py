"""An orderly stop: what was heard is answered, what is being sent arrives, nothing is left in doubt."""

import asyncio

from tests.house import House


async def test_what_was_heard_before_a_stop_is_stored_and_answered_by_the_next_start(house: House) -> None:
    for number in range(300):
        await house.inbox.heard(house.event(f"客人{number}", "签到"))
    await house.restart()
    assert await house.db.value("SELECT COUNT(*) FROM interaction") == 300
    await house.settled()
    assert len(house.sent) == 300


async def test_a_message_that_is_being_sent_arrives_before_the_house_is_closed(house: House) -> None:
    channel = house.channels["小知"]
    began, send = asyncio.Event(), channel.send

    async def slowly(to: str, content: object) -> str:
        began.set()
        await asyncio.sleep(0.2)
        return await send(to, content)  # type: ignore[arg-type]

    channel.send = slowly  # type: ignore[method-assign]
    await house.inbox.heard(house.event("小美", "签到"))
    await began.wait()
    await house.restart()
    assert await house.db.value("SELECT state FROM outbox") == "sent"
    assert len(house.sent) == 1


async def test_what_a_channel_had_read_when_the_stop_came_is_stored_and_answered(house: House) -> None:
    async def quiet() -> None:
        for number in range(20):
            await house.inbox.heard(house.event(f"客人{number}", "签到"))
            await asyncio.sleep(0)

    house.channels["小知"].quiet = quiet  # type: ignore[method-assign]
    await house.restart()
    assert await house.db.value("SELECT COUNT(*) FROM interaction") == 20
    await house.settled()
    assert len(house.sent) == 20
