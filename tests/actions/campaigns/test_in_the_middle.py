"""What happens while a campaign is on its way: a stop, a refusal, a doubt, a fault of one of several."""

import json
from datetime import date

import pytest

from actions.campaigns.tally import tally, wrong
from rules.errors import SendError
from rules.messages import Act, Outgoing
from rules.times import DAY, HOUR, MINUTE, at_local
from tests.handlers.staff.test_campaigns import PEOPLE, content, shop, sql, texts
from tests.house import House, StageChannel

__all__ = ["shop"]  # the fixture
EVENING = date(2026, 9, 21)


async def on(house: House, ms: int) -> None:
    house.clock.set(house.clock.now() + ms)
    house.community.feed()
    await house.settled_now()


def members_heard(house: House) -> list[str]:
    return [one.to for one in house.sent if one.to != "wx:店长" and "新品" in one.text]


async def two_pieces(house: House) -> None:
    """The first content is a text and a picture."""
    (house.folder / "a.png").write_bytes(b"png")
    body = json.dumps({"pieces": [{"act": "text", "text": "新品到了"}, {"act": "image", "path": "a.png"}]})
    if await house.db.value("SELECT COUNT(*) FROM content"):
        await sql(house, "UPDATE content SET body = $1", body)
    else:
        await content(house, "新品到了", body=body)


async def on_its_way(house: House, order: str) -> None:
    """Confirmed and begun; the network is away, so that every message waits to be tried again."""
    for channel in house.channels.values():
        channel.failures += [SendError("not connected", delivered="no") for _ in PEOPLE]
    await house.say("店长", f"群发 {order} 明天10点")
    await house.say("店长", "确认")
    await on(house, DAY)
    assert await house.db.value("SELECT COUNT(*) FROM outbox WHERE tries = 1 AND state = 'due'") == 5
    for channel in house.channels.values():
        channel.failures.clear()


@pytest.mark.parametrize("word", ["停止", "暂停"])
async def test_a_try_that_failed_is_not_repeated_once_it_was_stopped(shop: House, word: str) -> None:
    """It was on its way as staff stopped it, and came back undelivered."""
    await content(shop)
    await on_its_way(shop, "全部 素材 1")
    before = len(members_heard(shop))
    # as if the row came back a moment after the word
    await sql(shop, "UPDATE outbox SET state = 'sending' WHERE tries > 0 AND state = 'due' AND attention = 'offer'")
    await shop.say("店长", f"群发{word} 1")
    await sql(shop, "UPDATE outbox SET state = 'due' WHERE state = 'sending' AND attention = 'offer'")
    await on(shop, 10 * MINUTE)
    assert len(members_heard(shop)) == before
    if word == "暂停":
        await shop.say("店长", "群发继续 1")
        await on(shop, MINUTE)
        assert len(members_heard(shop)) == 5
    assert await wrong(shop.community, 1) == []


@pytest.mark.parametrize("order", ["关系=无关系 素材 1", "全部 素材 1"])
async def test_who_refuses_what_is_chosen_for_them_gets_nothing_that_was(shop: House, order: str) -> None:
    """Said while the row waits to be tried again; a content for some people is chosen whoever it is sent to."""
    await content(shop, audience="" if "关系" in order else "关系=无关系")
    await on_its_way(shop, order)
    await shop.say("小美", "关闭个性化推荐")
    await on(shop, 10 * MINUTE)
    assert sorted(members_heard(shop)) == sorted(f"wx:{who}" for who in PEOPLE if who != "小美")
    assert (await tally(shop.community, 1)).unsent == {"关闭了个性化": 1}


async def test_a_picture_follows_its_text_however_it_is_known_that_it_arrived(shop: House) -> None:
    await two_pieces(shop)
    for channel in shop.channels.values():
        channel.failures += [SendError("no answer", delivered="unknown") for _ in PEOPLE]
    await shop.say("店长", "群发 全部 素材 1 明天10点")
    await shop.say("店长", "确认")
    await on(shop, DAY)
    rows = await shop.db.all("SELECT * FROM outbox WHERE state = 'unconfirmed' AND attention = 'offer' ORDER BY id")
    assert len(rows) == 5
    for channel in shop.channels.values():
        channel.failures.clear()
    to = [await shop.db.value("SELECT ext_id FROM identity WHERE id = $1", row["identity_id"]) for row in rows]
    account = shop.community.directory.accounts[rows[1]["account_id"]].name
    await shop.say("店长", f"已发 {rows[0]['id']}")
    await shop.hear(shop.event("我", "新品到了", account=account, own=True, person=None, data={"to": to[1]}))
    await shop.say("店长", f"作废 {rows[2]['id']}")
    await on(shop, MINUTE)
    assert [one.to for one in shop.sent if one.content.act is Act.IMAGE] == to[:2]
    called_back = await shop.db.value("SELECT state FROM outbox WHERE key = $1", f"{rows[2]['key']}:1")
    assert called_back == "dropped"


async def test_the_rest_of_a_message_on_which_the_night_fell_waits_until_the_morning(shop: House) -> None:
    await two_pieces(shop)
    await shop.say("店长", "群发 全部 素材 1 明天10点")
    await shop.say("店长", "确认")
    shop.clock.set(at_local(EVENING, 21 * 60 + 59, "Asia/Shanghai") + 50_000)
    await sql(shop, "UPDATE campaign SET starts_at = $1", shop.clock.now())
    send, refused = StageChannel.send, []

    async def no_pictures(channel: StageChannel, to: str, said: Outgoing) -> str:
        if said.act is Act.IMAGE:
            refused.append(to)
            raise SendError("busy", delivered="no")
        return await send(channel, to, said)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StageChannel, "send", no_pictures)
        await on(shop, 0)
    assert len(members_heard(shop)) == len(refused) == 5
    await on(shop, MINUTE)
    assert Act.IMAGE not in {one.content.act for one in shop.sent}
    await on(shop, 10 * HOUR)
    assert [one.content.act for one in shop.sent].count(Act.IMAGE) == 5


async def test_one_that_cannot_be_planned_is_called_off_and_the_others_go_on(shop: House) -> None:
    """The content's people can't be read any more: a word of its condition was taken out of the settings."""
    await content(shop)
    await sql(shop, "UPDATE content SET audience = '不再有的条件=甲'")
    assert "不再有的条件" in texts(await shop.say("店长", "群发 全部 素材 1"))
    columns = "name, content_id, audience, state, made_at, starts_at, expires_at, staff_id"
    await sql(
        shop,
        f"INSERT INTO campaign ({columns}) SELECT name, content_id, audience, 'planning', made_at, starts_at,"
        " expires_at, staff_id FROM campaign",
    )  # cut off by a kill
    await content(shop, "新品二号到了")
    await shop.say("店长", "群发 全部 素材 2 明天10点")
    await shop.say("店长", "群发确认")
    await on(shop, DAY)
    states = await shop.db.all("SELECT state FROM campaign ORDER BY id")
    assert [row["state"] for row in states] == ["discarded", "discarded", "finished"]
    assert "没排成" in texts(shop.sent)
    assert len(members_heard(shop)) == 5
