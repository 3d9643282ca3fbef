"""Promises 28 and 20: every row of a file is accounted for once, a bad one hurts only itself (and the order that it is
a line of), the same file again changes nothing, and the list of what was refused runs no formula and can be mended.
"""

import csv
from pathlib import Path
from typing import Any

import pytest

from actions.tagging import tags
from actions.tagging.tags import Label
from actions.trade import orders
from actions.trade.importing.counts import Counts
from actions.trade.importing.run import Import, Result
from benchmarks import imports as made
from db.database import Database, Tx
from db.trade import ledger
from rules.errors import RefusedError, StorageError
from rules.member_settings import ShopSettings, TagDimension
from rules.trade.columns import Kind
from rules.trade.orders import OrderPaid, OrderRefunded
from tests.house import House

TABLES = (
    *("member", "handle", "tag", "answer", "product", "shop_order", "order_line", "refund", "shop_event"),
    *("ledger_account", "transfer", "standing", "milestone", "outbox"),
)
MEMBERS = 40


async def rows_of(db: Database, *tables: str) -> dict[str, list[Any]]:
    return {
        table: [tuple(row) for row in await db.all(f"SELECT * FROM {table} ORDER BY 1")] for table in tables or TABLES
    }


def job(house: House, kind: Kind, file: Path, shop: str = "mall") -> Import:
    one = Import(house.community, kind, file, shop)
    one.prepare()
    return one


async def look(house: House, kind: Kind, file: Path) -> Result:
    return await job(house, kind, file).look(lambda done: None)


async def carry_out(house: House, kind: Kind, file: Path, shop: str = "mall") -> Result:
    return await job(house, kind, file, shop).carry_out(lambda done: None)


def fates(counts: Counts) -> dict[str, int]:
    return {what: rows for what, rows in counts.of.items() if rows}


def report_of(done: Result) -> list[list[str]]:
    assert done.report is not None
    with done.report.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def write(file: Path, text: str, encoding: str = "utf-8") -> Path:
    file.write_bytes(text.encode(encoding))
    return file


ORDERS = "订单号,付款时间,实付金额,商品名称,手机号\n"


async def meet(house: House, folder: Path, *phones: str) -> None:
    await carry_out(house, "members", write(folder / "people.csv", "手机号\n" + "\n".join(phones)))


@pytest.fixture
def generated(folder: Path) -> tuple[Path, int]:
    """900 rows of orders in GB18030, 3 % of them wrong in 15 ways."""
    file = folder / "orders.csv"
    return file, made.write_csv(file, 900, MEMBERS)


async def test_every_row_is_accounted_for_and_the_same_file_again_changes_nothing(
    house: House, folder: Path, generated: tuple[Path, int]
) -> None:
    file, bad = generated
    await meet(house, folder, *(made.phone(number) for number in range(0, MEMBERS, 2)))
    before = await rows_of(house.db)
    seen = await look(house, "orders", file)
    assert await rows_of(house.db) == before  # a look writes nothing

    done = await carry_out(house, "orders", file)
    assert fates(done.counts) == fates(seen.counts) == {"added": 900 - bad, "refused": bad}
    assert bad > 15
    stored = await rows_of(house.db)
    assert len(stored["order_line"]) == 900 - bad
    run = await house.db.one("SELECT * FROM import_run ORDER BY id DESC LIMIT 1")
    assert run is not None
    assert (run["rows"], run["added"] + run["changed"] + run["unchanged"] + run["refused"]) == (900, 900)
    assert run["finished_at"]

    again = await carry_out(house, "orders", file)
    assert fates(again.counts) == {"unchanged": 900 - bad, "refused": bad}
    assert await rows_of(house.db) == stored
    assert (await ledger.recount(house.db)).right
    assert await house.db.value("SELECT COUNT(*) FROM transfer WHERE kind = 'order'")


