"""A campaign over three accounts on the wire, one of them logged out midway: everybody once, nobody forgotten."""

from collections import Counter
from typing import Any

import pytest

from tests.e2e.conftest import Open
from tests.e2e.scene import Scene

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(120)]

BOSS, ONLY = "wxid_s9c0", "wxid_only"
CONTACTS = 40
WORDS = "新品全麦吐司到了"
MORE = """
[pace]
gap = "100ms"
reply_delay = "0ms"
per_minute = 60
per_hour = 2000
young_days = 0
[attention]
quiet = ["00:00", "00:00"]
[friends]
remark_codes = false
"""


@pytest.fixture(scope="module")
def scene(open_scene: Open) -> Scene:
    return open_scene("--accounts", "3", "--contacts", str(CONTACTS), "--rooms", "1", "--seed", "9", more=MORE)


def heard(scene: Scene, account: int | None = None) -> list[dict[str, Any]]:
    """What members got of the campaign, by the gateway's own log."""
    accounts = range(3) if account is None else [account]
    said = [one for number in accounts for one in scene.said(number)]
    return [one for one in said if one.get("text") == WORDS]


def test_everybody_once_though_an_account_is_logged_out_in_the_middle(scene: Scene) -> None:
    scene.make_staff(BOSS, "店长", account=2)
    scene.gateway.post("/contacts", 0, id=ONLY, name="只加了一号", friend=True)
    scene.ask(ONLY, "积分", 0)
    scene.wait_rows("SELECT id FROM reach WHERE friend_at IS NOT NULL", count=3 * CONTACTS)
    plan = scene.ask(BOSS, f"群发 全部：{WORDS}", 2)["text"]
    assert f"发 {CONTACTS}" in plan
    assert all(name in plan for name in ("小知0", "小知1", "小知2"))
    assert heard(scene) == []
    scene.ask(BOSS, "确认", 2)
    scene.wait_for(lambda: heard(scene, 0), 3)
    scene.gateway.post("/logout", 0)
    scene.wait_rows("SELECT id FROM outbox WHERE attention = 'offer' AND state <> 'due'", count=CONTACTS - 1)
    got = Counter(one["conversation"] for one in heard(scene))
    assert max(got.values()) == 1
    doubtful = {row["contact"] for row in scene.read(
        "SELECT i.ext_id AS contact FROM outbox o JOIN identity i ON i.id = o.identity_id WHERE o.state = 'unconfirmed'"
    )}  # fmt: skip
    everybody = {f"wxid_s9c{number}" for number in range(1, CONTACTS)} | {ONLY}
    left = everybody - set(got) - doubtful
    assert left <= {ONLY}  # only the lost account could write to them
    if left:
        assert "只加了一号" in scene.ask(BOSS, "待找回", 2)["text"]
    scene.gateway.post("/login", 0)
    scene.wait_for(lambda: {one["conversation"] for one in heard(scene)} | doubtful, CONTACTS)
    for row in scene.read("SELECT id FROM outbox WHERE state = 'unconfirmed'"):
        scene.ask(BOSS, f"已发 {row['id']}", 2)
    scene.wait_rows("SELECT id FROM campaign WHERE state = 'finished'")
    report = scene.wait_for(lambda: [one for one in scene.said(2) if "发完了" in one.get("text", "")])[0]["text"]
    assert f"里发到 {CONTACTS}" in report
    assert max(Counter(one["conversation"] for one in heard(scene)).values()) == 1
