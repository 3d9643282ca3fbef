"""Feedback has an owner, a state and a deadline; its giver hears by name when it is adopted or there, each once."""

import pytest

from actions import audit
from actions.timed import deadlines
from db.trade import ledger
from rules.times import DAY, HOUR
from tests.house import NOON, House

MORNING = NOON + 22 * HOUR  # 10:13 the next day in Shanghai


@pytest.fixture
async def shop(house: House) -> House:
    """小美 suggests something; the team is two."""
    house.clock.set(MORNING)
    await house.make_staff("店长")
    await house.make_staff("小林", "service")
    await house.say("小美", "建议：晚上多送一班")
    house.sent.clear()
    return house


def to(house: House, who: str) -> list[str]:
    return [one.text for one in house.sent if one.to == f"wx:{who}"]


async def points(house: House) -> int:
    assert (await ledger.recount(house.db)).right
    return await ledger.balance(house.db, await house.member("小美"))


async def one(house: House, column: str) -> object:
    return await house.db.value(f"SELECT {column} FROM feedback WHERE id = 1")


async def test_it_is_claimed_or_given_to_somebody_who_is_told(shop: House) -> None:
    await shop.say("小林", "认领 1")
    assert await one(shop, "owner_id") == 2
    assert "已经是您" in (await shop.say("小林", "认领 1"))[0].text
    await shop.say("店长", "反馈 1 给 小林")
    assert await one(shop, "owner_id") == 2
    shop.sent.clear()
    await shop.say("小林", "反馈 1 给 店长")
    assert await one(shop, "owner_id") == 1
    assert any("多送一班" in text for text in to(shop, "店长"))
    assert "没有「小王」" in (await shop.say("店长", "反馈 1 给 小王"))[0].text
    assert "店长跟进" in (await shop.say("店长", "待处理"))[0].text


async def test_an_answer_reaches_its_giver_word_for_word(shop: House) -> None:
    await shop.say("小林", "回复 1 好的～我们下周试试 OK")
    (told,) = to(shop, "小美")
    assert "好的～我们下周试试 OK" in told
    assert "小美" in told
    assert (await one(shop, "state"), await one(shop, "owner_id")) == ("answered", 2)
    assert await one(shop, "answered_at") == shop.clock.now() or await one(shop, "answered_at")
    assert "要写上" in (await shop.say("小林", "回复 1"))[0].text


@pytest.mark.parametrize("typed", ["採納 1 下個月開始～", "采纳１ 下個月開始～", "采納　＃1：下個月開始～"])
async def test_the_words_behind_a_command_are_kept_however_it_is_typed(shop: House, typed: str) -> None:
    await shop.say("店长", typed)
    (told,) = to(shop, "小美")
    assert "下個月開始～" in told


async def test_an_adopted_suggestion_thanks_by_name_and_pays_once(shop: House) -> None:
    await shop.say("店长", "采纳 1 下个月开始")
    (told,) = to(shop, "小美")
    assert told.startswith("小美，")
    assert "多送一班" in told
    assert "下个月开始" in told
    assert "50 积分" in told
    assert await points(shop) == 50
    assert "已采纳了" in (await shop.say("店长", "采纳 1"))[0].text
    assert await points(shop) == 50
    assert "已采纳" in (await shop.say("小美", "我的反馈"))[0].text
    shop.sent.clear()
    await shop.say("店长", "上线 1 今晚就有")
    (shipped,) = to(shop, "小美")
    assert "今晚就有" in shipped
    assert "积分" not in shipped
    assert await points(shop) == 50
    assert "已上线" in (await shop.say("小美", "我的反馈"))[0].text


async def test_what_ships_without_being_adopted_first_is_rewarded_then(shop: House) -> None:
    await shop.say("店长", "上线 1")
    assert await points(shop) == 50
    assert await one(shop, "adopted_at") is not None


async def test_adopting_is_taken_back_with_its_points_and_can_be_done_again(shop: House) -> None:
    await shop.say("店长", "采纳 1")
    await shop.say("店长", "撤销")
    assert (await one(shop, "state"), await one(shop, "adopted_at"), await points(shop)) == ("new", None, 0)
    await shop.say("店长", "采纳 1")
    assert (await one(shop, "state"), await points(shop)) == ("adopted", 50)
    assert len([text for text in to(shop, "小美") if "多送一班" in text]) == 1  # told once
    assert await audit.verify(shop.db) == []


