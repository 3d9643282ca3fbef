"""What every channel promises, told once and tried on each; skipped only by what a channel says it can't do."""

import asyncio
import hashlib
import os
import uuid
from pathlib import Path

import pytest

from channels.base import Capabilities, Link
from rules.errors import ChannelError, SendError
from rules.messages import Act, Event, Kind, Outgoing
from tests.channels.drivers import Driver

pytestmark = pytest.mark.timeout(60)


def needs(driver: Driver, *abilities: str) -> Capabilities:
    for ability in abilities:
        if not getattr(driver.can, ability):
            pytest.skip(f"capability: {driver.name} can't: {ability}")
    return driver.can


def fresh(text: str) -> str:
    """A text that no other test has said."""
    return f"{text} {uuid.uuid4().hex[:8]}"


async def said(driver: Driver, text: str) -> Event:
    return await driver.heard.event(lambda event: event.text == text)


async def of_kind(driver: Driver, kind: Kind) -> Event:
    return await driver.heard.event(lambda event: event.kind is kind and not event.own)


async def test_the_account_says_who_it_is(driver: Driver) -> None:
    assert driver.heard.self_id
    assert driver.heard.name


async def test_a_private_text_arrives_with_its_sender(driver: Driver) -> None:
    text = fresh("你好，我有多少积分？")
    await driver.say(driver.friend.id, text)
    event = await said(driver, text)
    assert (event.kind, event.account, event.room, event.own) == (Kind.TEXT, driver.channel.account, None, False)
    assert (event.person.id, event.person.name) == (driver.friend.id, driver.friend.name)
    assert event.id
    assert event.at > 1_600_000_000_000


async def test_a_group_text_arrives_with_its_room(driver: Driver) -> None:
    needs(driver, "rooms")
    text = fresh("今天有面包吗")
    await driver.say(driver.friend.id, text, driver.room[0])
    event = await said(driver, text)
    assert event.room is not None
    assert (event.room.id, event.room.topic) == driver.room
    assert (event.person.id, event.mentioned) == (driver.friend.id, False)


async def test_a_mention_of_the_account_is_seen_and_one_of_another_is_not(driver: Driver) -> None:
    needs(driver, "rooms", "mentions")
    mine, theirs = fresh("@我 签到"), fresh("@别人 在吗")
    await driver.say(driver.friend.id, mine, driver.room[0], (driver.heard.self_id,))
    await driver.say(driver.friend.id, theirs, driver.room[0], (driver.other.id,))
    event = await said(driver, mine)
    assert (event.mentioned, event.mentions) == (True, (driver.heard.self_id,))
    event = await said(driver, theirs)
    assert (event.mentioned, event.mentions) == (False, (driver.other.id,))


async def test_messages_of_one_conversation_stay_in_order(driver: Driver) -> None:
    texts = [fresh(f"第{number}句") for number in range(40)]
    for text in texts:
        await driver.say(driver.friend.id, text)
    await said(driver, texts[-1])
    assert [event.text for event in driver.heard.events if event.text in texts] == texts


async def test_a_text_is_sent_to_a_person(driver: Driver) -> None:
    needs(driver, "unasked")
    message = await driver.channel.send(driver.friend.id, Outgoing(text="早安，小美"))
    act = await driver.sent("text")
    assert (act["text"], act["conversation"]) == ("早安，小美", driver.friend.id)
    if driver.can.echoes:
        assert message == act["id"]


async def test_a_text_to_a_room_mentions_by_name_and_id(driver: Driver) -> None:
    needs(driver, "rooms", "mentions", "unasked")
    people = (driver.friend, driver.other)
    content = Outgoing(text="中奖啦", mentions=tuple(one.id for one in people), names=tuple(one.name for one in people))
    await driver.channel.send(driver.room[0], content)
    act = await driver.sent("text")
    assert act["conversation"] == driver.room[0]
    assert act["mentions"] == [one.id for one in people]
    assert all(f"@{one.name}\u2005" in act["text"] for one in people)
    assert act["text"].endswith("中奖啦")


async def test_an_own_message_comes_back_as_own(driver: Driver) -> None:
    needs(driver, "echoes", "unasked")
    text = fresh("我自己说的")
    message = await driver.channel.send(driver.friend.id, Outgoing(text=text))
    event = await said(driver, text)
    assert (event.own, event.id, event.mentioned) == (True, message, False)


async def test_a_link_is_received_and_sent(driver: Driver) -> None:
    needs(driver, "links")
    await driver.share_link(driver.friend.id, "酸面包", "https://example.com/a?b=1", "刚出炉")
    event = await of_kind(driver, Kind.LINK)
    assert (event.data["title"], event.data["url"]) == ("酸面包", "https://example.com/a?b=1")
    assert event.data["description"] == "刚出炉"
    content = Outgoing(Act.LINK, title="可颂", url="https://example.com/c", description="一层一层")
    await driver.channel.send(driver.friend.id, content)
    act = await driver.sent("url")
    assert (act["title"], act["url"], act["description"]) == ("可颂", "https://example.com/c", "一层一层")


