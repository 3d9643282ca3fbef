"""The folder becomes the library: changes, deletions, mistakes, goods that come later; texts only speak."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from actions.content import library, making
from actions.content.shelf import Shelf
from cli import config
from db.content import items
from db.database import Row
from db.trade import products
from rules.errors import RefusedError, TemplateError
from rules.trade.products import Described
from tests.conftest import ROOT
from tests.house import House
from tests.templates.hostile import ATTACKS, BURDENS
from tests.templates.test_phrases import PRIVATE_IN_DISGUISE

VALUES: dict[str, Any] = {
    "community": "麦香小院", "room": "早安面包房", "theme": "", "members": 12, "date": "9月21日", "weekday": "星期一",
    "lunar": "", "festival": "", "workday": True,
}  # fmt: skip


def put(house: House, name: str, text: str, head: str = "") -> Path:
    path = house.folder / "content" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'+++\ntitle = "{path.stem}"\ntheme = "早安"\n{head}\n+++\n{text}\n', encoding="utf-8")
    os.utime(path, ns=(time.time_ns(), time.time_ns()))  # two writes within a tick of the disk's clock
    return path


async def titles(house: House) -> list[str]:
    return [row["title"] for row in await library.ready(house.db, house.community, house.clock.now())]


async def item(house: House, number: int) -> Row:
    row = await library.get(house.db, number)
    assert row is not None
    return row


async def test_a_file_is_picked_up_changed_and_taken_off_with_its_history(house: House) -> None:
    shelf = Shelf(house.community)
    path = put(house, "a/吐司.md", "{{ weekday }}好，切片冷冻。")
    await shelf.look()
    (row,) = await library.ready(house.db, house.community, house.clock.now())
    pieces = library.pieces(house.community, row, VALUES, audience="room")
    assert [piece.text for piece in pieces] == ["星期一好，切片冷冻。"]

    path.write_text(path.read_text().replace("冷冻", "冷冻两周"))
    await shelf.look()
    await shelf.look()
    row = await item(house, row["id"])
    assert row["version"] == 2
    assert "两周" in row["body"]
    (was,) = await items.versions(house.db, row["id"])
    assert (was["version"], was["by"]) == (1, "file")
    assert "两周" not in was["was"]

    text = path.read_text()
    path.unlink()
    await shelf.look()
    assert await titles(house) == []
    assert (await item(house, row["id"]))["state"] == "retired"
    path.write_text(text)
    await Shelf(house.community).look()  # after a restart, too
    assert await titles(house) == ["吐司"]
    assert await house.db.value("SELECT COUNT(*) FROM content") == 1


async def test_what_staff_took_off_stays_off_until_its_file_changes(house: House) -> None:
    put(house, "吐司.md", "好")
    await Shelf(house.community).look()
    await house.db.write(lambda tx: items.change(tx, 1, {"state": "retired"}, 1))
    await Shelf(house.community).look()
    assert await titles(house) == []

    path = house.folder / "content" / "吐司.md"
    text, shelf = path.read_text(), Shelf(house.community)
    await shelf.look()
    path.unlink()
    await shelf.look()
    path.write_text(text)  # it was away for a moment only
    await shelf.look()
    assert await titles(house) == []
    path.write_text(text.replace("好", "不一样"))
    await shelf.look()
    assert await titles(house) == ["吐司"]


async def test_a_text_that_comes_out_empty_is_not_said(house: House) -> None:
    put(house, "过节.md", "{% if festival %}{{ festival }}好{% endif %}")
    await Shelf(house.community).look()
    row = await item(house, 1)
    with pytest.raises(RefusedError, match="没有可说的"):
        library.pieces(house.community, row, VALUES, audience="room")
    said = library.pieces(house.community, row, {**VALUES, "festival": "中秋"}, audience="room")
    assert [piece.text for piece in said] == ["中秋好"]


async def test_a_file_that_moves_keeps_its_item(house: House) -> None:
    path = put(house, "a/吐司.md", "好")
    other = put(house, "b/留下.md", "好")
    shelf = Shelf(house.community)
    await shelf.look()
    path.rename(path.with_name("面包.md"))
    await shelf.look()
    other.parent.rename(house.folder / "content" / "c")
    await Shelf(house.community).look()  # while the house was closed, too
    rows = await house.db.all("SELECT key, version, state FROM content ORDER BY id")
    assert [tuple(row) for row in rows] == [("file:a/面包", 1, "ready"), ("file:c/留下", 1, "ready")]


async def test_what_no_database_can_keep_stops_no_other_file(house: House) -> None:
    put(house, "z好.md", "好")
    put(house, "空字符.md", "好\x00吗")
    put(house, "空字符二.md", "好", 'author = "a\\u0000"')
    put(house, "永远.md", "好", "expires = 9999-12-31")
    put(house, "深.md", "好", f"tags = {'[' * 3000}")
    strange = os.fsencode(house.folder / "content") + b"/\xb1\xb1\xbe\xa9.md"  # 北京, as old archives spell it
    Path(os.fsdecode(strange)).write_text((house.folder / "content" / "z好.md").read_text())
    shelf = Shelf(house.community)
    await shelf.look()
    assert await titles(house) == ["z好"]
    assert len(shelf._problems) == 5


async def test_a_bad_file_is_told_once_and_stops_no_other_one(house: House) -> None:
    await house.make_staff("店长")
    put(house, "好.md", "好")
    path = put(house, "改坏.md", "原来的话")
    shelf = Shelf(house.community)
    await shelf.look()
    path.write_text(path.read_text().replace("原来的话", "{{ weekdy }}"))
    put(house, "新坏.md", "好", 'image = "没有.jpg"')
    put(house, "没人.md", "好", 'audience = "买过 烤箱\'"')
    for _ in range(2):
        await shelf.look()
    await Shelf(house.community).look()
    await house.settled()
    told = [one.text for one in house.sent if "素材文件用不了" in one.text]
    assert len(told) == 1
    for problem in (
        "改坏.md:6: 不认识的",
        "是不是想写 weekday",
        '新坏.md: image = "没有.jpg"：没有这个文件',
        "没人.md: audi",
    ):
        assert problem in told[0]
    assert await titles(house) == ["好", "改坏"]  # as it was before
    (house.folder / "content" / "没有.jpg").write_bytes(b"x")
    await shelf.look()
    assert "新坏" in await titles(house)
    await house.settled()
    assert sum("素材文件用不了" in one.text for one in house.sent) == 1  # the others are no news


async def test_a_folder_that_is_away_takes_nothing_off(house: House) -> None:
    put(house, "吐司.md", "好")
    shelf = Shelf(house.community)
    await shelf.look()
    (house.folder / "content").rename(house.folder / "elsewhere")
    await shelf.look()
    assert await titles(house) == ["吐司"]


async def test_goods_that_are_sold_out_or_not_listed_yet_are_not_offered(house: House) -> None:
    shelf = Shelf(house.community)
    put(house, "吐司.md", "好吃", 'kind = "product"\nproduct = "mall:B1"')
    await shelf.look()
    assert await titles(house) == []

    async def tell(available: int, at: int) -> None:
        told = {"B1": Described(at, "北海道吐司", url="https://shop.example.com/b1", price=1800, available=available)}
        await house.db.write(lambda tx: products.describe(tx, "mall", told, 1))

    await tell(1, 1)
    await shelf.look()
    (row,) = await library.ready(house.db, house.community, house.clock.now())
    card = library.pieces(house.community, row, VALUES, audience="room")[1]
    assert (card.title, card.url, card.description) == ("北海道吐司", "https://shop.example.com/b1", "18 元")
    await tell(0, 2)
    assert await titles(house) == []
    row = await item(house, row["id"])
    assert await library.usable(house.db, house.community, row, house.clock.now()) == "商品缺货"


async def test_a_text_that_names_one_person_never_goes_to_a_room(house: House) -> None:
    put(house, "私.md", "{{ name }}，早")
    put(house, "群.md", "早")
    await Shelf(house.community).look()
    assert await titles(house) == ["群"]
    rows = await library.ready(house.db, house.community, house.clock.now(), audience="private")
    row = next(row for row in rows if row["title"] == "私")
    (piece,) = library.pieces(house.community, row, {"name": "小美"}, audience="private")
    assert piece.text == "小美，早"
    with pytest.raises(RefusedError, match="只能私聊发"):
        library.pieces(house.community, row, {**VALUES, "name": "小美"}, audience="room")


async def test_no_text_runs_code_reads_what_is_not_its_own_or_says_something_personal(house: House) -> None:
    """Promise 19, by the way that files and chat go: what is refused at the door never becomes an item."""
    for text in (*ATTACKS, *PRIVATE_IN_DISGUISE):
        with pytest.raises(TemplateError):
            said(house, text)


def said(house: House, text: str) -> str:
    """A text as it would be said, when it is let in."""
    private = making.check_text(house.community.phrases, text)
    values = {**VALUES, "name": "小美"} if private else VALUES
    return house.community.phrases.render_text(text, audience="private" if private else "room", **values)


@pytest.mark.parametrize("name", ["nested loops", "filters in a row", "brackets", "value openers", "too much source"])
async def test_no_text_hangs(house: House, name: str) -> None:
    path = put(house, "重.md", BURDENS[name])
    began = time.process_time()
    await Shelf(house.community).look()
    assert path.exists()
    assert await titles(house) == []
    assert time.process_time() - began < 2.0  # the tools of search are loaded once, too


async def test_the_shipped_library_is_sound_and_fills_every_theme(house: House) -> None:
    house.community.beside, house.community.settings = ROOT, config.load(ROOT / "config.toml")
    await Shelf(house.community).look()
    assert await house.db.value("SELECT value FROM meta WHERE key = 'content_problems'") is None
    rows = await house.db.all("SELECT theme, COUNT(*) AS n FROM content GROUP BY theme")
    assert {row["theme"] for row in rows} == {"早安", "烘焙", "育儿", "新品", "投票", "课程", "故事", "邀请", "节日"}
    assert sum(row["n"] for row in rows) >= 25
    for row in await library.ready(house.db, house.community, house.clock.now()):
        assert library.pieces(house.community, row, VALUES, audience="room")
