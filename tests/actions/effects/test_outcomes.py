"""What came of it: replies, openings and orders, each credited once, in their window, and right under refunds."""

from actions.effects import responses
from actions.effects.outcomes import refresh
from tests.actions.effects.scene import DAYS, HOURS, MINUTES, Scene

ROOM = "早安面包房"


async def counted(scene: Scene, at: int, *, refunds: bool = False) -> int:
    """Count as if it were `at` after the start; how many are final now."""
    scene.house.clock.set(scene.start + at)
    return (await refresh(scene.house.community, scene.start + at, refunds=refunds)).final


async def test_who_answers_in_the_room_within_the_window_is_counted_once(scene: Scene) -> None:
    use = await scene.post(await scene.room())
    await scene.says("小美", 5 * MINUTES, room=ROOM)
    await scene.says("小美", 6 * MINUTES, room=ROOM)
    await scene.says("阿强", 119 * MINUTES, room=ROOM)
    await scene.says("老王", 121 * MINUTES, room=ROOM)  # too late
    await scene.says("李姐", 7 * MINUTES)  # privately
    await scene.says("李姐", 8 * MINUTES, room="别的群")
    await counted(scene, 3 * HOURS)
    assert await scene.figures(use) == {"audience": 3, "replies": 2, "clicks": 0, "orders": 0, "money": 0}


async def test_the_team_does_not_answer_itself(scene: Scene) -> None:
    await scene.house.make_staff("阿强")
    use = await scene.post(await scene.room())
    await scene.says("阿强", 5 * MINUTES, room=ROOM)
    await counted(scene, 3 * HOURS)
    assert (await scene.figures(use))["replies"] == 0
    assert (await scene.figures(use))["audience"] == 2


async def test_a_word_answers_the_last_post_before_it_alone(scene: Scene) -> None:
    room = await scene.room()
    first, second = await scene.post(room), await scene.post(room, 30 * MINUTES)
    await scene.says("小美", 10 * MINUTES, room=ROOM)
    await scene.says("小美", 40 * MINUTES, room=ROOM)
    await scene.says("阿强", 41 * MINUTES, room=ROOM)
    await counted(scene, 3 * HOURS)
    assert [(await scene.figures(use))["replies"] for use in (first, second)] == [1, 2]


async def test_a_post_that_never_left_has_no_answers(scene: Scene) -> None:
    room, account_id = await scene.room(), 1
    for number, state in enumerate(("dropped", "failed", "due")):
        await scene.insert(
            "outbox", key=f"post{number}", account_id=account_id, room_id=room, purpose="post", content="{}",
            state=state, created_at=scene.start, not_before=scene.start,
        )  # fmt: skip
    uses = [await scene.post(room, outbox_key=f"post{number}") for number in range(3)]
    await scene.says("小美", 5 * MINUTES, room=ROOM)
    await scene.buys(await scene.house.member("小美"), HOURS)
    await counted(scene, 3 * HOURS)
    for use in uses:
        assert await scene.figures(use) == {"audience": 0, "replies": 0, "clicks": 0, "orders": 0, "money": 0}


async def test_openings_count_people_and_of_a_rooms_link_each_opening(scene: Scene) -> None:
    room = await scene.room()
    use = await scene.post(room)
    await scene.opens(MINUTES, room_id=room, use_id=use)
    await scene.opens(2 * MINUTES, room_id=room, use_id=use)
    member_id = await scene.house.member("小美")
    await scene.opens(3 * MINUTES, member_id=member_id, use_id=use)
    await scene.opens(4 * MINUTES, member_id=member_id, use_id=use)
    await scene.opens(8 * DAYS, member_id=await scene.house.member("阿强"), use_id=use)  # too late
    await scene.execute("INSERT INTO click (link_id, at, machine) SELECT id, $1, 1 FROM short_link", scene.start + 5)
    await counted(scene, 9 * DAYS)
    assert (await scene.figures(use))["clicks"] == 3


async def test_an_order_is_credited_once_to_the_last_thing_seen(scene: Scene) -> None:
    room, (mei, qiang, wang, li) = await scene.room(), await scene.people("小美", "阿强", "老王", "李姐")
    post = await scene.post(room)
    campaign_id, campaign = await scene.campaign(HOURS)
    await scene.person(campaign_id, mei, HOURS)
    await scene.person(campaign_id, li, HOURS)
    await scene.buys(mei, 2 * HOURS, 1000)  # after the campaign
    await scene.buys(qiang, 2 * HOURS, 200)  # after the post
    await scene.buys(li, 2 * HOURS, 40)  # not in the room
    await scene.opens(3 * HOURS, room_id=room, use_id=post)
    await scene.sent(wang, 3 * HOURS, "推荐")
    await scene.buys(wang, 4 * HOURS, 8)  # after an offer that is no campaign's
    await scene.buys(wang, -MINUTES, 5)  # before anything
    await scene.buys(mei, 9 * DAYS, 3)  # long after
    await counted(scene, 10 * DAYS)
    assert [(one["orders"], one["money"]) for one in (await scene.figures(post), await scene.figures(campaign))] == [
        (1, 200),
        (2, 1040),
    ]


