"""Members talk to the program through the real gateway: texts, mentions, files, shares, comings and goings."""

import base64
import hashlib
import json
from typing import Any

import pytest

from tests.e2e.conftest import Open
from tests.e2e.scene import Scene

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(90)]

MORE = """
[friends]
per_day = 2
[handling]
newcomers = "1s"
[rooms."产品交流群1"]
theme = "每日新鲜出炉"
"""


@pytest.fixture(scope="module")
def scene(open_scene: Open) -> Scene:
    return open_scene("--contacts", "30", "--rooms", "3", "--members", "8", "--seed", "1", more=MORE)


def test_a_private_question_is_answered(scene: Scene) -> None:
    answer = scene.ask("wxid_s1c0", "我還有多少積分呀？")
    assert "0" in answer["text"]
    assert answer["conversation"] == "wxid_s1c0"


def test_a_command_in_a_room_is_answered_there_without_a_mention_and_begins_with_the_name(scene: Scene) -> None:
    sender = scene.member(0)
    answer = scene.ask(sender, "签到", room=scene.room)
    assert answer["text"].startswith(scene.name(sender) + "，")


def test_ordinary_talk_in_a_room_is_stored_and_not_answered(scene: Scene) -> None:
    scene.silent(scene.member(1), room=scene.room, text="今天天气真好，有人去跑步吗")
    found = scene.read("SELECT * FROM interaction WHERE text = '今天天气真好，有人去跑步吗'")
    assert len(found) == 1


def test_a_mention_makes_plain_words_a_question(scene: Scene) -> None:
    sender = scene.member(2)
    bot = scene.gateway.accounts[0]["selfId"]
    answer = scene.ask(sender, "@机器人0\u2005你好呀", room=scene.room, mentions=[bot])
    assert answer["text"].startswith(scene.name(sender) + "，")


def test_a_mention_by_name_alone_is_enough_where_the_network_gives_no_ids(scene: Scene) -> None:
    scene.ask(scene.member(3), "@机器人0\u2005你好", room=scene.room)


def test_a_newcomer_is_welcomed_by_the_theme_of_the_room_with_a_mention(scene: Scene) -> None:
    before = scene.mark()
    scene.gateway.post("/contacts", id="wxid_new1", name="新来的阿芳")
    scene.gateway.post("/room-join", room=scene.room, members=["wxid_new1"])
    said = scene.wait_for(lambda: scene.said(after=before))[0]
    assert said["conversation"] == scene.room
    assert said["text"].startswith("@新来的阿芳\u2005")
    message = next(one for one in scene.gateway.get("/messages") if one["id"] == said["id"])
    assert message["mentionIdList"] == ["wxid_new1"]
    shipped = _lines("welcome/每日新鲜出炉")
    assert any(line and line in said["text"] for line in shipped)
    assert scene.interactions("join")


def _lines(template: str) -> list[str]:
    """Fragments of a template's own words, to know it again."""
    from tests.conftest import ROOT

    text = (ROOT / "templates" / f"{template}.txt").read_text("utf-8")
    words = [part for line in text.splitlines() if not line.startswith(("{#", "---")) for part in _plain(line)]
    other = (ROOT / "templates" / "welcome" / "default.txt").read_text("utf-8")
    return [word for word in words if len(word) >= 6 and word not in other]


def _plain(line: str) -> list[str]:
    parts: list[str] = []
    for piece in line.split("{{"):
        parts += piece.split("}}")[-1].split("{%")
    return [part.split("%}")[-1].strip() for part in parts]


def test_who_leaves_and_a_new_topic_are_interactions(scene: Scene) -> None:
    leaver = scene.member(5)
    scene.ask(leaver, "积分", room=scene.room)
    scene.gateway.post("/room-leave", room=scene.room, members=[leaver])
    assert scene.interactions("leave")
    scene.wait_rows("SELECT id FROM room_member WHERE left_at IS NOT NULL")
    second = scene.gateway.get("/rooms")[1]["id"]
    scene.gateway.post("/room-topic", room=second, topic="改了名的群")
    scene.ask(scene.member(0, 1), "签到", room=second)
    assert scene.read("SELECT * FROM room WHERE topic = '改了名的群'")


