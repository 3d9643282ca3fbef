"""On the wire: what a person types on the account's phone is told from the bot's own messages, which come back, too."""

import time

import pytest

from tests.e2e.conftest import Open
from tests.e2e.scene import QUIET_SECONDS, Scene

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(90)]

HUMAN = "SELECT COUNT(*) AS n FROM reach WHERE human_at IS NOT NULL"


@pytest.fixture(scope="module", params=["on", "off"], ids=["echo", "no-echo"])
def scene(open_scene: Open, request: pytest.FixtureRequest) -> Scene:
    return open_scene("--contacts", "8", "--rooms", "1", "--members", "4", "--echo", request.param)


def test_the_bot_is_never_taken_for_a_person_and_a_person_keeps_it_out(scene: Scene) -> None:
    scene.make_staff("wxid_s1c1", "小林")
    for number in range(3):
        for contact in ("wxid_s1c0", "wxid_s1c2", "wxid_s1c3"):
            scene.ask(contact, "积分" if number else "你好")
    told = scene.answers(1, "wxid_s1c0", to="wxid_s1c1", text="转人工")
    assert "转人工 1" in told[0]["text"]
    time.sleep(QUIET_SECONDS)
    assert scene.value(HUMAN) == 0
    scene.wait_rows("SELECT id FROM handover WHERE taken_at IS NULL")

    scene.gateway.post("/messages", to="wxid_s1c0", text="您好，我是小林，您说")  # nobody named: the account itself
    scene.wait_rows("SELECT id FROM handover WHERE taken_at IS NOT NULL")
    assert scene.value(HUMAN) == 1
    scene.silent("wxid_s1c0", text="在吗")
    done = scene.ask("wxid_s1c1", "接完 1")
    assert "接着值班" in done["text"]
