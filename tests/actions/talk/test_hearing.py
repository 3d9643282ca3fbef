"""Promises 14 and 30, and the profile: everything heard is on it, once."""

from db.talk import interactions, people
from rules.messages import Kind
from tests.house import House


async def test_what_is_said_is_an_interaction_on_the_profile(house: House) -> None:
    await house.say("小美", "今天的吐司真香")
    await house.say("小美", "明天还有吗", "早安面包房")
    member = await house.member("小美")
    recent = await interactions.recent(house.db, member)
    assert [row["text"] for row in recent] == ["明天还有吗", "今天的吐司真香"]
    activity = await people.activity(house.db, member)
    assert activity is not None
    assert activity["interactions"] == 2


async def test_a_message_delivered_again_counts_once(house: House) -> None:
    event = house.event("小美", "签到")
    await house.hear(event, event)
    await house.hear(event)
    assert await house.db.value("SELECT COUNT(*) FROM interaction") == 1


async def test_a_repeat_after_a_restart_counts_once(house: House) -> None:
    event = house.event("小美", "你好")
    await house.hear(event)
    await house.restart()
    await house.hear(event)
    assert await house.db.value("SELECT COUNT(*) FROM interaction") == 1


async def test_a_group_message_that_two_accounts_hear_counts_once(house: House) -> None:
    first = house.event("小美", "大家早", "早安面包房")
    same_id = house.event("小美", "大家早", "早安面包房", account="小知二号", id=first.id)
    await house.hear(first, same_id)
    assert await house.db.value("SELECT COUNT(*) FROM interaction") == 1


async def test_a_group_message_to_which_each_account_gives_its_own_id_counts_once(house: House) -> None:
    await house.hear(house.event("小美", "早", "早安面包房", account="小知二号"))
    await house.hear(house.event("小刚", "大家早", "早安面包房"))
    copy = house.event("小刚", "大家早", "早安面包房", account="小知二号")
    await house.hear(copy)
    assert await house.db.value("SELECT COUNT(*) FROM interaction WHERE text = '大家早'") == 1


async def test_the_same_words_twice_from_one_account_are_two_messages(house: House) -> None:
    await house.hear(house.event("小刚", "哈哈", "早安面包房"), house.event("小刚", "哈哈", "早安面包房"))
    assert await house.db.value("SELECT COUNT(*) FROM interaction") == 2


async def test_what_our_own_accounts_say_is_no_members_doing(house: House) -> None:
    from rules.messages import Person

    await house.hear(house.event("小知二号", "早安", "早安面包房", person=Person("bot:小知二号", "小知二号")))
    assert await house.db.value("SELECT COUNT(*) FROM interaction") == 0


async def test_a_failing_handler_leaves_the_interaction_and_a_trouble(house: House) -> None:
    async def fails(ask: object) -> None:
        raise ValueError("boom")

    house.inbox._switchboard.events[Kind.LOCATION] = [fails]
    await house.hear(house.event("小美", kind=Kind.LOCATION), house.event("小美", "还在吗"))
    assert await house.db.value("SELECT COUNT(*) FROM interaction") == 2
    assert await house.db.value("SELECT reason FROM trouble") == "ValueError: boom"


async def test_a_recalled_message_is_marked(house: House) -> None:
    said = house.event("小美", "说错了", "早安面包房")
    await house.hear(said)
    await house.hear(house.event("小美", "", "早安面包房", kind=Kind.RECALL, data={"of": said.id}))
    assert await house.db.value("SELECT recalled_at FROM interaction WHERE text = '说错了'") is not None


async def test_a_picture_sent_privately_is_fetched_under_a_name_of_our_own(house: House) -> None:
    data = {"media": "bytes-of-it", "name": "../../etc/passwd.png", "size": 11}
    await house.hear(house.event("小美", kind=Kind.IMAGE, data=data))
    row = await house.db.one("SELECT * FROM media")
    assert row is not None
    assert row["path"] == "media/00000/1"
    assert (house.folder / row["path"]).read_text() == "bytes-of-it"


async def test_a_picture_that_is_gone_is_listed_with_the_reason(house: House) -> None:
    await house.hear(house.event("小美", kind=Kind.IMAGE, data={"media": "gone", "name": "a.png"}))
    assert await house.db.value("SELECT reason FROM media") == "the picture is gone"


async def test_a_repeat_that_the_network_dates_anew_counts_once(house: House) -> None:
    first = house.event("小美", "想加您", kind=Kind.FRIEND_REQUEST, data={"request": "f1"})
    await house.hear(first)
    house.clock.set(house.clock.now() + 5_000)
    await house.hear(house.event("小美", "想加您", kind=Kind.FRIEND_REQUEST, data={"request": "f1"}, id=first.id))
    assert await house.db.value("SELECT COUNT(*) FROM interaction") == 1


async def test_what_the_network_itself_says_is_nobodys_doing(house: House) -> None:
    from rules.messages import Person

    await house.hear(house.event("", "连接出错", kind=Kind.SYSTEM, person=Person("")))
    assert await house.db.value("SELECT COUNT(*) FROM member") == 0


async def test_an_account_that_was_taken_out_of_a_room_speaks_there_no_more(house: House) -> None:
    from rules.messages import Person

    await house.say("小美", "早", "早安面包房")
    await house.say("小刚", "早呀", "早安面包房", account="小知二号")
    gone = house.event("", "", "早安面包房", kind=Kind.LEAVE, person=Person("bot:小知"), own=True)
    await house.hear(gone)
    room = next(iter(house.community.directory.rooms_by_id.values()))
    speaker = house.community.directory.speaker(room)
    assert speaker is not None
    assert house.community.directory.accounts[speaker].name == "小知二号"
    assert await house.db.value("SELECT speaker_id FROM room") is None  # nor after a restart
