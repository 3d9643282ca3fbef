"""Promises 33 and 34: a member sees everything of theirs, and after an erasure nothing of them is left anywhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from tortoise import fields
from tortoise.models import Model

from actions.community import Community
from actions.person import export, privacy
from actions.speaking import outbox
from db import models
from db.person.places import EXEMPT, PLACES
from db.trade import ledger
from rules.messages import Act, Kind, Outgoing, Person
from templates import Phrases
from tests.conftest import ENGINE
from tests.house import House

TEXTUAL = (fields.CharField, fields.TextField, fields.BinaryField, fields.JSONField)


def _tables() -> list[type[Model]]:
    return [
        one for one in vars(models).values() if isinstance(one, type) and issubclass(one, Model) and one is not Model
    ]


@pytest.mark.parametrize("model", _tables(), ids=lambda model: model._meta.db_table)
def test_every_table_and_column_is_on_the_list_of_places_or_excepted(model: type[Model]) -> None:
    table = model._meta.db_table
    assert (table in PLACES) != (table in EXEMPT)
    if table in EXEMPT:
        assert EXEMPT[table]
        return
    place = PLACES[table]
    columns = set(model._meta.fields_db_projection.values())
    assert set(place.shown) | set(place.hidden) == columns, (
        "each column is shown to the member, or hidden with a reason"
    )
    assert not set(place.shown) & set(place.hidden)
    assert all(place.hidden.values())
    assert all(place.kept.values())
    if not place.gone:
        textual = {one for one, kind in model._meta.fields_map.items() if isinstance(kind, TEXTUAL)}
        assert textual == textual & (set(place.erased) | set(place.kept)), "each text is erased, or kept with a reason"
        assert not set(place.erased) & set(place.kept)


def test_there_is_no_place_without_a_table() -> None:
    assert set(PLACES) | set(EXEMPT) == {model._meta.db_table for model in _tables()}


async def _live(house: House, who: str, number: int) -> list[str]:
    """Do all that a member can do; the canaries that must be gone afterwards."""
    room = "早安面包房"
    canary = f"金丝雀{number:03}"
    person = Person(f"wxid_{canary}", f"{who}{canary}", friend=True, room_name=f"群名{canary}", remark=f"备注{canary}")

    async def event(text: str = "", place: str | None = None, **values: Any) -> None:
        await house.inbox.heard(house.event(who, text, place, person=person, **values))

    await event(f"你好，我是{canary}")
    await event("签到")
    await event(f"大家好 {canary}", room)
    await event("@小知 今天的面包", room, mentioned=True)
    await event(kind=Kind.IMAGE, data={"media": f"照片{canary}", "name": f"{canary}.jpg", "size": 9})
    await event(kind=Kind.JOIN, place=room, data={})
    await event(f"建议：多做{canary}口味")
    await event(f"投诉：{canary}压坏了")
    await event("完善资料")
    await event(f"叫我{canary}")
    await event("不填了")
    await event("退订")
    await event("我的数据")
    await event(kind=Kind.LINK, data={"title": f"分享{canary}", "url": "https://example.org/"})
    await house.settled()
    return [canary]


async def _member_of(house: House, contact: str) -> int:
    found = await house.db.value("SELECT member_id FROM identity WHERE ext_id = $1", contact)
    assert found is not None, contact
    return int(found)


def _bytes_left(folder: Path, canary: str) -> list[str]:
    """The files in which the canary stands, as UTF-8, in JSON's or in SQL's spelling."""
    spellings = [canary.encode(), json.dumps(canary)[1:-1].encode(), canary.encode("utf-16-le")]
    return [
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and any(one in file.read_bytes() for one in spellings)
    ]


async def _rows_left(house: House, canary: str) -> list[str]:
    """(table.column) in which the canary stands."""
    left = []
    for model in _tables():
        table = model._meta.db_table
        for row in await house.db.all(f'SELECT * FROM "{table}"'):
            for column in row.keys():  # noqa: SIM118 - a database row is no dict
                value = row[column]
                if canary in (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)):
                    left.append(f"{table}.{column}")
    return left


async def _erase(house: House, who: str, contact: str) -> None:
    person = Person(contact, who, friend=True)
    await house.hear(house.event(who, "注销", person=person))
    await house.hear(house.event(who, "确认注销", person=person))


async def test_promise_33_nothing_of_erased_members_is_left_in_any_file(house: House) -> None:
    await house.make_staff("店长")
    canaries = {f"人{number}": (await _live(house, f"人{number}", number))[0] for number in range(10)}
    await house.say("老王", "我留下来")
    # others' events and messages name them, too
    some = "wxid_金丝雀003"
    await house.hear(house.event("老王", "", "早安面包房", kind=Kind.JOIN, data={"inviter": some}))
    await house.hear(house.event("老王", kind=Kind.CARD, data={"contact": some, "name": "人3金丝雀003"}))
    for who, canary in canaries.items():
        assert await _rows_left(house, canary), who
    for who, canary in canaries.items():
        await _erase(house, who, f"wxid_{canary}")
    await house.settled()
    house.clock.set(house.clock.now() + 120_000)  # the welcome that waited
    house.community.wake(1)
    await house.settled()
    await privacy.tidy(house.community, house.clock.now())
    await house.settled()
    for canary in canaries.values():
        assert await _rows_left(house, canary) == []
        assert _bytes_left(house.folder, canary) == []
    recount = await ledger.recount(house.db)
    assert recount.right
    assert recount.total == 0
    assert await house.db.value("SELECT COUNT(*) FROM interaction WHERE text = '我留下来'") == 1


async def test_an_erasure_keeps_the_counts_and_the_chain(house: House) -> None:
    await _live(house, "小美", 7)
    member = await _member_of(house, "wxid_金丝雀007")
    before = await house.db.one("SELECT * FROM activity WHERE member_id = $1", member)
    await _erase(house, "小美", "wxid_金丝雀007")
    after = await house.db.one("SELECT * FROM activity WHERE member_id = $1", member)
    assert after["interactions"] == before["interactions"] + 2
    steps, at = 0, after["last_id"]
    while at:
        row = await house.db.one("SELECT * FROM interaction WHERE id = $1", at)
        assert (row["text"], row["data"], row["member_id"]) == ("", None, member)
        steps, at = steps + 1, row["before_id"]
    assert steps == after["interactions"]


async def test_the_farewell_is_the_last_thing_and_what_waited_is_never_sent(house: House) -> None:
    await house.say("小美", "签到")
    member = await house.member("小美")
    later = house.clock.now() + 3_600_000

    async def queue(tx: Any) -> None:
        await outbox.to_member(
            tx, house.community, member, Outgoing(text="明天的活动"), house.clock.now(), purpose="marketing",
            key="later", reason="活动", not_before=later,
        )  # fmt: skip

    await house.db.write(queue)
    (question,) = await house.say("小美", "注销")
    assert "确认注销" in question.text
    assert "积分" in question.text
    (farewell,) = await house.say("小美", "确认注销")
    assert farewell.to == "wx:小美"
    assert "注销" in farewell.text
    house.clock.set(later + 1000)
    house.community.wake(1)
    await house.settled()
    assert house.sent[-1] is farewell
    row = await house.db.one("SELECT state, state_reason, content FROM outbox WHERE key = 'later'")
    assert tuple(row) == ("dropped", "已注销", "{}")
    assert await house.db.value("SELECT COUNT(*) FROM send_log WHERE conversation = 'wx:小美'") == 0


async def test_an_erased_person_comes_back_as_someone_new_without_points(house: House) -> None:
    await house.say("小美", "签到")
    old = await house.member("小美")
    assert await ledger.balance(house.db, old) > 0
    await house.say("小美", "注销")
    await house.say("小美", "确认注销")
    assert await ledger.balance(house.db, old) == 0
    await house.say("小美", "签到")
    new = await house.member("小美")
    assert new != old
    assert await house.db.value("SELECT COUNT(*) FROM activity WHERE member_id = $1", new) == 1
    assert (await ledger.recount(house.db)).right


async def test_nobody_is_erased_by_one_word_or_by_a_question(house: House) -> None:
    await house.say("小美", "确认注销")
    await house.say("小美", "注销了吗")
    await house.say("小美", "注销")
    (kept,) = await house.say("小美", "取消")
    assert "确认" not in kept.text
    await house.say("小美", "确认注销")
    await house.say("小美", "注销")
    house.clock.set(house.clock.now() + 11 * 60_000)
    await house.say("小美", "确认注销")
    assert await house.db.value("SELECT COUNT(*) FROM member WHERE erased_at IS NOT NULL") == 0


@pytest.mark.parametrize("word", ["确认", "确定", "是的"])
async def test_a_plain_yes_is_told_the_whole_word(house: House, word: str) -> None:
    await house.say("小美", "注销")
    (answer,) = await house.say("小美", word)
    assert "「确认注销」" in answer.text
    assert await house.db.value("SELECT COUNT(*) FROM member WHERE erased_at IS NOT NULL") == 0
    await house.say("小美", "确认注销")
    assert await house.db.value("SELECT COUNT(*) FROM member WHERE erased_at IS NOT NULL") == 1


@pytest.mark.parametrize(
    "text", ["我要销号", "销号", "删除账号", "把我的信息删掉", "把我的数据删掉", "清空我的资料", "请帮我注销账号"]
)
async def test_each_wording_asks_before_an_erasure(house: House, text: str) -> None:
    (answer,) = await house.say("小美", text)
    assert "确认注销" in answer.text


async def test_in_a_room_nobody_is_erased(house: House) -> None:
    (answer,) = await house.say("小美", "注销", "早安面包房")
    assert "私聊" in answer.text
    await house.say("小美", "确认注销", "早安面包房")
    assert await house.db.value("SELECT COUNT(*) FROM member WHERE erased_at IS NOT NULL") == 0


async def test_a_person_of_the_team_is_told_to_be_unbound_first(house: House) -> None:
    await house.make_staff("店长")
    (answer,) = await house.say("店长", "注销")
    assert "解除绑定" in answer.text


async def test_an_erasure_that_was_killed_after_its_commit_is_finished_at_the_next_start(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _live(house, "小美", 9)
    contact = "wxid_金丝雀009"
    with monkeypatch.context() as patch:
        patch.setattr(Community, "later", lambda self, work: None)
        await _erase(house, "小美", contact)
    assert await house.db.value("SELECT COUNT(*) FROM meta WHERE key LIKE 'erasing:%'") == 1
    await privacy.resume(house.community)
    assert await _rows_left(house, "金丝雀009") == []
    assert _bytes_left(house.folder, "金丝雀009") == []


async def test_a_restored_backup_erases_again_whom_it_still_knew_and_nobody_else(house: House) -> None:
    await house.say("小美", "签到")
    await house.say("大刚", "签到")
    old = await house.member("小美")
    row = await house.db.one("SELECT * FROM member WHERE id = $1", old)
    await house.say("小美", "注销")
    await house.say("小美", "确认注销")
    await house.say("小美", "我又来了")
    new = await house.member("小美")
    buried = (house.folder / "erased.jsonl").read_text()
    assert "小美" not in buried
    assert row["code"] in buried
    # the backup knew 小美 by the old number, and had given 大刚's to somebody else

    async def restore(tx: Any) -> None:
        await tx.execute("UPDATE identity SET ext_id = 'wx:小美2' WHERE member_id = $1", new)
        await tx.execute("UPDATE identity SET ext_id = 'wx:小美' WHERE member_id = $1", old)
        await tx.execute("UPDATE member SET erased_at = NULL, name = '小美' WHERE id = $1", old)

    await house.db.write(restore)
    restored = Community(house.settings, house.db, Phrases(house.folder / "t"), house.clock, house.folder)
    assert await privacy.erase_again(restored) == 1
    assert await house.db.value("SELECT erased_at FROM member WHERE id = $1", old)
    assert await house.db.value("SELECT erased_at FROM member WHERE id = $1", new) is None
    assert await privacy.erase_again(restored) == 0


async def test_the_remark_with_the_code_is_cleared(house: House) -> None:
    await house.say("小美", "你好")
    member = await house.member("小美")
    code = await house.db.value("SELECT code FROM member WHERE id = $1", member)
    await house.db.write(lambda tx: tx.execute("UPDATE reach SET remark = $1", f"小美{code}"))
    await house.say("小美", "注销")
    sent = await house.say("小美", "确认注销")
    (remark,) = [one.content for one in sent if one.content.act is Act.REMARK]
    assert (remark.contact, remark.text) == ("wx:小美", "")
    assert await house.db.value("SELECT COUNT(*) FROM outbox WHERE content LIKE '%wx:小美%'") == 0


async def test_promise_34_the_export_is_complete(house: House) -> None:
    await _live(house, "小美", 5)
    member = await _member_of(house, "wxid_金丝雀005")
    files = [one.content.path for one in house.sent if one.content.act is Act.FILE]
    assert [Path(one).name for one in files] == list(export.NAMES)
    data = json.loads(Path(files[1]).read_text())
    page = Path(files[0]).read_text()
    assert set(data) == set(PLACES)
    for table, place in PLACES.items():
        rows = await house.db.all(f"SELECT * FROM {table} WHERE {place.of}", member)
        assert len(data[table]) <= len(rows), table
        for row in data[table]:
            assert set(row) == set(place.shown), table
        assert place.title in page
    assert data["interaction"][0]["text"] == "你好，我是金丝雀005"
    assert data["answer"][0]["value"] == "叫我金丝雀005"
    assert {row["text"] for row in data["feedback"]} == {"多做金丝雀005口味", "金丝雀005压坏了"}
    assert data["identity"][0]["ext_id"] == "wxid_金丝雀005"
    assert data["consent"][-1]["purpose"] == "marketing"
    assert data["member"][0]["name"] == "小美金丝雀005"


async def test_what_is_asked_in_a_room_is_answered_privately(house: House) -> None:
    sent = await house.say("小美", "我的数据", "早安面包房")
    in_room = [one for one in sent if one.to.startswith("room:")]
    assert len(in_room) == 1
    assert "会员编号" not in in_room[0].text
    private = [one for one in sent if one.to == "wx:小美"]
    assert "会员编号" in private[0].text
    assert [one.content.act for one in private[1:]] == [Act.FILE, Act.FILE]


async def test_an_export_holds_nobody_elses_words_and_no_markup(house: House) -> None:
    await house.say("大刚", "大刚的秘密")
    await house.say("小美", "<script>alert(1)</script>")
    await house.say("小美", "导出我的数据")
    page = next(Path(one.content.path) for one in house.sent if one.content.path.endswith(".html")).read_text()
    assert "大刚的秘密" not in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


async def test_old_exports_are_removed_and_fresh_ones_stay(house: House) -> None:
    await house.say("小美", "我的数据")
    (again,) = await house.say("小美", "我的数据")
    assert "刚刚发过" in again.text
    folder = house.folder / "exports"
    assert await privacy.tidy(house.community, house.clock.now()) == 0
    assert list(folder.rglob("*.json"))
    assert await privacy.tidy(house.community, house.clock.now() + 4 * 86_400_000) == 1
    assert not list(folder.rglob("*.json"))


async def test_answers_are_sealed_with_a_key_that_the_erasure_takes_away(house: House) -> None:
    await house.say("小美", "完善资料")
    await house.say("小美", "叫我小美子")
    sealed = bytes(await house.db.value("SELECT value FROM answer"))
    assert "小美子".encode() not in sealed
    assert await house.db.value("SELECT COUNT(*) FROM interaction WHERE text LIKE '%小美子%'") == 0
    assert len(bytes(await house.db.value("SELECT key FROM member"))) == 32
    await house.say("小美", "注销")
    await house.say("小美", "确认注销")
    assert await house.db.value("SELECT key FROM member") is None
    assert ENGINE


async def test_a_number_that_a_restored_backup_gave_to_somebody_else_is_left_alone(house: House) -> None:
    await house.say("小美", "你好")
    number = await house.member("小美")
    await house.say("小美", "注销")
    await house.say("小美", "确认注销")

    async def restore(tx: Any) -> None:
        await tx.execute("UPDATE identity SET ext_id = 'wx:别人', name = '别人' WHERE member_id = $1", number)
        await tx.execute("UPDATE member SET erased_at = NULL, name = '别人' WHERE id = $1", number)

    await house.db.write(restore)
    restored = Community(house.settings, house.db, Phrases(house.folder / "t"), house.clock, house.folder)
    assert await privacy.erase_again(restored) == 0
    assert await house.db.value("SELECT name FROM member WHERE id = $1", number) == "别人"


async def _said(house: House, count: int, **values: Any) -> None:
    """Rows of the outbox that went to somebody else."""
    columns = {"account_id": 1, "member_id": 900, "purpose": "reply", "state": "sent", "content": "{}", **values}
    names = ", ".join(columns)
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    sql = f"INSERT INTO outbox ({names}, created_at, not_before) VALUES ({places}, 1, 1)"
    await house.db.write(lambda tx: tx.many(sql, [tuple(columns.values())] * count))


async def _left(house: House) -> int:
    return int(await house.db.value("SELECT COUNT(*) FROM outbox WHERE member_id = 900 AND content <> '{}'"))


async def test_who_calls_themself_like_a_word_of_the_bot_empties_nobody_elses_messages(house: House) -> None:
    await house.say("积分", "签到")
    for state in ("sent", "due", "unconfirmed"):
        await _said(house, 3, state=state, content='{"act":"text","text":"说「积分」看积分"}', account_id=77)
    await house.say("积分", "注销")
    await house.say("积分", "确认注销")
    await house.settled()
    assert await _left(house) == 9
    assert await privacy_notes(house) == 0


async def privacy_notes(house: House) -> int:
    return int(await house.db.value("SELECT COUNT(*) FROM meta WHERE key LIKE 'erasing:%'"))


async def test_what_names_a_person_is_emptied_a_little_at_a_time_and_open_rows_are_left_to_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "AT_ONCE", 2)
    room = "早安面包房"
    await house.say("小美", "早", room)
    await house.say("大刚", "早", room)
    friend = await house.member("大刚")
    room_id = await house.db.value("SELECT id FROM room")
    code = await house.db.value("SELECT code FROM member WHERE id = $1", await house.member("小美"))
    await _said(house, 5, content='{"act":"text","text":"1. 小美 88 条"}', room_id=room_id)
    await _said(house, 1, content='{"act":"text","text":"早","mentions":["x"],"names":["阿强","小美"]}')
    await _said(house, 1, content='{"act":"text","text":"来自「小美」"}', key="gift:1")
    await _said(house, 1, content=f'{{"act":"text","text":"2. 小美 {code}"}}')
    await _said(house, 1, content='{"act":"text","text":"已送给「小美」"}', member_id=friend)
    assert await _left(house) == 8
    await _said(house, 2, content='{"act":"text","text":"不认识的小美"}')
    await _said(
        house, 1, content='{"act":"text","text":"来自「小美」"}', key="gift:2", state="unconfirmed", account_id=77
    )
    await house.say("小美", "注销")
    await house.say("小美", "确认注销")
    await house.settled()
    assert await _left(house) == 3
    assert await house.db.value("SELECT COUNT(*) FROM outbox WHERE content LIKE '%已送给「小美」%'") == 0
    for night in range(privacy.MOST_TRIES - 1):
        assert await privacy_notes(house) == 1, night
        await privacy.tidy(house.community, house.clock.now())
    assert await privacy_notes(house) == 0
    assert len((house.folder / "erased.jsonl").read_text().splitlines()) == 1


async def test_an_erasure_takes_the_old_copies_of_the_database_with_it(house: House) -> None:
    names = ("zhiji.sqlite3.before-1790000000000", "zhiji.sqlite3.before-restore-1790000000000")
    for name in names:
        (house.folder / name).write_text("小美")
    await house.say("小美", "注销")
    await house.say("小美", "确认注销")
    await house.settled()
    gone = ENGINE == "sqlite"  # on PostgreSQL a file of this name is not ours
    assert [(house.folder / name).exists() for name in names] == [not gone] * 2
