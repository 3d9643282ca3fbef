"""Promise 30: a login that changed every contact id makes no second member, and merges nobody wrongly."""

import pytest

from tests.e2e.conftest import Open
from tests.e2e.scene import Scene

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(90)]

PEOPLE = 40
SPOKEN = "SELECT COUNT(*) AS n FROM activity"  # members of whom anything was heard
BALANCES = "SELECT member_id, balance FROM ledger_account WHERE member_id IS NOT NULL ORDER BY member_id"


@pytest.fixture(scope="module")
def scene(open_scene: Open) -> Scene:
    return open_scene("--contacts", str(PEOPLE), "--rooms", "2", "--seed", "4")


def test_after_a_login_with_new_contact_ids_everyone_with_a_code_is_the_same_member(scene: Scene) -> None:
    people = [f"wxid_s4c{number}" for number in range(PEOPLE)]
    for contact in people[:4]:  # all of one name: a nickname is never a key
        scene.gateway.call("PATCH", "/contacts", id=contact, name="开心每一天")
    friends, stranger = people[:-1], people[-1]
    for contact in friends:
        scene.gateway.say(sender=contact, text="签到")
    scene.wait_for(lambda: [one for one in scene.gateway.sent() if one["action"] == "contactAlias"], len(friends))
    scene.wait_for(scene.said, len(friends))
    members = scene.read("SELECT i.ext_id, i.member_id, m.code FROM identity i JOIN member m ON m.id = i.member_id")
    before = {row["ext_id"]: row["member_id"] for row in members}
    assert len({before[contact] for contact in friends}) == len(friends)
    points = scene.read(BALANCES)

    mark = scene.mark()
    ids = scene.gateway.post("/relogin", seed=9)
    assert not set(ids.values()) & set(before)
    room = scene.gateway.get("/rooms")[0]
    speaker = next(one for one in room["memberIdList"] if one in {ids[contact] for contact in friends})
    for contact in friends:
        where = {"room": room["id"]} if ids[contact] == speaker else {}  # one is met again in a room first
        scene.gateway.say(sender=ids[contact], text="签到", **where)
    answers = scene.wait_for(lambda: scene.said(after=mark), len(friends))
    assert {one["conversation"] for one in answers} == {ids[contact] for contact in friends} - {speaker} | {room["id"]}

    after = scene.read("SELECT ext_id, member_id FROM identity")
    now = {row["ext_id"]: row["member_id"] for row in after}
    assert {contact: now[ids[contact]] for contact in friends} == {contact: before[contact] for contact in friends}
    assert scene.value(SPOKEN) == len(friends)
    paid = scene.value("SELECT COUNT(*) AS n FROM transfer WHERE kind = 'check_in'")
    assert paid == len(friends), "nobody checked in twice that day"
    assert scene.read(BALANCES) == points

    scene.ask(ids[stranger], "积分")  # never spoke before, carries no code: somebody new
    assert scene.value(SPOKEN) == len(friends) + 1
    assert scene.value("SELECT COUNT(*) AS n FROM member") <= len(people) + 1, "only who had no code is met anew"
