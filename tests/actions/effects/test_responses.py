"""Responses by what they have in common; the figures are those of the uses, and private offers beside them."""

from actions.effects import responses
from actions.effects.outcomes import refresh
from rules.effects.response import Response, apart, grouped, in_words
from tests.actions.effects.scene import DAYS, HOURS, MINUTES, Scene

ROOM = "早安面包房"


async def test_by_content_theme_hour_room_campaign_and_level(scene: Scene) -> None:
    community, room = scene.house.community, await scene.room()
    mei, qiang, li = await scene.people("小美", "阿强", "李姐")
    toast, course = await scene.content("吐司新吃法"), await scene.content("<script>烘焙课{{ 7*7 }}", "课程")
    await scene.post(room, 0, toast, "早安")
    await scene.post(room, 6 * HOURS, course, "课程")
    campaign_id, _ = await scene.campaign(HOURS, content_id=toast)
    await scene.person(campaign_id, mei, HOURS)
    await scene.person(campaign_id, li, HOURS)
    await scene.sent(qiang, 2 * HOURS, "推荐")
    await scene.execute("INSERT INTO standing (member_id, level) VALUES ($1, 'weak')"
                        " ON CONFLICT (member_id) DO UPDATE SET level = 'weak'", li)  # fmt: skip
    await scene.says("小美", 5 * MINUTES, room=ROOM)
    await scene.says("李姐", 2 * HOURS)
    await scene.says("阿强", 3 * HOURS)
    await scene.buys(qiang, 4 * HOURS, 900)
    now = scene.start + 7 * HOURS
    await refresh(community, now)
    since, until = scene.start - DAYS, now

    best = await responses.best_content(community, since, until)
    assert {(one.label, one.answered, one.reached, one.running) for one in best} == {
        ("吐司新吃法", 2, 5, 2),
        ("<script>烘焙课{{ 7*7 }}", 0, 3, 1),
    }
    themes = {one.label: one for one in await responses.by_theme(community, since, until)}
    assert (themes["早安"].answered, themes["课程"].answered, themes["团购"].answered) == (1, 0, 1)
    assert (themes["推荐"].reached, themes["推荐"].answered) == (1, 1)
    assert (themes["推荐"].orders, themes["推荐"].money) == (1, 900)
    hours = {one.label: one for one in await responses.by_hour(community, since, until)}
    assert (hours["12 点"].reached, hours["13 点"].reached, hours["14 点"].reached, hours["18 点"].reached) == (
        3,
        2,
        1,
        3,
    )
    (of_room,) = await responses.by_room(community, since, until)
    assert (of_room.label, of_room.uses, of_room.replies) == (ROOM, 2, 1)
    assert {one.label for one in await responses.of_room(community, room, since, until)} == {"早安", "课程"}
    (of_campaign,) = await responses.by_campaign(community, since, until)
    assert (of_campaign.label, of_campaign.reached, of_campaign.answered) == ("秋天（发给 所有人）", 2, 1)
    levels = {one.label: (one.reached, one.answered) for one in await responses.by_level(community, since, until)}
    assert levels == {"弱关系": (1, 1), "无关系": (2, 1)}
    whole, last = await responses.of_content(community, course)
    assert (whole.uses, whole.reached, last[0].label) == (1, 3, f"09-21 18:14 {ROOM}")
    assert await responses.by_theme(community, now, now + DAYS) == []


def test_one_lucky_post_of_a_small_room_is_not_the_best_of_all() -> None:
    lucky = Response("小群", 1, 3, answered=3)
    solid = Response("大群", 20, 2000, answered=1500)
    assert [one.label for one in grouped([lucky, solid])] == ["大群", "小群"]
    assert "说不准" in in_words(lucky)
    assert "说不准" not in in_words(solid)
    assert not apart(lucky, Response("旧", 9, 900, answered=9))
    assert apart(solid, Response("旧", 9, 900, answered=9))


def test_what_belongs_together_is_added_up() -> None:
    ones = [Response("a", 1, 10, 1, 2, 2, 1, 100, 1), Response("b", 1, 5), Response("a", 1, 20, 3, 1, 3, 0, 0, 0)]
    (first, _) = grouped(ones)
    assert first == Response("a", 2, 30, 4, 3, 5, 1, 100, 1)
    assert in_words(Response("", 9, 1200, 80, 40, 90, 6, 48_000)) == (
        "1,200 人次看到，90 人次回应（7.5%），打开 40，成交 6 单 480 元"
    )