async def test_all_encodings_and_excel_bring_the_same(house: House, folder: Path) -> None:
    text = ORDERS + "A1,2026-09-01 10:00:00,¥1\u3000,“全麦”面包\u2003,13800000001\nA2,2026/9/2,2,可颂🥐,\nA3,x,2,,\n"
    tab = text.replace(",", "\t")
    files = [write(folder / f"{name}.csv", text, name) for name in ("utf-8", "utf-8-sig", "gb18030", "utf-16")]
    files.append(write(folder / "tabs.txt", tab, "gb18030"))
    import xlsxwriter

    with xlsxwriter.Workbook(str(folder / "sheet.xlsx")) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(text.splitlines()):
            sheet.write_row(number, 0, line.split(","))
        sheet.write_number(1, 4, 13800000001)  # what a spreadsheet makes of a phone
    files.append(folder / "sheet.xlsx")
    first = await carry_out(house, "orders", files[0])
    assert fates(first.counts) == {"added": 2, "refused": 1}
    stored = await rows_of(house.db)
    for file in files[1:]:
        assert fates((await carry_out(house, "orders", file)).counts) == {"unchanged": 2, "refused": 1}, file.name
    assert await rows_of(house.db) == stored
    assert [row[3] for row in stored["product"]] == ["“全麦”面包", "可颂🥐"]


async def test_a_row_that_cannot_be_read_hurts_only_itself(house: House, folder: Path) -> None:
    lines = [f"A{number},2026-09-01,1,吐司,".encode() for number in range(60)]
    lines[7] = 'A7,2026-09-01,1,"8寸蛋糕,'.encode()  # a quote that is never closed
    lines[20] = b"A20,2026-09-01,1," + b"\xff\xfe\x80,"
    lines[33] = b'A33,2026-09-01,1,"' + b"x" * 200_000 + b'",'
    lines[41] = 'A41,2026-09-01,1,"两\n行",'.encode()  # is as it should be
    file = folder / "broken.csv"
    file.write_bytes(ORDERS.encode() + b"\n".join(lines))
    done = await carry_out(house, "orders", file)
    assert fates(done.counts) == {"added": 57, "refused": 3}
    assert done.report is not None
    reasons = [row[:2] for row in report_of(done)][1:]
    assert reasons == [["9", "引号没有配对"], ["22", "有读不出的字，文件编码坏了"], ["35", "有一格太长了"]]


async def test_an_order_is_taken_whole_or_not_at_all_wherever_its_rows_stand(house: House, folder: Path) -> None:
    text = ORDERS.replace("\n", ",数量\n") + (
        "A1,2026-09-01,30,吐司,,1\nB1,2026-09-01,8,可颂,,1\nA1,2026-09-01,30,贝果,,一\nB1,2026-09-01,8,司康,,1\n"
        "B1,2026-09-01,8,司康,,1\n,,,,,\nC1,,8,司康,,1\n"
    )
    done = await carry_out(house, "orders", write(folder / "o.csv", text))
    assert fates(done.counts) == {"refused": 3, "added": 2, "repeated": 1, "blank": 1}
    assert await house.db.value("SELECT COUNT(*) FROM shop_order") == 1
    assert await house.db.value("SELECT COUNT(*) FROM order_line") == 2
    assert done.report is not None
    mended = done.report.read_text("utf-8-sig").replace(",一", ",2").replace("C1,,", "C1,2026-09-02,")
    done = await carry_out(house, "orders", write(folder / "mended.csv", mended))  # the report itself, put right
    assert fates(done.counts) == {"added": 3}
    assert done.report is None


async def test_the_list_of_refused_rows_runs_no_formula(house: House, folder: Path) -> None:
    payloads = [
        f"{start}cmd|' /C calc'!A0"
        for start in ("=", "+", "-", "@", "\t=", "\r=", " =", "＝", "＋", "－", "＠", "|", "%")
    ]
    file = folder / "evil.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["订单号", "付款时间", "实付金额", "=1+1"])
        writer.writerows([f"A{number}", payload, payload, payload] for number, payload in enumerate(payloads))
    done = await carry_out(house, "orders", file)
    assert fates(done.counts) == {"refused": len(payloads)}
    assert done.report is not None
    cells = [cell for row in report_of(done) for cell in row]
    assert len(cells) == 6 * (len(payloads) + 1)
    assert not [cell for cell in cells if cell.lstrip(" \u3000\ufeff").startswith(tuple("=+-@\t\r|%＝＋－＠"))]