async def test_a_mini_program_is_received_and_sent(driver: Driver) -> None:
    needs(driver, "mini_programs")
    await driver.share_mini_program(driver.friend.id, "面包商城", "wx123", "gh_1", "pages/index?id=7")
    event = await of_kind(driver, Kind.MINI_PROGRAM)
    expected = {"title": "面包商城", "app_id": "wx123", "username": "gh_1", "page_path": "pages/index?id=7"}
    assert {key: event.data[key] for key in expected} == expected
    await driver.channel.send(driver.friend.id, Outgoing(Act.MINI_PROGRAM, **expected))
    act = await driver.sent("mini_program")
    assert {key: act[key] for key in expected} == expected


async def test_a_contact_card_is_received_and_sent(driver: Driver) -> None:
    needs(driver, "cards")
    await driver.share_card(driver.friend.id, driver.other.id)
    event = await of_kind(driver, Kind.CARD)
    assert (event.data["contact"], event.data["name"]) == (driver.other.id, driver.other.name)
    await driver.channel.send(driver.friend.id, Outgoing(Act.CARD, contact=driver.other.id))
    assert (await driver.sent("card"))["contact"] == driver.other.id


@pytest.mark.parametrize(
    ("name", "size", "kind"),
    [("照片.png", 3_000, Kind.IMAGE), ("目录.pdf", 10 * 1024 * 1024, Kind.FILE), ("语音.sil", 60_000, Kind.AUDIO)],
)
async def test_a_file_is_received_whole(driver: Driver, tmp_path: Path, name: str, size: int, kind: Kind) -> None:
    if needs(driver, "media").max_file_bytes < size:
        pytest.skip(f"capability: {driver.name} can't: files of {size} bytes")
    content = os.urandom(size)
    await driver.share_file(driver.friend.id, name, content)
    event = await of_kind(driver, kind)
    assert event.data["name"] == name
    assert len(event.data["media"]) < 1_000, "a handle is small; the file is not carried in the event"
    assert await driver.channel.download(event.data["media"], tmp_path / "in", size) == size
    assert (tmp_path / "in").read_bytes() == content


