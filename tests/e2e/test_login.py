"""An account's login through the real gateway: QR code, login, logout, and login again."""

import hashlib
import io

import pytest
import segno

from tests.e2e.conftest import Open
from tests.e2e.scene import Scene

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(90)]

FIRST, SECOND = "https://login.weixin.invalid/l/first==", "https://login.weixin.invalid/l/second=="


@pytest.fixture(scope="module")
def scene(open_scene: Open) -> Scene:
    """Two accounts that are logged out; the second logs in and has a person of the team."""
    scene = open_scene("--accounts", "2", "--login", "off", "--contacts", "12", "--seed", "2")
    scene.gateway.post("/login", 1)
    scene.make_staff("wxid_s2c0", "店长", account=1)
    return scene


def png(text: str) -> bytes:
    out = io.BytesIO()
    segno.make(text, micro=False).save(out, kind="png", scale=8, border=4)
    return out.getvalue()


def blocks(text: str) -> str:
    out = io.StringIO()
    segno.make(text, micro=False).terminal(out, compact=True)
    return out.getvalue()


def test_the_code_to_scan_is_shown_in_the_terminal_and_kept_as_a_picture(scene: Scene) -> None:
    scene.gateway.post("/scan", 0, qrcode=FIRST)
    scene.bot.wait_until(lambda: blocks(FIRST) in scene.bot.printed)
    assert (scene.folder / "qr" / "小知0.png").read_bytes() == png(FIRST)


def test_a_code_that_was_replaced_is_shown_anew_also_to_staff_who_ask(scene: Scene) -> None:
    scene.gateway.post("/scan", 0, qrcode=SECOND)
    scene.bot.wait_until(lambda: blocks(SECOND) in scene.bot.printed)
    assert (scene.folder / "qr" / "小知0.png").read_bytes() == png(SECOND)
    answers = scene.answers(3, "wxid_s2c0", 1, text="账号")
    assert "等待扫码" in answers[0]["text"]
    assert answers[2]["file"]["sha256"] == hashlib.sha256(png(SECOND)).hexdigest()


def test_after_the_login_questions_are_answered(scene: Scene) -> None:
    scene.gateway.post("/login", 0)
    assert scene.ask("wxid_s2c1", "积分")["conversation"] == "wxid_s2c1"


def test_a_logout_is_told_to_staff_through_another_account_and_the_next_login_answers_again(scene: Scene) -> None:
    scene.ask("wxid_s2c0", "积分", 0)  # the account to be lost is the one that staff spoke to last
    before = scene.mark(1)
    scene.gateway.post("/logout", 0, reason="在别处登录")
    told = scene.wait_for(lambda: scene.said(1, before))
    assert told[0]["conversation"] == "wxid_s2c0"
    assert "小知0" in told[0]["text"]
    scene.gateway.post("/login", 0)
    scene.ask("wxid_s2c1", "积分")


def test_a_restart_of_the_program_logs_nobody_out_and_sends_no_stop(scene: Scene) -> None:
    assert scene.bot.stop() == 0
    scene.bot.start()
    scene.ask("wxid_s2c1", "积分")
    scene.ask("wxid_s2c1", "积分", 1)
    for account in (0, 1):
        assert scene.gateway.get("/state", account)["loggedIn"]
        calls = scene.gateway.calls(account)
        assert calls["start"] >= 1
        assert not {"stop", "logout"} & set(calls)


def test_a_code_that_waited_before_the_program_came_up_is_shown_by_it(open_scene: Open) -> None:
    """The gateway tells each new stream of its scan at once, while the program may still be starting."""
    scene = open_scene("--accounts", "3", "--login", "off", "--seed", "3", start=False)
    scene.bot.start()
    for account in range(3):
        scene.gateway.post("/scan", account, qrcode=f"{FIRST}{account}")  # right after the streams opened
    for account in range(3):
        scene.bot.wait_until(lambda: blocks(f"{FIRST}{account}") in scene.bot.printed)  # noqa: B023
