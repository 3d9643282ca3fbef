"""The page behind a link of invitation: plain, without scripts, and silent about whose code it is."""

from rules.voices.invites import invite_code, invite_in
from tests.web.conftest import Shop


async def test_the_page_says_what_to_send_to_whom(shop: Shop) -> None:
    (told, _) = await shop.house.say("小美", "我的邀请码")
    code = invite_in(told.text)
    async with shop.client.get(f"{shop.address}/i/{code}") as answer:
        text = await answer.text()
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert code is not None
    for part in (code, "小知", "麦香小院"):
        assert part in text
    assert "小美" not in text
    assert "<script" not in text


async def test_nobodys_code_looks_like_anybodys(shop: Shop) -> None:
    """Whoever tries codes learns nothing."""
    (told, _) = await shop.house.say("小美", "我的邀请码")
    somebodys, nobodys = invite_in(told.text), invite_code(999_999)
    assert somebodys is not None
    pages = []
    for code in (somebodys, nobodys):
        async with shop.client.get(f"{shop.address}/i/{code}") as answer:
            pages.append((answer.status, (await answer.text()).replace(code, "CODE")))
    assert pages[0] == pages[1]


async def test_a_slip_is_said_kindly_and_nothing_is_echoed(shop: Shop) -> None:
    for path in ("/i/nonsense", "/i/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "/i/YYYYYYY"):
        async with shop.client.get(f"{shop.address}{path}") as answer:
            text = await answer.text()
            assert answer.status == 404
            assert "小知" in text
            assert "<script" not in text
            assert "nonsense" not in text
    async with shop.client.post(f"{shop.address}/i/{invite_code(1)}") as answer:
        assert answer.status == 405
