"""素材 in chat: keeping what was said, seeing it as it will look, changing it and taking that back, and 晒单."""

from collections.abc import Sequence
from pathlib import Path

from actions.content import library
from actions.person import export, privacy
from actions.speaking import outbox
from actions.timed import nightly
from db.database import Row
from db.trade import products
from rules.messages import Act, Kind
from rules.times import DAY
from rules.trade.products import Described
from tests.house import House, Sent

ROOM = "早安面包房"
DASHES = "\n- - - - - - - - - - - - - - -\n"
PICTURE = {"kind": Kind.IMAGE, "data": {"media": "a picture", "name": "a.jpg", "size": 9}}


async def staff(house: House) -> None:
    await house.make_staff("店长")


def texts(sent: Sequence[Sent]) -> str:
    return "\n".join(one.text for one in sent)


async def item(house: House, number: int = 1) -> Row:
    row = await library.get(house.db, number)
    assert row is not None
    return row


async def why(house: House, number: int = 1) -> str:
    return await library.usable(house.db, house.community, await item(house, number), house.clock.now())


async def test_a_message_is_kept_and_placed_in_one_short_step(house: House) -> None:
    await staff(house)
    await house.say("店长", "早上好，海盐卷出炉啦\n趁热")
    asked = texts(await house.say("店长", "存素材"))
    assert "编号 1「早上好，海盐卷出炉啦」。放到「早安」" in asked
    assert await why(house) == "还没写好主题"
    assert "现在可以用了" in texts(await house.say("店长", "好"))
    row = await item(house)
    assert (row["state"], row["theme"], row["author"]) == ("ready", "早安", "staff:1")

    await house.say("店长", "今天的蛋糕卖完了")
    await house.say("店长", "存素材")
    await house.say("店长", "通知 #蛋糕 #提醒")
    assert ((await item(house, 2))["theme"], library.tags_of(await item(house, 2))) == ("通知", ["蛋糕", "提醒"])
    await house.say("店长", "今天的蛋糕卖完了")
    await house.say("店长", "存素材")
    assert "没存" in texts(await house.say("店长", "取消"))
    assert (await item(house, 3))["state"] == "retired"
    house.clock.set(house.clock.now() + DAY)
    assert "先把文字、图片、链接或小程序发给我" in texts(await house.say("店长", "存素材"))


async def test_links_mini_programs_and_pictures_are_kept_as_they_came(house: House) -> None:
    await staff(house)
    link = {"title": "面包商城", "url": "https://shop.example.com", "description": "新品", "thumbnail": ""}
    mini = {"title": "小店", "app_id": "wx1", "username": "gh_1", "page_path": "pages/index"}
    for kind, data in ((Kind.LINK, link), (Kind.MINI_PROGRAM, mini), (Kind.IMAGE, PICTURE["data"])):
        await house.say("店长", "", kind=kind, data=data)
        await house.say("店长", "存素材 新品")
    shown = [(await house.say("店长", f"素材 {number}"))[0].content for number in (1, 2, 3)]
    assert [one.act for one in shown] == [Act.LINK, Act.MINI_PROGRAM, Act.IMAGE]
    assert (shown[0].url, shown[1].page_path) == ("https://shop.example.com", "pages/index")
    assert Path(shown[2].path).read_text() == "a picture"

    house.clock.set(house.clock.now() + 400 * DAY)
    await nightly.forget_media(house.community, house.clock.now())
    assert await why(house, 3) == ""  # kept beyond media.days
    await house.say("店长", "下架素材 3")
    await nightly.forget_media(house.community, house.clock.now())
    assert not Path(shown[2].path).exists()


async def test_a_quoted_message_is_found_in_its_room(house: House) -> None:
    await staff(house)
    await house.say("店长", "周五做草莓卷", ROOM)
    await house.say("小美", "哈哈", ROOM)
    said = await house.say("店长", f"「店长：周五做草莓卷」{DASHES}存素材 新品 #草莓", ROOM)
    assert {one.to for one in said} == {"wx:店长"}  # what is thought of for later is not for the room
    assert (await item(house))["title"] == "周五做草莓卷"
    said = await house.say("店长", f"「小知：早安，今天也好好吃早饭」{DASHES}存素材 早安")
    assert "素材 2 放到「早安」" in texts(said)
    assert "转发给我" in texts(await house.say("店长", f"「小美：[图片]」{DASHES}存素材", ROOM))


