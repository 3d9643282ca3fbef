"""The profile in steps: a few questions a round, each can be skipped, each is paid for once, and corrected freely."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db.person import profiles
from db.tagging import tags
from db.trade import ledger
from tests.house import House, Sent

FIELDS = [
    {"name": "称呼", "question": "怎么称呼您？", "why": "打招呼时用"},
    {"name": "生日", "question": "生日哪天？", "why": "送祝福", "kind": "birthday"},
    {
        "name": "口味",
        "question": "喜欢哪种？",
        "why": "推荐",
        "kind": "choice",
        "choices": ["原味", "偏甜"],
        "tag": "口味",
    },
    {"name": "手机号", "question": "手机号？", "why": "送货联系", "kind": "phone"},
    {"name": "小区", "question": "哪个小区？", "why": "送货", "tag": "小区"},
]


@pytest.fixture
async def asking(database_url: str, folder: Path) -> AsyncIterator[House]:
    house = House(database_url, folder, profile={"per_round": 2, "fields": FIELDS})
    await house.open()
    yield house
    await house.close()


async def _talk(house: House, *texts: str) -> list[str]:
    """What was answered to each."""
    answers = []
    for text in texts:
        (answer,) = await house.say("小美", text)
        answers.append(answer.text)
    return answers


async def _fields(house: House) -> dict[str, bool]:
    rows = await profiles.answers(house.db, await house.member("小美"))
    return {row["field"]: row["value"] is not None for row in rows}


async def test_a_round_has_a_few_questions_each_with_what_it_is_for_and_pays(asking: House) -> None:
    start, second, end = await _talk(asking, "完善资料", "叫我小美", "5月20日")
    assert "打招呼时用" in start
    assert "跳过" in start
    assert "1/2" in start
    assert "送祝福" in second
    assert "20 积分" in end
    assert "完善资料" in end
    assert await ledger.balance(asking.db, await asking.member("小美")) == 20
    (third,) = await _talk(asking, "完善资料")
    assert "1.原味" in third


async def test_a_skipped_question_earns_nothing_and_comes_again_at_the_end(asking: House) -> None:
    await _talk(asking, "完善资料", "跳过", "5月20日", "完善资料", "1", "13812345678", "完善资料", "阳光小区")
    assert await _fields(asking) == {"称呼": False, "生日": True, "口味": True, "手机号": True, "小区": True}
    member = await asking.member("小美")
    assert await ledger.balance(asking.db, member) == 40
    again, done = await _talk(asking, "完善资料", "小美呀")
    assert "怎么称呼" in again
    assert "完善资料" not in done
    (complete,) = await _talk(asking, "完善资料")
    assert "我的资料" in complete
    assert await ledger.balance(asking.db, member) == 50


async def test_one_can_stop_at_any_time_and_keeps_what_was_answered(asking: House) -> None:
    _, _, end = await _talk(asking, "完善资料", "小美", "不填了")
    assert "10 积分" in end
    assert await _fields(asking) == {"称呼": True}
    assert await asking.db.value("SELECT COUNT(*) FROM pending") == 0


async def test_what_cant_be_taken_is_asked_again_with_the_reason(asking: House) -> None:
    _, _, wrong, right = await _talk(asking, "完善资料", "小美", "2001年2月29日", "2000年2月29日")
    assert "没有这一天" in wrong
    assert "跳过" in wrong
    assert "2000年2月29日" in right


async def test_a_command_in_between_is_answered_and_the_question_stays(asking: House) -> None:
    _, points, second = await _talk(asking, "完善资料", "积分", "叫我小美")
    assert "积分" in points
    assert "2/2" in second


async def test_a_phone_number_is_taken_with_consent_and_shown_masked_only(asking: House) -> None:
    _, _, _, _, question, _ = await _talk(asking, "完善资料", "跳过", "跳过", "完善资料", "原味", "13812345678")
    assert "同意" in question
    member = await asking.member("小美")
    row = await asking.db.one("SELECT * FROM consent WHERE member_id = $1", member)
    assert (row["purpose"], row["state"]) == ("sensitive", "given")
    (mine,) = await _talk(asking, "我的资料")
    assert "138****5678" in mine
    assert "13812345678" not in mine
    assert await asking.db.value("SELECT COUNT(*) FROM interaction WHERE text LIKE '%13812345678%'") == 0


async def test_answers_fill_tags_and_a_correction_replaces_them_without_new_points(asking: House) -> None:
    await _talk(asking, "完善资料", "小美", "5月20日", "完善资料", "原味", "不填了")
    member = await asking.member("小美")
    assert [row["value"] for row in await tags.of_member(asking.db, member)] == ["原味"]
    before = await ledger.balance(asking.db, member)
    asked, done = await _talk(asking, "改口味", "偏甜")
    assert "1.原味" in asked
    assert "偏甜" in done
    assert [row["value"] for row in await tags.of_member(asking.db, member)] == ["偏甜"]
    assert await ledger.balance(asking.db, member) == before
    await _talk(asking, "改 口味", "清空")
    assert list(await tags.of_member(asking.db, member)) == []
    assert not (await _fields(asking))["口味"]


async def test_talk_that_begins_like_a_correction_is_none(asking: House) -> None:
    (answer,) = await _talk(asking, "改天再说")
    assert "帮助" in answer
    assert await asking.say("小美", "改天再说", "早安面包房") == []


async def test_in_a_room_nothing_personal_is_asked_or_shown(asking: House) -> None:
    await _talk(asking, "完善资料", "小美的秘密名", "不填了")
    shown: list[Sent] = []
    for text in ("完善资料", "我的资料"):
        shown += await asking.say("小美", text, "早安面包房")
    assert len(shown) == 2
    assert all("私聊" in one.text and "秘密名" not in one.text for one in shown)


async def test_without_configured_fields_the_default_ones_are_asked(database_url: str, folder: Path) -> None:
    house = House(database_url, folder, profile={})
    await house.open()
    try:
        start, *_ = await _talk(house, "完善资料", "小美", "农历八月十五", "咸香")
        assert "怎么称呼" in start
        (mine,) = await _talk(house, "我的资料")
        assert "农历8月15" in mine
        assert "咸香" in mine
    finally:
        await house.close()


async def test_an_answer_tags_only_what_is_declared_and_one_where_there_can_be_only_one(
    database_url: str, folder: Path
) -> None:
    fields = [{"name": "城市", "question": "哪个城市？", "why": "送货", "tag": "城市"}]
    dimensions = {"城市": {"values": ["北京", "上海"], "single": True}}
    house = House(database_url, folder, profile={"per_round": 1, "fields": fields}, tags={"dimensions": dimensions})
    await house.open()
    await house.say("小美", "在吗")
    member_id = await house.member("小美")
    await house.db.write(lambda tx: tags.add(tx, member_id, "城市", "上海", "import", "import", 1))
    await _talk(house, "完善资料", "北京")
    assert [(tag["value"], tag["source"]) for tag in await tags.of_member(house.db, member_id)] == [("北京", "member")]
    await _talk(house, "修改 城市", "火星")
    assert await tags.of_member(house.db, member_id) == []
    assert await _fields(house) == {"城市": True}
    await house.close()
