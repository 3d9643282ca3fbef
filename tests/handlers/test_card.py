"""会员卡: the picture reaches its member alone, bears the true figures, and survives a kill."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from actions.community import Community
from actions.person import card, privacy
from rules.messages import Act, Outgoing
from templates import drawing
from tests.house import House

ROOM = "早安面包房"


async def test_the_card_comes_privately_as_a_picture_with_the_figures_of_我的(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[dict[str, object]] = []
    real = drawing.draw
    monkeypatch.setattr(drawing, "draw", lambda name, /, **values: drawn.append(values) or real(name, **values))
    await house.say("小美", "签到", ROOM)
    (text,) = await house.say("小美", "我的")
    said = await house.say("小美", "我的会员卡", ROOM)
    assert [(one.to, one.content.act) for one in said] == [(f"room:{ROOM}", Act.TEXT), ("wx:小美", Act.IMAGE)]
    picture = (house.folder / said[-1].content.path).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(drawn) == 1
    assert drawn[0]["name"] == "小美"
    assert f"积分　{drawn[0]['points']}" in text.text
    assert f"第 {drawn[0]['days']} 天" in text.text


async def test_a_card_that_a_kill_interrupted_is_sent_after_the_start_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: object) -> None:
        return None

    with monkeypatch.context() as patch:
        patch.setattr(card.FILED, "hand_over", killed)
        assert await house.say("小美", "会员卡") == []
    await house.restart()
    assert [one.content.act for one in house.sent if one.to == "wx:小美"] == [Act.IMAGE]
    await house.restart()
    assert len([one for one in house.sent if one.to == "wx:小美"]) == 1


async def test_one_card_that_cannot_be_drawn_costs_the_others_nothing_and_an_erased_member_gets_none(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: object) -> None:
        return None

    with monkeypatch.context() as patch:
        patch.setattr(card.FILED, "hand_over", killed)
        for who in ("小美", "大刚", "阿强"):
            await house.say(who, "会员卡")
    strange, gone = await house.member("小美"), await house.member("大刚")
    await house.db.write(lambda tx: privacy.erase(tx, house.community, gone, house.clock.now()))
    make = card.FILED._make

    async def made(community: Community, member_id: int, asked_at: int) -> Sequence[Outgoing]:
        if member_id == strange:
            raise OSError("no font")
        return await make(community, member_id, asked_at)

    monkeypatch.setattr(card.FILED, "_make", made)
    await house.restart()
    assert [one.to for one in house.sent if one.content.act is Act.IMAGE] == ["wx:阿强"]
    assert await house.db.value("SELECT COUNT(*) FROM invitation WHERE member_id = $1", gone) == 0


def test_a_hostile_name_is_only_text_in_the_picture() -> None:
    name = '</text><image href="file:///etc/passwd"/><text>&x;{{7*7}}'
    seen = drawing._environment().from_string("{{ name|fit(80) }}").render(name=name)
    assert "<" not in seen
    assert "49" not in seen
    qr, size = card.squares("https://shop.example.com/i/YK7Q3ZD")
    assert re.fullmatch(r"[Mmhvlz0-9 .-]+", qr)
    assert size == 29


def test_a_long_name_is_cut_and_signs_without_a_glyph_are_left_out() -> None:
    assert drawing.fit("小美🌸", 7) == "小美"
    assert drawing.fit("一二三四五六七八", 7) == "一二三四五六…"
    assert drawing.fit("Alexandra", 7) == "Alexandra"
    assert not list(Path(drawing.FOLDER).glob("*.txt"))
