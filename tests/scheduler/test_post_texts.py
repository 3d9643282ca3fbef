"""Every shipped post can be said on every day, in every wording, and says nothing personal."""

from datetime import date, timedelta

import pytest

from actions.timed.posts import FIELDS, _day
from templates import Phrases

POSTS = sorted(name for name in Phrases().names() if name.startswith("posts/"))


@pytest.mark.parametrize("name", POSTS)
def test_it_can_be_said_on_any_day(name: str) -> None:
    phrases = Phrases()
    said = set()
    for ahead in range(400):
        values = {**_day(date(2026, 11, 22) + timedelta(days=ahead)), "community": "麦香小院", "room": "早安面包房"}
        values = {**values, "theme": "烘焙", "members": 60}
        assert set(values) == FIELDS
        text = phrases.render(name, ahead, audience="room", **values)
        assert 10 <= len(text) <= 120
        assert "  " not in text
        assert "，，" not in text
        said.add(text)
    assert len(said) >= 3


def test_the_posts_of_the_shipped_configuration_have_texts() -> None:
    assert {"posts/morning", "posts/tip", "posts/weekend", "posts/mid_autumn", "posts/festival"} <= set(POSTS)
