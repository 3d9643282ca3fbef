"""What the settings allow but should not be done without knowing is said."""

from rules.cautions import cautions
from rules.settings import Settings

ACCOUNT = [{"name": "小知", "channel": "sandbox"}]


def test_points_for_shares_are_warned_of_and_the_shipped_ones_are_not() -> None:
    assert cautions(Settings.model_validate({"accounts": ACCOUNT})) == ()
    (text,) = cautions(Settings.model_validate({"accounts": ACCOUNT, "points": {"share": 3}}))
    assert "share = 3" in text
    assert "微信禁止" in text
