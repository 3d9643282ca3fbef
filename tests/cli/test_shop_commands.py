"""/order and /refund at the sandbox's terminal."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.shop_commands import basket_of, fen, yuan
from rules.errors import RefusedError
from rules.trade.orders import Line
from tests.cli.playhouse import Playhouse


@pytest.fixture
async def play(database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Playhouse]:
    monkeypatch.setenv("ZHIJI_LANG", "zh")
    house = Playhouse(database_url, folder)
    await house.open()
    yield house
    await house.close()


async def points(play: Playhouse) -> str:
    return (await play.play("/dm", "积分"))[0]


async def test_an_order_gives_points_to_whoever_is_known_and_a_refund_takes_them_back(play: Playhouse) -> None:
    await play.play("/dm", "你好", "/order 小美 128 吐司×2 #面包 蛋糕 #蛋糕")
    assert "128" in await points(play)
    await play.play("/refund 小美 28")
    assert "100" in await points(play)
    await play.play("/refund 小美")
    assert "小美付了 128 元，积分 +128，现有 128" in play.printed.getvalue()
    assert "退给小美 100 元，积分 -100，现有 0" in play.printed.getvalue()
    rows = await play.db.all("SELECT name, category FROM product ORDER BY name")
    assert [tuple(row) for row in rows] == [("吐司", "面包"), ("蛋糕", "蛋糕")]


async def test_orders_of_somebody_who_was_not_met_wait_for_them(play: Playhouse) -> None:
    await play.play("/as 路过的人", "/order 路过的人 30 吐司")
    assert "还不认识" in play.printed.getvalue()
    await play.play("/friend", "/dm", "你好", "/order 路过的人 20 吐司")
    assert "50" in await points(play)


async def test_what_is_wrong_is_said_with_how_to_write_it(play: Playhouse) -> None:
    for line, part in {
        "/order": "/order 小美",
        "/order 小美": "/order 小美",
        "/order 小美 多少 吐司": "不是金额",
        "/order 小美 12": "买了什么",
        "/order 小美 12 #面包": "商品后面",
        "/order 没有这人 12 吐司": "没有",
        "/refund 小美": "没有可退",
        "/refnud 小美": "/refund",
    }.items():
        assert part in await play.terminal.do(line), line
    await play.play("/dm", "你好", "/order 小美 12 吐司")
    assert "12 元可退" in await play.terminal.do("/refund 小美 12.01")


async def test_the_shop_says_what_is_in_stock(play: Playhouse) -> None:
    await play.play("/stock 吐司 缺货 180")
    assert "吐司：缺货" in play.printed.getvalue()
    await play.play("/stock 吐司 有货")
    rows = await play.db.all("SELECT name, available, service_days FROM product WHERE name = '吐司'")
    assert [tuple(row) for row in rows] == [("吐司", 1, 180)]
    assert "/stock 全麦吐司 缺货" in await play.terminal.do("/stock 吐司 卖完了吗")


async def test_both_are_in_the_list_of_commands_before_its_end(play: Playhouse) -> None:
    await play.play("/help")
    printed = play.printed.getvalue()
    assert printed.index("/order") < printed.index("/refund") < printed.index("/help ") < printed.index("/quit")


@pytest.mark.parametrize(
    ("text", "amount"), [("128", 12_800), ("12.5", 1250), ("¥1,200", 120_000), ("0.01", 1), ("99元", 9900)]
)
def test_amounts_as_people_write_them(text: str, amount: int) -> None:
    assert fen(text) == amount
    assert fen(yuan(amount)) == amount


@pytest.mark.parametrize("text", ["", "0", "-5", "1.005", "1e5", "NaN", "１２", "九", "1" * 30, "--", "."])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        fen(text)


def test_the_amount_is_shared_out_to_the_last_fen() -> None:
    basket = basket_of("100 吐司×2 #面包 蛋糕 邀请:ABC")
    assert basket.lines == (Line("吐司", "吐司", "面包", "", 2, 6666), Line("蛋糕", "蛋糕", "", "", 1, 3334))
    assert (basket.amount, basket.invite) == (10_000, "ABC")
