"""群发: planned and shown, sent when confirmed, paused, stopped, reported; who got nothing, and why."""

import json
from collections.abc import Sequence

import pytest

from actions.campaigns.tally import tally, wrong
from actions.one_person import merging
from db.database import Tx
from rules.messages import Act
from rules.times import DAY, HOUR
from tests.house import NOON, House, Sent

PEOPLE = ("小美", "小红", "小兰", "小青", "小梅")


def texts(said: Sequence[Sent], who: str = "店长") -> str:
    return "\n".join(one.text for one in said if one.to == f"wx:{who}")


@pytest.fixture
async def shop(house: House) -> House:
    """Five members who spoke privately long ago, two of them to both accounts, and the boss."""
    await house.make_staff("店长")
    for who in PEOPLE:
        await house.say(who, "积分")
    for who in PEOPLE[:2]:
        await house.say(who, "积分", account="小知二号")
    await house.say("店长", "积分")  # the last account they spoke to
    house.sent.clear()
    return house


async def content(house: House, text: str = "新品全麦吐司到了", **values: object) -> int:
    row = {
        "key": f"chat:{text}", "kind": "text", "title": text, "theme": "新品", "source": "chat",
        "body": json.dumps({"pieces": [{"act": "text", "text": text}]}), "created_at": NOON, "updated_at": NOON,
        **values,
    }  # fmt: skip
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    return await house.db.write(
        lambda tx: tx.insert(f"INSERT INTO content ({', '.join(row)}) VALUES ({places})", *row.values())
    )


async def sql(house: House, statement: str, *args: object) -> None:
    async def do(tx: Tx) -> None:
        await tx.execute(statement, *args)

    await house.db.write(do)


async def state(house: House, campaign_id: int = 1) -> str:
    return str(await house.db.value("SELECT state FROM campaign WHERE id = $1", campaign_id))


async def test_planned_shown_confirmed_sent_once_each_and_reported(shop: House) -> None:
    number = await content(shop, "{{ name }}，新品全麦吐司到了")
    plan = texts(await shop.say("店长", f"群发 全部 素材 {number}"))
    assert "一共 6 位：发 5" in plan
    assert "是自己人 1" in plan
    assert "晚点发" not in plan
    assert "小美，新品全麦吐司到了" in plan
    assert not [one for one in shop.sent if one.to != "wx:店长"]  # nothing leaves before it is confirmed
    assert texts(await shop.say("店长", "试发")) == "店长，新品全麦吐司到了"
    said = await shop.say("店长", "确认")
    assert sorted((one.to, one.text) for one in said if one.to != "wx:店长") == sorted(
        (f"wx:{who}", f"{who}，新品全麦吐司到了") for who in PEOPLE
    )
    assert "发完了" in texts(said)
    assert "6 位里发到 5" in texts(said)
    assert await state(shop) == "finished"
    assert await wrong(shop.community, 1) == []
    row = await shop.db.one("SELECT * FROM outbox WHERE key = 'campaign:1:2'")
    assert row is not None
    assert (row["attention"], row["theme"], row["state"]) == ("offer", "新品", "sent")
    assert "发给：所有会员" in row["reason"]
    assert "是自己人" in texts(await shop.say("店长", "没发给谁 1"))
    assert "1. " in texts(await shop.say("店长", "群发列表"))


