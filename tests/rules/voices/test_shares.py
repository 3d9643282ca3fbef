"""What is a share of the brand, and which of many count once."""

import pytest

from rules.member_settings import BrandSettings
from rules.times import DAY, HOUR, MINUTE
from rules.voices.shares import Posted, is_circle, is_news, look, once, ours

BRAND = BrandSettings(links=("shop.example.com", "https://Example.org/bakery/"), mini_programs=("wx123",))


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://shop.example.com/cake?id=3#top", "shop.example.com/cake?id=3"),
        ("HTTP://M.SHOP.example.com:443/Cake", "m.shop.example.com/Cake"),
        ("https://example.org/bakery", "example.org/bakery"),
        ("https://example.org/Bakery/toast", "example.org/Bakery/toast"),
        ("https://example.org/bakeryx", ""),
        ("https://example.org/", ""),
        ("https://evilshop.example.com.cn/", ""),
        ("https://evilshop.example.com/", ""),
        ("https://notshop.example.com@evil.cn/", ""),
        ("https://evil.cn/?u=shop.example.com", ""),
        ("https://evil-shop.example.com.", ""),
        ("javascript:shop.example.com", ""),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_only_the_brands_own_addresses_count(url: str, target: str) -> None:
    assert ours(url, BRAND.links) == target


@pytest.mark.parametrize(
    ("kind", "text", "data", "found"),
    [
        ("link", "", '{"url": "https://shop.example.com/a", "title": "新品"}', ("link", "shop.example.com/a", "新品")),
        ("link", "", '{"url": "https://other.com/a", "title": "新品"}', None),
        ("link", "", "{}", None),
        (
            "mini_program",
            "",
            '{"app_id": "wx123", "page_path": "p/1", "title": "下单"}',
            ("mini_program", "wx123/p/1", "下单"),
        ),
        ("mini_program", "", '{"app_id": "wx999", "title": "下单"}', None),
        ("card", "", '{"contact": "bot:小知"}', ("card", "bot:小知", "")),
        ("text", "看这个https://shop.example.com/b，很好吃", None, ("link", "shop.example.com/b", "")),
        ("text", "shop.example.com 不错", None, None),
        ("image", "", '{"url": "https://shop.example.com/a"}', None),
    ],
)
def test_links_cards_and_mini_programs(
    kind: str, text: str, data: str | None, found: tuple[str, str, str] | None
) -> None:
    share = look(BRAND, kind, text, data)
    assert (share and (share.kind, share.target, share.title)) == found


def post(number: int, member: int, at: int, target: str = "a", counts: bool = True) -> Posted:
    return Posted(number, member, 1, target, at, counts)


def test_many_within_an_hour_count_once_and_the_next_after_it_counts_again() -> None:
    first = post(1, 1, 0)
    assert not is_news(post(2, 1, HOUR - 1, "b"), [first], [first], HOUR)
    assert is_news(post(2, 1, HOUR, "b"), [first], [first], HOUR)
    silent = post(1, 1, 0, counts=False)
    assert is_news(post(2, 1, HOUR - 1, "b"), [silent], [silent], HOUR)


def test_the_same_thing_passed_round_in_a_room_counts_once_a_day() -> None:
    first = post(1, 1, 0)
    assert not is_news(post(2, 2, 5 * MINUTE), [], [first], HOUR)
    assert is_news(post(2, 2, 5 * MINUTE, "b"), [], [first], HOUR)
    assert is_news(post(2, 2, DAY), [], [first], HOUR)


def test_a_circle_is_a_few_who_all_share_to_each_other() -> None:
    room = [post(1, 1, 0), post(2, 2, DAY, "b"), post(3, 3, 2 * DAY, "c")]
    assert is_circle(room[2], room, {1, 2})
    assert not is_circle(room[2], room, {1, 2, 4})  # 4 only listens
    assert not is_circle(post(9, 3, 40 * DAY), room, {1, 2})  # that was long ago
    crowd = [post(number, number, 0) for number in range(1, 9)]
    assert not is_circle(crowd[0], crowd, set(range(2, 9)))
    assert once(room, 2 * DAY) == {2, 3}
    assert once(room, 31 * DAY - 1) == {3}
