"""The sandbox beyond the contract: its people outlive a restart, and it refuses what a real network would."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from channels.base import Link
from channels.sandbox import SandboxChannel
from channels.sandbox_state import KEPT_MESSAGES
from channels.sandbox_world import World
from rules.errors import ChannelError, RefusedError, SendError, SettingsError
from rules.messages import Act, Kind, Outgoing
from tests.channels.drivers import Recorder

NOW = 1_790_000_000_000


class Town:
    """A world with 小美 and 豆豆妈 in 早安面包房, and 路人 who knows nobody."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.world = World(folder, lambda: self.now)
        self.tasks: list[asyncio.Task[None]] = []
        self.mei = self.world.add_person("小美", friends=["小知"]).id
        self.dou = self.world.add_person("豆豆妈", friends=["小知"]).id
        self.stranger = self.world.add_person("路人").id
        self.room = self.world.add_room("早安面包房", [self.mei, self.dou], accounts=["小知"]).id

    async def connect(self, account: str) -> tuple[SandboxChannel, Recorder]:
        channel, heard = SandboxChannel(account, self.world), Recorder()
        self.tasks.append(asyncio.create_task(channel.run(heard)))
        await heard.until(lambda: heard.links)
        return channel, heard

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
async def town(folder: Path):  # type: ignore[no-untyped-def]
    town = Town(folder)
    yield town
    await town.close()


async def test_a_second_start_finds_the_same_people_rooms_and_remarks(town: Town, folder: Path) -> None:
    channel, _ = await town.connect("小知")
    await channel.send(town.mei, Outgoing(Act.REMARK, "小美·28DRPG", contact=town.mei))
    await town.world.join(town.room, [town.stranger])
    await town.world.rename_room(town.room, "晚安面包房", town.mei)
    town.world.keep_clock(86_400_000)
    again = World(folder, lambda: NOW)
    assert [one.name for one in again.people.values()] == ["小美", "豆豆妈", "路人"]
    assert again.rooms[town.room].topic == "晚安面包房"
    assert again.rooms[town.room].members == [town.mei, town.dou, town.stranger]
    assert again.seen_by("小知", town.mei).remark == "小美·28DRPG"
    assert again.clock_offset == 86_400_000
    assert again.add_person("新人").id not in town.world.people


async def test_a_crash_while_writing_leaves_the_old_file(
    town: Town, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(fd: int) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="power cut"):
        town.world.add_person("半个人")
    monkeypatch.undo()
    assert [one.name for one in World(folder, lambda: NOW).people.values()] == ["小美", "豆豆妈", "路人"]


@pytest.mark.parametrize("content", ["{", "[]", '{"version": 99}', '{"version": 1}', '"x"'])
def test_a_file_that_cant_be_read_is_named(folder: Path, content: str) -> None:
    (folder / "sandbox.json").write_text(content)
    with pytest.raises(SettingsError, match=r"sandbox\.json"):
        World(folder, lambda: NOW)


async def test_old_messages_are_forgotten(town: Town, folder: Path) -> None:
    for number in range(KEPT_MESSAGES + 50):
        await town.world.say(town.mei, f"第{number}句", town.room)
    town.world.save()
    assert len(json.loads((folder / "sandbox.json").read_text())["messages"]) == KEPT_MESSAGES


async def test_nobody_speaks_where_they_are_not(town: Town) -> None:
    await town.connect("小知")
    with pytest.raises(RefusedError, match="不在"):
        await town.world.say(town.stranger, "有人吗", town.room)
    with pytest.raises(RefusedError, match="好友"):
        await town.world.say(town.stranger, "有人吗")
    with pytest.raises(RefusedError, match="不在"):
        await town.world.send_file(town.stranger, Path(__file__), town.room)
    assert list(town.world.media.glob("*")) == []


async def test_the_bot_cant_write_to_a_stranger_or_into_a_foreign_room(town: Town) -> None:
    channel, _ = await town.connect("小知")
    foreign = town.world.add_room("别人的群", [town.mei])
    for to in (town.stranger, foreign.id, "nobody"):
        with pytest.raises(SendError) as caught:
            await channel.send(to, Outgoing(text="你好"))
        assert (caught.value.permanent, caught.value.delivered) == (True, "no")
    assert [one for one in town.world.messages if one.by_account] == []


