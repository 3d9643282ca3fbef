"""People and the programs that look at links before them."""

import pytest

from rules.effects.visitors import is_machine

ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; M2102J2SC Build/UKQ1; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0"
    " Chrome/122.0 Mobile Safari/537.36 XWEB/122 MMWEBSDK/2024 MicroMessenger/8.0.49(0x28003133) WeChat/arm64 Weixin"
    " NetType/WIFI Language/zh_CN ABI/arm64"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
    " MicroMessenger/8.0.49(0x18003137) NetType/4G Language/zh_CN"
)
DESKTOP = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0 Safari/537.36"
    " NetType/WIFI MicroMessenger/7.0.20(0x6700143B) WindowsWechat(0x63090a13) XWEB/9129"
)
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1"
FETCHER = "Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0 MicroMessenger/7.0.1"


@pytest.mark.parametrize("agent", [ANDROID, IPHONE, DESKTOP, BROWSER])
def test_a_person_in_a_browser_is_a_person(agent: str) -> None:
    assert not is_machine("GET", {"user-agent": agent, "accept": "text/html,*/*;q=0.8"})
    assert not is_machine("GET", {"user-agent": agent})
    assert is_machine("HEAD", {"user-agent": agent})
    assert is_machine("GET", {"user-agent": agent, "accept": "image/webp,image/*"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("x-purpose", "preview"),
        ("x-moz", "Prefetch"),
    ],
)
def test_what_is_fetched_ahead_is_no_click(name: str, value: str) -> None:
    assert is_machine("GET", {"user-agent": IPHONE, name: value})


@pytest.mark.parametrize(
    "agent",
    ["", " ", FETCHER, "curl/8.5", "python-requests/2.31", "WeChatShareExtensionNew/8.0 CFNetwork/1490 Darwin/23",
     "Mozilla/5.0 (compatible; Baiduspider/2.0)", "Mozilla/5.0 (compatible; bingbot/2.0)", "facebookexternalhit/1.1",
     "TelegramBot (like TwitterBot)", "HeadlessChrome/120", "Go-http-client/1.1", "okhttp/4.9", "Slackbot 1.0"],
)  # fmt: skip
def test_robots_are_no_people(agent: str) -> None:
    assert is_machine("GET", {"user-agent": agent})
