"""Promise 14 on the wire: a gateway that dies, comes back or goes deaf; meanwhile the other account speaks."""

import time

import pytest

from tests.e2e.conftest import Open
from tests.e2e.scene import QUIET_SECONDS, Scene

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(180)]

WORLD = ("--contacts", "20", "--rooms", "3", "--seed", "8")


@pytest.fixture(scope="module")
def scene(open_scene: Open) -> Scene:
    """Two gateways with an account each, in the same rooms; the first account is their speaker."""
    scene = open_scene(gateways=[WORLD, (*WORLD, "--first", "1", "--login", "off")])
    scene.wait_rows("SELECT id FROM room WHERE speaker_id = 1", count=3)
    scene.gateways[1].post("/login")
    scene.wait_rows("SELECT room_id FROM room_account WHERE account_id = 2", count=3)
    return scene


def link(scene: Scene, number: int, state: str, seconds: float = 20.0) -> float:
    """Wait until an account stands so; how long that took."""
    start = time.monotonic()
    sql = "SELECT link FROM account WHERE name = $1"
    scene.bot.wait_until(lambda: scene.value(sql, f"小知{number}") == state, seconds, f"for {state}")
    return time.monotonic() - start


def both_hear(scene: Scene, mark: str, text: str, room: str) -> None:
    for gateway in scene.gateways:
        gateway.say(id=mark, sender=scene.member(1), room=room, text=text)


def said_in(scene: Scene, room: str, number: int) -> list[str]:
    return [
        one["text"] for one in scene.gateways[number].sent() if one["action"] == "text" and one["conversation"] == room
    ]


def test_a_room_in_two_gateways_is_answered_once_by_its_speaker(scene: Scene) -> None:
    both_hear(scene, "first", "签到", scene.room)
    scene.wait_for(lambda: said_in(scene, scene.room, 0))
    time.sleep(QUIET_SECONDS)
    assert len(said_in(scene, scene.room, 0)) == 1
    assert said_in(scene, scene.room, 1) == []


def test_a_gateway_that_died_is_replaced_at_once_and_back_within_seconds_of_its_restart(scene: Scene) -> None:
    room, asker = scene.room, scene.member(1)
    scene.gateways[0].kill()
    assert link(scene, 0, "lost") < 5
    scene.gateways[1].say(id="while away", sender=asker, room=room, text="积分")
    scene.wait_for(lambda: said_in(scene, room, 1))
    scene.gateways[0].start()
    start = time.monotonic()
    scene.bot.wait_until(scene.bot.hears)
    link(scene, 0, "online")
    assert time.monotonic() - start < 10
    scene.ask("wxid_s8c3", "积分")
    both_hear(scene, "back", "积分", room)
    scene.wait_for(lambda: said_in(scene, room, 0))
    time.sleep(QUIET_SECONDS)
    assert len(said_in(scene, room, 0)) == 1, "the speaker speaks again, once"
    assert len(said_in(scene, room, 1)) == 1, "the other keeps still again"


def test_what_a_room_was_owed_by_a_gateway_that_died_leaves_from_the_other_account(scene: Scene) -> None:
    """The answer was decided for the speaker, who is gone before it could speak."""
    room = scene.gateway.get("/rooms")[1]["id"]
    scene.gateways[0].post("/faults", method="messageSendText", times=1, code=2, details="not logged in")
    both_hear(scene, "owed", "签到", room)
    scene.wait_rows("SELECT id FROM outbox WHERE state = 'due' AND tries > 0")
    scene.gateways[0].kill()
    said = scene.wait_for(lambda: said_in(scene, room, 1), seconds=30)
    scene.gateways[0].start()
    scene.bot.wait_until(scene.bot.hears)
    link(scene, 0, "online")
    time.sleep(QUIET_SECONDS)
    assert len(said) == 1
    assert said_in(scene, room, 0) == []


def test_a_deaf_gateway_is_noticed_within_three_heartbeats_and_the_other_account_steps_in(scene: Scene) -> None:
    room = scene.gateway.get("/rooms")[2]["id"]
    asker = scene.member(1)
    both_hear(scene, "hearing", "签到", room)
    scene.wait_for(lambda: said_in(scene, room, 0))
    before = len(said_in(scene, room, 0))
    scene.gateways[0].hang()
    took = link(scene, 0, "lost", 60)
    assert took <= 3 * 15 + 10
    scene.gateways[1].say(id="deaf", sender=asker, room=room, text="积分")
    scene.wait_for(lambda: said_in(scene, room, 1))
    scene.gateways[0].wake()
    link(scene, 0, "online", 45)
    both_hear(scene, "awake", "积分", room)
    scene.wait_for(lambda: said_in(scene, room, 0), before + 1)
    time.sleep(QUIET_SECONDS)
    assert len(said_in(scene, room, 0)) == before + 1
    assert len(said_in(scene, room, 1)) == 1


def test_no_gateway_was_ever_told_to_stop(scene: Scene) -> None:
    for gateway in scene.gateways:
        assert not {"stop", "logout"} & set(gateway.calls())
