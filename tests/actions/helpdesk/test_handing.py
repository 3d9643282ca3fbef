"""Hand-overs at their edges: words that cross each other, a chat that is over, an account that changes its process."""

import random

from actions.speaking.sending import Sender
from rules.messages import Event, Kind, Person
from tests.house import House, Sent

MINUTE = 60_000


def to(sent: list[Sent], who: str) -> list[str]:
    return [one.text for one in sent if one.to == f"wx:{who}"]


def typed(house: House, who: str, text: str, *, ago: int = 0) -> Event:
    """What a person typed into the phone of 小知, as it comes back."""
    at = house.clock.now() - ago
    return Event(
        id=f"h{at}{text}", at=at, account="小知", kind=Kind.TEXT, person=Person("bot:小知"), own=True, text=text,
        data={"to": f"wx:{who}"},
    )  # fmt: skip


async def taken(house: House) -> list[bool]:
    return [row["taken_at"] is not None for row in await house.db.all("SELECT taken_at FROM handover ORDER BY id")]


async def test_once_it_is_done_the_bot_is_back_at_once_also_where_the_phone_was_used(house: House) -> None:
    await house.make_staff("小林")
    await house.say("小美", "转人工")
    house.clock.set(house.clock.now() + MINUTE)
    await house.hear(typed(house, "小美", "您好，我是小林"))
    assert await house.say("小美", "建议：多做点贝果") != [], "commands work"
    assert await house.say("小美", "你们的面包真好吃") == []
    house.clock.set(house.clock.now() + MINUTE)
    await house.say("小林", "接完 1")
    assert to(await house.say("小美", "你们的面包真好吃"), "小美") != []
    house.clock.set(house.clock.now() + MINUTE)
    await house.hear(typed(house, "小美", "还有一句"))
    assert await house.say("小美", "你们的面包真好吃") == [], "the person is there again"


async def test_two_answers_of_the_team_in_one_moment_both_arrive(house: House) -> None:
    await house.make_staff("小林")
    await house.say("小美", "转人工")
    before = len(house.sent)
    await house.hear(house.event("小林", "答 1 有的"), house.event("小林", "答 1 给您留一个"))
    await house.settled()
    assert to(house.sent[before:], "小美") == ["有的", "给您留一个"]


async def test_what_was_typed_before_they_asked_for_a_person_is_no_answer_to_it(house: House) -> None:
    await house.make_staff("小林")
    await house.say("小美", "你好")
    await house.say("小美", "转人工")
    await house.hear(typed(house, "小美", "周末愉快", ago=5_000))
    assert await taken(house) == [False], "or nobody is reminded"
    await house.hear(typed(house, "小美", "来了"))
    assert await taken(house) == [True]


async def test_who_takes_an_account_over_does_not_know_what_it_said_before(house: House) -> None:
    """Another process held the account until now: the echo of what that one sent is no person's word."""
    community = house.community
    await house.say("小美", "积分")
    entry, now = community.directory.by_name["小知"], house.clock.now()
    add = "INSERT INTO send_log (account_id, conversation, at) VALUES ($1, 'wx:小美', $2)"
    house.clock.set(now + 10 * MINUTE)
    await house.db.write(lambda tx: tx.execute(add, entry.id, house.clock.now() - 3_000))
    Sender(community, entry, house.channels["小知"], random.Random(1))
    await house.hear(typed(house, "小美", "您的积分到账了", ago=3_000))
    assert await house.db.value("SELECT COUNT(*) FROM reach WHERE human_at IS NOT NULL") == 0


async def test_whoever_has_them_left_the_team_the_others_hear_it_and_nobody_gone_is_named(house: House) -> None:
    for name in ("小林", "阿青"):
        await house.make_staff(name)
    await house.say("小美", "转人工")
    gone = "UPDATE staff SET revoked_at = 1 WHERE name = '小林'"
    await house.db.write(lambda tx: tx.execute(gone))
    sent = await house.say("小美", "转人工")
    assert len(to(sent, "阿青")) == 1
    assert "同事" in to(sent, "小美")[0]
    assert to(sent, "小林") == []
    assert "小林" not in to(sent, "小美")[0]


async def test_what_is_said_to_a_person_is_no_command_though_it_begins_like_one(house: House) -> None:
    await house.make_staff("小林")
    add = "INSERT INTO product (shop, ext_id, name, category, price, url, created_at)"
    add += " VALUES ('mall', 'a', '全麦吐司', '吐司', 1800, '', 1)"
    await house.db.write(lambda tx: tx.execute(add))
    assert "全麦吐司" in to(await house.say("小美", "推荐一款吐司"), "小美")[0]
    await house.say("小美", "转人工")
    for text in ("推荐一款吐司", "没兴趣"):
        sent = await house.say("小美", text)
        assert (to(sent, "小美"), len(to(sent, "小林"))) == ([], 1), text
