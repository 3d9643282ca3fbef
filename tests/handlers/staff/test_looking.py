"""What staff look at: a profile, the day, the accounts, the list of a room."""

import csv
import io

from actions import staff
from actions.person import consent, privacy
from channels.base import Link
from db.database import Tx
from db.speaking import outbox
from db.voices import feedback
from rules.messages import Act, Kind
from tests.house import NOON, House

ROOM = "早安面包房"
MINUTE = 60_000


async def test_a_profile_asked_for_in_a_room_is_sent_privately_only(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "想要全麦吐司", ROOM)
    await house.say("店长", "加标签 小美 人生阶段:宝妈")
    sent = await house.say("店长", "看 @小美", ROOM)
    private = [one for one in sent if one.to == "wx:店长"]
    public = [one for one in sent if one.to == f"room:{ROOM}"]
    assert len(private) == 1
    assert "全麦吐司" in private[0].text
    assert all("全麦" not in one.text and "宝妈" not in one.text and "积分" not in one.text for one in public)
    assert "已私发" in public[0].text or "私聊" in public[0].text


async def test_a_profile_shows_what_is_known(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "早上好", ROOM)
    house.clock.set(NOON + 60 * MINUTE)
    await house.hear(house.event("小美", "", ROOM, kind=Kind.IMAGE, data={"media": "m1", "name": "a.jpg"}))
    await house.say("小美", "我的电话 13812345678")
    member_id = await house.member("小美")
    now = house.clock.now()
    await house.db.write(
        lambda tx: tx.insert(
            "INSERT INTO feedback (member_id, interaction_id, kind, text, at)"
            " VALUES ($1, 1, 'complaint', '太甜了', $2)",
            member_id, now,
        )
    )  # fmt: skip
    await house.db.write(
        lambda tx: consent.record(tx, house.community, member_id, "marketing", "refused", "chat", None, now)
    )
    await house.say("店长", "发积分 小美 50 分享")
    await house.say("店长", "加标签 小美 人生阶段:宝妈 爱吃甜")
    (sent,) = await house.say("店长", "看 小美")
    code = await house.db.value("SELECT code FROM member WHERE id = $1", member_id)
    for part in (code, "积分 50", "互动 3 次", "文字 2", "图片 1", ROOM, "人生阶段:宝妈", "爱吃甜", "投诉", "太甜了",
                 "活动推荐拒绝", "早上好", "12:13", "13:13"):  # fmt: skip
        assert part in sent.text, part
    assert "13812345678" not in sent.text
    assert "138****5678" in sent.text


async def test_a_profile_lists_what_waits_for_the_team_by_its_kind(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "早上好", ROOM)
    member_id, now = await house.member("小美"), house.clock.now()

    async def add(tx: Tx, kind: str, text: str, source: str, state: str) -> None:
        number = await feedback.add(tx, member_id, 1, None, kind, text, now, source=source)
        await feedback.change(tx, number, {"state": state})

    for kind, text, source, state in (
        ("show", "晒一晒蛋糕", "command", "new"),
        ("complaint", "送错口味", "words", "answered"),
        ("praise", "真好吃呀", "words", "new"),
        ("unsure", "好像有点贵", "words", "new"),
    ):
        await house.db.write(lambda tx, one=(kind, text, source, state): add(tx, *one))  # type: ignore[misc]
    (sent,) = await house.say("店长", "看 小美")
    waiting = sent.text.partition("待处理：")[2].partition("最近互动")[0]
    assert "晒单（" in waiting
    assert "投诉（" in waiting  # answered is not yet settled
    assert "真好吃呀" not in waiting
    assert "好像有点贵" not in waiting


async def test_looking_at_a_profile_is_in_the_audit_log(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "早", ROOM)
    await house.say("店长", "看 小美")
    row = await house.db.one("SELECT actor, action, object FROM audit")
    assert row is not None
    assert tuple(row) == ("staff:1", "view", f"member:{await house.member('小美')}")