async def test_a_step_is_not_taken_back_over_a_later_one(shop: House) -> None:
    await shop.say("店长", "采纳 1")
    await shop.say("小林", "上线 1")
    assert "撤不回来" in (await shop.say("店长", "撤销"))[0].text
    assert await one(shop, "state") == "shipped"
    await shop.say("小林", "撤销")
    assert (await one(shop, "state"), await points(shop)) == ("adopted", 50)


async def test_praise_is_not_adopted_and_numbers_must_exist(shop: House) -> None:
    await shop.say("小美", "表扬：师傅真好")
    assert "还不是建议" in (await shop.say("店长", "采纳 2"))[0].text
    assert "没有第 99 条" in (await shop.say("店长", "采纳 99"))[0].text
    await shop.say("店长", "已处理 1")
    assert "已处理了" in (await shop.say("店长", "采纳 1"))[0].text
    assert await points(shop) == 0


async def test_an_answered_complaint_waits_until_it_is_settled(shop: House) -> None:
    await shop.say("小美", "投诉：蛋糕压坏了")
    await shop.say("店长", "回复 2 马上重做一个给您")
    assert "压坏了" in (await shop.say("店长", "待处理"))[0].text
    await shop.say("店长", "已处理 2")
    assert "压坏了" not in (await shop.say("店长", "待处理"))[0].text


async def test_an_overdue_answer_reminds_its_owner_once_and_by_day(shop: House) -> None:
    await shop.say("小林", "认领 1")
    await shop.say("小丽", "投诉：面包是冷的", "早安面包房")
    shop.clock.set(MORNING + DAY - HOUR)
    assert await deadlines.look(shop.community) == 0
    shop.clock.set(MORNING + DAY + 12 * HOUR)  # by night nobody is reminded
    assert await deadlines.look(shop.community) == 0
    shop.clock.set(MORNING + 2 * DAY)
    shop.sent.clear()
    assert await deadlines.look(shop.community) == 2
    assert await deadlines.look(shop.community) == 0
    await shop.settled_now()
    assert sum("多送一班" in text for text in to(shop, "小林")) == 1
    assert sum("多送一班" in text for text in to(shop, "店长")) == 0
    assert sum("面包是冷的" in text for text in to(shop, "店长")) == 1  # nobody's is everyone's
    assert sum("面包是冷的" in text for text in to(shop, "小林")) == 1
    assert "多送一班" in "".join(one.text for one in await shop.say("小林", "今日"))
    listed = (await shop.say("店长", "待处理"))[0].text
    assert "过了时限" in listed
    assert listed.index("多送一班") < listed.index("等着回复的反馈")


async def test_the_team_is_asked_for_kinds_once_a_day(shop: House) -> None:
    await shop.db.write(
        lambda tx: tx.execute("UPDATE feedback SET kind = 'unsure', guess = 'suggestion', due_at = NULL")
    )
    for _ in range(2):
        await deadlines.look(shop.community)
    await shop.settled_now()
    assert sum("反馈 待定" in text for text in to(shop, "店长")) == 1


async def test_one_is_shown_in_full_and_privately(shop: House) -> None:
    sent = await shop.say("店长", "反馈 1", "早安面包房")
    assert all("多送一班" not in one.text for one in sent if one.to.startswith("room:"))
    assert any("晚上多送一班" in one.text and "该在" in one.text for one in sent if one.to == "wx:店长")


@pytest.mark.parametrize(
    "text", ["认领 1", "采纳 1", "上线 1", "回复 1 好", "反馈 1 投诉", "反馈 1 给 小林", "已处理 1"]
)
async def test_only_the_team_decides_and_a_viewer_only_looks(shop: House, text: str) -> None:
    await shop.make_staff("看客", "viewer")
    await shop.say("小美", text)
    assert "只能查看" in (await shop.say("看客", text))[0].text
    assert (await one(shop, "state"), await one(shop, "owner_id"), await one(shop, "kind")) == (
        "new",
        None,
        "suggestion",
    )
