"""Reading 发布 …: what is time, what are rooms, and what is the text."""

import pytest

from rules.errors import RefusedError
from rules.timed.announcement import read_announcement
from rules.times import HOUR, describe

NOW = 1_790_000_000_000  # 2026-09-21 22:13:20 in Shanghai, a Monday
ZONE = "Asia/Shanghai"
ROOMS = {"早安面包房": (1,), "下午茶": (2,), "New Moms": (3,), "同名": (4, 5)}


@pytest.mark.parametrize(
    ("text", "when", "rooms", "rest"),
    [
        ("明早8点 早安面包房：新品", "明天 08:00", (1,), "新品"),
        ("明早 8:00 早安面包房: 新品", "明天 08:00", (1,), "新品"),
        ("早安面包房：8:00 开门", None, (1,), "8:00 开门"),
        ("早安面包房、下午茶：你好", None, (1, 2), "你好"),
        ("明早8点 New Moms 下午茶\n第一行：注意\n第二行", "明天 08:00", (3, 2), "第一行：注意\n第二行"),
        ("同名：你好", None, (4, 5), "你好"),
        ("明早8点 新品上架", "明天 08:00", (), "新品上架"),
        ("明早8点：新品上架", "明天 08:00", (), "新品上架"),
        ("新品：全麦吐司", None, (), "新品：全麦吐司"),
        ("没有的群：你好", None, (), "没有的群：你好"),
        ("早安面包房 欢迎你：大家好", None, (), "早安面包房 欢迎你：大家好"),
        ("大家好", None, (), "大家好"),
        ("", None, (), ""),
    ],
)
def test_time_rooms_and_text_are_told_apart(text: str, when: str | None, rooms: tuple[int, ...], rest: str) -> None:
    found = read_announcement(text, NOW, ZONE, lambda name: ROOMS.get(name, ()))
    assert (found.when if found.when is None else describe(found.when, NOW, ZONE)) == when
    assert (found.rooms, found.text) == (rooms, rest)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("明早8点 早安面包店：新品", ["没有叫「早安面包店」的群", "是不是「早安面包房」"]),
        ("明早8点 早安面包房、下午菜：新品", ["没有叫「下午菜」的群"]),
        ("明早8点 新品上架：全麦", ["没有叫「新品上架」的群", "「时间：内容」"]),
        ("昨天8点 早安面包房：新品", ["时间已经过了"]),
        ("昨晚8点 早安面包房：新品", ["时间已经过了"]),
        ("前天 8:00 新品上架", ["时间已经过了"]),
    ],
)
def test_what_begins_like_a_time_and_rooms_but_is_none_is_refused(text: str, parts: list[str]) -> None:
    with pytest.raises(RefusedError) as refused:
        read_announcement(text, NOW, ZONE, lambda name: ROOMS.get(name, ()), tuple(ROOMS))
    for part in parts:
        assert part in str(refused.value)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("明早8点 大家好，8:30开门", "大家好，8:30开门"),
        ("明早8点 看这里 https://example.com", "看这里 https://example.com"),
        ("明早8点 新品上架\n内容：全麦", "新品上架\n内容：全麦"),
        ("昨天的面包卖完了：明天补上", "昨天的面包卖完了：明天补上"),
    ],
)
def test_a_colon_within_the_text_is_text(text: str, rest: str) -> None:
    assert read_announcement(text, NOW, ZONE, lambda name: ROOMS.get(name, ()), tuple(ROOMS)).text == rest


def test_a_moment_from_now_is_understood() -> None:
    found = read_announcement("2小时后 下午茶：到点了", NOW, ZONE, lambda name: ROOMS.get(name, ()))
    assert found.when == NOW + 2 * HOUR
