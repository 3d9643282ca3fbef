"""WeChat alone: what a real gateway does to a connection, and twenty accounts in one process."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from channels.base import Link
from channels.wechat.channel import WechatChannel
from rules.errors import ChannelError, SendError, StorageError
from rules.messages import Act, Event, Kind, Outgoing
from tests.channels.drivers import Recorder
from tests.gateway.process import Gateway

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(60)]


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    gateway = Gateway("--seed", "5", "--heartbeat", "1")
    yield gateway
    gateway.close()


@pytest.fixture(autouse=True)
def calm(gateway: Gateway) -> None:
    """No fault of an earlier test is left, and the account is logged in."""
    gateway.call("DELETE", "/faults")
    gateway.call("DELETE", "/sent")
    gateway.post("/login")


@asynccontextmanager
async def connected(
    gateway: Gateway, account: int = 0, heard: Recorder | None = None, online: bool = True, **options: Any
) -> AsyncIterator[tuple[WechatChannel, Recorder]]:
    """A running channel and its recorder."""
    there, heard = gateway.accounts[account], heard or Recorder()
    token = options.pop("token", there["token"])
    channel = WechatChannel(f"账号{account}", there["endpoint"], token, **options)
    running = asyncio.create_task(channel.run(heard))
    try:
        if online:
            await heard.state(Link.ONLINE)
        yield channel, heard
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await channel.close()


async def tell(gateway: Gateway, path: str, account: int = 0, /, **body: Any) -> Any:
    if "sender" in body:
        body["from"] = body.pop("sender")
    return await asyncio.to_thread(gateway.post, path, account, **body)


FRIEND, OTHER = "wxid_s5c0", "wxid_s5c1"


# the link


async def test_a_restarted_gateway_is_back_within_seconds(gateway: Gateway) -> None:
    async with connected(gateway) as (channel, heard):
        await asyncio.to_thread(gateway.kill)
        detail = await heard.state(Link.LOST)
        assert "UNAVAILABLE" in detail or "CANCELLED" in detail
        with pytest.raises(SendError) as caught:
            await channel.send(FRIEND, Outgoing(text="在吗"))
        assert caught.value.delivered == "no"
        await asyncio.sleep(2)
        before = len(heard.links)
        await asyncio.to_thread(gateway.start)
        started = time.monotonic()
        await heard.state(Link.ONLINE, before)
        assert time.monotonic() - started < 6
        await tell(gateway, "/messages", sender=FRIEND, text="回来了吗")
        await heard.event(lambda event: event.text == "回来了吗")
        assert heard.states.count(Link.LOST) <= 2, "one loss is told once, not at each try"


async def test_a_cut_connection_is_opened_again(gateway: Gateway) -> None:
    async with connected(gateway) as (_, heard):
        before = len(heard.links)
        await tell(gateway, "/disconnect", downMs=300)
        await heard.state(Link.ONLINE, before)
        await tell(gateway, "/messages", sender=FRIEND, text="又连上了")
        await heard.event(lambda event: event.text == "又连上了")


async def test_what_changed_while_the_connection_was_down_is_seen(gateway: Gateway) -> None:
    async with connected(gateway) as (_, heard):
        await tell(gateway, "/messages", sender=OTHER, text="断线之前")
        await heard.event(lambda event: event.text == "断线之前")
        before = len(heard.links)
        cut = asyncio.create_task(tell(gateway, "/disconnect", downMs=800))
        await heard.state(Link.LOST, before)
        await asyncio.to_thread(gateway.call, "PATCH", "/contacts", id=OTHER, name="新名字")
        await cut
        await heard.state(Link.ONLINE, before)
        await tell(gateway, "/messages", sender=OTHER, text="断线之后")
        assert (await heard.event(lambda event: event.text == "断线之后")).person.name == "新名字"


async def test_a_deaf_gateway_is_noticed_within_three_heartbeats(gateway: Gateway) -> None:
    async with connected(gateway, silence=3.0) as (channel, heard):
        await asyncio.sleep(4)  # heartbeats keep a quiet link alive
        assert Link.LOST not in heard.states
        gateway.hang()
        try:
            hung = time.monotonic()
            await heard.state(Link.LOST)
            assert time.monotonic() - hung < 4
            with pytest.raises(SendError):
                await channel.send(FRIEND, Outgoing(text="喂"))
        finally:
            before = len(heard.links)
            gateway.wake()
        await heard.state(Link.ONLINE, before, patience=30)


async def test_stop_is_never_sent(gateway: Gateway) -> None:
    await asyncio.to_thread(gateway.call, "DELETE", "/calls")
    for _ in range(3):
        async with connected(gateway):
            pass
    calls = await asyncio.to_thread(gateway.calls)
    assert calls["event"] == 3
    assert calls["start"] == 3
    assert not {"stop", "logout"} & set(calls)
    assert (await asyncio.to_thread(gateway.get, "/state"))["loggedIn"]


async def test_a_wrong_token_is_refused_and_not_repeated_in_the_reason(gateway: Gateway) -> None:
    async with connected(gateway, token="insecure_secret-canary", online=False, refused_rest=0.2) as (channel, heard):
        detail = await heard.state(Link.REFUSED)
        await asyncio.sleep(1)
        assert "canary" not in detail
        assert heard.states.count(Link.REFUSED) == 1
        with pytest.raises(ChannelError) as caught:
            await channel.person(FRIEND)
        assert "canary" not in str(caught.value)


async def test_a_second_client_is_refused_and_takes_over_when_the_first_goes(gateway: Gateway) -> None:
    first = connected(gateway)
    _, heard = await first.__aenter__()
    try:
        async with connected(gateway, online=False) as (_, second):
            assert "另一个程序" in await second.state(Link.REFUSED)
            assert Link.LOST not in heard.states
            await first.__aexit__(None, None, None)
            await second.state(Link.ONLINE)
    finally:
        await first.__aexit__(None, None, None)


async def test_login_by_qr_code() -> None:
    gateway = await asyncio.to_thread(Gateway, "--seed", "6", "--login", "off")
    try:
        async with connected(gateway, online=False) as (_, heard):
            assert await heard.state(Link.SCAN) == "https://login.invalid/qr"
            await tell(gateway, "/scan", status="Scanned", qrcode="https://login.invalid/scanned")
            await tell(gateway, "/login")
            await heard.state(Link.ONLINE)
            assert (heard.self_id, heard.name) == ("wxid_s6bot0", "机器人0")
            assert [detail for _, detail in heard.links].count("https://login.invalid/scanned") == 0
    finally:
        await asyncio.to_thread(gateway.close)


async def test_a_login_with_all_ids_changed_keeps_names_and_remarks() -> None:
    gateway = await asyncio.to_thread(Gateway, "--seed", "7")
    try:
        async with connected(gateway) as (channel, heard):
            await channel.send("", Outgoing(Act.REMARK, "小美 #a1b2", contact="wxid_s7c0"))
            await tell(gateway, "/messages", sender="wxid_s7c0", text="换号之前")
            old = await heard.event(lambda event: event.text == "换号之前")
            before = len(heard.links)
            ids = await tell(gateway, "/relogin", seed=8)
            await heard.state(Link.ONLINE, before)
            assert heard.self_id == ids["wxid_s7bot0"]
            await tell(gateway, "/messages", sender=ids["wxid_s7c0"], text="换号之后")
            new = await heard.event(lambda event: event.text == "换号之后")
            assert old.person.id != new.person.id
            assert (new.person.name, new.person.remark) == (old.person.name, "小美 #a1b2")
            everyone = [one.id async for one in channel.people()]
            assert set(everyone) == set(ids.values())
    finally:
        await asyncio.to_thread(gateway.close)


# twenty accounts


async def test_twenty_accounts_in_one_process_answer_from_the_account_that_was_spoken_to() -> None:
    gateway = await asyncio.to_thread(Gateway, "--seed", "9", "--accounts", "20", "--echo", "off")
    channels: list[WechatChannel] = []
    answered = [asyncio.Event() for _ in range(20)]

    class Answering(Recorder):
        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

        async def heard(self, event: Event) -> None:
            await super().heard(event)
            await channels[self.number].send(event.person.id, Outgoing(text=f"{event.account}收到{event.text}"))
            if len(self.events) == 3:
                answered[self.number].set()

    recorders = [Answering(number) for number in range(20)]
    runs = []
    try:
        for number, there in enumerate(gateway.accounts):
            channels.append(WechatChannel(f"账号{number}", there["endpoint"], there["token"]))
            runs.append(asyncio.create_task(channels[-1].run(recorders[number])))
        await asyncio.gather(*(one.state(Link.ONLINE) for one in recorders))
        assert [one.self_id for one in recorders] == [f"wxid_s9bot{number}" for number in range(20)]
        order = [number for number in range(20) for _ in range(3)]
        random.Random(1).shuffle(order)
        for turn, number in enumerate(order):  # the same people write to all of them
            await tell(gateway, "/messages", number, sender=f"wxid_s9c{turn % 5}", text=f"第{turn}句")
        async with asyncio.timeout(15):
            await asyncio.gather(*(one.wait() for one in answered))
        for number in range(20):
            turns = [turn for turn, one in enumerate(order) if one == number]
            sent = await asyncio.to_thread(gateway.sent, number)
            assert sorted((one["conversation"], one["text"]) for one in sent) == sorted(
                (f"wxid_s9c{turn % 5}", f"账号{number}收到第{turn}句") for turn in turns
            )
    finally:
        for run in runs:
            run.cancel()
        await asyncio.gather(*runs, return_exceptions=True)
        for channel in channels:
            await channel.close()
        await asyncio.to_thread(gateway.close)


# events


async def test_a_notice_that_is_delivered_again_has_the_same_id(gateway: Gateway) -> None:
    room = (await asyncio.to_thread(gateway.get, "/rooms"))[0]["id"]
    async with connected(gateway) as (_, heard):
        for stamp in (1_700_000_000_000, 1_700_000_000_000, 1_700_000_005_000):
            await tell(gateway, "/room-join", room=room, members=[FRIEND, OTHER], by=FRIEND, timestamp=stamp)
        await heard.until(lambda: len(heard.events) == 6)
        ids = [event.id for event in heard.events]
        assert ids[:2] == ids[2:4]
        assert len(set(ids)) == 4
        assert [event.at for event in heard.events[::2]] == [1_700_000_000_000, 1_700_000_000_000, 1_700_000_005_000]


async def test_a_message_that_is_delivered_again_has_the_same_id(gateway: Gateway) -> None:
    async with connected(gateway) as (_, heard):
        message = (await tell(gateway, "/messages", sender=FRIEND, text="一次"))["id"]
        await tell(gateway, "/redeliver", ids=[message, message])
        await heard.until(lambda: len(heard.events) == 3)
        assert {event.id for event in heard.events} == {message}


async def test_who_is_told_to_be_quiet_passes_on_what_was_read_then_hears_no_more_and_still_sends(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(gateway) as (channel, heard):
        told = heard.heard

        async def slowly(event: Event) -> None:
            await asyncio.sleep(0.02)
            await told(event)

        monkeypatch.setattr(heard, "heard", slowly)
        for number in range(40):
            await tell(gateway, "/messages", sender=FRIEND, text=f"第{number}句")
        await channel.quiet()
        passed = len(heard.events)
        assert channel._pipeline.open == 0
        await tell(gateway, "/messages", sender=FRIEND, text="没人听了")
        await channel.send(FRIEND, Outgoing(text="还能说"))
        await asyncio.sleep(0.3)
        assert len(heard.events) == passed > 0
        assert [event.text for event in heard.events] == [f"第{number}句" for number in range(passed)]


async def test_junk_from_the_gateway_stops_nothing(gateway: Gateway) -> None:
    async with connected(gateway) as (_, heard):
        for name in ("message", "friendship", "room-invite", "room-join", "room-topic", "scan"):
            await tell(gateway, "/event", name=name, payload={"roomId": None, "inviteeIdList": None, "timestamp": "x"})
        await tell(gateway, "/event", name="message", payload={"messageId": "no-such-message"})
        await tell(gateway, "/messages", sender=FRIEND, text="还在听")
        await heard.event(lambda event: event.text == "还在听")
        assert Link.LOST not in heard.states


async def test_an_error_of_the_network_is_a_system_event(gateway: Gateway) -> None:
    async with connected(gateway, now=lambda: 1_790_000_000_000) as (_, heard):
        await tell(gateway, "/event", name="error", payload="操作过于频繁，请稍后再试")
        event = await heard.event(lambda event: event.kind is Kind.SYSTEM)
        assert (event.text, event.at, event.person.id) == ("操作过于频繁，请稍后再试", 1_790_000_000_000, "")


@pytest.mark.parametrize(
    ("type", "kind"),
    [
        ("ChatHistory", Kind.CHAT_HISTORY),
        ("Emoticon", Kind.EMOTICON),
        ("GroupNote", Kind.NOTE),
        ("Location", Kind.LOCATION),
        ("Post", Kind.POST),
        ("RedEnvelope", Kind.RED_PACKET),
        ("Transfer", Kind.TRANSFER),
        ("Unknown", Kind.OTHER),
        ("Video", Kind.VIDEO),
    ],
)
async def test_every_type_of_message_has_its_kind(gateway: Gateway, type: str, kind: Kind) -> None:
    async with connected(gateway) as (_, heard):
        message = (await tell(gateway, "/messages", sender=FRIEND, type=type, text="内容"))["id"]
        assert (await heard.event(lambda event: event.id == message)).kind is kind


async def test_a_mention_without_ids_is_known_by_the_name(gateway: Gateway) -> None:
    room = (await asyncio.to_thread(gateway.get, "/rooms"))[0]["id"]
    async with connected(gateway) as (_, heard):
        await tell(gateway, "/messages", sender=FRIEND, room=room, text="@机器人0\u2005签到")
        await tell(gateway, "/messages", sender=FRIEND, room=room, text="@机器人01\u2005签到")
        await heard.until(lambda: len(heard.events) == 2)
        assert [event.mentioned for event in heard.events] == [True, False]


async def test_the_name_in_the_room_is_seen_and_followed(gateway: Gateway) -> None:
    room = (await asyncio.to_thread(gateway.get, "/rooms"))[0]["id"]
    async with connected(gateway) as (_, heard):
        for name in ("三号面包师", "四号面包师"):
            await tell(gateway, "/room-alias", room=room, contact=FRIEND, alias=name)
            await tell(gateway, "/messages", sender=FRIEND, room=room, text=name)
            assert (await heard.event(lambda event, name=name: event.text == name)).person.room_name == name  # type: ignore[misc]


async def test_an_own_private_message_says_to_whom(gateway: Gateway) -> None:
    async with connected(gateway) as (channel, heard):
        message = await channel.send(FRIEND, Outgoing(text="记一笔"))
        event = await heard.event(lambda event: event.id == message)
        assert (event.own, event.data) == (True, {"to": FRIEND})


async def test_a_burst_from_one_sender_asks_for_them_once(gateway: Gateway) -> None:
    async with connected(gateway) as (_, heard):
        await asyncio.to_thread(gateway.call, "DELETE", "/calls")
        await tell(gateway, "/messages", sender=FRIEND, text="第{i}句", count=300)
        await heard.until(lambda: len(heard.events) == 300)
        assert [event.text for event in heard.events] == [f"第{number}句" for number in range(300)]
        assert await asyncio.to_thread(gateway.calls) == {"contactPayload": 1, "messagePayload": 300}


async def test_conversations_stay_in_order_however_slow_a_call_is(gateway: Gateway) -> None:
    rooms = [one["id"] for one in await asyncio.to_thread(gateway.get, "/rooms")]
    async with connected(gateway) as (_, heard):
        for number in range(20):
            await tell(gateway, "/faults", method="messagePayload", times=1, delayMs=number * 7 % 40)
        await tell(gateway, "/messages", sender=[FRIEND, OTHER], room=rooms, text="{i}", count=60)
        await heard.until(lambda: len(heard.events) == 60)
        for room in rooms:
            said = [int(event.text) for event in heard.events if event.room and event.room.id == room]
            assert said == sorted(said)
            assert len(said) == 60 // len(rooms)


async def test_a_payload_that_fails_for_a_moment_is_asked_for_again(gateway: Gateway) -> None:
    async with connected(gateway) as (_, heard):
        await tell(gateway, "/faults", method="messagePayload", times=2, code=14, details="moment")
        await tell(gateway, "/faults", method="contactPayload", times=2, code=14, details="moment")
        await tell(gateway, "/messages", sender=FRIEND, text="没有丢")
        event = await heard.event(lambda event: event.text == "没有丢")
        assert event.person.name


async def test_an_event_that_the_house_cannot_store_just_now_is_offered_again(gateway: Gateway) -> None:
    class Full(Recorder):
        tries = 0

        async def heard(self, event: Event) -> None:
            self.tries += 1
            if self.tries < 3:
                raise StorageError("the database is locked")
            if event.text == "坏的":
                raise ValueError(event.text)
            await super().heard(event)

    async with connected(gateway, heard=Full()) as (_, heard):
        for text in ("一", "坏的", "二"):
            await tell(gateway, "/messages", sender=FRIEND, text=text)
        await heard.event(lambda event: event.text == "二")
        assert [event.text for event in heard.events] == ["一", "二"]


async def test_a_full_house_makes_the_gateway_wait_and_loses_nothing(gateway: Gateway) -> None:
    class Slow(Recorder):
        open = asyncio.Event()

        async def heard(self, event: Event) -> None:
            await self.open.wait()
            await super().heard(event)

    heard = Slow()
    heard.open = asyncio.Event()
    async with connected(gateway, heard=heard):
        await asyncio.to_thread(gateway.call, "DELETE", "/calls")
        await tell(gateway, "/messages", sender=FRIEND, text="{i}", count=1500)
        await asyncio.sleep(0.5)
        calls = await asyncio.to_thread(gateway.calls)
        assert calls["messagePayload"] < 400, "what can't be taken is not fetched"
        heard.open.set()
        await heard.until(lambda: len(heard.events) == 1500)
        assert [event.text for event in heard.events] == [str(number) for number in range(1500)]


# sends


@pytest.mark.parametrize(
    ("fault", "delivered", "permanent", "throttled"),
    [
        ({"code": 8, "details": "quota"}, "no", False, True),
        ({"code": 2, "details": "操作过于频繁，请稍后再试"}, "no", False, True),
        ({"code": 2, "details": "not logged in"}, "no", False, False),
        ({"code": 2, "details": "no such room"}, "no", False, False),
        ({"code": 2, "details": "waiting for the answer timed out"}, "unknown", False, False),
        ({"code": 3, "details": "bad text"}, "no", True, False),
        ({"code": 4, "details": "deadline"}, "unknown", False, False),
        ({"code": 13, "details": "RST_STREAM"}, "unknown", False, False),
        ({"code": 14, "details": "Socket closed"}, "unknown", False, False),
        ({"code": 16, "details": 'Invalid Wechaty TOKEN "canary"'}, "no", False, False),
    ],
)
async def test_a_failed_send_says_whether_it_left(
    gateway: Gateway, fault: dict[str, Any], delivered: str, permanent: bool, throttled: bool
) -> None:
    async with connected(gateway) as (channel, _):
        await tell(gateway, "/faults", method="messageSendText", **fault)
        with pytest.raises(SendError) as caught:
            await channel.send(FRIEND, Outgoing(text="你好"))
        failure = caught.value
        assert (failure.delivered, failure.permanent, failure.throttled) == (delivered, permanent, throttled)
        assert "canary" not in str(failure)


async def test_a_lost_answer_is_unknown_and_the_message_was_sent_once(gateway: Gateway) -> None:
    async with connected(gateway) as (channel, _):
        await tell(
            gateway, "/faults", method="messageSendText", after=True, code=14, details="Connection reset by peer"
        )
        with pytest.raises(SendError) as caught:
            await channel.send(FRIEND, Outgoing(text="只有一次"))
        assert caught.value.delivered == "unknown"
        assert [one["text"] for one in await asyncio.to_thread(gateway.sent)] == ["只有一次"]


async def test_a_gateway_killed_in_the_middle_of_a_send_leaves_it_unknown() -> None:
    gateway = await asyncio.to_thread(Gateway, "--seed", "2")
    try:
        async with connected(gateway) as (channel, _):
            await tell(gateway, "/faults", method="messageSendText", delayMs=10_000)
            sending = asyncio.create_task(channel.send("wxid_s2c0", Outgoing(text="在路上")))
            await asyncio.sleep(0.3)
            await asyncio.to_thread(gateway.kill)
            with pytest.raises(SendError) as caught:
                await sending
            assert caught.value.delivered == "unknown"
    finally:
        gateway.kill()


async def test_a_failed_upload_has_sent_nothing(gateway: Gateway, tmp_path: Any) -> None:
    path = tmp_path / "海报.png"
    path.write_bytes(b"x" * 200_000)
    async with connected(gateway) as (channel, _):
        await tell(gateway, "/faults", method="upload", code=14, details="Socket closed")
        with pytest.raises(SendError) as caught:
            await channel.send(FRIEND, Outgoing(Act.IMAGE, path=str(path)))
        assert caught.value.delivered == "no"
        assert await asyncio.to_thread(gateway.sent) == []