async def test_every_change_can_be_seen_and_taken_back(house: House) -> None:
    await staff(house)
    await house.say("店长", "吐司切片冷冻")
    await house.say("店长", "存素材 烘焙 #吐司")
    await house.say("店长", "改素材 1 文字 {{ weekday }}，吐司记得冷冻！")
    assert (await house.say("店长", "素材 1"))[0].text == "星期一，吐司记得冷冻！"
    history = texts(await house.say("店长", "素材 历史 1"))
    assert "现在是第 3 版" in history
    assert "第 2 版 烘焙 吐司切片冷冻「吐司切片冷冻」" in history
    await house.say("店长", "撤销")
    assert (await house.say("店长", "素材 1"))[0].text == "吐司切片冷冻"
    await house.say("店长", "下架素材 1")
    assert await why(house) == "已下架"
    await house.say("店长", "撤销")
    assert await why(house) == ""
    await house.say("店长", "改素材 1 季节 12-01..02-28")
    assert await why(house) == "不当季"
    for wrong, told in (
        ("改素材 1 文字 {{ member.phone }}", "个人信息"),
        ("改素材 1 人群 买过 '", "第"),
        ("改素材 1 颜色 红", "能改的有"),
        ("改素材 1 季节 冬天", "12-01..02-28"),
        ("改素材 9 主题 早安", "没有素材 9"),
    ):
        assert told in texts(await house.say("店长", wrong))
    actions = [row["action"] for row in await house.db.all("SELECT action FROM audit ORDER BY id")]
    assert actions == ["content.keep", "content.change", "undo", "content.off", "undo", "content.change"]


async def test_the_library_is_listed_and_searched(house: House) -> None:
    await staff(house)
    assert "素材库还是空的" in texts(await house.say("店长", "素材"))
    for text, place in (("北海道吐司怎么存", "烘焙 #吐司"), ("第一炉可颂", "早安 #可颂")):
        await house.say("店长", text)
        await house.say("店长", f"存素材 {place}")
    overview = texts(await house.say("店长", "素材"))
    assert "能用的有 2 条" in overview
    assert "烘焙 1" in overview
    assert "2 第一炉可颂（早安·文字）" in texts(await house.say("店长", "素材 列表 早安"))
    for query in ("吐司", "tusi", "ts", "北海道 hongbei"):
        found = texts(await house.say("店长", f"素材 搜索 {query}"))
        assert "1 北海道吐司怎么存" in found
        assert "可颂" not in found
    assert "1 北海道吐司怎么存" in texts(await house.say("店长", "素材 吐司"))
    assert "这样改" in texts(await house.say("店长", "改素材 1"))
    assert "下架了" in texts(await house.say("店长", "素材 下架 2"))
    assert "没有找到「饺子」" in texts(await house.say("店长", "素材 搜索 饺子"))
    assert texts(await house.say("小美", "素材 搜索 吐司")) == texts(
        await house.say("小强", "素材 搜索 吐司")
    )  # no staff
    assert "找到" not in texts(await house.say("小美", "素材 搜索 吐司"))


async def test_goods_are_out_of_stock_by_word_of_the_team(house: House) -> None:
    await staff(house)
    told = {"B1": Described(1, "全麦吐司"), "B2": Described(1, "无糖吐司")}
    await house.db.write(lambda tx: products.describe(tx, "mall", told, 1))
    await house.say("店长", "全麦吐司最香")
    await house.say("店长", "存素材 新品")
    await house.say("店长", "改素材 1 商品 全麦吐司")
    assert "是哪一个？" in texts(await house.say("店长", "商品 缺货 吐司"))
    assert "「全麦吐司」记为缺货" in texts(await house.say("店长", "商品 缺货 全麦吐司"))
    assert await why(house) == "商品缺货"
    await house.say("店长", "撤销")
    assert await why(house) == ""


async def show(house: House) -> None:
    """小美, a friend, shows what she bought."""
    await house.say("小美", "你好")
    await house.say("小美", "面包太好吃了宝宝吃了两个", ROOM)
    await house.say("小美", "", ROOM, **PICTURE)


async def test_a_show_is_offered_once_and_used_only_when_the_member_agrees(house: House) -> None:
    await staff(house)
    await show(house)
    assert "小美在群里晒单了" in texts(house.sent)
    assert await why(house) == "会员晒的，等您采用"
    assert "1 面包太好吃了宝宝吃了两个（会员晒单·图片）" in texts(await house.say("店长", "素材 晒单"))
    said = await house.say("店长", "采用晒单 1")
    assert [one.to for one in said if "回复「同意晒单」" in one.text] == ["wx:小美"]
    assert await why(house) == "等会员同意"
    assert "会员晒的" not in texts(await house.say("店长", "上架素材 1"))
    assert await why(house) == "等会员同意"  # nobody of the team can agree for her
    assert "署上「小美妈妈」" in texts(await house.say("小美", "同意晒单 署名 小美妈妈"))
    assert await why(house) == ""
    values = {"name": "{{ 7 * 7 }}"}
    said_so = library.pieces(house.community, await item(house), values, audience="room")
    assert said_so[0].text == "面包太好吃了宝宝吃了两个\n—— 小美妈妈的晒单"
    assert Path(said_so[1].path).read_text() == "a picture"

    house.clock.set(house.clock.now() + DAY)
    await show(house)  # remembered: the next one needs no question
    said = await house.say("店长", "采用晒单 2")
    assert {one.to for one in said} == {"wx:店长"}
    assert await why(house, 2) == ""
    assert (await item(house, 2))["author"] == "小美妈妈"

    await house.say("小美", "撤回晒单")
    assert await why(house, 1) == await why(house, 2) == "会员不同意"
    await house.db.write(lambda tx: tx.execute("UPDATE content SET state = 'ready'"))
    assert await why(house, 1) == "会员没有同意公开"  # whatever the item says, the consent is asked
    house.clock.set(house.clock.now() + DAY)
    await show(house)
    assert await house.db.value("SELECT COUNT(*) FROM content") == 2  # nothing is offered of who said no


