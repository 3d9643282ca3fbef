"""Promise 13 on the wire: a throttle notice stops that account within one send; others go on, and staff are told."""

import time

import pytest

from tests.e2e.conftest import Open
from tests.e2e.scene import QUIET_SECONDS, Scene

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(90)]

NOTICE = "操作过于频繁，请稍后再试"
BOSS = "wxid_s7c0"


@pytest.fixture(scope="module")
def scene(open_scene: Open) -> Scene:
    scene = open_scene("--accounts", "2", "--contacts", "30", "--seed", "7")
    scene.make_staff(BOSS, "店长", account=1)
    scene.ask(BOSS, "积分", 0)  # spoken to last: the account that will be stopped
    return scene


def stops(scene: Scene, before: int, told: int) -> None:
    """Account 0 is silent, account 1 answers and has told the boss."""
    warned = scene.wait_for(lambda: [one for one in scene.said(1, told) if one["conversation"] == BOSS])
    assert "小知0" in warned[0]["text"]
    for number in range(10, 20):
        scene.gateway.say(0, sender=f"wxid_s7c{number}", text="积分")
    scene.ask("wxid_s7c20", "积分", 1)
    scene.wait_rows("SELECT id FROM interaction WHERE account_id = 1 AND text = '积分'", count=10)
    time.sleep(QUIET_SECONDS)
    assert len(scene.said(0, before)) <= 1


def goes_on(scene: Scene, before: int) -> list[str]:
    """Staff let account 0 send again; the conversations it then answers."""
    scene.gateway.call("DELETE", "/faults")
    scene.ask(BOSS, "恢复发送 小知0", 1)
    scene.ask("wxid_s7c21", "积分", 0)
    scene.wait_for(lambda: scene.said(0, before), 11)
    time.sleep(QUIET_SECONDS)
    return [one["conversation"] for one in scene.said(0, before)]


def test_a_notice_in_the_chat_just_written_to_stops_the_account_and_is_itself_never_answered(scene: Scene) -> None:
    told = scene.mark(1)
    for number in range(22, 26):  # an account that has much to say, or such words may be the member's own
        scene.ask(f"wxid_s7c{number}", "积分")
    scene.ask("wxid_s7c1", "积分")
    before = scene.mark(0)
    scene.gateway.say(0, sender="wxid_s7c1", text=NOTICE)
    stops(scene, before, told)
    assert "wxid_s7c1" not in goes_on(scene, before)


def test_an_error_of_the_send_call_that_smells_of_it_stops_the_account_too(scene: Scene) -> None:
    told, before = scene.mark(1), scene.mark(0)
    scene.gateway.post("/faults", 0, method="messageSendText", times=100, code=2, details="操作太频繁，请稍后再试")
    scene.gateway.say(0, sender="wxid_s7c2", text="积分")
    stops(scene, before, told)
    assert scene.gateway.calls(0)["messageSendText"] <= len(scene.said(0)) + 2
    assert set(goes_on(scene, before)) >= {f"wxid_s7c{number}" for number in range(10, 20)}
