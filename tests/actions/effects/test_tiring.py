"""审美疲劳 is told to the team once, in the morning, with what to do instead."""

from actions.effects import tiring
from tests.actions.effects.scene import DAYS, HOURS, Scene


async def said(scene: Scene, room_id: int, theme: str, days: range, answered: int) -> None:
    rows = [(room_id, theme, scene.start + day * DAYS, answered) for day in days]
    await scene.house.db.write(
        lambda tx: tx.many(
            "INSERT INTO content_use (content_id, room_id, theme, at, audience, replies, counted_at)"
            " VALUES (1, $1, $2, $3, 200, $4, 1)",
            rows,
        )
    )


async def test_a_theme_that_wears_off_is_told_once_with_what_goes_better(scene: Scene) -> None:
    house, room = scene.house, await scene.room()
    await house.make_staff("店长")
    await said(scene, room, "早安", range(20), 30)
    await said(scene, room, "早安", range(20, 32), 10)
    await said(scene, room, "晒单", range(10, 30, 3), 40)
    await said(scene, room, "课程", range(0, 30), 12)  # steady
    del house.sent[:]
    night = scene.start + 32 * DAYS + 15 * HOURS  # half past three in the morning
    house.clock.set(night)
    assert await tiring.nightly(house.community, night) == "1 个主题看腻了"
    assert await tiring.nightly(house.community, night + 1) == ""
    await house.settled_now()
    assert house.sent == []
    house.clock.set(night + 6 * HOURS)
    await house.settled_now()
    (told,) = house.sent
    assert told.text == (
        "「早安面包房」看腻了「早安」：10月11日起的 12 条，回应从 15.0% 掉到 5.0%。"
        "歇一两周，先换成「晒单」（这里 20.0%）"
    )
    (shown,) = await tiring.tired(house.community, night)  # 效果 goes on showing it
    assert shown.theme == "早安"
    await said(scene, room, "早安", range(33, 40), 10)  # as low as before: nothing new
    assert await tiring.nightly(house.community, night + 10 * DAYS) == ""


async def test_a_new_fall_after_it_recovered_is_told_again(scene: Scene) -> None:
    house, room = scene.house, await scene.room()
    await house.make_staff("店长")
    await said(scene, room, "早安", range(20), 30)
    await said(scene, room, "早安", range(20, 32), 10)
    assert await tiring.nightly(house.community, scene.start + 32 * DAYS)
    await said(scene, room, "早安", range(46, 60), 28)
    assert await tiring.nightly(house.community, scene.start + 60 * DAYS) == ""
    await said(scene, room, "早安", range(60, 72), 8)
    assert await tiring.nightly(house.community, scene.start + 72 * DAYS)


async def test_without_anything_better_no_theme_is_named(scene: Scene) -> None:
    room = await scene.room()
    await said(scene, room, "{{ 7*7 }}\u202e", range(20), 30)
    await said(scene, room, "{{ 7*7 }}\u202e", range(20, 32), 10)
    (one,) = await tiring.tired(scene.house.community, scene.start + 32 * DAYS)
    words = tiring.in_words(scene.house.community, one)
    assert "或换个主题试试" in words
    assert "{{ 7*7 }}" in words
    assert "49" not in words
