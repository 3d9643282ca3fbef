"""Erasure and export cover everything that a merged person was."""

import json

from actions.one_person import merging, parting
from actions.person import export
from actions.person.privacy import TOMBSTONES
from db.person import secrets
from db.person.places import PLACES
from tests.house import House

PHONE = "13800138001"


async def merged(house: House) -> tuple[int, int, int]:
    """(kept, gone, merge id): both have spoken, answered and left a file's name."""
    for who in ("大号", "小号"):
        await house.say(who, f"我是{who}的秘密", "甲")
        await house.say(who, "建议：多放点糖")
        member_id, now = await house.member(who), house.clock.now()
        key = await house.db.write(lambda tx, member_id=member_id: secrets.ensure_key(tx, member_id))
        for field in ("称呼", f"{who}独有"):
            sealed = secrets.seal(key, f"{who}{field}", field)
            await house.db.write(
                lambda tx, member_id=member_id, field=field, sealed=sealed, now=now: tx.execute(
                    "INSERT INTO answer (member_id, field, value, at) VALUES ($1, $2, $3, $4)",
                    member_id, field, sealed, now,
                )
            )  # fmt: skip
    kept, gone = await house.member("大号"), await house.member("小号")
    house.clock.set(house.clock.now() + 1000)
    now = house.clock.now()
    merge_id = await house.db.write(lambda tx: merging.merge(tx, house.community, kept, gone, "staff:1", "staff", now))
    await house.say("小号", "合并以后的小号秘密")
    return kept, gone, merge_id


async def test_an_export_shows_what_both_said_and_answered(house: House) -> None:
    kept, _, _ = await merged(house)
    data = await export.gather(house.db, kept, "Asia/Shanghai")
    texts = {row["text"] for row in data["interaction"]}
    assert {"我是大号的秘密", "我是小号的秘密", "合并以后的小号秘密"} <= texts
    assert {row["ext_id"] for row in data["identity"]} == {"wx:大号", "wx:小号"}
    answers = {(row["field"], row["value"]) for row in data["answer"]}
    assert {("称呼", "大号称呼"), ("称呼", "小号称呼"), ("小号独有", "小号小号独有")} <= answers
    assert len(data["member"]) == 2


async def test_an_erasure_leaves_nothing_of_either(house: House) -> None:
    kept, gone, _ = await merged(house)
    await house.say("小号", "注销")
    await house.say("小号", "确认注销")
    assert await house.db.value("SELECT COUNT(*) FROM member WHERE erased_at IS NULL") == 0
    await house.settled()
    for table, place in PLACES.items():
        rows = await house.db.all(f"SELECT * FROM {table} WHERE {place.of}", kept)
        held = json.dumps([[str(value) for value in tuple(row)] for row in rows], ensure_ascii=False)
        assert "秘密" not in held
        assert "wx:" not in held or table == "outbox", table
    assert not await house.db.all("SELECT 1 FROM answer")
    assert not await house.db.all("SELECT 1 FROM member WHERE key IS NOT NULL OR name <> ''")
    stones = (house.folder / TOMBSTONES).read_text().splitlines()
    codes = {json.loads(line)["code"] for line in stones}
    rows = await house.db.all("SELECT code FROM member WHERE id IN ($1, $2)", kept, gone)
    assert codes == {row["code"] for row in rows}


async def test_after_the_undoing_an_erasure_leaves_the_other_alone(house: House) -> None:
    kept, _, merge_id = await merged(house)
    house.clock.set(house.clock.now() + 1000)
    now = house.clock.now()
    await house.db.write(lambda tx: parting.part(tx, house.community, merge_id, "staff:1", now))
    await house.say("小号", "注销")
    await house.say("小号", "确认注销")
    await house.settled()
    data = await export.gather(house.db, kept, "Asia/Shanghai")
    assert {row["text"] for row in data["interaction"]} == {"我是大号的秘密", "建议：多放点糖"}
    assert {(row["field"], row["value"]) for row in data["answer"]} == {
        ("称呼", "大号称呼"),
        ("大号独有", "大号大号独有"),
    }
    texts = await house.db.all("SELECT text FROM interaction WHERE text LIKE '%小号%'")
    assert not texts
