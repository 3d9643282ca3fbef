"""A short link leads to declared hosts only: everything that could be taken for one of them leads nowhere."""

import pytest

from rules.effects.redirects import destination

SHOP = ("shop.example.com", "brand.example.cn/bakery", "http://old.example.com", "shop.example.com:8443")

GOOD = [
    "https://shop.example.com",
    "https://shop.example.com/",
    "https://Shop.Example.com/a?b=c&d=%E5%90%90#e",
    "https://shop.example.com?q=1",
    "https://shop.example.com#top",
    "https://m.shop.example.com/a",
    "https://shop.example.com:443/a",
    "https://shop.example.com:8443/a",
    "https://brand.example.cn/bakery",
    "https://brand.example.cn/bakery/toast",
    "http://old.example.com/a",
    "https://shop.example.com//two/slashes",
    "https://shop.example.com/a@b:c",
    "https://shop.example.com/?next=https://evil.example",
]

HOSTILE = [
    "",
    "/",
    "shop.example.com",
    "//shop.example.com",
    "//evil.example",
    "///evil.example",
    "https:shop.example.com",
    "https:/shop.example.com",
    "https:///shop.example.com",
    "https://evil.example",
    "https://evil.example/shop.example.com",
    "https://evil.example?shop.example.com",
    "https://evil.example#shop.example.com",
    "https://shop.example.com.evil.example",
    "https://shop.example.com-evil.example",
    "https://evilshop.example.com",
    "https://example.com",
    "https://com",
    "https://shop.example.com@evil.example",
    "https://shop.example.com:pass@evil.example/",
    "https://evil.example@shop.example.com/",
    "https://evil@m.shop.example.com/",
    "https://user:pass@shop.example.com/",
    "https://@shop.example.com/",
    "https://shop.example.com%40evil.example/",
    "https://shop.example.com%2eevil.example/",
    "https://shop%2eexample.com/",
    "https://evil.example\\@shop.example.com/",
    "https://evil.example\\.shop.example.com/",
    "https:\\\\shop.example.com",
    "https://shop.example.com\\evil",
    "https://shop.example.com/a\\b",
    "https://shop.example.com/%5cevil",
    "http://shop.example.com/",
    "https://old.example.com/",
    "ftp://shop.example.com/",
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "javascript://shop.example.com/%0aalert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "weixin://dl/business",
    "blob:https://shop.example.com/1",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[shop.example.com]/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://localhost/",
    "https://shop.example.com:8444/",
    "https://shop.example.com:/",
    "https://shop.example.com:99999999/",
    "https://shop.example.com:443@evil.example/",
    "https://ѕhop.example.com/",  # a Cyrillic s
    "https://shop。example.com/",  # an ideographic full stop
    "https://ｓhop.example.com/",
    "https://shop.example.com／evil",
    "https://xn--hop-lxd.example.com.evil.example/",
    "https://xn--shop-example.com/",
    "https://shop.example.com\u2028.evil.example/",
    "https://shop.example.com/\u202emoc",
    "https://shop.example.com/\r\nSet-Cookie: a=b",
    "https://shop.example.com/%0d%0aSet-Cookie:%20a=b",
    "https://shop.example.com/%00",
    "https://shop.example.com\n.evil.example",
    "\nhttps://shop.example.com",
    " https://shop.example.com",
    "https://shop.example.com ",
    "https://shop.example.com/a b",
    "https://shop.example.com./",
    "https://.shop.example.com/",
    "https://-shop.example.com/",
    "https://brand.example.cn/",
    "https://brand.example.cn/bakeryx",
    "https://brand.example.cn/bakery/../other",
    "https://brand.example.cn/bakery/%2e%2e/other",
    "https://brand.example.cn/bakery/..%2fother",
    "https://brand.example.cn/bakery/..;/other",
    "https://shop.example.com/" + "a" * 500,
]


@pytest.mark.parametrize("url", GOOD)
def test_a_declared_address_is_sent_as_it_is(url: str) -> None:
    assert destination(url, SHOP) == url
    assert destination(url, ()) == ""


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_leads_nowhere(url: str) -> None:
    assert destination(url, SHOP) == ""


def test_there_are_sixty_of_them_and_more() -> None:
    assert len(set(HOSTILE)) >= 60


def test_chinese_in_the_path_is_written_as_browsers_write_it() -> None:
    assert destination("https://shop.example.com/面包?x=吐司", SHOP) == (
        "https://shop.example.com/%E9%9D%A2%E5%8C%85?x=%E5%90%90%E5%8F%B8"
    )