async def test_two_accounts_in_a_room_hear_one_message_with_one_id(town: Town) -> None:
    _, first = await town.connect("小知")
    other, second = await town.connect("小知二号")
    town.world.rooms[town.room].accounts.append("小知二号")
    await town.world.say(town.mei, "早", town.room, [second.self_id])
    assert first.events[0].id == second.events[0].id
    assert (first.events[0].mentioned, second.events[0].mentioned) == (False, True)
    message = await other.send(town.room, Outgoing(text="早，小美"))
    assert [(one.own, one.person.id, one.id) for one in first.events[1:]] == [(False, second.self_id, message)]
    assert [(one.own, one.id) for one in second.events[1:]] == [(True, message)]


async def test_only_ones_own_message_can_be_recalled_and_in_its_place(town: Town) -> None:
    _, heard = await town.connect("小知")
    message = await town.world.say(town.mei, "说错了", town.room)
    with pytest.raises(RefusedError):
        await town.world.recall(town.dou, message)
    await town.world.recall(town.mei, message)
    event = heard.events[-1]
    assert (event.kind, event.data["of"], event.room and event.room.id) == (Kind.RECALL, message, town.room)


async def test_an_account_takes_its_own_message_back_within_two_minutes_and_the_others_see_it(town: Town) -> None:
    channel, _ = await town.connect("小知")
    _, other = await town.connect("小知二号")
    town.world.rooms[town.room].accounts.append("小知二号")
    theirs = await town.world.say(town.mei, "说错了", town.room)
    message = await channel.send(town.room, Outgoing(text="发错了"))
    for wrong in (theirs, "nothing"):
        with pytest.raises(SendError, match="没有可以撤回的消息"):
            await channel.recall(town.room, wrong)
    with pytest.raises(SendError, match="没有可以撤回的消息"):
        await channel.recall(town.mei, message)
    town.now += 120_000
    await channel.recall(town.room, message)
    assert (other.events[-1].kind, other.events[-1].data["of"]) == (Kind.RECALL, message)
    town.now += 1
    with pytest.raises(SendError, match="超过两分钟"):
        await channel.recall(town.room, message)


async def test_a_request_is_answered_once_and_only_by_the_account_that_was_asked(town: Town) -> None:
    channel, _ = await town.connect("小知")
    other, _ = await town.connect("小知二号")
    request = await town.world.befriend(town.stranger, "小知", "我是路人")
    with pytest.raises(SendError):
        await other.send(town.stranger, Outgoing(Act.ACCEPT_FRIEND, target=request))
    await channel.send(town.stranger, Outgoing(Act.ACCEPT_FRIEND, target=request))
    assert town.world.people[town.stranger].friends == ["小知"]
    with pytest.raises(SendError):
        await channel.send(town.stranger, Outgoing(Act.ACCEPT_FRIEND, target=request))


async def test_an_invited_account_hears_the_room_afterwards(town: Town) -> None:
    channel, heard = await town.connect("小知")
    room = town.world.add_room("新品试吃群", [town.mei]).id
    await town.world.say(town.mei, "还没人听", room)
    invitation = await town.world.invite(town.mei, room, "小知")
    await channel.send(town.mei, Outgoing(Act.ACCEPT_ROOM, target=invitation))
    await town.world.say(town.mei, "听得到吗", room)
    assert [one.text for one in heard.events if one.kind is Kind.TEXT] == ["听得到吗"]


async def test_a_handle_never_leads_out_of_the_folder(town: Town, folder: Path) -> None:
    channel, _ = await town.connect("小知")
    (folder / "secret.txt").write_text("secret")
    for handle in ("../secret.txt", str(folder / "secret.txt"), "", ".."):
        with pytest.raises(ChannelError):
            await channel.download(handle, folder / "out", 1000)


async def test_a_logged_out_account_stays_so_over_a_restart_and_hears_nothing(town: Town, folder: Path) -> None:
    await town.connect("小知")
    await town.world.log_out("小知")
    world = World(folder, lambda: NOW)
    heard = Recorder()
    task = asyncio.create_task(SandboxChannel("小知", world).run(heard))
    assert await heard.until(lambda: heard.states) == [Link.LOGGED_OUT]
    await world.say(town.mei, "有人吗", town.room)
    await world.log_in("小知")
    await world.say(town.mei, "现在呢", town.room)
    assert (heard.states, [one.text for one in heard.events]) == ([Link.LOGGED_OUT, Link.ONLINE], ["现在呢"])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