async def test_a_file_above_the_limit_is_refused_and_leaves_nothing(driver: Driver, tmp_path: Path) -> None:
    needs(driver, "media")
    await driver.share_file(driver.friend.id, "大.png", os.urandom(100_000))
    event = await of_kind(driver, Kind.IMAGE)
    with pytest.raises(ChannelError) as caught:
        await driver.channel.download(event.data["media"], tmp_path / "in", 50_000)
    assert caught.value.permanent
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("act", "name", "size"), [(Act.IMAGE, "海报.png", 3_000), (Act.FILE, "目录.pdf", 10 * 1024 * 1024)]
)
async def test_a_file_is_sent_whole(driver: Driver, tmp_path: Path, act: Act, name: str, size: int) -> None:
    if needs(driver, "media").max_file_bytes < size:
        pytest.skip(f"capability: {driver.name} can't: files of {size} bytes")
    path = tmp_path / name
    path.write_bytes(os.urandom(size))
    await driver.channel.send(driver.friend.id, Outgoing(act, path=str(path)))
    sent = await driver.sent("file")
    assert (sent["name"], sent["size"]) == (name, size)
    assert sent["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


async def test_a_file_that_is_not_there_is_refused_for_good(driver: Driver, tmp_path: Path) -> None:
    needs(driver, "media")
    with pytest.raises(SendError) as caught:
        await driver.channel.send(driver.friend.id, Outgoing(Act.FILE, path=str(tmp_path / "没有.pdf")))
    assert (caught.value.permanent, caught.value.delivered) == (True, "no")


async def test_a_recalled_message_says_which(driver: Driver) -> None:
    needs(driver, "recalls")
    text = fresh("说错了")
    await driver.say(driver.friend.id, text)
    message = (await said(driver, text)).id
    await driver.recall(driver.friend.id, message)
    event = await of_kind(driver, Kind.RECALL)
    assert (event.data["of"], event.person.id) == (message, driver.friend.id)


async def test_an_own_message_is_taken_back_in_its_conversation(driver: Driver) -> None:
    needs(driver, "takes_back")
    for conversation in (driver.room[0], driver.friend.id):
        sent = await driver.channel.send(conversation, Outgoing(text=fresh("发错了")))
        await driver.channel.recall(conversation, sent)
        seen = await driver.sent("recall")
        assert (seen["id"], seen["conversation"]) == (sent, conversation)


async def test_what_the_network_does_not_take_back_is_refused_for_good(driver: Driver) -> None:
    needs(driver, "takes_back")
    with pytest.raises(SendError) as caught:
        await driver.channel.recall(driver.room[0], "no-such-message")
    assert (caught.value.permanent, caught.value.delivered) == (True, "no")


async def test_each_who_joins_and_leaves_is_an_event(driver: Driver) -> None:
    needs(driver, "rooms")
    room, topic = driver.room
    newcomers = [driver.stranger, driver.other.id]
    await driver.leave(room, newcomers[1:], driver.friend.id)
    left = await of_kind(driver, Kind.LEAVE)
    assert (left.person.id, left.data["remover"]) == (driver.other.id, driver.friend.id)
    await driver.join(room, newcomers, driver.friend.id)
    await driver.heard.until(lambda: len([one for one in driver.heard.events if one.kind is Kind.JOIN]) == 2)
    joined = [event for event in driver.heard.events if event.kind is Kind.JOIN]
    assert [event.person.id for event in joined] == newcomers
    assert len({event.id for event in joined}) == 2
    assert all(event.room and event.room.topic == topic and event.person.name for event in joined)
    assert {event.data["inviter"] for event in joined} == {driver.friend.id}
    assert set(newcomers) <= {one.id for one in await driver.channel.members(room)}
    await driver.leave(room, newcomers[:1], driver.friend.id)


async def test_a_new_topic_is_told_and_used(driver: Driver) -> None:
    needs(driver, "rooms", "topic_events")
    (room, old), new, text = driver.room, fresh("晚安面包房"), fresh("换名字了")
    await driver.say(driver.friend.id, fresh("换名字前"), room)
    await driver.rename_room(room, new, driver.friend.id)
    event = await of_kind(driver, Kind.TOPIC)
    assert (event.data["old"], event.data["new"], event.person.id) == (old, new, driver.friend.id)
    await driver.say(driver.friend.id, text, room)
    place = (await said(driver, text)).room
    assert place is not None
    assert place.topic == new


async def test_a_friend_request_is_accepted(driver: Driver) -> None:
    needs(driver, "friend_requests")
    await driver.ask_friendship(driver.stranger, "我是小美的朋友")
    event = await of_kind(driver, Kind.FRIEND_REQUEST)
    assert (event.person.id, event.text) == (driver.stranger, "我是小美的朋友")
    await driver.channel.send(driver.stranger, Outgoing(Act.ACCEPT_FRIEND, target=event.data["request"]))
    assert (await driver.sent("accept_friend"))["id"] == event.data["request"]
    assert (await of_kind(driver, Kind.FRIEND)).person.id == driver.stranger


async def test_a_room_invitation_is_accepted(driver: Driver) -> None:
    needs(driver, "rooms", "room_invitations")
    await driver.invite(driver.friend.id, "新品试吃群")
    event = await of_kind(driver, Kind.ROOM_INVITE)
    assert (event.person.id, event.data["topic"]) == (driver.friend.id, "新品试吃群")
    await driver.channel.send(driver.friend.id, Outgoing(Act.ACCEPT_ROOM, target=event.data["invitation"]))
    assert (await driver.sent("accept_room"))["id"] == event.data["invitation"]


async def test_a_remark_is_set_and_read(driver: Driver) -> None:
    needs(driver, "remarks")
    remark = fresh("小美 #a1b2")
    await driver.channel.send(driver.friend.id, Outgoing(Act.REMARK, remark, contact=driver.friend.id))
    assert (await driver.sent("remark"))["text"] == remark
    assert (await driver.channel.person(driver.friend.id)).remark == remark
    text = fresh("我的备注")
    await driver.say(driver.friend.id, text)
    assert (await said(driver, text)).person.remark == remark


async def test_a_remark_without_a_contact_is_of_the_one_written_to(driver: Driver) -> None:
    needs(driver, "remarks")
    remark = fresh("小美·28DRPG")  # as the sender says it: the outbox row knows whom
    await driver.channel.send(driver.friend.id, Outgoing(Act.REMARK, remark))
    assert (await driver.channel.person(driver.friend.id)).remark == remark


async def test_a_renamed_contact_is_seen_by_the_new_name(driver: Driver) -> None:
    old, new = driver.friend.name, fresh("改名")
    for text, name in ((fresh("一"), old), (fresh("二"), new), (fresh("三"), old)):
        if name != driver.friend.name or text.startswith("三"):
            await driver.rename_contact(driver.friend.id, name)
            await asyncio.sleep(0.1)
        await driver.say(driver.friend.id, text)
        assert (await said(driver, text)).person.name == name


async def test_everyone_and_every_room_can_be_listed(driver: Driver) -> None:
    people = {one.id: one async for one in driver.channel.people()}
    assert people[driver.friend.id].name == driver.friend.name
    needs(driver, "rooms")
    places = {one.id: one.topic async for one in driver.channel.places()}
    assert places[driver.room[0]] == driver.room[1]
    members = {one.id: one.name for one in await driver.channel.members(driver.room[0])}
    assert members[driver.other.id] == driver.other.name


async def test_logout_and_login_again_are_told_on_one_connection(driver: Driver) -> None:
    needs(driver, "relogin")
    before = len(driver.heard.links)
    await driver.log_out()
    await driver.heard.state(Link.LOGGED_OUT, before)
    with pytest.raises(SendError) as caught:
        await driver.channel.send(driver.friend.id, Outgoing(text="有人吗"))
    assert (caught.value.delivered, caught.value.permanent) == ("no", False)
    before = len(driver.heard.links)
    await driver.log_in()
    await driver.heard.state(Link.ONLINE, before)
    text = fresh("又在了")
    await driver.say(driver.friend.id, text)
    await said(driver, text)
    assert Link.LOST not in driver.heard.states
