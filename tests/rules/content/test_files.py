"""Files of the library: what they hold, and what is said of each mistake."""

import pytest

from rules.content import files, quoting, searching
from rules.errors import ContentError
from rules.messages import Act, Kind
from rules.times import DAY

ZONE = "Asia/Shanghai"
TOAST = """+++
title = "吐司怎么存"
theme = "烘焙"
tags = ["吐司", "保存"]
season = "12-01..02-29"
starts = 2026-12-01
expires = 2026-12-31
product = "mall:B1"
image = "pictures/toast.jpg"

[link]
title = "面包商城"
url = "https://shop.example.com/b1"
+++

切片冷冻。
"""


def test_a_file_is_an_item_with_its_pieces_in_order() -> None:
    filed = files.read("tips/toast.md", TOAST, ZONE)
    assert (filed.key, filed.kind, filed.season) == ("file:tips/toast", "link", ("12-01", "02-29"))
    assert [piece.act for piece in filed.body.pieces] == [Act.TEXT, Act.IMAGE, Act.LINK]
    assert (filed.body.text, filed.body.product, filed.text_line) == ("切片冷冻。", "mall:B1", 16)
    assert filed.starts_at is not None
    assert filed.expires_at == filed.starts_at + 31 * DAY  # to the end of that day


def head(line: str = "", text: str = "好") -> str:
    return f'+++\ntitle = "吐司"\ntheme = "烘焙"\n{line}\n+++\n{text}\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("吐司", "a.md:1: 开头要有两行 +++"),
        ("+++\ntitle = 吐司\n+++\n好", "a.md:2: 「title = 吐司」写法不对，文字要加引号"),
        ('+++\ntitle = "吐司"\n+++\n好', "a.md: 缺少 theme，请补上"),
        (head('them = "早安"'), 'a.md:4: 不认识的 them，是不是 "theme"？'),
        (head('kind = "pol"'), 'a.md:4: kind = "pol"：可以写 text、picture、link'),
        (head('season = "13-01..02-28"'), "a.md:4: season = '13-01..02-28'：要写成 \"12-01..02-28\""),
        (head('season = "02-30..03-01"'), "a.md:4: season = '02-30..03-01'：要写成"),
        (head('starts = "明天"'), "a.md:4: starts = '明天'：要写成 2026-12-01，不加引号"),
        (head('product = "B1"'), "a.md:4: product = 'B1'：要写成 \"店铺:商品编号\""),
        (head('image = "../secret.jpg"'), "a.md:4: image = '../secret.jpg'：要是素材文件夹里的图片"),
        (head('image = "/etc/a.jpg"'), "a.md:4: image = '/etc/a.jpg'：要是素材文件夹里的图片"),
        (head('tags = "吐司"'), "a.md:4: tags = '吐司'：要写成列表"),
        (head('[link]\nurl = "shop"'), "a.md:4: 缺少 link.title"),
        (head('[link]\ntitle = "x"\nurl = "javascript:x"'), "a.md:6: link.url = 'javascript:x'：要以 https:// 开头"),
        (head('options = ["甜"]'), 'a.md: kind = "poll"：正文写问题，options 写 2 到 9 个选项'),
        (head('kind = "product"'), 'a.md: kind = "product"：要写 product = "店铺:商品编号"'),
        (head(text=" "), 'a.md: kind = "text"：正文是空的'),
        (head(text="好" * 2001), "a.md: 正文 2001 字，最多 2000 字"),
    ],
)
def test_a_mistake_is_told_with_file_line_value_and_mend(text: str, told: str) -> None:
    with pytest.raises(ContentError) as error:
        files.read("a.md", text, ZONE)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        *(("吐司", True), ("北海道", True), ("烘焙", True), ("烤三分钟", True), ("ＤＩＹ", True), ("diy", True)),
        *(("tusi", True), ("beihaidaotu", True), ("huikao", True), ("chongqing", True), ("ts", True), ("bhd", True)),
        *(
            ("hk", True),
            ("fj", True),
            ("usi", False),
            ("sishuang", False),
            ("吐丝", False),
            ("haidaohuikao", False),
            ("jh", False),
        ),
    ],
)
def test_words_are_found_as_they_are_as_pinyin_and_by_initials(query: str, found: bool) -> None:
    seen = searching.index(
        "北海道吐司怎么存", ["烘焙", "吐司"], "切片装袋冷冻，吃前回烤三分钟，重庆同学也适用。DIY 很简单，发酵要足。"
    )
    places = [searching.place(seen, term) for term in searching.terms(query)]
    assert (None not in places) is found


def test_the_title_stands_before_the_text() -> None:
    seen = searching.index("吐司", ["早安"], "吐司和餐包")
    assert searching.place(seen, "吐司") == searching.TITLE
    assert searching.place(seen, "餐包") == searching.TEXT
    assert searching.terms("  吐司 zaoan ") == ["吐司", "zaoan"]


@pytest.mark.parametrize(
    ("text", "who", "kind", "said"),
    [
        ("「小美：早上好呀」\n- - - - - - - - - - - - - - -\n存素材", "小美", Kind.TEXT, "早上好呀"),
        ("「小美：一「套」\n两行」\n—————————————————\n存素材 早安", "小美", Kind.TEXT, "一「套」\n两行"),
        ("「小美：[图片]」\n- - - - - - - - - - - - - - -\n存素材", "小美", Kind.IMAGE, ""),
        ("「阿强：[链接] 面包商城」\n- - - - - - - - - - - - - - -\n存素材", "阿强", Kind.LINK, "面包商城"),
    ],
)
def test_a_quote_is_read(text: str, who: str, kind: Kind, said: str) -> None:
    found = quoting.read(text)
    assert found is not None
    assert (found.who, found.kind, found.said) == (who, kind, said)
    assert quoting.read("存素材") is None
