"""Texts are found, varied, edited while the program runs, and refused with place and reason."""

import os
from pathlib import Path

import pytest

from rules.errors import TemplateError
from templates import Phrases
from templates import phrases as module

BALANCE = """{# fields: name, balance, streak #}
{{ name }}，你有 {{ balance }} 积分～
---
{{ name }}的积分：{{ balance }}
{% if balance > 100 %}
真不少！
{% endif %}
"""
MORNING = "{# fields: community, weekday #}\n早安，{{ community }}！"
WELCOME = "{# fields: name, theme, balance #}\n{# audience: room #}\n欢迎 {{ name }}"


class Desk:
    """The two folders, what was refused, and a clock that the test moves."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shipped, self.edited = root / "shipped", root / "edited"
        self.edited.mkdir(parents=True)
        self.refused: list[str] = []
        self.seconds = 100.0
        self.looks = 0
        self.writes = 0
        monkeypatch.setattr(module, "monotonic", lambda: self.seconds)
        look = module.stamp_of

        def counted(path: Path) -> object:
            self.looks += 1
            return look(path)

        monkeypatch.setattr(module, "stamp_of", counted)
        for name, text in (("points/balance", BALANCE), ("posts/morning", MORNING), ("welcome/bread", WELCOME)):
            self.write(name, text, self.shipped)
        self.phrases = Phrases(self.edited, self.shipped, self.refused.append)

    def write(self, name: str, text: str | bytes, folder: Path | None = None) -> Path:
        path = (folder or self.edited) / (name if "." in name else f"{name}.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.writes += 1
        os.utime(path, ns=(self.writes * 10**9, self.writes * 10**9))
        return path

    def say(self, seed: int = 0) -> str:
        return self.phrases.render("points/balance", seed, name="小美", balance=120)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def test_the_seed_picks_the_wording(desk: Desk) -> None:
    first, second = "小美，你有 120 积分～", "小美的积分：120\n真不少！"
    assert [desk.say(seed) for seed in (0, 1, 2, 3, -1, 10**30)] == [first, second, first, second, second, first]


def test_a_line_of_tags_leaves_no_empty_line_and_a_line_that_ends_with_one_keeps_its_end(desk: Desk) -> None:
    text = "甲\n  {% if n %} {# why #}\n乙{% if n %}！{% endif %}\n{% endif -%}\n\n  丙"
    assert desk.phrases.render_text(text, n=1) == "甲\n乙！\n丙"


def test_blank_lines_around_are_stripped_and_inner_ones_kept(desk: Desk) -> None:
    assert desk.phrases.render_text(" \n\t\n　　早安\n\n晚安 \n  \n\n") == "　　早安\n\n晚安 "


def test_only_a_line_of_exactly_three_dashes_parts_wordings(desk: Desk) -> None:
    desk.write("points/balance", "a\r\n---\r\nb\n----\n --- \nc---")
    assert [desk.say(seed) for seed in (0, 1, 2)] == ["a", "b\n----\n --- \nc---", "a"]
    assert desk.phrases.render_text("a\n---\nb") == "a\n---\nb"


def test_an_edit_is_picked_up_changed_and_dropped_without_restart(desk: Desk) -> None:
    shipped = desk.say()
    path = desk.write("points/balance", "改过：{{ balance }}")
    assert desk.say() == shipped  # not a second yet
    desk.seconds += 1
    assert desk.say() == "改过：120"
    desk.write("points/balance", "又改：{{ balance }}")
    desk.seconds += 1
    assert desk.say() == "又改：120"
    path.unlink()
    desk.seconds += 1
    assert desk.say() == shipped
    assert desk.refused == []


def test_a_file_is_looked_at_once_in_a_second(desk: Desk) -> None:
    for _ in range(1000):
        desk.say()
    assert desk.looks == 1
    desk.seconds += 0.99
    desk.say()
    assert desk.looks == 1
    desk.seconds += 0.01
    desk.say()
    assert desk.looks == 2


BROKEN = {
    "an open tag": ("好\n{% if balance %}\n多", ":3:", "少了结尾"),
    "an unknown tag": ("好\n\n{% fi %}", ":3:", "syntax"),
    "braces that do not close": ("{{ name }", ":1:", "syntax"),
    "in the second wording": ("好\n---\n好\n{{ balance * 2 }}", ":4:", "Mul is not allowed"),
    "a near miss": ("{{ name }}\n{{ balanse }}", ":2:", "did you mean balance?"),
    "a near miss in a branch": ("{% if 1 > 2 %}\n\n{{ strek }}{% endif %}好", ":3:", "did you mean streak?"),
    "a field of nobody": ("好\n{{ password }}", ":2:", "unknown field password"),
    "a filter of nobody": ("好\n{{ name|uper }}", ":2:", "did you mean upper?"),
    "a wrong argument": ("{{ name|truncate(1, 2, 3, 4) }}", ":1:", "filter truncate"),
    "a call": ("好\n{{ name.upper() }}", ":2:", "Call is not allowed"),
    "nothing": ("", ":1:", "wording 1 is empty"),
    "only blanks": (" \n\n", ":1:", "wording 1 is empty"),
    "an empty wording": ("好\n---\n\n---\n好", ":3:", "wording 2 is empty"),
    "a line of dashes at the end": ("好\n---\n", ":3:", "wording 2 is empty"),
    "only a comment": ("{# fields: name #}", ":1:", "wording 1 is empty"),
    "too long": ("好" * 3000, "balance.txt:", "over 8192 bytes"),
    "GBK": ("好\n积分".encode("gbk"), ":1:", "not UTF-8"),
    "half a letter": ("好\n".encode() + b"\xe5\xa5", ":2:", "not UTF-8"),
}


@pytest.mark.parametrize(("text", "place", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_edit_is_refused_with_place_and_reason_and_the_shipped_text_speaks(
    desk: Desk, text: str | bytes, place: str, reason: str
) -> None:
    path = desk.write("points/balance", text)
    for _ in range(3):
        assert desk.say() == "小美，你有 120 积分～"
        desk.seconds += 1
    [complaint] = desk.refused
    assert complaint.startswith(str(path))
    assert place in complaint
    assert reason in complaint
    assert "\n" not in complaint
    assert any("\u4e00" <= char <= "\u9fff" for char in complaint.removeprefix(str(path)))
    assert desk.phrases.check_all() == [complaint]
    if isinstance(text, str):
        with pytest.raises(TemplateError) as refused:
            desk.phrases.check("points/balance", text)
        assert str(refused.value) == "templates/points/balance.txt" + complaint.removeprefix(str(path))


def test_a_mended_edit_speaks_again(desk: Desk) -> None:
    desk.write("points/balance", "{{ balanse }}")
    desk.say()
    desk.write("points/balance", "{{ balance }} 分")
    desk.seconds += 1
    assert desk.say() == "120 分"
    assert len(desk.refused) == 1


def test_an_edit_that_fails_on_a_value_is_told_of_once_and_the_shipped_text_speaks(desk: Desk) -> None:
    path = desk.write("points/balance", "好\n{{ streak }}")  # a field of the text, but not passed here
    assert [desk.say(), desk.say()] == ["小美，你有 120 积分～"] * 2
    assert len(desk.refused) == 1
    assert desk.refused[0].startswith(f"{path}:2:")
    assert "streak" in desk.refused[0]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(desk: Desk) -> None:
    desk.write("points/balance", b"\xef\xbb\xbf" + "{% if balance %}\r\n有\r\n{% endif %}\r\n末".encode())
    assert desk.say() == "有\n末"


def test_a_file_from_elsewhere_or_of_another_kind_is_not_read(desk: Desk, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (desk.edited / "points").mkdir()
    path = desk.edited / "points/balance.txt"
    path.symlink_to(secret)
    assert desk.say() == "小美，你有 120 积分～"
    path.unlink()
    os.mkfifo(path)
    desk.seconds += 1
    assert desk.say() == "小美，你有 120 积分～"
    assert "outside" in desk.refused[0]
    assert "regular" in desk.refused[1]


@pytest.mark.parametrize(
    "name", ["points", "../points/balance", "points/../points/balance", "/etc/passwd", "", "a/b\0"]
)
def test_a_name_can_not_leave_the_folder(desk: Desk, name: str) -> None:
    with pytest.raises(TemplateError):
        desk.phrases.render(name)


def test_an_unknown_name_is_refused_with_the_near_miss(desk: Desk) -> None:
    with pytest.raises(TemplateError, match="did you mean points/balance"):
        desk.phrases.render("points/balanse")
    with pytest.raises(TemplateError, match="unknown text"):
        desk.phrases.render("posts/evening")
    desk.write("points/balanse", "好")
    with pytest.raises(TemplateError, match="did you mean points/balance"):
        desk.phrases.render("points/balanse")


def test_a_missing_value_is_an_error_with_the_line(desk: Desk) -> None:
    with pytest.raises(TemplateError, match=r"points/balance\.txt:2: .*unknown field balance"):
        desk.phrases.render("points/balance", name="小美")
    with pytest.raises(TemplateError, match=r"text:2: .*did you mean name\?"):
        desk.phrases.render_text("好\n{{ nmae }}", name="小美")
    with pytest.raises(TemplateError, match=r"text:1: .*no attribute 'b'"):
        desk.phrases.render_text("{{ m.b }}", m={"a": 1})
    with pytest.raises(TemplateError):
        desk.phrases.render_text("{% if a == b %}好{% endif %}好", a=1)


def test_a_dot_finds_only_keys_even_where_an_attribute_has_the_name(desk: Desk) -> None:
    assert (
        desk.phrases.render_text("{{ m.items }}{{ m['keys'] }}{{ xs[-1] }}", m={"items": 1, "keys": 2}, xs=[3]) == "123"
    )


# Audience.

PRIVATE_IN_DISGUISE = [
    "{{ phone }}",
    "{{ m.phone }}",
    "{{ m['phone'] }}",
    "{{ m.phone_tail }}",
    "{{ member_birthday }}",
    "{{ Balance }}",
    "{{ rows[0].birthday }}",
    "{{ rows|join('、', 'phone') }}",
    "{{ rows|join('、', attribute='real_name') }}",
    "{{ (rows|first).address }}",
    "{% for row in rows %}{{ row.balance }}{% endfor %}",
    "{% for row in rows if row.age %}好{% endfor %}",
    "{% if balance > 10 %}多{% endif %}",
    "{% set x = m.phone %}{{ x }}",
    "{{ name|default(phone) }}",
]


@pytest.mark.parametrize("text", PRIVATE_IN_DISGUISE)
def test_a_text_for_a_room_may_not_use_personal_fields(desk: Desk, text: str) -> None:
    everything = {"phone": "13812345678", "birthday": "3月5日", "balance": 20, "address": "海淀", "real_name": "李美"}
    row = {**everything, "age": 30, "phone_tail": "5678"}
    values = {**everything, "member_birthday": "3月5日", "Balance": 20, "m": row, "rows": [row], "name": "小美"}
    assert desk.phrases.render_text(text, **values)
    with pytest.raises(TemplateError, match=r"text:1: 群里不能说个人信息 .*personal field"):
        desk.phrases.render_text(text, audience="room", **values)
    with pytest.raises(TemplateError, match="personal field"):
        desk.phrases.check_text(text)
    with pytest.raises(TemplateError, match="personal field"):
        desk.phrases.check("posts/morning", text)
    desk.phrases.check_text(text, audience="private")


@pytest.mark.parametrize(
    "text", ["{{ m[key] }}", "{% set k = 'phone' %}{{ m[k] }}", "{{ m['pho' + 'ne'] }}", "{{ m }}"]
)
def test_a_computed_key_does_not_get_round_the_audience(desk: Desk, text: str) -> None:
    with pytest.raises(TemplateError):
        desk.phrases.render_text(text, audience="room", m={"phone": "010-6234"}, key="phone")


def test_a_shipped_text_for_rooms_makes_its_edits_texts_for_rooms(desk: Desk) -> None:
    desk.write("welcome/bread", "欢迎 {{ name }}，你有 {{ balance }} 分")
    assert desk.phrases.render("welcome/bread", name="小美", balance=3) == "欢迎 小美"
    assert "personal field balance" in desk.refused[0]


def test_a_personal_edit_of_a_text_that_is_said_in_a_room_gives_way_there_only(desk: Desk) -> None:
    desk.write("hello/there", "{# fields: name, balance #}\n你好 {{ name }}", desk.shipped)
    desk.write("hello/there", "{{ name }} 有 {{ balance }}")
    assert desk.phrases.render("hello/there", name="小美", balance=3) == "小美 有 3"
    assert desk.phrases.render("hello/there", audience="room", name="小美", balance=3) == "你好 小美"
    assert len(desk.refused) == 1
    with pytest.raises(TemplateError, match="personal field balance"):
        desk.phrases.render("points/balance", audience="room", name="小美", balance=3)


def test_no_value_carries_a_phone_number_into_a_room(desk: Desk) -> None:
    for text in ("{{ name }}", "{{ name|upper }}", "{{ n }}", "{{ xs|join }}", "{% for x in xs %}{{ x }}{% endfor %}"):
        said = desk.phrases.render_text(
            text, audience="room", name="小美13812345678", n=13812345678, xs=["13812345678"]
        )
        assert "138****5678" in said
        assert "12345678" not in said
    assert desk.phrases.render_text("{{ name }}", name="小美13812345678") == "小美13812345678"
    assert desk.phrases.render_text("订购 13812345678", audience="room") == "订购 13812345678"  # staff's own words


def test_an_unknown_audience_counts_as_a_room(desk: Desk) -> None:
    with pytest.raises(TemplateError, match="personal"):
        desk.phrases.render_text("{{ phone }}", audience="rooms", phone="1")  # type: ignore[arg-type]


# Posts that staff add, and what doctor asks.


def test_staff_may_add_posts_with_the_fields_of_the_shipped_ones(desk: Desk) -> None:
    desk.write("posts/晚安", "晚安，{{ community }}，{{ weekday }}")
    assert desk.phrases.render("posts/晚安", community="麦香小院", weekday="周五") == "晚安，麦香小院，周五"
    assert desk.phrases.names() == ["points/balance", "posts/morning", "posts/晚安", "welcome/bread"]
    desk.phrases.check("posts/new", "{{ weekday }}好")
    with pytest.raises(TemplateError, match="did you mean weekday"):
        desk.phrases.check("posts/new", "{{ weekdya }}好")


def test_a_broken_post_of_staff_says_why(desk: Desk) -> None:
    path = desk.write("posts/evening", "晚安\n{{ comunity }}")
    for _ in range(2):
        with pytest.raises(TemplateError, match=r"evening\.txt:2: .*did you mean community\?"):
            desk.phrases.render("posts/evening", community="麦香小院")
    path.unlink()
    desk.seconds += 1
    with pytest.raises(TemplateError, match="no such text"):
        desk.phrases.render("posts/evening", community="麦香小院")


def test_check_all_names_every_problem(desk: Desk) -> None:
    assert desk.phrases.check_all() == []
    desk.write("points/broken", "{{ x", desk.shipped)
    desk.write("posts/evening", "{{ phone }}")
    desk.write("point/balance", "好")
    desk.write("points/balance.txt.bak", "好")
    desk.write("points/.hidden.txt", "{{")
    problems = desk.phrases.check_all()
    assert [next(key for key in ("broken", "evening", "point/", "bak") if key in each) for each in problems] == [
        "broken",
        "point/",
        "bak",
        "evening",
    ]


def test_every_shipped_text_of_the_product_is_well() -> None:
    assert Phrases().check_all() == []


def test_without_a_folder_of_staff_nothing_is_looked_at(desk: Desk) -> None:
    assert Phrases(None, desk.shipped).render("points/balance", name="小美", balance=1) == "小美，你有 1 积分～"
    assert desk.looks == 0


def test_a_refusal_that_nobody_hears_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.write("points/balance", "{{ balanse }}")
    Phrases(desk.edited, desk.shipped).render("points/balance", name="小美", balance=1)
    assert "balanse" in caplog.text


# Limits.


def test_the_budget_is_new_for_each_render(desk: Desk) -> None:
    text = "{% for x in xs %}{% if x == 1 %}{% endif %}{% endfor %}好"
    many = [0] * 5000
    assert {desk.phrases.render_text(text, xs=many) for _ in range(20)} == {"好"}
    with pytest.raises(TemplateError, match="over 50000 steps"):
        desk.phrases.render_text(text * 3, xs=many)


def test_only_so_many_loops_in_loops(desk: Desk) -> None:
    def loop(deep: int) -> str:
        return "{% for x in xs %}" * deep + "好" + "{% endfor %}" * deep

    assert desk.phrases.render_text(loop(3), xs=[1, 2]) == "好" * 8
    with pytest.raises(TemplateError, match="over 3 nested loops"):
        desk.phrases.render_text(loop(4), xs=[1])


def test_texts_of_staff_are_compiled_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    wording = module.Wording
    monkeypatch.setattr(module, "Wording", lambda *args: compiled.append(args[1]) or wording(*args))
    for number in range(50):
        assert desk.phrases.render_text("第 {{ n }} 次", n=number) == f"第 {number} 次"
    assert compiled == ["第 {{ n }} 次"]
