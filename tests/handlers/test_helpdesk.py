"""Questions: answered from the FAQ, or handed to a person of the team, who is then left alone with the member."""

import asyncio
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from actions.helpdesk import handing, watching
from actions.talk.members import Heard
from db.helpdesk import handovers
from rules.messages import Event, Kind, Outgoing, Person
from tests.conftest import ROOT
from tests.house import NOON, House, Sent

MINUTE = 60_000
FAQ = Path("content/faq.toml")
HARD = "你们能帮我写一首诗印在包装上吗"  # about us, and nothing in the FAQ


SOME = ("营业时间", "积分怎么得", "积分没到账", "会员等级", "保质期", "怎么保存", "蛋糕尺寸", "课程费用", "商品价格")


@pytest.fixture
def asked(house: House) -> House:
    """A house with a few entries of the shipped FAQ; tests/rules/helpdesk asks the whole of it."""
    head, *blocks = re.split(r"(?m)^\[\[faq\]\]\n", (ROOT / FAQ).read_text("utf-8"))
    kept = [one for one in blocks if one.startswith(tuple(f'id        = "{name}"' for name in SOME))]
    (house.folder / "content").mkdir()
    (house.folder / FAQ).write_text("[[faq]]\n".join([head, *kept]), "utf-8")
    return house


def to(sent: list[Sent], who: str) -> list[str]:
    return [one.text for one in sent if one.to == f"wx:{who}"]


async def rows(house: House) -> list[dict[str, object]]:
    return [dict(row) for row in await house.db.all("SELECT * FROM handover ORDER BY id")]


def later(house: House, minutes: float) -> int:
    house.clock.set(house.clock.now() + round(minutes * MINUTE))
    return house.clock.now()


def by_hand(house: House, who: str, text: str, ext_id: str = "h1", **values: object) -> Event:
    """What a person types into the phone of 小知, as it comes back."""
    made = {"kind": Kind.TEXT, "data": {"to": f"wx:{who}"}, **values}
    return Event(
        id=ext_id, at=house.clock.now(), account="小知", person=Person("bot:小知"), own=True, text=text, **made
    )  # type: ignore[arg-type]


async def test_a_question_is_answered_privately_and_where_the_bot_is_spoken_to(asked: House) -> None:
    (answer,) = await asked.say("小美", "请问面包能放几天呀")
    assert "常温 3 天" in answer.text
    assert "答错了" in answer.text
    (second,) = await asked.say("小美", "怎么赚积分")
    assert "每天签到 5 分" in second.text, "figures come from the settings"
    assert "答错了" not in second.text, "the hint is given once"
    assert await asked.say("大刚", "面包能放几天", "早安面包房") == []
    (room,) = await asked.say("大刚", "@小知 面包能放几天", "早安面包房", mentioned=True)
    assert room.text.startswith("大刚，")
    kept = await asked.db.all("SELECT entry FROM faq_answer ORDER BY id")
    assert [row["entry"] for row in kept] == ["保质期", "积分怎么得", "保质期"]


@pytest.mark.parametrize("text", ["我签到啦", "面包真好吃", "今天吃什么好呢", "哈哈真的吗", "怎么了", "我到家了"])
async def test_chit_chat_is_neither_answered_from_the_faq_nor_handed_over(asked: House, text: str) -> None:
    await asked.make_staff("小林")
    sent = await asked.say("小美", text)
    assert to(sent, "小林") == []
    assert await asked.db.value("SELECT COUNT(*) FROM faq_answer") == 0
    assert await rows(asked) == []


async def test_what_is_for_private_chats_is_answered_privately(asked: House) -> None:
    await asked.say("小美", "你好")
    sent = await asked.say("小美", "@小知 积分没到账怎么办", "早安面包房", mentioned=True)
    assert "积分明细" in to(sent, "小美")[0]
    assert all("积分明细" not in one.text for one in sent if one.to.startswith("room:"))


async def test_a_wrong_answer_is_marked_and_a_person_offered(asked: House) -> None:
    await asked.say("小美", "面包能放几天")
    (answer,) = await asked.say("小美", "不是这个")
    assert "转人工" in answer.text
    assert await asked.db.value("SELECT COUNT(*) FROM faq_answer WHERE wrong_at IS NOT NULL") == 1
    later(asked, 11)
    await asked.say("小美", "答错了")
    assert await asked.db.value("SELECT COUNT(*) FROM faq_answer WHERE wrong_at IS NOT NULL") == 1


def edit(house: House, change: Callable[[str], str]) -> None:
    file = house.folder / FAQ
    file.write_text(change(file.read_text("utf-8")), "utf-8")
    later_time = os.stat(file).st_mtime_ns + 2_000_000_000
    os.utime(file, ns=(later_time, later_time))


