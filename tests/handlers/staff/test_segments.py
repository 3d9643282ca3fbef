"""分群 in chat: how many, who and why, privately; what isn't understood says where and what can be written."""

import pytest

from rules.relationship.figures import day_number
from rules.times import DAY, business_day
from tests.house import House

ROOM = "早安面包房"
SETTINGS = {
    "tags": {"dimensions": {"人生阶段": {}, "爱好": {"values": ["烘焙", "钓鱼"]}}},
    "segments": {"烘焙妈妈": "tag('人生阶段:宝妈') and tag('爱好:烘焙')", "吃过": "bought(category=$品类)"},
}


async def buy(house: House, who: str, category: str, days_ago: int, fen: int = 5000) -> None:
    """An order as the shop's events leave it."""
    member, paid = await house.member(who), house.clock.now() - days_ago * DAY
    day = day_number(business_day(paid, house.settings.zone))

    async def verb(tx):  # type: ignore[no-untyped-def]
        product = await tx.value("SELECT id FROM product WHERE ext_id = $1", category) or await tx.insert(
            "INSERT INTO product (shop, ext_id, name, category, created_at) VALUES ('mall', $1, $2, $1, 0)",
            category,
            f"{category}甲",
        )
        number = await tx.value("SELECT COUNT(*) FROM shop_order")
        order = await tx.insert(
            "INSERT INTO shop_order (shop, ext_id, member_id, paid_at, day, amount, stands, created_at)"
            " VALUES ('mall', $1, $2, $3, $4, $5, 1, 0)",
            f"o{number}", member, paid, day, fen,
        )  # fmt: skip
        await tx.execute(
            "INSERT INTO order_line (order_id, line, product_id, amount) VALUES ($1, 1, $2, $3)", order, product, fen
        )

    await house.db.write(verb)


@pytest.fixture
async def shop(database_url, folder):  # type: ignore[no-untyped-def]
    house = House(database_url, folder, **SETTINGS)
    await house.open()
    await house.make_staff("店长")
    for who in ("小美", "小丽", "阿强"):
        await house.say(who, "早", ROOM)
    await house.say("店长", "加标签 小美 人生阶段:宝妈")
    await house.say("店长", "加标签 小丽 人生阶段:宝妈 爱好:烘焙")
    await buy(house, "小丽", "烘焙课", 3)
    await buy(house, "阿强", "面包", 40, 60000)
    yield house
    await house.close()


async def ask(house: House, text: str) -> str:
    (sent,) = await house.say("店长", text)
    return sent.text


async def test_count_names_and_why(shop: House) -> None:
    text = await ask(shop, "分群 宝妈且30天未购买")
    assert "一共 1 位" in text
    assert "小美" in text
    assert "有标签「人生阶段:宝妈」；近 30 天没买过" in text.replace("标签「宝妈」", "标签「人生阶段:宝妈」")
    assert "小丽" not in text


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("分群 宝妈", {"小美", "小丽"}),
        ("分群：宝妈 且 没买过“烘焙课”", {"小美"}),
        ("分群 没买过烘焙课", {"小美", "阿强", "店长"}),
        ("分群 没买过某品类 烘焙课", {"小美", "阿强", "店长"}),
        ("分群 本月买过", {"小丽"}),
        ("分群本月买过", {"小丽"}),
        ("分群 烘焙妈妈", {"小丽"}),
        ("分群 吃过 面包", {"阿强"}),
        ("分群 买过上游品类 面包 烘焙课", {"阿强"}),
        ("分群 近90天消费满500元", {"阿强"}),
        ("分群 spent >= 50 in 365d and not tag('宝妈')", {"阿强"}),
        ("分群 （宝妈或爱好:烘焙）且 不是烘焙妈妈", {"小美"}),
        ("分群 在早安面包房群里 且 买过", {"小丽", "阿强"}),
        ("分群 两周没买 且 买过", {"阿强"}),
        ("分群 關係=无关系 且 宝妈", {"小美", "小丽"}),
    ],
)
async def test_conditions_as_people_type_them(shop: House, text: str, who: set[str]) -> None:
    answer = await ask(shop, text)
    people = {name for name in ("小美", "小丽", "阿强", "店长") if f". {name} " in answer}
    assert people == who, answer
    assert f"一共 {len(who)} 位" in answer


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("分群 宝玛", ["宝玛", "宝妈"]),
        ("分群 bougth in 30d", ["第 1 个字", "bought"]),
        ("分群 没买过烘焙可", ["烘焙课"]),
        ("分群 宝妈 且", ["末尾", "条件或名字"]),
        ("分群 tag('爱好:滑雪')", ["烘焙、钓鱼"]),
        ("分群 没买过某品类", ["〈品类〉"]),
        ("分群 bought in 90", ["90d"]),
        ("分群 '宝妈", ["引号"]),
        ("分群 烘焙妈妈 > 3", ["不能"]),
    ],
)
async def test_what_is_not_understood_says_where_and_what_can_be_written(
    shop: House, text: str, parts: list[str]
) -> None:
    answer = await ask(shop, text)
    assert "没看懂" in answer
    for part in parts:
        assert part in answer
    assert "(no such" not in answer
    assert "(expected" not in answer  # English is for the operator's terminal


