"""Twenty accounts in one process: each answers for itself, and a room that all are in is answered once."""

import time

import pytest

from tests.e2e.conftest import Open
from tests.e2e.scene import QUIET_SECONDS, Scene

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(120)]

ACCOUNTS = 20
ROOMS = 10


@pytest.fixture(scope="module")
def scene(open_scene: Open) -> Scene:
    return open_scene(
        *("--accounts", str(ACCOUNTS), "--contacts", "60", "--rooms", str(ROOMS), "--members", "10", "--seed", "6")
    )


def rooms(scene: Scene) -> list[str]:
    return [str(one["id"]) for one in scene.gateway.get("/rooms")]


def said_in(scene: Scene, room: str) -> list[tuple[int, str]]:
    """(account, text) of everything said in a room."""
    return [
        (account, one["text"])
        for account in range(ACCOUNTS)
        for one in scene.said(account)
        if one["conversation"] == room
    ]


def heard_by(scene: Scene, accounts: list[int], **message: object) -> None:
    """The same room message in several accounts, in this order; "{i}" in its id is the account's number."""
    now = int(time.time() * 1000)
    for account in accounts:
        one = {**message, "timestamp": message.get("timestamp", now)}
        if "id" in one:
            one["id"] = str(one["id"]).replace("{i}", str(account))
        scene.gateway.say(account, **one)


def once(scene: Scene, room: str) -> tuple[int, str]:
    """The one answer in a room; no second one comes."""
    scene.wait_for(lambda: said_in(scene, room))
    time.sleep(QUIET_SECONDS)
    found = said_in(scene, room)
    assert len(found) == 1, found
    return found[0]


def test_each_private_message_is_answered_from_the_account_spoken_to_and_no_other(scene: Scene) -> None:
    before = [len(scene.said(account)) for account in range(ACCOUNTS)]
    for account in range(ACCOUNTS):
        scene.gateway.say(account, sender=f"wxid_s6c{account}", text="积分")
    for account in range(ACCOUNTS):
        scene.wait_for(lambda: scene.said(account)[before[account] :])  # noqa: B023
    time.sleep(QUIET_SECONDS)
    new = [(account, one) for account in range(ACCOUNTS) for one in scene.said(account)[before[account] :]]
    spoken = [(account, one["conversation"]) for account, one in new]
    assert spoken == [(account, f"wxid_s6c{account}") for account in range(ACCOUNTS)]


def test_a_room_message_with_one_id_in_every_account_is_stored_and_answered_once(scene: Scene) -> None:
    room = rooms(scene)[0]
    heard_by(scene, list(range(ACCOUNTS)), id="same1", sender=scene.member(0), room=room, text="签到")
    once(scene, room)
    assert len(scene.read("SELECT id FROM interaction WHERE ext_id = 'same1'")) == 1


def test_the_first_message_of_a_room_is_answered_once_also_where_each_account_gives_it_another_id(
    scene: Scene,
) -> None:
    room = rooms(scene)[1]
    heard_by(scene, [4, 0, 2], id="other{i}", sender=scene.member(0, 1), room=room, text="签到")
    once(scene, room)
    assert len(scene.read("SELECT id FROM interaction WHERE ext_id LIKE 'other%'")) == 1


def test_the_same_words_said_twice_are_two_messages(scene: Scene) -> None:
    room, sender, now = rooms(scene)[2], scene.member(0, 2), int(time.time() * 1000)
    for number in range(2):
        heard_by(scene, [0, 1], id=f"twice{number}{{i}}", sender=sender, room=room, text="积分", timestamp=now + number)
    scene.wait_for(lambda: said_in(scene, room), 2)
    time.sleep(QUIET_SECONDS)
    assert len(said_in(scene, room)) == 2


def test_a_mention_of_one_account_is_answered_by_it_whichever_account_hears_it_first(scene: Scene) -> None:
    room = rooms(scene)[3]
    mentioned = scene.gateway.accounts[7]["selfId"]
    message = {"sender": scene.member(0, 3), "room": room, "text": "@机器人7\u2005你好", "mentions": [mentioned]}
    heard_by(scene, [3, 12, 7, 0], id="mention1", **message)
    assert once(scene, room)[0] == 7


def test_a_mention_by_name_alone_is_answered_whichever_account_hears_it_first(scene: Scene) -> None:
    room = rooms(scene)[4]
    message = {"sender": scene.member(0, 4), "room": room, "text": "@机器人7\u2005你好"}
    heard_by(scene, [3, 7, 0], id="name{i}", **message)
    assert once(scene, room)[0] == 7


def test_what_is_said_to_a_person_of_the_team_privately_leaves_from_the_account_they_know(scene: Scene) -> None:
    room, boss = rooms(scene)[5], "wxid_boss"
    for account in (2, 9):
        scene.gateway.post("/contacts", account, id=boss, name="店长本人", friend=account == 9)
        scene.gateway.post("/room-join", account, room=room, members=[boss])
    scene.make_staff(boss, "店长", account=9)
    before = scene.mark(9)
    other = scene.member(0, 5)
    scene.gateway.say(2, sender=other, room=room, text="大家早")
    heard_by(scene, [2, 9], id="look1", sender=boss, room=room, text=f"看 @{scene.name(other)}")
    privately = scene.wait_for(lambda: [one for one in scene.said(9, before) if one["conversation"] == boss])
    assert "互动" in privately[0]["text"]
    assert not [one for one in scene.said(2) if one["conversation"] == boss]


def test_another_account_steps_in_for_a_speaker_that_is_logged_out_and_nothing_is_answered_twice_afterwards(
    scene: Scene,
) -> None:
    room, sender = rooms(scene)[6], scene.member(0, 6)
    heard_by(scene, list(range(ACCOUNTS)), id="before", sender=sender, room=room, text="签到")
    speaker = once(scene, room)[0]
    scene.gateway.post("/logout", speaker)
    scene.wait_rows("SELECT id FROM account WHERE name = $1 AND link = 'logged_out'", f"小知{speaker}")
    others = [account for account in range(ACCOUNTS) if account != speaker]
    heard_by(scene, others, id="meanwhile", sender=sender, room=room, text="积分")
    scene.wait_for(lambda: said_in(scene, room), 2)
    time.sleep(QUIET_SECONDS)
    stand_in = [account for account, _ in said_in(scene, room) if account != speaker]
    assert len(stand_in) == 1
    scene.gateway.post("/login", speaker)
    scene.wait_rows("SELECT id FROM account WHERE name = $1 AND link = 'online'", f"小知{speaker}")
    heard_by(scene, list(range(ACCOUNTS)), id="after", sender=sender, room=room, text="积分")
    scene.wait_for(lambda: said_in(scene, room), 3)
    time.sleep(QUIET_SECONDS)
    assert sorted(account for account, _ in said_in(scene, room)) == sorted([speaker, speaker, *stand_in])