async def test_whoever_wants_nothing_or_has_had_enough_is_left_out_with_the_reason(shop: House) -> None:
    await shop.say("小美", "退订")
    await shop.say("小红", "投诉：蛋糕压坏了")
    for number, theme in enumerate(("甲", "乙")):
        await sql(
            shop,
            "INSERT INTO outbox (account_id, member_id, purpose, content, attention, theme, state, created_at,"
            " not_before, claimed_at) VALUES (1, $1, 'marketing', '{}', 'offer', $2, 'sent', $3, $3, $3)",
            await shop.member("小兰"), theme, NOON - 5 * DAY - number * HOUR,
        )  # fmt: skip
    await shop.say("小青", "早", "早安面包房")
    number = await content(shop)
    room = await shop.db.value("SELECT id FROM room")
    await sql(shop, "INSERT INTO content_use (content_id, room_id, at) VALUES ($1, $2, $3)", number, room, NOON - DAY)
    plan = texts(await shop.say("店长", f"群发 全部 素材{number}"))
    for words in ("已退订 1", "有投诉还没处理 1", "在群里已经看过 1", "晚点发的：这一周已经发够了 1", "发 2"):
        assert words in plan, plan
    said = await shop.say("店长", "确认")
    assert {one.to for one in said} == {"wx:小梅", "wx:店长"}
    assert "小美" in texts(await shop.say("店长", "没发给谁 1 退订"))
    shop.clock.set(NOON + 2 * DAY)  # the older of the two falls out of the week
    before = len(shop.sent)
    shop.community.feed()
    await shop.settled()
    assert {one.to for one in shop.sent[before:]} == {"wx:小兰", "wx:店长"}
    assert await wrong(shop.community, 1) == []
    assert (await tally(shop.community, 1)).sent == 2


async def test_a_text_typed_at_once_with_a_time_and_a_holdout(shop: House) -> None:
    plan = texts(await shop.say("店长", "群发 全部 留 50% 明天10点：{{ name }}，来尝尝新品"))
    assert "明天 10:00 开始" in plan
    held = await shop.db.value("SELECT COUNT(*) FROM campaign_person WHERE state = 'holdout'")
    assert 0 < held < 5
    assert f"留 {held} 位对照" in plan
    await shop.say("店长", "确认")
    assert {one.to for one in shop.sent} == {"wx:店长"}
    shop.clock.set(NOON + 22 * HOUR)  # 10:13
    before = len(shop.sent)
    shop.community.feed()
    await shop.settled()
    got = {one.to for one in shop.sent[before:]} - {"wx:店长"}
    assert len(got) == 5 - held
    assert await wrong(shop.community, 1) == []


async def test_what_is_paused_waits_and_what_is_stopped_is_not_sent(shop: House) -> None:
    await content(shop)
    await shop.say("店长", "群发 全部 素材 1 明天10点")
    await shop.say("店长", "确认")
    assert "暂停了" in texts(await shop.say("店长", "暂停群发 1"))
    shop.clock.set(NOON + DAY)
    shop.community.feed()
    await shop.settled()
    assert {one.to for one in shop.sent} == {"wx:店长"}
    assert "停了" in texts(await shop.say("店长", "群发停止"))
    assert await state(shop) == "stopped"
    counted = await tally(shop.community, 1)
    assert counted.excluded["群发停止了"] == 5
    assert await wrong(shop.community, 1) == []
    assert "不能" in texts(await shop.say("店长", "群发继续 1"))


async def test_sold_out_meanwhile_nobody_else_gets_it_until_somebody_has_looked(shop: House) -> None:
    await sql(
        shop,
        "INSERT INTO product (shop, ext_id, name, available, created_at) VALUES ('mall', 'a', '全麦吐司', 1, $1)",
        NOON,
    )
    await content(shop, product_id=await shop.db.value("SELECT id FROM product"))
    await shop.say("店长", "群发 全部 素材 1 明天10点")
    await shop.say("店长", "确认")
    await sql(shop, "UPDATE product SET available = 0")
    shop.clock.set(NOON + DAY)
    before = len(shop.sent)
    shop.community.feed()
    await shop.settled()
    assert {one.to for one in shop.sent[before:]} == {"wx:店长"}
    assert await state(shop) == "paused"
    await sql(shop, "UPDATE product SET available = 1")
    said = await shop.say("店长", "群发继续 1")
    assert len([one for one in said if one.to != "wx:店长"]) == 5


async def test_a_text_and_a_picture_go_together_or_not_at_all(shop: House) -> None:
    (shop.folder / "a.png").write_bytes(b"png")
    pieces = [{"act": "text", "text": "新品"}, {"act": "image", "path": "a.png"}]
    await content(shop, body=json.dumps({"pieces": pieces}))
    await shop.say("店长", "群发 全部 素材 1")
    await shop.say("店长", "确认")
    for who in PEOPLE:
        assert [one.content.act for one in shop.sent if one.to == f"wx:{who}"][-2:] == [Act.TEXT, Act.IMAGE]
    assert await wrong(shop.community, 1) == []
    took = await shop.db.value("SELECT COUNT(*) FROM outbox WHERE attention = 'offer'")
    assert took == len(PEOPLE)  # a picture is no second touch


