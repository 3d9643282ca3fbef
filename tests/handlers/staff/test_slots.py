"""The coming days by hand: seen, previewed, tried, changed, left out, put in, taken back, and undone."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import scheduler
from actions.rhythm import planning, saying
from actions.speaking import recalling
from db.content import items
from rules.errors import SendError
from rules.messages import Act
from tests.house import NOON, House, Sent

ROOM, OTHER = "早安面包房", "下午茶"
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SETTINGS: dict[str, Any] = {
    "rooms": {ROOM: {"theme": "每日新鲜出炉", "tags": ["团购"]}, OTHER: {}},
    "posts": {"morning": {"title": "清早", "rooms": [ROOM, OTHER], "at": "08:00", "text": "早安"}},
    "rhythms": {
        "一周": {
            "rooms": [ROOM],
            "slots": {"故事": {"at": "15:00", "theme": "故事"}, "邀请": {"at": "18:00", "fill": "invitation"}},
        }
    },
}


@pytest.fixture
async def shop(database_url: str, folder: Path) -> AsyncIterator[House]:
    house = House(database_url, folder, **SETTINGS)
    await house.open()
    await house.make_staff("店长")
    await house.say("小美", "早", ROOM)
    await house.say("小美", "早", OTHER)
    for title in ("甲", "乙", "丙"):
        await add_item(house, title)
    await due(house)
    yield house
    await house.close()


async def add_item(house: House, title: str, **values: Any) -> int:
    body = json.dumps({"pieces": [{"act": "text", "text": f"{title}：{{{{ date }}}}在{{{{ room }}}}"}]})
    row = {"kind": "text", "theme": "故事", "title": title, "body": body, **values}
    return await house.db.write(lambda tx: items.add(tx, f"chat:{title}", "chat", row, house.clock.now()))


async def due(house: House) -> list[Sent]:
    """A tick."""
    before = len(house.sent)
    await scheduler.run_due(house.community)
    await planning.keep(house.community)
    await house.settled()
    return house.sent[before:]


async def at(house: House, moment: int) -> list[Sent]:
    house.clock.set(moment)
    return [one for one in await due(house) if one.to.startswith("room:")]


async def number(house: House, name: str = "故事", days: int = 0) -> int:
    """Of the first slot of a name, or one some days later."""
    rows = await house.db.all("SELECT id FROM slot WHERE name = $1 ORDER BY due_at", name)
    return int(rows[days]["id"])


async def told(house: House, text: str, room: str | None = None) -> str:
    return "\n".join(one.text for one in await house.say("店长", text, room))


THREE = NOON + 3 * HOUR - 13 * MINUTE - 20_000  # 15:00


async def test_the_coming_days_are_listed_by_room_with_posts_and_slots(shop: House) -> None:
    await shop.say("店长", f"发布 明早9点 {OTHER}：开张")
    await shop.say("店长", "确认")
    lines = (await told(shop, "排期")).splitlines()
    first, invite = await number(shop), await number(shop, "邀请")
    assert lines[0] == f"【{ROOM}】"
    assert lines[1] == f"今天 15:00 故事「甲」#{first}；18:00 邀请#{invite}"
    assert lines[2].startswith("明天 08:00 清早；15:00 故事「乙」#")
    assert "周四 9/24 08:00 清早；15:00 故事（空着）#" in lines[4]
    chat = await shop.db.value("SELECT id FROM run WHERE job LIKE 'post:chat%'")
    assert f"明天 08:00 清早；09:00 “开张”（取消发布 {chat}）" in lines
    assert len([line for line in lines if line.startswith("【")]) == 2
    one = await told(shop, f"排期 {OTHER}")
    assert ROOM not in one.replace("插入", "")
    assert "清早" in one


async def test_today_tells_what_is_still_to_come_and_what_stayed_empty(shop: House) -> None:
    assert f"15:00 故事「甲」#{await number(shop)} → {ROOM}" in await told(shop, "今日")
    await shop.db.write(lambda tx: tx.execute("UPDATE content SET state = 'retired'"))
    await at(shop, THREE)
    said = await told(shop, "今日")
    assert f"15:00 故事 → {ROOM}，「甲」已下架，也没有合适的素材可换" in said
    assert "18:00 邀请" in said


async def test_a_preview_is_exactly_what_the_room_gets_and_goes_to_the_asker_alone(shop: House) -> None:
    slot = await number(shop, days=1)
    shown = await shop.say("店长", f"预览 {slot}", OTHER)
    private = [one.text for one in shown if one.to == "wx:店长"]
    assert private[0] == f"乙：9月22日在{ROOM}"
    assert f"{slot} 号「故事」明天 15:00" in private[1]
    (sent,) = [one for one in await at(shop, THREE + DAY) if one.text.startswith("乙")]
    assert (sent.to, sent.text) == (f"room:{ROOM}", private[0])


async def test_an_empty_slot_and_one_that_is_over_have_no_preview(shop: House) -> None:
    assert "还空着：没有合适的素材（主题「故事」的素材）" in await told(shop, f"预览 {await number(shop, days=4)}")
    await at(shop, THREE)
    assert "已经发出去了" in await told(shop, f"预览 {await number(shop)}")
    assert "没有这个时段" in await told(shop, "预览 999999")


async def test_trying_it_out_sends_the_real_thing_to_oneself_only(shop: House) -> None:
    sent = await shop.say("店长", f"试发 {await number(shop)}")
    assert {one.to for one in sent} == {"wx:店长"}
    assert f"甲：9月21日在{ROOM}" in [one.text for one in sent]
    assert await shop.db.value("SELECT COUNT(*) FROM content_use") == 0
    assert len(await at(shop, THREE)) == 1


async def test_swapping_offers_the_next_three_and_takes_the_one_that_is_named(shop: House) -> None:
    slot = await number(shop, days=4)  # nothing fits there by rule
    await add_item(shop, "丁", theme="别的")
    await add_item(shop, "戊", theme="")
    offered = await told(shop, f"换 {slot}")
    assert "没有别的可换了" in offered
    fresh = await add_item(shop, "己")
    offered = await told(shop, f"换 {slot}")
    assert f"素材 {fresh}「己」还没在这个群发过" in offered
    assert f"换 {slot} 素材" in offered
    wanted = await shop.db.value("SELECT id FROM content WHERE title = '丁'")
    assert "发「丁」" in await told(shop, f"换 {slot} 素材 {wanted}")
    await due(shop)
    row = await shop.db.one("SELECT content_id, by FROM slot WHERE id = $1", slot)
    assert row is not None
    assert tuple(row) == (wanted, "staff:1")
    await told(shop, "撤销")
    await due(shop)
    row = await shop.db.one("SELECT content_id, by FROM slot WHERE id = $1", slot)
    assert row is not None
    assert tuple(row)[1] == ""


async def test_an_item_of_the_coming_days_may_be_swapped_in_with_a_word_and_the_rules_give_way(shop: House) -> None:
    first = await shop.db.value("SELECT id FROM content WHERE title = '乙'")  # it stands tomorrow
    said = await told(shop, f"换 {await number(shop)} 素材 {first}")
    assert "发「乙」。提醒一下：1 天后在这个群要发" in said
    await due(shop)
    stands = await shop.db.all("SELECT content_id FROM slot WHERE name = '故事' ORDER BY due_at")
    assert [row["content_id"] for row in stands].count(first) == 1


async def test_what_cannot_go_out_is_refused_with_the_reason(shop: House) -> None:
    slot = await number(shop)
    expired = await add_item(shop, "过期的", expires_at=NOON + HOUR)
    assert "那时发不了：已过期" in await told(shop, f"换 {slot} 素材 {expired}")
    assert "没有第 999 号素材" in await told(shop, f"换 {slot} 素材 999")
    assert (await at(shop, THREE))[0].text.startswith("甲")


async def test_a_slot_is_skipped_and_can_be_put_back_until_its_time(shop: House) -> None:
    slot = await number(shop)
    assert "不发了" in await told(shop, f"跳过 {slot}")
    assert f"故事（跳过）#{slot}" in await told(shop, "排期")
    await told(shop, "撤销")
    assert f"故事「甲」#{slot}" in await told(shop, "排期")
    await told(shop, f"跳过 {slot}")
    assert await at(shop, THREE) == []
    assert "到点了，撤销不了" in await told(shop, "撤销")


async def test_one_more_is_put_in_at_its_time_said_once_and_undone_before(shop: House) -> None:
    item = await add_item(shop, "快讯", theme="快讯")
    answer = await told(shop, f"插入 今天14点 {ROOM}、{OTHER} 素材 {item}")
    assert answer.count("今天 14:00") == 2
    assert f"插入「快讯」#{await number(shop, '插入')}" in await told(shop, "排期")
    await told(shop, "撤销")
    assert await at(shop, THREE - HOUR) == []
    await told(shop, f"插入 30分钟后 {OTHER} 素材 {item}")
    sent = await at(shop, THREE - HOUR + 31 * MINUTE)
    assert [(one.to, one.text) for one in sent] == [(f"room:{OTHER}", f"快讯：9月21日在{OTHER}")]
    assert await due(shop) == []
    assert await shop.db.value("SELECT COUNT(*) FROM content_use WHERE content_id = $1", item) == 1


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("插入 明天10点 早安面包房", "这样写"),
        ("插入 早安面包房 素材 1", "没看懂时间"),
        ("插入 明天10点 没有这群 素材 1", "没看懂时间或群名"),
        ("插入 明天10点 素材 1", "插到哪个群"),
        ("插入 昨天10点 早安面包房 素材 1", "已经过了"),
    ],
)
async def test_what_is_not_plain_about_putting_in_is_asked_back(shop: House, words: str, answer: str) -> None:
    assert answer in await told(shop, words)
    assert await shop.db.value("SELECT COUNT(*) FROM slot WHERE rhythm = ''") == 0


async def test_only_the_team_changes_the_coming_days(shop: House) -> None:
    slot = await number(shop)
    for words in (f"跳过 {slot}", f"换 {slot} 素材 2", f"预览 {slot}", f"撤回 {slot}"):
        assert all("号" not in one.text and "甲" not in one.text for one in await shop.say("小美", words))
    assert await shop.db.value("SELECT state FROM slot WHERE id = $1", slot) == "planned"


async def test_what_was_just_said_is_taken_back_and_counts_for_nothing(shop: House) -> None:
    slot = await number(shop)
    await at(shop, THREE)
    shop.clock.set(THREE + 90_000)
    answers = await told(shop, f"撤回 {slot}")
    assert "正在撤回" in answers
    assert "撤回好了" in answers
    assert len(shop.channels["小知"].recalled) == 1
    assert await shop.db.value("SELECT COUNT(*) FROM content_use") == 0
    assert await shop.db.value("SELECT state FROM slot WHERE id = $1", slot) == "skipped"
    assert "没有发出去过" in await told(shop, f"撤回 {slot}")
    await due(shop)
    again = await shop.db.all("SELECT content_id FROM slot WHERE name = '故事' AND state = 'planned' ORDER BY due_at")
    assert (await shop.db.value("SELECT id FROM content WHERE title = '甲'")) in [row["content_id"] for row in again]


async def test_after_two_minutes_it_is_too_late_and_that_is_said(shop: House) -> None:
    await at(shop, THREE)
    shop.clock.set(THREE + 3 * MINUTE)
    assert "已经过了两分钟" in await told(shop, f"撤回 {await number(shop)}")
    assert shop.channels["小知"].recalled == []


async def test_a_network_that_cannot_or_will_not_take_it_back_is_said_plainly(shop: House) -> None:
    slot, channel = await number(shop), shop.channels["小知"]
    assert f"还没发，不想发就说「跳过 {slot}」" in await told(shop, f"撤回 {slot}")
    await at(shop, THREE)
    entry = shop.community.directory.by_name["小知"]
    able, entry.capabilities = entry.capabilities, replace(entry.capabilities, takes_back=False)
    assert "不支持撤回" in await told(shop, f"撤回 {slot}")
    entry.capabilities = able

    async def refuse(conversation: str, ext_id: str) -> None:
        raise SendError("the gateway did not take the message back", permanent=True)

    channel.recall = refuse  # type: ignore[method-assign]
    assert "没能撤回：the gateway did not take the message back" in await told(shop, f"撤回 {slot}")
    assert await shop.db.value("SELECT state FROM slot WHERE id = $1", slot) == "sent"
    assert await shop.db.value("SELECT COUNT(*) FROM content_use") == 1


async def test_what_has_not_left_yet_is_simply_called_off(shop: House) -> None:
    slot = await number(shop)
    await shop.db.write(lambda tx: tx.execute("UPDATE account SET stopped_until = $1", NOON + DAY))
    assert await at(shop, THREE) == []
    await shop.hear(shop.event("店长", f"撤回 {slot}"))
    await shop.db.write(lambda tx: tx.execute("UPDATE account SET stopped_until = 0"))
    await shop.settled_now()
    assert [one.text for one in shop.sent if one.text.startswith("甲")] == []
    assert [one for one in shop.sent if one.content.act is Act.RECALL] == []
    assert await shop.db.value("SELECT state FROM slot WHERE id = $1", slot) == "skipped"


async def test_what_is_just_leaving_is_not_called_off(shop: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL a sender may claim the row between the look at it and the word to it."""
    one = await number(shop)
    await at(shop, NOON + 3 * HOUR)
    prefix = saying.keys_of(one)
    await shop.db.write(lambda tx: tx.execute("UPDATE outbox SET state = 'due' WHERE key = $1", f"{prefix}0"))
    stale = await recalling.pieces(shop.db, prefix)  # type: ignore[arg-type]
    await shop.db.write(lambda tx: tx.execute("UPDATE outbox SET state = 'sending' WHERE key = $1", f"{prefix}0"))

    async def pieces(*_: Any) -> Any:
        return stale

    monkeypatch.setattr(recalling, "pieces", pieces)
    (answer,) = await shop.say("店长", f"撤回 {one}")
    assert "正在发出去" in answer.text
    assert await shop.db.value("SELECT state FROM slot WHERE id = $1", one) == "sent"
