"""效果 in chat: numbers with their n, said privately, and nothing claimed that is not known."""

import asyncio

import pytest

from rules.content.searching import index
from tests.actions.effects.conftest import scene
from tests.actions.effects.scene import DAYS, HOURS, MINUTES, Scene

__all__ = ["scene"]
ROOM = "早安面包房"


async def asked(scene: Scene, text: str, room: str | None = None, who: str = "店长") -> list[tuple[str, str]]:
    """Whom the bot told what."""
    house = scene.house
    before = len(house.sent)
    await house.say(who, text, room)
    while house.community.background:
        await asyncio.wait(house.community.background)
    await house.settled()
    return [(one.to, one.text) for one in house.sent[before:]]


@pytest.fixture
async def busy(scene: Scene) -> Scene:
    """A week in which something was said: a toast (7) that was liked, a course that was not."""
    await scene.house.make_staff("店长")
    room = await scene.room()
    toast, course = await scene.content("吐司新吃法"), await scene.content("烘焙课\n{{ 7*7 }}<b>\u202e", "课程")
    for day in range(4):
        await scene.post(room, -day * DAYS, toast, audience=200, replies=40)
        await scene.post(room, -day * DAYS - 5 * HOURS, course, "课程", audience=200, replies=4)
    await scene.execute("UPDATE content_use SET counted_at = 1 WHERE at < $1", scene.start - HOURS)
    await scene.says("小美", 5 * MINUTES, room=ROOM)
    return scene


async def test_the_last_days_with_numbers_and_what_is_running(busy: Scene) -> None:
    ((to, text),) = await asked(busy, "效果")
    assert to == "wx:店长"
    assert "最近 7 天：1,600 人次看到，137 人次回应（8.6%）（1 条还在算）" in text
    assert "1. 吐司新吃法：800 人次看到，121 人次回应（15.1%）" in text
    assert "- 课程：800 人次看到，16 人次回应（2.0%）" in text
    assert "12 点最好" in text
    assert "07 点最差" in text
    assert "{{ 7*7 }}<b>" in text
    assert "\u202e" not in text


async def test_in_a_room_the_room_hears_only_that_it_was_told_privately(busy: Scene) -> None:
    told = await asked(busy, "效果 30天", ROOM)
    assert [to for to, _ in told] in (["wx:店长", f"room:{ROOM}"], [f"room:{ROOM}", "wx:店长"])
    by_place = dict(told)
    assert "人次" not in by_place[f"room:{ROOM}"]
    assert by_place["wx:店长"].startswith("最近 30 天：")


async def test_by_theme_hour_room_level_and_campaign(busy: Scene) -> None:
    mei, li = await busy.people("小美", "李姐")
    campaign_id, _ = await busy.campaign()
    await busy.person(campaign_id, mei)
    await busy.person(campaign_id, li, None)
    for text, part in (
        ("效果 主题", "「早安」确实比「课程」受欢迎"),
        ("效果 时间", "12 点"),
        ("效果 群", f"{ROOM}：1,600 人次看到"),
        ("效果 等级", "无关系：1 人次看到，1 人次回应（人还少，说不准）"),
        ("效果 群发", "秋天（发给 所有人）：1 人次看到"),
        (f"效果 群发 {campaign_id}", "人太少，说不准（发了 1 人，对照 1 人）"),
        (f"效果 {ROOM}", f"最近 30 天，「{ROOM}」"),
        ("效果 主题 60天", "最近 60 天，各主题"),
    ):
        ((_, told),) = await asked(busy, text)
        assert part in told, (text, told)


async def test_one_content_by_number_or_name_with_its_bounds(busy: Scene) -> None:
    number = await busy.house.db.value("SELECT id FROM content WHERE title = '吐司新吃法'")
    await busy.execute("UPDATE content SET search = $1 WHERE id = $2", index("吐司新吃法", (), ""), number)
    for text in (f"效果 素材 {number}", "效果 素材 吐司"):
        ((_, told),) = await asked(busy, text)
        assert f"素材 {number}「吐司新吃法」用过 4 次：800 人次看到，121 人次回应（15.1%）" in told
        assert "真正的回应率多半在 13%–18% 之间" in told
        assert f"09-21 12:14 {ROOM}：200 人次看到" in told


async def test_what_is_not_there_is_said_so(busy: Scene) -> None:
    for text, part in (
        ("效果 素材 999", "没有 999 号素材"),
        ("效果 素材 没有的", "没找到叫「没有的」的素材"),
        ("效果 群发 999", "没有 999 号群发"),
        ("效果 火星群", "没找到叫「火星群」的群"),
    ):
        ((_, told),) = await asked(busy, text)
        assert part in told


async def test_members_and_their_talk_get_no_figures(busy: Scene) -> None:
    assert all("人次" not in text for _, text in await asked(busy, "效果", who="李姐"))
    for text in ("效果 很好", "效果怎么样", "效果 主题"):
        assert await asked(busy, text, ROOM, who="小美") == []
    assert await asked(busy, "效果 真不错呀", ROOM) == []  # of the team, but to the room


async def test_with_nothing_said_yet_nothing_is_made_up(scene: Scene) -> None:
    await scene.house.make_staff("店长")
    ((_, told),) = await asked(scene, "效果")
    assert told.startswith("最近 7 天，还没有能看出效果的内容")
    ((_, told),) = await asked(scene, "效果 主题")
    assert "还没有能看出效果的内容" in told