async def test_undo_of_a_confirmation_stops_it(shop: House) -> None:
    await content(shop)
    await shop.say("店长", "群发 全部 素材 1 明天10点")
    await shop.say("店长", "确认")
    await shop.say("店长", "撤销")
    assert await state(shop) == "stopped"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("群发", "这样写"),
        ("群发 全部 素材 9", "没有第 9 号素材"),
        ("群发 不存在的条件 素材 1", "不存在的条件"),
        ("群发 全部 留 80%：hi", "最多留 50%"),
        ("群发 全部", "还差发什么"),
        ("群发 全部：{{ phone }}", "不认识的字段 phone，可以用：community"),
        ("群发 全部 素材 吐司", "素材要写编号"),
        ("群发继续 7", "没有第 7 号群发"),
    ],
)
async def test_what_cannot_be_is_refused_with_the_mend(shop: House, said: str, words: str) -> None:
    await content(shop)
    assert words in texts(await shop.say("店长", said))


async def test_a_campaign_to_nobody_cannot_be_confirmed(shop: House) -> None:
    await content(shop)
    assert "没有能发的人" in texts(await shop.say("店长", "群发 正在投诉 素材 1"))
    assert "过时" in texts(await shop.say("店长", "确认"))
    assert "没有能发的人" in texts(await shop.say("店长", "群发确认 1"))
    assert await state(shop) == "draft"


async def test_a_poll_is_for_rooms(shop: House) -> None:
    await content(shop, kind="poll")
    assert "投票要在群里投" in texts(await shop.say("店长", "群发 全部 素材 1"))
    assert await shop.db.value("SELECT COUNT(*) FROM campaign") == 0


async def test_readers_of_one_text_stand_together(shop: House) -> None:
    await content(shop)
    plan = texts(await shop.say("店长", "群发 全部 素材 1"))
    assert plan.count("新品全麦吐司到了") == 2  # its name, and the text once
    assert "几分钟发完" in plan


async def test_what_is_confirmed_at_night_says_when_it_starts(shop: House) -> None:
    await content(shop)
    shop.clock.set(NOON + 11 * HOUR)
    await shop.say("店长", "群发 全部 素材 1")
    assert "明天 08:00 开始" in texts(await shop.say("店长", "确认"))


async def test_members_cannot(shop: House) -> None:
    await content(shop)
    await shop.say("小美", "群发 全部 素材 1")
    await shop.say("小美", "待找回")
    assert await shop.db.value("SELECT COUNT(*) FROM campaign") == 0


@pytest.mark.parametrize("kept", ["小美", "小红"])
async def test_two_who_turn_out_to_be_one_get_it_once(shop: House, kept: str) -> None:
    """One of them has it already, the other was to wait: whichever name is kept."""
    gone = "小红" if kept == "小美" else "小美"
    for number in range(2):  # 小美 has had enough for two more days
        await sql(
            shop,
            "INSERT INTO outbox (account_id, member_id, purpose, content, attention, theme, state, created_at,"
            " not_before, claimed_at) VALUES (1, $1, 'marketing', '{}', 'offer', 'x', 'sent', $2, $2, $2)",
            await shop.member("小美"), NOON - 5 * DAY - number * HOUR,
        )  # fmt: skip
    await content(shop, theme="")
    await shop.say("店长", "群发 全部 素材 1")
    await shop.say("店长", "确认")
    ids = await shop.member(kept), await shop.member(gone)
    await shop.db.write(lambda tx: merging.merge(tx, shop.community, *ids, "staff:1", "staff", shop.clock.now()))
    shop.clock.set(NOON + 2 * DAY + HOUR)
    shop.community.feed()
    await shop.settled_now()
    got = [one for one in shop.sent if one.to in ("wx:小美", "wx:小红") and "新品" in one.text]
    assert len(got) == 1
    assert await wrong(shop.community, 1) == []
    assert (await tally(shop.community, 1)).excluded["合并到了同一个人"] == 1