async def test_what_the_database_refuses_hurts_only_its_order(house: House, folder: Path, monkeypatch: Any) -> None:
    from actions.trade.importing import orders as importing

    real, refused = orders.record_all, RuntimeError("of this one only")

    async def record_all(tx: Tx, community: Any, events: Any, now: int) -> Any:
        if any(event.order == "A7" for event in events):
            await real(tx, community, events, now)
            raise refused
        return await real(tx, community, events, now)

    monkeypatch.setattr(importing.orders, "record_all", record_all)
    text = ORDERS + "".join(f"A{number},2026-09-01,1,吐司,\n" for number in range(20))
    done = await carry_out(house, "orders", write(folder / "o.csv", text))
    assert fates(done.counts) == {"added": 19, "refused": 1}
    assert await house.db.value("SELECT COUNT(*) FROM shop_order") == 19

    refused = StorageError("full")  # type: ignore[assignment]
    with pytest.raises(StorageError):
        await carry_out(house, "orders", folder / "o.csv")
    assert not list(folder.glob(".*"))  # no half report stays behind


async def test_orders_that_were_never_paid_are_neither_taken_nor_wrong(house: House, folder: Path) -> None:
    text = "订单号,付款时间,实付金额,订单状态\nA1,,8,待付款\nA2,,8,交易关闭\n"
    text += "A3,2026-09-01,8,交易关闭\nA4,2026-09-01,8,已完成\n"
    done = await carry_out(house, "orders", write(folder / "o.csv", text))
    assert fates(done.counts) == {"unpaid": 2, "added": 2}
    rows = await house.db.all("SELECT ext_id, stands FROM shop_order ORDER BY ext_id")
    assert [tuple(row) for row in rows] == [("A3", 0), ("A4", 1)]


async def test_orders_wait_for_their_buyer_and_come_with_the_members_file(house: House, folder: Path) -> None:
    text = ORDERS + "A1,2026-09-01,30,吐司,13800000001\nA2,2026-09-02,8,吐司,138****0001\n"
    done = await carry_out(house, "orders", write(folder / "o.csv", text))
    assert done.counts.hidden == 1
    assert await house.db.value("SELECT COUNT(*) FROM transfer") == 0
    await meet(house, folder, "13800000001")
    assert await house.db.value("SELECT COUNT(*) FROM shop_order WHERE member_id IS NOT NULL") == 1
    assert await house.db.value("SELECT SUM(amount) FROM transfer") == 30


async def test_goods_are_completed_and_the_later_file_counts(house: House, folder: Path) -> None:
    first = write(
        folder / "p.csv", "商品编码,商品名称,分类,售价\nP1,吐司,面包,¥12.5\nP2,可颂,,\nP1,吐司,面包,¥12.5\nP2,司康,,\n"
    )
    done = await carry_out(house, "products", first)
    assert fates(done.counts) == {"added": 2, "repeated": 1, "refused": 1}
    second = write(folder / "q.csv", "商品编码,商品名称,分类,售价\nP1,吐司,面包,13\nP2,可颂,,\n")
    assert fates((await carry_out(house, "products", second)).counts) == {"changed": 1, "unchanged": 1}
    stored = await rows_of(house.db, "product")
    assert fates((await carry_out(house, "products", second)).counts) == {"unchanged": 2}
    assert await rows_of(house.db, "product") == stored
    assert await house.db.value("SELECT price FROM product WHERE ext_id = 'P1'") == 1300


MEMBERS_FILE = "姓名,手机号,unionid,标签,积分,注册时间\n"


