"""The weekly report: true figures, the same in picture and words, to the team once."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from actions.effects import weekly
from actions.trade import orders
from rules.effects.week import Week, change, changed, to_do
from rules.messages import Act
from rules.times import DAY, HOUR, at_local
from rules.trade.orders import OrderPaid
from scheduler import run_due
from templates import drawing
from tests.actions.effects.scene import Scene
from tests.house import NOON, House

ROOM = "早安面包房"
ZONE = "Asia/Shanghai"
MONDAY = date(2026, 9, 21)  # the week in which these tests live


async def _buy(house: House, who: str, number: str, at: int, fen: int = 3_000) -> None:
    member_id = await house.member(who)
    event = OrderPaid("mall", f"e{number}", at, number, paid_at=at, amount=fen, lines=())
    await house.db.write(lambda tx: orders.record(tx, house.community, event, house.clock.now()))
    order_id = await house.db.value("SELECT id FROM shop_order WHERE ext_id = $1", number)
    await house.db.write(lambda tx: orders.attach(tx, house.community, [order_id], member_id, house.clock.now()))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(drawing, "draw", lambda name, /, **values: seen.append(values) or b"\x89PNG")
    return seen


async def test_monday_brings_the_team_the_true_figures_once_in_picture_and_words(
    house: House, drawn: list[dict[str, Any]]
) -> None:
    await house.make_staff("店长")
    await run_due(house.community)  # the house is open: what is due from here on is planned
    await house.say("小美", "早", ROOM)
    await house.say("阿强", "早上好", ROOM)
    await house.say("小美", "今天有全麦吗")
    await _buy(house, "小美", "A1", NOON)
    house.clock.set(NOON + 2 * DAY)
    await _buy(house, "小美", "A2", house.clock.now(), 5_600)
    await _buy(house, "阿强", "A3", house.clock.now())
    house.clock.set(at_local(MONDAY + timedelta(days=7), 9 * 60, ZONE) + 1)
    before = len(house.sent)
    await run_due(house.community)
    await house.settled_now()
    told = [
        one
        for one in house.sent[before:]
        if (one.to == "wx:店长" and "周报" in one.text) or one.content.act is Act.IMAGE
    ]
    assert [one.content.act for one in told] == [Act.IMAGE, Act.TEXT]
    text = told[1].text
    assert "9月21日—27日" in text
    assert "新会员 2 人" in text
    assert "活跃 2 人" in text
    assert "共 3 条消息" in text
    assert "订单 3 笔 116 元" in text
    assert "2 人下单，1 人是回头客" in text
    assert "微关系 2" in text
    numbers = set(re.findall(r"[\d,]+", text))
    (values,) = drawn
    assert {card["value"] for card in values["cards"]} <= numbers
    assert {str(step["value"]) for step in values["funnel"]} <= numbers
    assert values["weeks"][-1]["active"] == 2
    await run_due(house.community)
    await house.settled_now()
    assert len([one for one in house.sent if one.content.act is Act.IMAGE]) == 1


async def test_who_asks_gets_it_and_members_do_not(house: House, drawn: list[dict[str, Any]]) -> None:
    await house.make_staff("店长")
    assert not drawn
    await house.say("小美", "周报")
    assert not drawn
    said = await house.say("店长", "周报")
    assert [one.content.act for one in said] == [Act.IMAGE, Act.TEXT]
    assert {one.to for one in said} == {"wx:店长"}


async def test_levels_are_those_of_the_weeks_end(house: House) -> None:
    await house.say("小美", "早", ROOM)
    house.clock.set(at_local(MONDAY + timedelta(days=7), 0, ZONE) + HOUR)
    await _buy(house, "小美", "A1", house.clock.now())
    week = await weekly._with_levels(house.community, Week(), MONDAY, house.clock.now())
    assert week.levels["micro"] == 0
    assert week.moved == {}


async def test_one_lucky_post_of_a_small_room_is_not_the_best_of_the_week(scene: Scene) -> None:
    room = await scene.room()
    for title, theme, audience, replies in (
        ("运气好", "早安", 2, 2),
        ("真受欢迎", "课程", 400, 200),
        ("没人理", "x", 50, 0),
    ):
        item = await scene.content(title, theme)
        await scene.post(room, 0, item, theme, audience=audience, replies=replies)
    best = await weekly._best(scene.house.community, MONDAY)
    assert [(one.title, one.audience, one.answered) for one in best] == [("真受欢迎", 400, 200), ("运气好", 2, 2)]
    assert weekly._taken(best[0]) == "400 人次看到，200 人次回应（50%）"


def test_what_did_not_change_is_told_in_plain_words() -> None:
    week = Week(newcomers=4, active=9, orders=3, money=11_600, buyers=2)
    told = "\n".join(changed(week, week, {}))
    assert "订单 3 笔 116 元，笔数和上周持平" in told
    assert "新会员 4 人，和上周持平" in told
    assert "笔数比上周少 2" in "".join(changed(week, Week(orders=5), {}))


def test_a_share_of_few_is_not_said_and_what_to_do_is_three_things_at_most() -> None:
    assert change(3, 1) == "多 2"
    assert change(30, 20) == "多 10（+50%）"
    assert change(5, 5) == "持平"
    bad = Week(active=5, again=1, complaints_open=3, opted_out=9, newcomers=50, moved={"super": -1})
    assert len(to_do(bad, Week(active=50, again=20, newcomers=10), [])) == 3
    assert "投诉" in to_do(bad, Week(), [])[0]
    assert to_do(Week(), Week(), []) == ["一切平稳，按节奏来就好"]


def test_the_picture_is_drawn_also_of_an_empty_week() -> None:
    names = ("超强关系", "强关系", "弱关系", "微关系")
    png = drawing.draw(
        "week",
        brand="<b>&麦香",
        title="2026年9月21日—27日",
        cards=[{"name": "新会员", "value": "0", "unit": "人", "change": "持平", "up": 0}] * 4,
        funnel=[{"name": name, "value": 0, "moved": 0} for name in names],
        brought=0,
        weeks=[{"name": "9/21", "newcomers": 0, "active": 0}] * 8,
        best=[],
    )
    assert png.startswith(b"\x89PNG")