async def test_a_comma_joins_and_quiet_people_are_found(shop: House) -> None:
    assert await ask(shop, "分群 宝妈，没买过烘焙课") == await ask(shop, "分群 宝妈且没买过烘焙课")
    assert await ask(shop, "分群 宝妈且没投诉") == await ask(shop, "分群 tag('宝妈') and not complaining")


async def test_in_a_room_the_answer_goes_to_the_asker_alone(shop: House) -> None:
    sent = await shop.say("店长", "分群 宝妈", ROOM)
    assert [one.to for one in sent if "小美" in one.text] == ["wx:店长"]
    assert all("小美" not in one.text for one in sent if one.to.startswith("room:"))


async def test_a_member_gets_no_segments(shop: House) -> None:
    for text in ("分群 宝妈", "分群", "标签建议", "更多"):
        assert not any("一共" in one.text or "分群" in one.text for one in await shop.say("阿强", text))


async def test_more_goes_on_where_the_list_ended(shop: House) -> None:
    for number in range(9):
        await shop.say(f"新人{number}号", "早", ROOM)
    first = await ask(shop, "分群 所有人")
    assert "一共 13 位" in first
    assert "更多" in first
    second, third = await ask(shop, "更多"), await ask(shop, "更多")
    seen = [line.split(" ")[1] for text in (first, second, third) for line in text.splitlines() if ". " in line]
    assert len(seen) == len(set(seen)) == 13
    assert "就是这些了" in third


async def test_the_list_names_all_segments_and_own_ones_first(shop: House) -> None:
    text = await ask(shop, "分群 列表")
    names = "烘焙妈妈 吃过 本月买过 半年没来 7天内生日 正在投诉 很活跃 高潜力 没买过某品类 看过没下单 超强关系"
    assert [name for name in names.split() if name not in text] == []


async def test_every_ready_made_segment_can_be_counted(shop: House) -> None:
    from rules.tagging.segments.ready import READY

    given = {"品类": "烘焙课", "上游": "面包", "下游": "烘焙课"}
    for one in READY:
        assert "一共" in await ask(shop, f"分群 {one.name} {' '.join(given[name] for name in one.params)}")


async def test_erased_and_merged_members_are_left_out(shop: House) -> None:
    mei, li = await shop.member("小美"), await shop.member("小丽")
    await shop.db.write(lambda tx: tx.execute("UPDATE member SET erased_at = 1 WHERE id = $1", mei))
    assert "一共 1 位" in await ask(shop, "分群 宝妈")
    await shop.db.write(lambda tx: tx.execute("UPDATE member SET merged_into_id = $1 WHERE id = $2", mei, li))
    assert "一共 0 位" in await ask(shop, "分群 宝妈")