async def test_only_ten_of_many_interactions_are_shown(house: House) -> None:
    await house.make_staff("店长")
    for number in range(15):
        await house.say("小美", f"第{number}句", ROOM)
    (sent,) = await house.say("店长", "看 小美")
    assert sent.text.count("句") == 10
    assert "第14句" in sent.text
    assert "第4句" not in sent.text
    assert "文字 15" in sent.text


async def test_today_counts_what_happened_on_this_business_day(house: House) -> None:
    await house.make_staff("店长")
    await house.say("昨天的人", "早", ROOM)
    house.clock.set(NOON + 13 * 60 * MINUTE)  # past midnight in Shanghai
    await house.say("小美", "签到", ROOM)
    await house.hear(house.event("小美", "", ROOM, kind=Kind.LEAVE))
    await house.say("店长", "发积分 小美 50 分享")
    (sent,) = await house.say("店长", "今日")
    assert "9月22日" in sent.text
    assert "新朋友 1，入群 0，退群 1" in sent.text
    assert "签到 1，发出积分 55" in sent.text
    assert "2 个都在线" in sent.text


async def test_points_that_were_taken_back_are_not_counted_today(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "早", ROOM)
    await house.say("店长", "发积分 小美 50 分享")
    await house.say("店长", "扣积分 小美 20 重复领取")
    await house.say("店长", "撤销")
    (sent,) = await house.say("店长", "今日")
    assert "发出积分 50" in sent.text
    await house.say("店长", "发积分 小美 30 分享")
    await house.say("店长", "撤销")
    (sent,) = await house.say("店长", "今日")
    assert "发出积分 50" in sent.text


async def test_a_profile_is_found_without_a_space_when_it_is_a_name(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "早", ROOM)
    (sent,) = await house.say("店长", "看小美")
    assert "小美" in sent.text
    assert await house.db.value("SELECT COUNT(*) FROM audit WHERE action = 'view'") == 1
    for one in await house.say("店长", "看天气"):
        assert "没找到" not in one.text
    assert await house.db.value("SELECT COUNT(*) FROM audit WHERE action = 'view'") == 1


async def test_today_asked_in_a_room_is_told_privately(house: House) -> None:
    await house.make_staff("店长")
    sent = await house.say("店长", "今日", ROOM)
    assert [one.to for one in sent if "签到" in one.text] == ["wx:店长"]


async def test_an_unconfirmed_send_is_listed_and_settled_by_a_word(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "早", ROOM)

    async def doubt(text: str) -> int:
        now = house.clock.now()
        content = f'{{"act":"text","text":"{text}"}}'
        row_id: int = await house.db.write(
            lambda tx: outbox.put(tx, 1, content, purpose="post", now=now, room_id=1, expires_at=now + 1)
        )
        await house.db.write(lambda tx: tx.execute("UPDATE outbox SET state = 'unconfirmed' WHERE id = $1", row_id))
        return row_id

    first, second, third = await doubt("早安一"), await doubt("早安二"), await doubt("早安三")
    (sent,) = await house.say("店长", "今日")
    assert f"{first}. " in sent.text
    assert "早安一" in sent.text
    await house.say("店长", f"已发 {first}")
    resent = await house.say("店长", f"重发 {second}")
    await house.say("店长", f"作废{third}")
    states = await house.db.all("SELECT state FROM outbox WHERE purpose = 'post' ORDER BY id")
    assert [row["state"] for row in states] == ["sent", "sent", "dropped"]
    assert [one.text for one in resent if one.to == f"room:{ROOM}"] == ["早安二"]
    (again,) = await house.say("店长", f"重发 {second}")
    assert "没有等着确认" in again.text


async def test_accounts_show_state_queue_and_breaker_and_the_qr_code_as_a_picture(house: House) -> None:
    await house.make_staff("店长")
    await house.inbox.linked("小知二号", Link.SCAN, detail="http://weixin.qq.com/x/abc")
    await house.settled()
    sent = await house.say("店长", "账号", ROOM)
    lines, *rest = [one for one in sent if one.to == "wx:店长"]
    assert "小知：在线" in lines.text
    assert "小知二号：等待扫码" in lines.text
    picture = next(one for one in rest if one.content.act is Act.IMAGE)
    assert picture.account == "小知"
    assert (house.folder / "qr").is_dir()
    assert (house.folder / picture.content.path.removeprefix(str(house.folder) + "/")).read_bytes()[:4] == b"\x89PNG"
    assert not any("weixin.qq.com" in one.text or one.content.path for one in sent if one.to != "wx:店长")