async def test_what_was_opened_last_is_what_was_seen_last(scene: Scene) -> None:
    room, (mei,) = await scene.room(), await scene.people("小美")
    campaign_id, campaign = await scene.campaign()
    await scene.person(campaign_id, mei)
    post = await scene.post(room, HOURS)
    await scene.opens(2 * HOURS, member_id=mei, campaign_id=campaign_id)
    await scene.buys(mei, 3 * HOURS)
    await counted(scene, 4 * HOURS)
    assert (await scene.figures(post))["orders"] == 0
    assert (await scene.figures(campaign)) == {"audience": 1, "replies": 0, "clicks": 1, "orders": 1, "money": 1000}


async def test_refunds_come_off_also_after_the_figures_are_final(scene: Scene) -> None:
    room, (mei, qiang) = await scene.room(), await scene.people("小美", "阿强")
    use = await scene.post(room)
    first, second = await scene.buys(mei, HOURS, 1000), await scene.buys(qiang, HOURS, 500)
    await scene.sends_back(first, 2 * HOURS, 300)
    assert await counted(scene, 3 * HOURS) == 0
    assert (await scene.figures(use))["money"] == 1200
    assert await counted(scene, 8 * DAYS) == 1
    await scene.sends_back(second, 9 * DAYS)
    await counted(scene, 9 * DAYS, refunds=True)
    figures = await scene.figures(use)
    assert (figures["orders"], figures["money"]) == (1, 700)


async def test_figures_run_until_the_window_is_over_and_stay_then(scene: Scene) -> None:
    use = await scene.post(await scene.room())
    assert await counted(scene, 6 * DAYS) == 0
    assert await counted(scene, 7 * DAYS) == 1
    assert await counted(scene, 8 * DAYS) == 0
    await scene.says("小美", 5 * MINUTES, room=ROOM)  # told late by the network
    await counted(scene, 9 * DAYS, refunds=True)
    assert (await scene.figures(use))["replies"] == 0


async def test_a_campaign_is_counted_from_when_each_got_it_and_ends_after_the_last(scene: Scene) -> None:
    mei, li = await scene.people("小美", "李姐")
    campaign_id, use = await scene.campaign(window_days=2)
    await scene.person(campaign_id, mei)
    await scene.person(campaign_id, li, 2 * DAYS)
    await scene.says("小美", 25 * HOURS)  # too late for an answer
    await scene.says("李姐", 2 * DAYS + HOURS)
    await scene.buys(li, 3 * DAYS, 700)
    await scene.buys(mei, 3 * DAYS, 90)  # two days after hers were over
    assert await counted(scene, 3 * DAYS) == 0
    await scene.execute("UPDATE campaign SET state = 'finished', state_at = $1", scene.start + 2 * DAYS)
    assert await counted(scene, 4 * DAYS - 1) == 0
    assert await counted(scene, 4 * DAYS) == 1
    assert await scene.figures(use) == {"audience": 2, "replies": 1, "clicks": 0, "orders": 1, "money": 700}


async def test_a_word_answers_the_last_offer_before_it_alone(scene: Scene) -> None:
    (mei,) = await scene.people("小美")
    uses = []
    for at in (0, HOURS):
        campaign_id, use = await scene.campaign(at)
        await scene.person(campaign_id, mei, at)
        uses.append(use)
    await scene.says("小美", 2 * HOURS)
    await counted(scene, 3 * HOURS)
    assert [(await scene.figures(use))["replies"] for use in uses] == [0, 1]
    (level,) = await responses.by_level(scene.house.community, scene.start, scene.start + 3 * HOURS)
    assert (level.reached, level.answered) == (2, 1)


async def test_merged_people_are_one(scene: Scene) -> None:
    mei, li = await scene.people("小美", "李姐")
    use = await scene.post(await scene.room())
    await scene.says("小美", 5 * MINUTES, room=ROOM)
    await scene.execute("UPDATE member SET merged_into_id = $1 WHERE id = $2", mei, li)
    account = await scene.house.db.value("SELECT MIN(id) FROM account")
    await scene.insert(
        "interaction", at=scene.start + 6 * MINUTES, ext_id="x", scope=await scene.room(), account_id=account,
        room_id=await scene.room(), member_id=li, kind="text", text="好", heard_at=scene.start,
    )  # fmt: skip
    await counted(scene, 3 * HOURS)
    assert (await scene.figures(use))["replies"] == 1