async def test_an_edit_is_used_at_once_and_a_mistake_costs_its_own_entry_only(asked: House, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("actions.helpdesk.book.LOOK_EVERY", 0.0)
    await asked.make_staff("小林")
    await asked.say("小美", "面包能放几天")
    edit(asked, lambda text: text.replace("吐司常温 3 天", "吐司常温 4 天").replace("每天 7:30", "每天 {{ opens }}"))
    await asked.say("大刚", "你好")
    await asked.say("大刚", "营业时间")  # this one still sees the old version, and has the new one read
    (new,) = await asked.say("小美", "面包能放几天")
    (old,) = await asked.say("小美", "几点开门")
    assert "4 天" in new.text
    assert "每天 7:30" in old.text, "what it said before stays in use"
    (listed,) = await asked.say("小林", "常见问题")
    assert "「积分怎么获得」消费每 1 元 1 分" in listed.text, "figures are filled in"
    assert "共 9 条" in listed.text
    assert "4 天" in (await asked.say("小林", "常见问题 面包放几天"))[0].text
    assert "没有第 2 页" in (await asked.say("小林", "常见问题 2"))[0].text
    assert "行 answer = " in listed.text
    assert "opens" in listed.text
    edit(asked, lambda text: text + '\n[[faq]\nid = "x"\n')
    await asked.say("大刚", "营业时间")
    (still,) = await asked.say("小美", "面包能放几天")
    assert "4 天" in still.text
    assert "TOML" in (await asked.say("小林", "常见问题"))[0].text


async def test_a_question_without_an_answer_goes_to_a_person_who_is_left_alone_with_them(asked: House) -> None:
    await asked.make_staff("小林")
    await asked.say("小美", "我家孩子下周过生日")
    sent = await asked.say("小美", HARD)
    (told,), (line,) = to(sent, "小林"), to(sent, "小美")
    assert "小林" in line
    for part in ("小美", "无关系", HARD, "我家孩子下周过生日", "「小知」", "接完 1"):
        assert part in told, part
    again = await asked.say("小美", "在吗")  # a greeting, a question of the FAQ, thanks: for the person, not the bot
    assert to(again, "小美") == []
    assert len(to(again, "小林")) == 1
    for text in ("面包能放几天", "确认", "量子力学怎么学", "好的"):
        assert to(await asked.say("小美", text), "小美") == [], text
    assert to(await asked.say("小美", "积分"), "小美") != [], "commands work"
    assert to(await asked.say("小美", "退订"), "小美") != []
    (done,) = await asked.say("小林", "接完 1")
    assert "小美" in done.text
    assert "常温 3 天" in to(await asked.say("小美", "面包能放几天"), "小美")[0]
    (row,) = await rows(asked)
    assert (row["why"], row["done_by"]) == ("unsure", "小林")
    await asked.say("小林", "撤销")
    assert (await rows(asked))[0]["done_at"] is None


async def test_the_answer_of_the_team_can_go_through_the_bot(asked: House) -> None:
    await asked.make_staff("小林", "service")
    await asked.say("小美", "转人工")
    sent = await asked.say("小林", "答 1 您好，我是小林：想印什么？")
    assert to(sent, "小美") == ["您好，我是小林：想印什么？"]
    assert (await rows(asked))[0]["taken_at"] is not None
    assert len(to(await asked.say("小美", "印一首诗"), "小林")) == 1, "who answers through the bot hears on"


async def test_anger_is_a_complaint_with_one_person_who_sees_to_it(asked: House) -> None:
    await asked.make_staff("小林")
    await asked.make_staff("阿青")
    sent = await asked.say("小美", "今天的蛋糕真难吃，太失望了")
    assert len(to(sent, "小林")) + len(to(sent, "阿青")) == 1
    (row,) = await rows(asked)
    feedback = await asked.db.one("SELECT kind, owner_id FROM feedback")
    assert row["why"] == "anger"
    assert feedback["kind"] == "complaint"
    assert feedback["owner_id"] == row["staff_id"]
    await asked.say("小林", "回复 1 真对不起，马上给您重做")
    assert (await rows(asked))[0]["taken_at"] is not None
    await asked.say("小林", "已处理 1")
    assert (await rows(asked))[0]["done_by"] == "小林"


async def test_who_is_chosen(asked: House) -> None:
    """Their own person, who looked after them last, then in turns; never one who may only look."""
    await asked.make_staff("看客", "viewer")
    for name in ("小林", "阿青"):
        await asked.make_staff(name, "service")
    named: list[str] = []
    for who in ("甲", "乙", "丙", "甲"):
        await asked.say(who, "转人工")
        row = (await rows(asked))[-1]
        named.append(await asked.db.value("SELECT name FROM staff WHERE id = $1", row["staff_id"]))
        if who == "甲" and len(named) == 1:
            await asked.say("小林", "答 1 在的")
        await asked.say("小林", f"接完 {row['id']}")
    assert named == ["小林", "阿青", "小林", "小林"]
    member, owner = await asked.member("乙"), await asked.db.value("SELECT id FROM staff WHERE name = '小林'")
    add = "INSERT INTO candidate (member_id, since, score, state, owner_id) VALUES ($1, 0, 0, 'accepted', $2)"
    await asked.db.write(lambda tx: tx.execute(add, member, owner))
    sent = await asked.say("乙", "转人工")
    assert "小林" in to(sent, "乙")[0]


async def test_two_messages_at_once_open_one(asked: House) -> None:
    await asked.make_staff("小林")
    await asked.say("小美", "你好")
    member, community = await asked.member("小美"), asked.community
    account = community.directory.by_name["小知"]
    identity = await asked.db.value("SELECT id FROM identity WHERE member_id = $1", member)
    event = asked.event("小美", "转人工")
    ids = [row["id"] for row in await asked.db.all("SELECT id FROM interaction")]
    heard = Heard(event, account, None, member, identity, "小美", ids[0], -account.id, "转人工")

    async def once() -> handing.Handed:
        now = asked.clock.now()
        return await asked.db.write(lambda tx: handing.hand_over(tx, community, heard, "asked", "转人工", now))

    handed = await asyncio.gather(*(once() for _ in range(6)))
    assert sorted(one.new for one in handed) == [False] * 5 + [True]
    assert len(await rows(asked)) == 1


async def test_nobody_takes_it_first_the_owner_then_everybody_is_reminded_each_once(asked: House) -> None:
    await asked.make_staff("小林")
    await asked.make_staff("阿青")
    await asked.say("小美", HARD)
    owner = (await rows(asked))[0]["staff_id"]
    name = await asked.db.value("SELECT name FROM staff WHERE id = $1", owner)
    other = {"小林": "阿青", "阿青": "小林"}[name]

    async def reminded(minutes: float) -> list[str]:
        before = len(asked.sent)
        await watching.look(asked.community, later(asked, minutes))
        await asked.settled()
        return sorted(one.to for one in asked.sent[before:])

    assert await reminded(9) == []
    assert await reminded(2) == [f"wx:{name}"]
    assert await reminded(5) == []
    assert await reminded(6) == sorted([f"wx:{name}", f"wx:{other}"])
    assert await reminded(60) == []
    await asked.say(other, "接手 1")
    assert (await rows(asked))[0]["taken_at"] is not None
    later(asked, 31)
    await watching.look(asked.community, asked.clock.now())
    assert (await rows(asked))[0]["done_by"] == "time"


async def test_outside_the_hours_the_member_hears_when_and_nobody_is_woken(asked: House) -> None:
    await asked.make_staff("小林")
    asked.clock.set(NOON + 11 * 3_600_000)  # 23:13
    sent = await asked.say("小美", HARD)
    assert "明天 09:00" in to(sent, "小美")[0]
    await watching.look(asked.community, later(asked, 30))
    await asked.settled()
    assert len(to(asked.sent, "小林")) == 1
    assert to(await asked.say("小美", "面包能放几天"), "小美") != [], "after half an hour the bot is back"
    asked.clock.set(NOON + 21 * 3_600_000)  # 09:13
    await watching.look(asked.community, asked.clock.now())
    await asked.settled()
    assert len(to(asked.sent, "小林")) == 2


async def test_words_typed_on_the_phone_are_a_persons_and_the_bots_own_echoes_never(asked: House) -> None:
    await asked.make_staff("小林")
    (line, *_), sent = (await asked.say("小美", HARD)), len(asked.sent)
    ours = next(one for one in asked.sent if one.to == "wx:小美")
    await asked.hear(by_hand(asked, "小美", ours.text, "e1"), by_hand(asked, "小美", ours.text, "e1"))
    assert await asked.db.value("SELECT human_at FROM reach WHERE human_at IS NOT NULL") is None
    await asked.hear(by_hand(asked, "小美", "您好，我是小林", "h1"))
    assert await asked.db.value("SELECT COUNT(*) FROM reach WHERE human_at IS NOT NULL") == 1
    assert (await rows(asked))[0]["taken_at"] is not None
    assert await asked.say("小美", "面包能放几天") == [], "neither answered nor passed on: the person is there"
    later(asked, 29)
    await asked.hear(by_hand(asked, "小美", "", "h2", kind=Kind.IMAGE))
    later(asked, 29)
    assert await asked.say("小美", "几点开门") == []
    later(asked, 31)
    assert len(await asked.say("小美", "几点开门")) == 1
    assert line
    assert sent


async def test_a_person_who_writes_unasked_is_not_interrupted_either(asked: House) -> None:
    await asked.say("小美", "积分")
    await asked.hear(by_hand(asked, "小美", "小美您好，明天的蛋糕几点来取？"))
    assert await asked.say("小美", "几点开门来着") == []
    assert len(await asked.say("小美", "积分")) == 1


async def test_an_echo_that_comes_before_the_answer_or_after_a_restart_is_the_bots(asked: House) -> None:
    channel = asked.channels["小知"]
    send = channel.send

    async def echoing(contact: str, content: Outgoing) -> str:
        await asked.inbox.heard(by_hand(asked, contact.removeprefix("wx:"), content.text, "first"))
        await asyncio.sleep(0.05)
        return await send(contact, content)

    channel.send = echoing  # type: ignore[method-assign]
    (answer,) = await asked.say("小美", "积分")
    channel.send = send  # type: ignore[method-assign]
    await asked.restart()
    await asked.hear(by_hand(asked, "小美", answer.text, "another"))
    assert await asked.db.value("SELECT COUNT(*) FROM reach WHERE human_at IS NOT NULL") == 0
    later(asked, 3)
    await asked.hear(by_hand(asked, "小美", answer.text, "by hand"))
    assert await asked.db.value("SELECT COUNT(*) FROM reach WHERE human_at IS NOT NULL") == 1
    network = by_hand(asked, "大刚", "我通过了你的朋友验证请求，现在我们可以开始聊天了", "n")
    await asked.say("大刚", "积分")
    later(asked, 3)
    await asked.hear(network)
    assert await asked.db.value("SELECT COUNT(*) FROM reach WHERE human_at IS NOT NULL") == 1


async def test_in_a_room_the_team_is_told_and_the_bot_says_one_line(asked: House) -> None:
    await asked.make_staff("小林")
    sent = await asked.say("小美", f"@小知 {HARD}", "早安面包房", mentioned=True)
    assert sorted(one.to for one in sent) == ["room:早安面包房", "wx:小林"]
    assert await rows(asked) == []


async def test_staff_add_an_answer_in_the_chat_and_take_it_back(asked: House, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("actions.helpdesk.book.LOOK_EVERY", 0.0)
    await asked.make_staff("小林", "operator")
    await asked.make_staff("新人", "service")
    await asked.say("小美", "面包能放几天")
    assert "管理员" in (await asked.say("新人", "加问答 问：能带狗吗 答：可以"))[0].text
    command = '加问答 问：能带狗吗/可以带宠物进店吗 答：可以，请牵好绳，"大狗"请抱着。'
    (added,) = await asked.say("小林", command)
    assert "能带狗吗" in added.text
    await asked.say("大刚", "营业时间")
    (answer,) = await asked.say("小美", "我能带宠物进店吗")
    assert '请牵好绳，"大狗"请抱着。' in answer.text, "letter for letter"
    refused = await asked.say("小林", "加问答 问：电话 答：{{ phone }}")
    assert "用不了" in refused[0].text
    await asked.say("小林", "撤销")
    await asked.say("大刚", "营业时间")
    assert not any("牵好绳" in one.text for one in await asked.say("小美", "我能带宠物进店吗"))
    assert "faq.add" in [row["action"] for row in await asked.db.all("SELECT action FROM audit")]


async def test_the_team_reads_what_is_asked_and_once_a_week_what_had_no_answer(asked: House) -> None:
    await asked.make_staff("小林")
    await watching.look(asked.community, asked.clock.now())
    for who in ("小美", "大刚"):
        await asked.say(who, "面包能放几天")
        await asked.say(who, HARD)
    await asked.say("丁丁", "这款吐司多少钱")  # a person answers that, by the FAQ
    (stats,) = await asked.say("小林", "问答统计")
    assert "问了 5 次：答了 2，转给同事 1，没有答案 2" in stats.text
    assert f"{HARD}（2 次）" in stats.text
    for row in await rows(asked):
        await asked.say("小林", f"接完 {row['id']}")
    asked.clock.set(NOON + 6 * 24 * 3_600_000)  # the next week
    before = len(asked.sent)
    for _ in range(2):
        await watching.look(asked.community, asked.clock.now())
    await asked.settled()
    assert len(to(asked.sent[before:], "小林")) == 0, "a Sunday: still this week"
    asked.clock.set(NOON + 7 * 24 * 3_600_000 - 60_000)
    for _ in range(2):
        await watching.look(asked.community, asked.clock.now())
    await asked.settled()
    (gaps,) = to(asked.sent[before:], "小林")
    assert HARD in gaps
    assert await handovers.open_ones(asked.db) == []