async def test_sending_is_resumed_for_the_named_account_only(house: House) -> None:
    await house.make_staff("店长")
    await house.db.write(
        lambda tx: tx.execute("UPDATE account SET stopped_until = $1", house.clock.now() + 10 * MINUTE)
    )
    await house.say("店长", "恢复发送 小知二号")
    rows = await house.db.all("SELECT name, stopped_until FROM account ORDER BY id")
    assert rows[0]["stopped_until"] > house.clock.now()
    assert not rows[1]["stopped_until"]
    assert await house.db.value("SELECT object FROM audit WHERE action = 'account.resume'") == "account:2"


async def test_the_list_of_a_room_is_a_private_file_that_runs_no_formula(house: House) -> None:
    await house.make_staff("店长")
    await house.say("=HYPERLINK(1)", "早", ROOM)
    await house.say("＋小美", "早", ROOM)
    await house.say("店长", "加标签 ＋小美 @SUM(A1)")
    sent = await house.say("店长", "群成员", ROOM)
    file = next(one for one in sent if one.content.act is Act.FILE)
    assert file.to == "wx:店长"
    assert not any(one.content.path for one in sent if one.to != "wx:店长")
    path = next((house.folder / "exports" / "rooms").rglob("*.csv"))
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[0][0] == "昵称"
    assert {row[0] for row in rows[1:]} == {"'=HYPERLINK(1)", "'＋小美", "店长"}
    assert not any(cell.startswith(("=", "+", "-", "@", "＝", "＋", "\t")) for row in rows for cell in row)
    assert await house.db.value("SELECT action FROM audit ORDER BY id DESC LIMIT 1") == "export"


async def test_an_old_list_of_a_room_goes_in_the_night(house: House) -> None:
    await house.make_staff("店长")
    await house.say("店长", "早", ROOM)
    await house.say("店长", "群成员", ROOM)
    await privacy.tidy(house.community, house.clock.now() + 60 * MINUTE)
    assert list((house.folder / "exports").rglob("*.csv")) != []
    await privacy.tidy(house.community, house.clock.now() + 10 * 24 * 60 * MINUTE)
    assert list((house.folder / "exports").rglob("*.csv")) == []


async def test_an_erased_member_is_in_no_list_of_a_room_any_more(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "早", ROOM)
    await house.say("店长", "群成员", ROOM)
    member_id = await house.member("小美")
    await privacy.finish(house.community, member_id)
    assert list((house.folder / "exports").rglob("*.csv")) == []


async def test_a_viewer_gets_no_code_to_log_an_account_in(house: House) -> None:
    await house.make_staff("实习生", "viewer")
    await house.inbox.linked("小知二号", Link.SCAN, detail="http://weixin.qq.com/x/abc")
    await house.settled()
    (sent,) = await house.say("实习生", "账号")
    assert "等待扫码" in sent.text


async def test_a_throttle_notice_is_told_to_the_team_with_what_to_do(house: House) -> None:
    await house.make_staff("店长")
    notice = house.event("", "操作过于频繁，请稍后再试", kind=Kind.SYSTEM, account="小知二号")
    (told,) = await house.hear(notice)
    assert told.to == "wx:店长"
    assert "小知二号" in told.text
    assert "30 分钟" in told.text
    assert "恢复发送 小知二号" in told.text


async def test_somebody_let_go_at_the_console_hears_nothing_of_the_team_any_more(house: House) -> None:
    await house.make_staff("店长")
    await house.make_staff("前同事")
    await house.db.write(lambda tx: staff.revoke(tx, None, "前同事", house.clock.now()))
    told = await house.hear(house.event("", "操作过于频繁，请稍后再试", kind=Kind.SYSTEM, account="小知二号"))
    assert [one.to for one in told] == ["wx:店长"]