async def test_members_are_made_or_completed_and_points_come_once(house: House, folder: Path) -> None:
    file = write(
        folder / "m.csv", MEMBERS_FILE + "小美,13800000001,u1,宝妈、爱好:烘焙,120,2024-01-02\n阿强,13800000002,,,,\n"
    )
    assert fates((await carry_out(house, "members", file)).counts) == {"added": 2}
    member = await house.db.one("SELECT * FROM member WHERE name = '小美'")
    assert member is not None
    assert member["created_at"] == 1_704_124_800_000
    assert await ledger.balance(house.db, member["id"]) == 120
    stored = await rows_of(house.db)
    assert fates((await carry_out(house, "members", file)).counts) == {"unchanged": 2}
    assert await rows_of(house.db) == stored

    more = MEMBERS_FILE + "别名,13800000001,,宝妈、团长,120,2025-01-01\n,,u1,,,\n阿强,13800000002,u2,,50,\n"
    assert fates((await carry_out(house, "members", write(folder / "n.csv", more))).counts) == {
        "changed": 2,
        "unchanged": 1,
    }
    assert await house.db.value("SELECT COUNT(*) FROM member") == 2
    names = {row["name"] for row in await house.db.all("SELECT name FROM member")}
    assert names == {"小美", "阿强"}  # what is known is not overruled
    tags = [
        (row["dimension"], row["value"]) for row in await house.db.all("SELECT dimension, value FROM tag ORDER BY id")
    ]
    assert tags == [("", "宝妈"), ("爱好", "烘焙"), ("", "团长")]


async def test_points_that_were_imported_are_not_imported_again_in_another_number(house: House, folder: Path) -> None:
    await carry_out(house, "members", write(folder / "m.csv", MEMBERS_FILE + "小美,13800000001,,,120,\n"))
    done = await carry_out(house, "members", write(folder / "n.csv", MEMBERS_FILE + "小美,13800000001,,宝妈,150,\n"))
    assert fates(done.counts) == {"refused": 1}
    assert "以前导入过 120" in next(iter(done.counts.reasons))
    assert await house.db.value("SELECT COUNT(*) FROM tag") == 0


async def test_a_tag_that_the_team_took_off_and_a_birthday_that_the_member_gave_stay(
    house: House, folder: Path
) -> None:
    house.settings = house.settings.model_copy(update={"profile": type(house.settings.profile)()})
    house.community.settings = house.settings
    file = write(folder / "m.csv", "手机号,标签,生日\n13800000001,宝妈,1990-05-20\n")
    await carry_out(house, "members", file)
    sealed = await house.db.value("SELECT value FROM answer WHERE field = '生日'")
    assert sealed
    assert b"1990" not in bytes(sealed)
    await house.db.write(lambda tx: tx.execute("UPDATE tag SET removed_at = 1"))
    await house.db.write(lambda tx: tx.execute("UPDATE answer SET value = NULL"))
    assert fates((await carry_out(house, "members", file)).counts) == {"unchanged": 1}
    assert await house.db.value("SELECT COUNT(*) FROM tag WHERE removed_at IS NULL") == 0


async def test_a_row_that_fits_two_members_is_refused(house: House, folder: Path) -> None:
    await carry_out(
        house, "members", write(folder / "m.csv", MEMBERS_FILE + "甲,13800000001,,,,\n乙,13800000002,u2,,,\n")
    )
    done = await carry_out(house, "members", write(folder / "n.csv", MEMBERS_FILE + "甲,13800000001,u2,,,\n"))
    assert fates(done.counts) == {"refused": 1}
    assert "合并" in next(iter(done.counts.reasons))


