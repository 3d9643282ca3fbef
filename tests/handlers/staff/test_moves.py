"""What the team sees of levels and tiers: a profile with its statement, and 升降."""

from actions.relationship.standing_night import night
from tests.actions.relationship.books import DAY, TODAY, buy, give_back, member, refresh, strangers
from tests.house import NOON, House

ROOM = "早安面包房"


async def test_a_profile_says_why_what_is_missing_and_when_it_would_fall(house: House) -> None:
    await house.make_staff("店长")
    mei = await member(house, "小美")
    for ago in (9, 7, 5):
        await buy(house, mei, TODAY - ago)
    await refresh(house, mei)
    text = (await house.say("店长", "看 @小美"))[0].text
    for part in (
        "微关系 · 会员卡",
        "R 5，F 3，M 2",
        "近 365 天 3 单 150 元",
        "复购 2 次，不到 3 次",
        "还差 1 次复购到弱关系",
    ):
        assert part in text, part
    assert "如果到 2028-09-15 还没有再来，会降到无关系" in text
    assert "无关系→微关系" in text


async def test_a_profile_of_somebody_to_whom_nothing_has_happened(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "你好")
    text = (await house.say("店长", "看 @小美"))[0].text
    assert "无关系" in text
    assert "近 730 天没有购买" in text


async def test_the_moves_of_the_tiers_are_summed_up_with_their_causes(house: House) -> None:
    await house.make_staff("店长")
    people = await strangers(house, 10)
    for place, one in enumerate(people):
        for number in range(place // 2 + 1):
            await buy(house, one, TODAY - 3 - number, 20 + place)
    await night(house.community, NOON)
    golden = [row["member_id"] for row in await house.db.all("SELECT member_id FROM standing WHERE tier = 1")]
    await give_back(house, golden[0])
    await refresh(house, golden[0])
    await night(house.community, NOON + DAY)
    house.clock.set(NOON + 4 * DAY)
    text = (await house.say("店长", "升降"))[0].text
    assert "金卡 1 人，银卡 2 人，会员卡 7 人" in text
    assert "快到期 1 人" in text
    assert "通知不到、所以不会降级的 1 人" in text
    assert "（金卡）" in text


async def test_the_moves_are_for_the_team_and_private(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "你好", ROOM)
    assert await house.say("小美", "升降", ROOM) == []
    sent = await house.say("店长", "等级变化", ROOM)
    assert [one.to for one in sent if "升级" in one.text] == ["wx:店长"]