async def test_she_is_asked_once_whatever_she_shows(house: House) -> None:
    await staff(house)
    await show(house)
    await house.say("店长", "采用晒单 1")
    house.clock.set(house.clock.now() + DAY)
    await show(house)
    await house.say("店长", "采用晒单 2")
    assert sum("回复「同意晒单」" in one.text for one in house.sent) == 1
    await house.say("小美", "同意晒单 匿名")
    assert await why(house, 1) == await why(house, 2) == ""
    said = library.pieces(house.community, await item(house, 2), {}, audience="room")
    assert said[0].text.endswith("—— 一位会员的晒单")


async def test_what_a_member_said_is_theirs_however_it_is_kept(house: House) -> None:
    """存素材 on a member's message asks them, too; braces in their words are only words; a recall counts."""
    await staff(house)
    await house.say("小美", "你好")
    await house.say("小美", "你们家的 {{ phone }} 吐司绝了 13812345678", ROOM, id="said")
    said = await house.say("店长", f"「小美：你们家的 {{{{ phone }}}} 吐司绝了 13812345678」{DASHES}存素材", ROOM)
    assert "已经问小美" in texts(said).replace(" ", "")
    await house.say("小美", "同意晒单")
    (piece,) = library.pieces(house.community, await item(house), {}, audience="room")
    assert piece.text == "你们家的 {{ phone }} 吐司绝了 138****5678\n—— 小美的晒单"
    await house.say("小美", "", ROOM, kind=Kind.RECALL, data={"of": "said"})
    assert await why(house) == "会员撤回了"


async def _said(house: House) -> None:
    """Their words are said in a room, without their name."""
    words = library.pieces(house.community, await item(house), {}, audience="room")[0]
    assert "小美" not in words.text
    await house.db.write(
        lambda tx: outbox.to_room(
            tx, house.community, 1, words, house.clock.now(), purpose="post", key="slot:1:0", reason="", content_id=1
        )
    )
    await house.settled()


async def test_a_member_sees_and_erases_what_was_kept_of_them(house: House) -> None:
    await staff(house)
    await show(house)
    await house.say("店长", "采用晒单 1")
    await house.say("小美", "同意晒单 匿名")
    assert "面包太好吃了" in texts(await house.say("店长", "素材 1"))
    await _said(house)
    member_id = await house.member("小美")
    shown = await export.gather(house.db, member_id, "Asia/Shanghai")
    assert [row["title"] for row in shown["content"]] == ["面包太好吃了宝宝吃了两个"]
    path = Path(library.pieces(house.community, await item(house), {}, audience="room")[1].path)
    sent = await house.say("小美", "我的数据")
    assert [Path(one.content.path).read_text() for one in sent if one.content.act is Act.IMAGE] == ["a picture"]
    await house.db.write(lambda tx: privacy.erase(tx, house.community, member_id, house.clock.now()))
    await house.settled()
    assert not path.exists()
    row = await item(house)
    assert await house.db.value("SELECT COUNT(*) FROM outbox WHERE content LIKE '%面包太好吃了%'") == 0
    assert (row["body"], row["title"], row["author"], row["search"], row["state"]) == ("{}", "", "", "", "retired")
    assert await house.db.value("SELECT COUNT(*) FROM content_version") == 0
    assert await library.find(house.db, "面包", 5) == []
    assert "没有素材 1" in texts(await house.say("店长", "素材 1"))


async def test_words_of_somebody_else_that_are_not_found_are_not_kept_as_our_own(house: House) -> None:
    """They may be a member's, of long ago: nobody could ask them, and an erasure would not find them."""
    await staff(house)
    await house.say("店长", "早", ROOM)
    said = await house.say("店长", f"「小美：去年说过的好话」{DASHES}存素材", ROOM)
    assert "没找到引用的那条" in texts(said)
    assert await house.db.value("SELECT COUNT(*) FROM content") == 0
    await house.say("店长", f"「店长：我去年说过的好话」{DASHES}存素材", ROOM)
    assert "我去年说过的好话" in (await item(house))["body"]
