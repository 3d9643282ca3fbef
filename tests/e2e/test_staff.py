"""The team on the wire: bound by the code of the console, asked in a room and answered privately, files out."""

import csv
import hashlib
import io

import pytest

from tests.e2e.conftest import Open
from tests.e2e.scene import Scene

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def scene(open_scene: Open) -> Scene:
    return open_scene("--contacts", "20", "--rooms", "2", "--seed", "5")


def test_the_code_printed_by_the_console_binds_its_sender_while_the_program_runs_and_works_once(scene: Scene) -> None:
    boss = scene.member(0)
    done = scene.bot.command("staff", "add", "店长", "--role", "owner")
    code = done.stdout.partition("：")[2].split()[0]
    assert "店长" in scene.ask(boss, code)["text"]
    assert [row["name"] for row in scene.read("SELECT name FROM staff WHERE bound_at IS NOT NULL")] == ["店长"]
    scene.ask("wxid_s5c15", code)
    assert scene.value("SELECT COUNT(*) AS n FROM staff WHERE bound_at IS NOT NULL") == 1
    scene.silent("wxid_s5c15", text="今日")


def test_a_profile_asked_for_in_a_room_is_sent_privately(scene: Scene) -> None:
    boss, member = scene.member(0), scene.member(1)
    scene.gateway.call("PATCH", "/contacts", id=member, name="爱吃可颂的小美")
    scene.ask(member, "签到", room=scene.room)
    before = scene.mark()
    private = scene.answers(1, boss, to=boss, room=scene.room, text="看 @爱吃可颂的小美")
    assert "爱吃可颂的小美" in private[0]["text"]
    assert "积分" in private[0]["text"]
    scene.wait_for(lambda: scene.said(after=before), 2)
    in_room = [one["text"] for one in scene.said(after=before) if one["conversation"] == scene.room]
    assert len(in_room) == 1
    assert "爱吃可颂的小美" not in in_room[0]


def test_the_list_of_a_rooms_members_leaves_as_a_file_with_the_right_bytes(scene: Scene) -> None:
    boss = scene.member(0)
    said = scene.answers(2, boss, to=boss, room=scene.room, text="群成员")
    file = next(one["file"] for one in said if one["action"] == "file")
    made = [path for path in (scene.folder / "exports").rglob("*.csv") if path.name == file["name"]]

    content = made[0].read_bytes()
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert "爱吃可颂的小美" in {row[0] for row in rows[1:]}


def test_a_person_let_go_or_a_stranger_is_not_obeyed(scene: Scene) -> None:
    scene.silent(scene.member(2), room=scene.room, text="群成员")
    scene.silent(scene.member(2), room=scene.room, text="暂停")
