"""The terminal on the sandbox: each command does what it says, and one sees all that the bot says and to whom."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.clock import ahead
from cli.commands import Quit
from cli.picture import sample_picture
from rules.times import DAY, HOUR
from tests.cli.playhouse import MONDAY, Playhouse


@pytest.fixture
async def play(database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Playhouse]:
    monkeypatch.setenv("ZHIJI_LANG", "zh")
    house = Playhouse(database_url, folder)
    await house.open()
    yield house
    await house.close()


async def refused(play: Playhouse, line: str) -> str:
    reason = await play.terminal.do(line)
    assert reason, f"{line} was not refused"
    return reason


async def test_a_plain_line_is_said_and_the_answer_is_shown(play: Playhouse) -> None:
    said = await play.play("签到")
    assert len(said) == 1
    assert said[0].startswith("小知 → 早安面包房：小美")
    assert "小美 → 早安面包房：签到" in play.printed.getvalue()


async def test_a_mention_of_the_bot_asks_it_and_one_of_another_does_not(play: Playhouse) -> None:
    assert await play.play("我有多少积分呢告诉我") == []
    assert await play.play("@豆豆妈 你有多少积分") == []
    assert "积分" in (await play.play("@小知 积分"))[0]
    heard = await play.db.all("SELECT text FROM interaction ORDER BY id")
    assert [row["text"] for row in heard][-1] == "@小知 积分"


async def test_the_private_chat_is_shown_as_one(play: Playhouse) -> None:
    said = await play.play("/dm", "积分")
    assert said[0].startswith("小知 → 小美（私聊）：")
    assert (await play.play("/in 早安面包房", "签到"))[0].startswith("小知 → 早安面包房：")


async def test_a_new_name_makes_a_new_person_who_is_no_friend_yet(play: Playhouse) -> None:
    await play.play("/as 路过的人")
    assert [one.name for one in play.world.named("路过的人")] == ["路过的人"]
    assert "/friend" in await refused(play, "你好")
    said = await play.play("/friend")
    assert any("路过的人（私聊）" in line for line in said)
    assert any("通过了路过的人的好友请求" in line for line in play.terminal.done)
    assert await play.play("积分")
    assert "已经是好友" in await refused(play, "/friend")


async def test_two_of_one_name_are_told_apart_and_never_guessed(play: Playhouse) -> None:
    twin = play.world.add_person("小美", friends=["小知"])
    reason = await refused(play, "/as 小美")
    assert f"/as {twin.id}" in reason
    await play.play(f"/as {twin.id}")
    assert play.terminal.player.me is twin


async def test_a_mention_that_fits_two_names_nobody(play: Playhouse) -> None:
    player = play.terminal.player
    assert len(player.mentions("转给 @豆豆妈，谢谢 @小知")) == 2
    assert player.mentions("@小知同学 在吗") == ()
    play.world.rooms[player.room.id].members.append(play.world.add_person("豆豆妈").id)  # type: ignore[union-attr]
    assert player.mentions("转给 @豆豆妈") == ()


async def test_joining_and_leaving_a_group_are_heard(play: Playhouse) -> None:
    await play.play("/as 新邻居")
    await play.play("/in 早安面包房")
    assert "/join" in await refused(play, "有人吗")
    await play.play("/join")
    assert "已经在" in await refused(play, "/join")
    await play.play("有人吗", "/leave")
    assert "/join" in await refused(play, "还在吗")
    assert "不在群里" in await refused(play, "/leave")
    kinds = [row["kind"] for row in await play.db.all("SELECT kind FROM interaction ORDER BY id")]
    assert kinds == ["join", "text", "leave"]


async def test_pictures_links_and_cards_are_sent(play: Playhouse, tmp_path: Path) -> None:
    menu = tmp_path / "菜单.pdf"
    menu.write_bytes(b"%PDF" * 600)
    await play.play("/dm", "/image", f"/file {menu}", "/link https://example.com/a 全麦 半条装", "/mini 面包商城")
    await play.play("/card 豆豆妈")
    rows = await play.db.all("SELECT kind, data FROM interaction ORDER BY id")
    assert [row["kind"] for row in rows] == ["image", "file", "link", "mini_program", "card"]
    assert '"title": "全麦 半条装", "url": "https://example.com/a"' in rows[2]["data"]
    shown = play.printed.getvalue()
    assert "[图片] 面包.png" in shown
    assert "[文件] 菜单.pdf（2.3 KB）" in shown
    assert "[链接] 全麦 半条装  https://example.com/a" in shown
    assert "[名片] 豆豆妈" in shown
    kept = await play.db.all("SELECT path, size FROM media ORDER BY id")
    assert (play.folder / kept[0]["path"]).read_bytes() == sample_picture()
    assert kept[1]["size"] == 2400


async def test_a_file_that_is_not_there_is_refused(play: Playhouse) -> None:
    assert "没有.png" in await refused(play, "/image 没有.png")
    assert await play.db.value("SELECT COUNT(*) FROM interaction") == 0


async def test_a_message_is_recalled_once(play: Playhouse) -> None:
    await play.play("说错话了", "/recall")
    assert await play.db.value("SELECT COUNT(*) FROM interaction WHERE recalled_at IS NOT NULL") == 1
    assert "没有可以撤回" in await refused(play, "/recall")


async def test_unknown_commands_and_names_suggest_the_near_miss(play: Playhouse) -> None:
    assert "/clock" in await refused(play, "/clokc")
    assert "早安面包房" in await refused(play, "/in 早安面包")
    assert "豆豆妈" in await refused(play, "/card 豆豆")
    assert "小知" in await refused(play, "/dm 小知吧")
    assert "请这样写" in await refused(play, "/as")


async def test_a_slash_can_be_said(play: Playhouse) -> None:
    await play.play("//签到")
    assert await play.db.value("SELECT text FROM interaction") == "/签到"


async def test_chinese_names_of_commands_and_a_full_width_slash_work(play: Playhouse) -> None:
    await play.play("／扮演 豆豆妈", "/进群 烘焙课堂")
    assert play.terminal.player.place == "烘焙课堂"


async def test_the_clock_moves_through_each_due_moment(play: Playhouse) -> None:
    await play.play("早呀")  # the bot knows the room from now on
    said = await play.play("/clock +2d")
    posts = [line for line in said if "早安，面包房" in line]
    assert posts == ["小知 → 早安面包房：早安，面包房"] * 2
    assert abs(play.clock.now() - (MONDAY + 2 * DAY)) < HOUR
    sent = await play.db.all("SELECT sent_at FROM outbox WHERE purpose = 'post' ORDER BY id")
    eight = MONDAY + DAY - 2 * HOUR
    assert [abs(row["sent_at"] - at) < 60_000 for row, at in zip(sent, (eight, eight + DAY), strict=True)] == [True] * 2
    assert play.world.clock_offset == play.clock.offset
    nights = await play.db.value("SELECT COUNT(*) FROM run WHERE job = 'nightly' AND state = 'done'")
    assert nights == 2


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("08:00", "2026-11-24 08:00"),
        ("11:30", "2026-11-23 11:30"),
        ("+90m", "2026-11-23 11:30"),
        ("明早8点", "2026-11-24 08:00"),
        ("12-01 09:00", "2026-12-01 09:00"),
        ("工作日 08:00", "2026-11-24 08:00"),
    ],
)
async def test_the_clock_goes_where_it_is_told(play: Playhouse, typed: str, wanted: str) -> None:
    from rules.times import local

    await play.play(f"/clock {typed}")
    assert f"{local(play.clock.now(), 'Asia/Shanghai'):%Y-%m-%d %H:%M}" == wanted


def test_how_far_the_clock_is_ahead_is_said_in_whole_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIJI_LANG", "zh")
    assert ahead(DAY - 4_000) == "（比真实时间快1天）"
    assert ahead(90 * 60_000) == "（比真实时间快1小时30分）"
    assert ahead(2_000) == ""


async def test_a_workday_is_not_the_weekend(play: Playhouse) -> None:
    from rules.times import local

    await play.play("/clock 11-27 20:00", "/clock 工作日 08:00")
    assert f"{local(play.clock.now(), 'Asia/Shanghai'):%m-%d %H}" == "11-30 08"


async def test_the_clock_never_goes_back(play: Playhouse) -> None:
    for typed in ("2020-01-01 08:00", "+999d", "昨天", "+3x", "25:00"):
        before = play.clock.offset
        await refused(play, f"/clock {typed}")
        assert play.clock.offset == before


async def test_the_next_start_goes_on_where_this_one_stopped(play: Playhouse) -> None:
    await play.play("/clock +1d", "/as 新邻居", "/friend", "签到")
    then = play.clock.now()
    await play.close()
    await play.open(at=None)
    assert 0 <= play.clock.now() - then < 60_000
    said = await play.play("/as 新邻居", "/dm", "签到")
    assert "小知 → 新邻居（私聊）" in said[0]
    assert await play.db.value("SELECT COUNT(*) FROM transfer WHERE kind = 'check_in'") == 1


async def test_one_sees_who_is_here_and_what_was_said(play: Playhouse) -> None:
    await play.play("早呀", "/who", "/rooms", "/history", "/clock", "/help")
    shown = play.printed.getvalue()
    assert "2 人：小美、豆豆妈；机器人：小知" in shown
    assert "早安面包房（2 人，你在里面）" in shown
    assert shown.count("小美 → 早安面包房：早呀") == 2
    assert "现在是 11月23日 周一 10:00" in shown
    for name in ("/as", "/clock", "/recall", "/quit"):
        assert name in shown


async def test_a_logged_out_bot_says_nothing_until_it_is_back(play: Playhouse) -> None:
    assert await play.play("/logout", "签到") == []
    assert (await play.play("/login", "签到"))[0].startswith("小知 → 早安面包房")


async def test_an_account_comes_into_a_new_group_when_it_is_invited(play: Playhouse) -> None:
    await play.play("/group 新品试吃群")
    assert play.world.room_named("新品试吃群").accounts == ["小知"]  # type: ignore[union-attr]
    assert (await play.play("签到"))[0].startswith("小知 → 新品试吃群：")


async def test_a_renamed_person_and_room_are_known_by_their_new_names(play: Playhouse) -> None:
    await play.play("/topic 晚安面包房", "/rename 大美")
    assert (await play.play("签到"))[0].startswith("小知 → 晚安面包房：大美")


async def test_quit_leaves(play: Playhouse) -> None:
    with pytest.raises(Quit):
        await play.play("/quit")


async def test_it_speaks_english_to_those_who_read_it(play: Playhouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIJI_LANG", "en")
    play.terminal.welcome()
    assert "All commands" in play.printed.getvalue() or "all commands" in play.printed.getvalue()
    assert "did you mean /help" in await refused(play, "/hlep")
