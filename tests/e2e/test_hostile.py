"""Promise 17 on the wire: whatever is sent is stored safely, and nothing that comes after it goes unanswered."""

import time

import pytest

from tests.e2e.conftest import Open
from tests.e2e.scene import Scene

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(120)]

MEGABYTE = "面" * (1024 * 1024 // 3)
TEXTS = {
    "nul": "积分\x00明细",
    "lone high surrogate": "cut emoji \ud83d here",
    "lone low surrogate": "\ude00积分",
    "halves the wrong way round": "\ude00\ud83d",
    "four bytes": "😀🥐𠮷野家",
    "joined": "👨‍👩‍👧‍👦👍🏽",
    "right to left": "\u202e分积 abc\u202c \u200f",
    "accents": "a" + "\u0301" * 5000,
    "megabyte": MEGABYTE,
    "mojibake": "积分明细".encode("gbk").decode("latin-1"),
    "replaced": "锟斤拷烫烫烫",
    "ats": "@" * 10_000,
    "mentions": "@小知0\u2005" * 1000,
    "template": "{{7*7}} {% for x in range(9**9) %}{% endfor %} ${7*7} #{7*7} {{config}}",
    "format": "%s%s%n {0.__class__} {}",
    "sql": "'); DROP TABLE member; --",
    "json": '{"a": NaN, "a": 1e999}',
    "nested": "[" * 100_000,
    "escape": "\x1b[2J\x1b]0;owned\x07\r\n",
    "path": "../../../../etc/passwd",
    "spaces": "\u3000\u200b\ufeff\u2028\n" * 500,
    "slow pattern": "转" + " 1" * 5000 + "积分给",
    "slow give": "给" + "给" * 5000 + "50积分",
    "slow code": "绑定 " + "a-" * 5000,
    "commas": "发积分 " + "9," * 5000,
    "empty": "",
}
NAMES = [
    "{{7*7}}",
    "名\x00字",
    "cut\ud83d",
    "\u202e小美",
    "=cmd|'/c calc'!A0",
    "x" * 5000,
    "小\n美",
    "<script>",
    "@所有人",
]
ANSWERED_IN = 5.0  # seconds: nothing may hold the program up


@pytest.fixture(scope="module")
def scene(open_scene: Open) -> Scene:
    return open_scene("--contacts", "30", "--rooms", "2", "--seed", "9")


def alive(scene: Scene, number: int) -> None:
    """The program answers somebody else at once."""
    start = time.monotonic()
    scene.ask(f"wxid_s9c{number}", "积分")
    assert time.monotonic() - start < ANSWERED_IN
    assert scene.bot.alive


@pytest.mark.parametrize("what", TEXTS)
def test_a_hostile_text_is_stored_and_the_next_question_of_the_same_chat_is_answered(scene: Scene, what: str) -> None:
    for place in ({}, {"room": scene.room}):
        message = scene.gateway.say(sender=scene.member(0), text=TEXTS[what], **place)
        rows = scene.wait_rows("SELECT * FROM interaction WHERE ext_id = $1", message)
        assert len(rows[0]["text"]) <= 8000
        assert "\x00" not in rows[0]["text"]
        start = time.monotonic()
        scene.answers(1, scene.member(0), text="我的积分明细", **place)
        assert time.monotonic() - start < ANSWERED_IN
    alive(scene, 20)
    assert scene.value("SELECT COUNT(*) AS n FROM trouble") == 0


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_hostile_name_is_only_a_name(scene: Scene, number: int) -> None:
    contact = f"wxid_evil{number}"
    scene.gateway.post("/contacts", id=contact, name=NAMES[number])
    assert "49" not in scene.ask(contact, "我的")["text"]
    scene.ask(contact, "签到")
    scene.ask(contact, "签到", room=scene.room)
    scene.gateway.post("/room-join", room=scene.room, members=[contact])
    rows = scene.read("SELECT m.name FROM member m JOIN identity i ON i.member_id = m.id WHERE i.ext_id = $1", contact)
    assert len(rows) == 1
    assert 0 < len(rows[0]["name"]) <= 60
    alive(scene, 21)


def test_hostile_rooms_and_events_hurt_nobody(scene: Scene) -> None:
    scene.gateway.post("/room-topic", room=scene.room, topic="{{7*7}}\x00" + "群" * 3000)
    scene.ask(scene.member(1), "签到", room=scene.room)
    events = [
        ("message", {"messageId": "no such message"}),
        ("message", {}),
        ("friendship", {"friendshipId": "\ud83d"}),
        ("room-join", {"inviteeIdList": [scene.member(1), ""], "inviterId": "", "roomId": "nowhere", "timestamp": -1}),
        ("room-leave", {"removeeIdList": None, "roomId": scene.room, "timestamp": 9e99}),
        (
            "room-topic",
            {"changerId": 7, "newTopic": {"a": 1}, "oldTopic": None, "roomId": scene.room, "timestamp": "x"},
        ),
        ("dirty", {"payloadType": 2}),
        ("error", {"gerror": "[" * 5000}),
        ("scan", {"qrcode": "x" * 9000, "status": 2}),
        ("login", {"contactId": scene.gateway.accounts[0]["selfId"]}),
    ]
    for name, payload in events:
        scene.gateway.post("/event", name=name, payload=payload)
    scene.gateway.say(sender=scene.member(0), text="旧", timestamp=0)
    scene.gateway.say(sender=scene.member(0), text="未来", timestamp=4_102_444_800_000)
    scene.gateway.say(sender=scene.member(0), type="Unknown", text="<xml/>")
    alive(scene, 22)
    assert scene.value("SELECT COUNT(*) AS n FROM trouble") == 0
