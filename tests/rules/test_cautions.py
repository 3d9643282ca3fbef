"""What the settings allow but should not be done without knowing is said."""

from rules.cautions import cautions
from rules.settings import Settings

ACCOUNT = [{"name": "小知", "channel": "sandbox"}]


def test_points_for_shares_are_warned_of_and_the_shipped_ones_are_not() -> None:
    assert cautions(Settings.model_validate({"accounts": ACCOUNT})) == ()
    (text,) = cautions(Settings.model_validate({"accounts": ACCOUNT, "points": {"share": 3}}))
    assert "share = 3" in text
    assert "微信禁止" in text


def test_slots_in_the_quiet_hours_are_warned_of() -> None:
    slots = {"夜宵": {"at": "23:10"}, "午后": {"at": "15:00"}, "天亮": {"at": "07:59"}, "早安": {"at": "08:00"}}
    rhythms = {"一周": {"rooms": ["面包房"], "slots": slots}}
    texts = cautions(Settings.model_validate({"accounts": ACCOUNT, "rhythms": rhythms}))
    assert [text.partition("]")[0] for text in texts] == ["[rhythms.一周.slots.夜宵", "[rhythms.一周.slots.天亮"]


def test_a_moment_that_could_only_leave_the_day_after_is_warned_of() -> None:
    moments = {"birthday": {"at": "22:30"}, "service": {"at": "06:00"}, "win_back": {"at": "23:00", "on": False}}
    (text,) = cautions(Settings.model_validate({"accounts": ACCOUNT, "moments": moments}))
    assert text.startswith("[moments.birthday] at = 22:30")
