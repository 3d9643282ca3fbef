"""Tags: what words suggest, what rules and rooms give, one at a time, and taking each step back."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from actions.relationship import standing
from actions.tagging import own_words, tag_rules
from actions.timed import nightly
from rules.messages import Kind
from tests.handlers.staff.test_segments import buy
from tests.house import House

ROOM = "早安面包房"
SETTINGS: dict[str, Any] = {
    "rooms": {ROOM: {}, "宝妈下午茶": {"tags": ["人生阶段:宝妈"]}},
    "tags": {
        "dimensions": {
            "人生阶段": {},
            "爱好": {"values": ["烘焙", "钓鱼"]},
            "段位": {"single": True},
            "等级": {"values": ["常客"]},
        },
        "rules": {
            "regular": {"when": "tag('爱好:烘焙') and bought >= 2 in 90d", "tag": "等级:常客"},
            "baker": {"when": "bought(category='烘焙课') in 90d", "tag": "爱好:烘焙"},
        },
        "words": {"人生阶段:宝妈": ["带娃日常"]},
    },
}


@pytest.fixture
async def shop(database_url: str, folder: Path) -> AsyncIterator[House]:
    house = House(database_url, folder, **SETTINGS)
    await house.open()
    await house.make_staff("店长")
    await house.say("小美", "早", ROOM)
    yield house
    await house.close()


async def tags_of(house: House, who: str = "小美", state: str = "sure") -> list[str]:
    rows = await house.db.all(
        "SELECT dimension, value FROM tag WHERE member_id = $1 AND removed_at IS NULL AND state = $2 ORDER BY id",
        await house.member(who),
        state,
    )
    return [f"{row['dimension']}:{row['value']}" for row in rows]


async def number_of_the_suggestion(house: House) -> int:
    return int(await house.db.value("SELECT MAX(id) FROM tag WHERE state = 'suggested' AND removed_at IS NULL"))


async def night(house: House) -> None:
    await tag_rules.nightly(house.community, house.clock.now())


async def told(house: House, text: str) -> str:
    (sent,) = await house.say("店长", text)
    return sent.text


async def test_own_words_suggest_with_their_quote_and_are_never_certain(shop: House) -> None:
    await shop.say("小美", "我家宝宝刚满月，想订个蛋糕", ROOM)
    assert await tags_of(shop) == []
    assert await tags_of(shop, state="suggested") == ["人生阶段:宝妈"]
    assert "我家宝宝刚满月" in await told(shop, "标签建议")
    seen = await told(shop, "看 小美")
    assert "标签：还没有" in seen
    assert "可能是：人生阶段:宝妈（“我家宝宝刚满月" in seen
    row = await shop.db.one("SELECT source, confidence, evidence_id FROM tag")
    assert row is not None
    assert (row["source"], row["confidence"] < 100) == ("words", True)
    assert (
        await shop.db.value("SELECT text FROM interaction WHERE id = $1", row["evidence_id"])
        == "我家宝宝刚满月，想订个蛋糕"
    )


async def test_the_words_of_the_configuration_suggest_too(shop: House) -> None:
    await shop.say("小美", "发一张带娃日常", ROOM)
    assert await tags_of(shop, state="suggested") == ["人生阶段:宝妈"]


async def test_adopted_it_counts_and_undo_makes_it_a_suggestion_again(shop: House) -> None:
    await shop.say("小美", "我家宝宝刚满月", ROOM)
    number = await number_of_the_suggestion(shop)
    assert "一共 0 位" in await told(shop, "分群 tag('人生阶段:宝妈')")
    await told(shop, f"采纳标签 {number}")
    assert await tags_of(shop) == ["人生阶段:宝妈"]
    assert "一共 1 位" in await told(shop, "分群 宝妈")
    await told(shop, "撤销")
    assert await tags_of(shop, state="suggested") == ["人生阶段:宝妈"]


async def test_refused_it_is_not_suggested_again_unless_taken_back(shop: House) -> None:
    await shop.say("小美", "我家宝宝刚满月", ROOM)
    number = await number_of_the_suggestion(shop)
    await told(shop, f"不采纳标签 {number}")
    await shop.say("小美", "我家宝宝会走路了", ROOM)
    assert await tags_of(shop, state="suggested") == []
    assert "没有待定" in await told(shop, "标签建议")
    assert "没有待定的标签建议" in await told(shop, f"采纳标签 {number}")
    await told(shop, "撤销")
    assert await tags_of(shop, state="suggested") == ["人生阶段:宝妈"]


async def test_suggestions_are_shown_privately_and_only_to_the_team(shop: House) -> None:
    await shop.say("小美", "我家宝宝刚满月", ROOM)
    sent = await shop.say("店长", "标签建议", ROOM)
    assert [one.to for one in sent if "满月" in one.text] == ["wx:店长"]
    assert all("满月" not in one.text for one in await shop.say("小丽", "标签建议"))


async def test_whoever_wants_no_personalisation_is_not_looked_into(shop: House) -> None:
    await shop.say("小美", "关闭个性化推荐")
    await shop.say("小美", "我家宝宝刚满月", ROOM)
    assert await tags_of(shop, state="suggested") == []
    await buy(shop, "小美", "烘焙课", 1)
    await night(shop)
    assert await tags_of(shop) == []


async def test_a_rule_gives_its_tag_at_once_and_takes_it_when_it_holds_no_more(shop: House) -> None:
    await buy(shop, "小美", "烘焙课", 1)
    await buy(shop, "小美", "面包", 1)
    member, now = await shop.member("小美"), shop.clock.now()
    await shop.db.write(lambda tx: standing.refresh(tx, shop.community, member, now))
    assert await tags_of(shop) == [
        "爱好:烘焙",
        "等级:常客",
    ]  # the second rule waits for the first, whatever their order
    await shop.db.write(lambda tx: tx.execute("UPDATE shop_order SET stands = 0"))
    await shop.db.write(lambda tx: standing.refresh(tx, shop.community, member, now))
    assert await tags_of(shop) == []


async def test_the_night_does_the_same_for_all_and_twice_is_once(shop: House) -> None:
    await shop.say("小丽", "早", ROOM)
    await buy(shop, "小美", "烘焙课", 80)
    await buy(shop, "小丽", "烘焙课", 1)
    await night(shop)
    await night(shop)
    assert (await tags_of(shop), await tags_of(shop, "小丽")) == (["爱好:烘焙"], ["爱好:烘焙"])
    assert await shop.db.value("SELECT COUNT(*) FROM tag") == 2
    shop.clock.set(shop.clock.now() + 20 * 86_400_000)
    await night(shop)
    assert (await tags_of(shop), await tags_of(shop, "小丽")) == ([], ["爱好:烘焙"])


async def test_what_the_team_has_put_on_stays_when_the_rule_holds_no_more(shop: House) -> None:
    await buy(shop, "小美", "烘焙课", 80)
    await night(shop)
    await told(shop, "加标签 小美 爱好:烘焙")
    shop.clock.set(shop.clock.now() + 20 * 86_400_000)
    await night(shop)
    assert await tags_of(shop) == ["爱好:烘焙"]


async def test_what_the_team_has_taken_off_does_not_come_back_tonight(shop: House) -> None:
    await buy(shop, "小美", "烘焙课", 1)
    await night(shop)
    await told(shop, "去标签 小美 烘焙")
    await night(shop)
    assert await tags_of(shop) == []
    await told(shop, "撤销")
    assert await tags_of(shop) == ["爱好:烘焙"]


async def test_tags_of_a_rule_that_is_gone_go_too(shop: House) -> None:
    await buy(shop, "小美", "烘焙课", 1)
    await night(shop)
    settings = shop.settings
    shop.community.settings = settings.model_copy(update={"tags": settings.tags.model_copy(update={"rules": {}})})
    await night(shop)
    assert await tags_of(shop) == []


async def test_the_theme_of_a_room_is_at_once_of_who_is_first_heard_there(shop: House) -> None:
    await shop.say("小美", "下午好", "宝妈下午茶")
    assert await tags_of(shop) == ["人生阶段:宝妈"]
    await shop.hear(shop.event("小美", "", "宝妈下午茶", kind=Kind.LEAVE))
    assert await tags_of(shop) == []
    await shop.say("小美", "我又来了", "宝妈下午茶")
    assert await tags_of(shop) == ["人生阶段:宝妈"]


async def test_who_goes_on_talking_in_a_room_is_not_looked_at_each_time(shop: House, monkeypatch: Any) -> None:
    await shop.say("小美", "下午好", "宝妈下午茶")
    calls: list[int] = []

    async def noted(*args: Any) -> None:
        calls.append(1)

    monkeypatch.setattr(tag_rules, "refresh", noted)
    await shop.say("小美", "今天真暖和", "宝妈下午茶")
    assert calls == []
    await shop.say("阿强", "大家好", "宝妈下午茶")
    assert calls == [1]


async def test_the_theme_of_a_room_is_its_members_while_they_are_there(shop: House) -> None:
    await shop.say("小丽", "早", "宝妈下午茶")
    await night(shop)
    assert (await tags_of(shop), await tags_of(shop, "小丽")) == ([], ["人生阶段:宝妈"])
    assert await shop.db.value("SELECT source FROM tag") == "rooms"
    await shop.hear(shop.event("小丽", "", "宝妈下午茶", kind=Kind.LEAVE))
    assert await tags_of(shop, "小丽") == []


async def test_one_at_a_time_replaces_with_history_and_undo_brings_the_old_one_back(shop: House) -> None:
    await told(shop, "加标签 小美 段位:青铜")
    await told(shop, "加标签 小美 段位:白银")
    assert await tags_of(shop) == ["段位:白银"]
    assert await shop.db.value("SELECT COUNT(*) FROM tag WHERE removed_at IS NOT NULL") == 1
    await told(shop, "撤销")
    assert await tags_of(shop) == ["段位:青铜"]


async def test_a_value_that_was_not_declared_is_refused_with_the_choices(shop: House) -> None:
    assert "烘焙、钓鱼" in await told(shop, "加标签 小美 爱好:滑雪")
    assert await tags_of(shop) == []


async def test_an_undeclared_dimension_is_put_on_with_a_hint(shop: House) -> None:
    assert "是不是「爱好」" in await told(shop, "加标签 小美 爱号:烘焙")
    assert await tags_of(shop) == ["爱号:烘焙"]


async def test_too_many_values_are_said_when_one_more_comes(shop: House) -> None:
    tags = shop.settings.tags.model_copy(update={"most_values": 3})
    shop.community.settings = shop.settings.model_copy(update={"tags": tags})
    for number in range(3):
        assert "难用好" not in await told(shop, f"加标签 小美 人生阶段:第{number}阶段")
    assert "3 种" in await told(shop, "加标签 小美 人生阶段:又一个阶段")
    assert len(await tags_of(shop)) == 4


def test_the_night_keeps_tags_and_birthdays() -> None:
    assert {"自动标签", "生日"} <= {name for name, _ in nightly.JOBS}


def test_words_are_looked_at_in_texts_alone(shop: House) -> None:
    row = {"kind": "link", "text": "我家宝宝刚满月", "recalled_at": None}
    assert own_words.look(shop.settings, row) is None
    assert own_words.look(shop.settings, {**row, "kind": "text"})
    assert own_words.look(shop.settings, {**row, "kind": "text", "recalled_at": 1}) is None