async def test_a_file_changed_after_the_look_and_a_second_import_beside_are_refused(house: House, folder: Path) -> None:
    one = job(house, "orders", write(folder / "o.csv", ORDERS + "A1,2026-09-01,1,吐司,\n"))
    hold = await house.db.hold("import")
    assert hold is not None
    async with hold:
        with pytest.raises(RefusedError, match="另一个导入"):
            await one.carry_out(lambda done: None)
    write(folder / "o.csv", ORDERS + "A2,2026-09-01,1,吐司,\n")
    with pytest.raises(RefusedError, match="改过"):
        await one.carry_out(lambda done: None)
    assert await house.db.value("SELECT COUNT(*) FROM shop_order") == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nowhere.csv", None, "找不到文件"),
        ("photo.png", b"x", "只认"),
        ("fake.xlsx", b"not a sheet", "打不开"),
        ("empty.csv", b"", "没有内容"),
        ("headless.csv", b"1,2,3\n4,5,6\n", "没有「订单号」"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_in_words(
    house: House, folder: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(RefusedError, match=said):
        job(house, "orders", folder / name)


async def test_which_shop_it_is_must_be_said_where_there_are_several(house: House, folder: Path) -> None:
    shops = {"mall": {"secret": "whsec_x", "name": "面包商城"}, "stall": {"secret": "whsec_y"}}
    named_shops = {key: ShopSettings.model_validate(one) for key, one in shops.items()}
    house.community.settings = house.settings.model_copy(update={"shops": named_shops})
    file = write(folder / "o.csv", ORDERS + "A1,2026-09-01,1,吐司,\n")
    with pytest.raises(RefusedError, match="--shop"):
        job(house, "orders", file, "")
    with pytest.raises(RefusedError, match='是不是 "mall"'):
        job(house, "orders", file, "mal")
    await carry_out(house, "orders", file, "面包商城")
    named = (
        "店铺," + ORDERS + "面包商城,A1,2026-09-01,1,吐司,\nstall,A1,2026-09-01,1,吐司,\n别处,A1,2026-09-01,1,吐司,\n"
    )
    named += ",A9,2026-09-01,1,吐司,\n"
    done = await carry_out(house, "orders", write(folder / "n.csv", named), "")
    assert fates(done.counts) == {"unchanged": 1, "added": 1, "refused": 2}
    assert any("没有写是哪家店铺" in reason for reason in done.counts.reasons)


async def test_a_shop_that_is_not_configured_yet_is_named_so_that_its_webhooks_find_the_orders(
    house: House, folder: Path
) -> None:
    file = write(folder / "o.csv", ORDERS + "A1,2026-09-01,1,吐司,\n")
    with pytest.raises(RefusedError, match="要用同一个名字"):
        job(house, "orders", file, "")
    with pytest.raises(RefusedError, match="1–40"):
        job(house, "orders", file, "my/mall")
    await carry_out(house, "orders", file, "mall")
    shops = {"mall": ShopSettings.model_validate({"secret": "whsec_x"})}
    house.community.settings = house.settings.model_copy(update={"shops": shops})
    assert fates((await carry_out(house, "orders", file, "")).counts) == {"unchanged": 1}  # the only one there is


CITIES = {
    "城市": TagDimension(values=("北京", "上海"), single=True),
    "爱好": TagDimension(values=("烘焙", "DIY")),
}


async def test_tags_are_those_that_are_declared_and_one_where_there_can_be_only_one(house: House, folder: Path) -> None:
    settings = house.settings.tags.model_copy(update={"dimensions": CITIES})
    house.community.settings = house.settings.model_copy(update={"tags": settings})
    head = "手机号,标签\n"
    first = head + "13800000001,城市:北京、爱好:diy\n13800000002,爱好:烘培\n13800000003,城市:北京、城市:上海\n"
    done = await carry_out(house, "members", write(folder / "a.csv", first))
    assert fates(done.counts) == {"added": 1, "refused": 2}
    reasons = " ".join(done.counts.reasons)
    assert "是不是「烘焙」" in reasons
    assert "只能有一个" in reasons

    async def borne() -> list[tuple[str, str, str]]:
        rows = await house.db.all("SELECT * FROM tag WHERE removed_at IS NULL ORDER BY dimension, id")
        return sorted((row["dimension"], row["value"], row["source"]) for row in rows)

    assert await borne() == [("城市", "北京", "import"), ("爱好", "DIY", "import")]
    moved = write(folder / "b.csv", head + "13800000001,城市:上海\n")
    assert fates((await carry_out(house, "members", moved)).counts) == {"changed": 1}
    assert await borne() == [("城市", "上海", "import"), ("爱好", "DIY", "import")]
    assert fates((await carry_out(house, "members", moved)).counts) == {"unchanged": 1}
    member_id = await house.db.value("SELECT member_id FROM tag LIMIT 1")
    community = house.community
    await house.db.write(
        lambda tx: tags.add(tx, community, member_id, [Label("城市", "北京")], "staff:1", house.clock.now())
    )
    assert fates((await carry_out(house, "members", moved)).counts) == {"unchanged": 1}
    assert ("城市", "北京", "staff") in await borne()  # a file overrules nobody's word


async def test_old_orders_can_come_without_points_and_their_refunds_take_none_back(house: House, folder: Path) -> None:
    await meet(house, folder, "13800000001")
    file = write(folder / "o.csv", ORDERS + "A1,2026-09-01,100,吐司,13800000001\nA2,2026-09-02,50,吐司,13800000002\n")
    one = Import(house.community, "orders", file, "mall", earns=False)
    one.prepare()
    seen = await one.look(lambda done: None)
    assert (seen.counts.fen, seen.counts.points) == (15_000, 0)
    await one.carry_out(lambda done: None)
    await meet(house, folder, "13800000002")  # whose order waited
    assert await house.db.value("SELECT COUNT(*) FROM transfer") == 0
    assert await house.db.value("SELECT SUM(orders) FROM standing") == 2  # they count for everything else

    refunds = ORDERS.strip() + ",退款金额\nA1,2026-09-01,100,吐司,13800000001,40\n"
    assert fates((await carry_out(house, "orders", write(folder / "r.csv", refunds))).counts) == {"changed": 1}
    told = OrderPaid("mall", "evt-1", house.clock.now(), "A1", house.clock.now(), 30_000, phone="13800000001")
    await house.db.write(lambda tx: orders.record(tx, house.community, told, house.clock.now()))
    assert await house.db.value("SELECT COUNT(*) FROM transfer") == 0
    row = await house.db.one("SELECT amount, refunded, points FROM shop_order WHERE ext_id = 'A1'")
    assert row is not None
    assert tuple(row) == (30_000, 4000, 0)
    with pytest.raises(RefusedError, match="只用于订单"):
        Import(house.community, "members", folder / "people.csv", earns=False)


async def test_a_refund_that_both_the_file_and_later_the_shop_tell_of_counts_once(house: House, folder: Path) -> None:
    await meet(house, folder, "13800000001")
    head = ORDERS.strip() + ",退款金额\n"
    now = house.clock.now()

    async def told(number: str, at: int, fen: int) -> int:
        event = OrderRefunded("mall", f"evt-{number}", at, "A1", number, fen)
        await house.db.write(lambda tx: orders.record(tx, house.community, event, now))
        return int(await house.db.value("SELECT refunded FROM shop_order"))

    await carry_out(house, "orders", write(folder / "a.csv", head + "A1,2026-09-01,100,吐司,13800000001,40\n"))
    assert await told("R1", now - 9000, 3000) == 4000  # a part of the 40 yuan that were given back until the import
    assert await told("R2", now - 8000, 1000) == 4000
    assert await told("R3", now + 1, 500) == 4500
    house.clock.set(now + 60_000)
    same = write(folder / "b.csv", head + "A1,2026-09-01,100,吐司,13800000001,45\n")
    assert fates((await carry_out(house, "orders", same)).counts) == {"unchanged": 1}
    more = write(folder / "c.csv", head + "A1,2026-09-01,100,吐司,13800000001,60\n")
    assert fates((await carry_out(house, "orders", more)).counts) == {"changed": 1}
    assert await told("R4", now + 2, 1500) == 6000
    member_id = await house.db.value("SELECT member_id FROM shop_order")
    assert await ledger.balance(house.db, member_id) == 40


async def test_a_later_file_that_hides_the_phone_leaves_the_order_with_its_buyer(house: House, folder: Path) -> None:
    await meet(house, folder, "13800000001", "13800000002")
    await carry_out(house, "orders", write(folder / "a.csv", ORDERS + "A1,2026-09-01,30,吐司,13800000001\n"))
    owner = await house.db.value("SELECT member_id FROM shop_order")
    hidden = write(folder / "b.csv", ORDERS + "A1,2026-09-01,20,吐司,138****0001\n")
    assert fates((await carry_out(house, "orders", hidden)).counts) == {"changed": 1}
    assert await house.db.value("SELECT member_id FROM shop_order") == owner
    assert await ledger.balance(house.db, owner) == 20
    assert fates((await carry_out(house, "orders", hidden)).counts) == {"unchanged": 1}
    other = write(folder / "c.csv", ORDERS + "A1,2026-09-01,20,吐司,13800000002\n")
    assert fates((await carry_out(house, "orders", other)).counts) == {"changed": 1}
    assert await house.db.value("SELECT member_id FROM shop_order") != owner