@pytest.mark.parametrize(("name", "size"), [("照片.png", 3000), ("目录.pdf", 10 * 1024 * 1024)])
def test_pictures_and_files_are_kept_byte_for_byte_under_names_of_our_own(scene: Scene, name: str, size: int) -> None:
    content = bytes(range(256)) * (size // 256)
    file = {"base64": base64.b64encode(content).decode(), "name": name}
    scene.gateway.say(sender="wxid_s1c1", file=file)
    rows = scene.wait_rows("SELECT * FROM media WHERE name = $1 AND fetched_at IS NOT NULL", name)
    path = scene.folder / rows[0]["path"]
    assert path.is_relative_to(scene.folder / "media")
    assert name not in str(path)
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(content).digest()
    assert rows[0]["size"] == len(content)
    assert scene.interactions("image" if name.endswith("png") else "file")


def test_shares_are_interactions_with_what_was_shared(scene: Scene) -> None:
    url = {"title": "面包怎么存", "url": "https://example.com/bread", "description": "三个办法", "thumbnailUrl": ""}
    scene.gateway.say(sender="wxid_s1c2", url=url)
    program = {"title": "面包商城", "appid": "wx123", "username": "gh_1", "pagePath": "pages/index"}
    scene.gateway.say(sender="wxid_s1c2", miniProgram=program)
    scene.gateway.say(sender="wxid_s1c2", contact="wxid_s1c3")
    assert _data(scene, "link")["url"] == "https://example.com/bread"
    assert _data(scene, "link")["title"] == "面包怎么存"
    assert _data(scene, "mini_program")["app_id"] == "wx123"
    assert _data(scene, "card") == {"contact": "wxid_s1c3", "name": scene.name("wxid_s1c3")}


def _data(scene: Scene, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(scene.interactions(kind)[-1]["data"])
    return found


def test_a_recalled_message_is_marked_on_the_profile(scene: Scene) -> None:
    message = scene.gateway.say(sender="wxid_s1c4", text="说错了，撤回")
    scene.wait_rows("SELECT id FROM interaction WHERE ext_id = $1", message)
    scene.gateway.say(sender="wxid_s1c4", type="Recalled", text=message)
    scene.wait_rows("SELECT id FROM interaction WHERE ext_id = $1 AND recalled_at IS NOT NULL", message)


def test_friend_requests_are_accepted_within_the_daily_limit_greeted_and_marked_with_a_code(scene: Scene) -> None:
    before = scene.mark()
    for number in range(3):
        contact = f"wxid_stranger{number}"
        scene.gateway.post("/contacts", id=contact, name=f"想加的{number}", friend=False)
        scene.gateway.post("/friendship", **{"from": contact, "hello": "你好，我想加你"})
    scene.wait_for(lambda: _did(scene, "friendshipAccept", before), 2)
    greeted = scene.wait_for(
        lambda: [one for one in scene.said(after=before) if one["conversation"].startswith("wxid_stranger")], 2
    )
    assert {one["conversation"] for one in greeted} == {"wxid_stranger0", "wxid_stranger1"}
    aliases = scene.wait_for(
        lambda: [one for one in _did(scene, "contactAlias", before) if "stranger" in one["contact"]], 2
    )
    codes = {row["code"] for row in scene.read("SELECT code FROM member")}
    assert all(any(one["alias"].endswith(code) for code in codes) for one in aliases)
    assert len(_did(scene, "friendshipAccept", before)) == 2
    later = scene.read("SELECT not_before FROM outbox WHERE purpose = 'chore' AND state = 'due'")
    assert len(later) == 1, "the third is put off to another day, not forgotten"


def _did(scene: Scene, action: str, after: int) -> list[dict[str, Any]]:
    return [one for one in scene.gateway.sent(after=after) if one["action"] == action]


def test_an_invitation_into_a_room_is_followed(scene: Scene) -> None:
    before = scene.mark()
    scene.gateway.post("/room-invite", **{"from": "wxid_s1c6", "topic": "邀请来的群", "members": ["wxid_s1c7"]})
    scene.wait_for(lambda: _did(scene, "roomInvitationAccept", before))
    room = next(one["id"] for one in scene.gateway.get("/rooms") if one["topic"] == "邀请来的群")
    scene.ask("wxid_s1c6", "积分", room=room)


def test_a_new_nickname_is_on_the_profile_with_the_next_word(scene: Scene) -> None:
    scene.ask("wxid_s1c8", "积分")
    scene.gateway.call("PATCH", "/contacts", id="wxid_s1c8", name="改名的小美")
    scene.ask("wxid_s1c8", "积分")
    assert scene.read("SELECT id FROM member WHERE name = '改名的小美'")


def test_ones_own_data_arrives_as_files_with_the_right_bytes(scene: Scene) -> None:
    answers = scene.answers(3, "wxid_s1c9", text="我的数据")
    files = {one["file"]["name"]: one["file"] for one in answers if one["action"] == "file"}
    assert set(files) == {"我的数据.html", "我的数据.json"}
    kept = {path.name: path.read_bytes() for path in (scene.folder / "exports").rglob("我的数据.*")}
    for name, file in files.items():
        assert file["sha256"] == hashlib.sha256(kept[name]).hexdigest()
    assert json.loads(base64.b64decode(files["我的数据.json"]["base64"]))["member"]
