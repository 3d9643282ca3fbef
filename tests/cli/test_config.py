"""The configuration file: what is wrong is named with file, line, key, value and the mend."""

import re
from pathlib import Path

import pytest

from cli import config
from rules.errors import SettingsError
from rules.rhythm.settings import SlotSettings
from rules.settings import Section, Settings
from tests.conftest import ROOT

ACCOUNT = '[[accounts]]\nname = "小知"\nchannel = "sandbox"\n'


def complaint(folder: Path, text: str) -> str:
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        config.load(file)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (ACCOUNT + "[pace]\nper_minut = 5\n", ["第 5 行", "pace.per_minut", "5", "per_minute"]),
        (ACCOUNT + "[pcae]\nenabled = true\n", ["第 4 行", "pcae", "pace"]),
        (ACCOUNT.replace("sandbox", "sandbx"), ["第 3 行", "channel", "'sandbx'", "sandbox"]),
        (ACCOUNT + '[pace]\ngap = "5x"\n', ["第 5 行", "pace.gap", "5x", "ms s m h d"]),
        (ACCOUNT + "[pace]\nper_minute = 0\n", ["第 5 行", "per_minute = 0", "不能小于 1"]),
        (ACCOUNT + '[pace]\nper_minute = "many"\n', ["第 5 行", "'many'", "整数"]),
        (ACCOUNT + '[posts.a]\nrooms = ["甲"]\nat = "25:00"\n', ["第 6 行", "posts.a.at", "25:00", "00:00–23:59"]),
        (ACCOUNT + '[posts.a]\nrooms = ["甲"]\nat = "8:00"\non = "workdy"\n', ["第 7 行", "workdy", "workday"]),
        (ACCOUNT + '[posts.a]\nrooms = ["甲"]\ncron = "0 8 * * 9"\n', ["cron", "0 8 * * 9", "9"]),
        (ACCOUNT + ACCOUNT, ["账号名重复", "小知"]),
        ('[[accounts]]\nname = "甲"\nchannel = "wechat"\n', ["accounts", "endpoint"]),
        ("", ["accounts"]),
        ("[community\nname = 1", ["第 1 行", "写法不对"]),
        ("name = 小知", ["第 1 行", "加引号"]),
        (
            '[community]\ntime_zone = "Beijing"\n' + ACCOUNT,
            ["第 2 行", "time_zone", "'Beijing'", '中国写 "Asia/Shanghai"'],
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_and_the_mend(tmp_path: Path, text: str, parts: list[str]) -> None:
    said = complaint(tmp_path, text)
    for part in parts:
        assert part in said, said


def test_only_a_wrong_value_is_told_about_quotes(tmp_path: Path) -> None:
    doubled = ACCOUNT + "[profile]\nper_round = 3\n[profile]\nper_round = 2\n"
    said = complaint(tmp_path, doubled)
    assert "第 6 行" in said
    assert "引号" not in said


def test_the_commented_examples_can_be_switched_on(tmp_path: Path) -> None:
    """What config.toml shows behind a # works as it stands there."""
    text = (ROOT / "config.toml").read_text("utf-8")
    shown = re.sub(r"^# (?=\[\[profile\.fields\]\]|\[(?:shops|tags)\.|\w+ +=)", "", text, flags=re.MULTILINE)
    shown = shown.replace("# [[accounts]]", "[[accounts]]").replace('"小知"                      #', '"小知零号" #')
    file = tmp_path / "config.toml"
    file.write_text(shown, "utf-8")
    settings = config.load(file)
    assert [one.name for one in settings.profile.fields] == ["口味"]
    assert settings.profile.fields[0].choices == ("原味", "偏甜", "咸香")
    assert [one.channel for one in settings.accounts] == ["sandbox", "wechat"]


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    said = complaint(tmp_path, ACCOUNT + "[pace]\nper_minute = 0\nper_hour = 0\n")
    assert said.count("\n") == 1


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xef\xbb\xbf" + ACCOUNT.replace("\n", "\r\n").encode())
    assert config.load(file).accounts[0].name == "小知"


def test_a_file_in_another_encoding_is_refused_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(ACCOUNT.replace("小知", "麦香小院的知己").encode("gb18030"))
    with pytest.raises(SettingsError, match="UTF-8"):
        config.load(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        config.load(tmp_path / "nowhere.toml")


def test_a_token_comes_from_the_environment_or_a_file_and_never_stands_in_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIJI_TOKEN_1", "puppet_secret")
    (tmp_path / "token").write_text("from_file\n")
    assert config.secret("env:ZHIJI_TOKEN_1", "token", tmp_path) == ("puppet_secret", False)
    assert config.secret("file:token", "token", tmp_path) == ("from_file", False)
    assert config.secret("open", "token", tmp_path) == ("open", True)
    with pytest.raises(SettingsError, match="ZHIJI_TOKEN_1"):
        config.secret("env:ZHIJI_TOKEN_2", "token", tmp_path)
    said = complaint(tmp_path, ACCOUNT + 'token = "canary-secret"\nendpiont = "x"\n')
    assert "canary-secret" not in said


def test_only_a_near_name_is_suggested_for_a_variable_that_is_not_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZHIJI_TOKEN_1", raising=False)
    monkeypatch.setenv("ZHIJI_LANG", "zh")
    with pytest.raises(SettingsError) as caught:
        config.secret("env:ZHIJI_TOKEN_1", "token", tmp_path)
    assert "是不是" not in str(caught.value)
    monkeypatch.setenv("ZHIJI_TOKEN1", "canary-secret")
    with pytest.raises(SettingsError, match="是不是 ZHIJI_TOKEN1") as caught:
        config.secret("env:ZHIJI_TOKEN_1", "token", tmp_path)
    assert "canary-secret" not in str(caught.value)


def test_the_shipped_file_is_valid_and_holds_every_knob() -> None:
    """A setting that config.toml does not show, an operator can't find."""
    file = ROOT / "config.toml"
    config.load(file)
    text = file.read_text("utf-8")
    missing = [
        f"{name}.{key}"
        for name, field in Settings.model_fields.items()
        if (section := config._model_in(field.annotation)) and issubclass(section, Section)
        for key in section.model_fields
        if not re.search(rf"^#?\s*({key}\s*=|\[\[?{name}\.(\"[^\"]+\"\.)?{key}[.\]])", text, re.MULTILINE)
        and key not in ("text", "image", "cron")
    ]
    missing += [key for key in SlotSettings.model_fields if not re.search(rf"^#?\s*{key}\s*=", text, re.MULTILINE)]
    assert missing == []


def test_every_knob_has_a_comment_in_both_languages() -> None:
    lines = (ROOT / "config.toml").read_text("utf-8").splitlines()
    comments = "\n".join(line.split("#", 1)[1] for line in lines if "#" in line)
    assert re.search(r"[\u4e00-\u9fff]", comments)
    assert re.search(r"[a-z]{4}", comments)


DIMENSION = ACCOUNT + '[tags.dimensions."爱好"]\nvalues = ["烘焙"]\n'


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (ACCOUNT + '[segments]\n"甲" = "bougth in 30d"\n', ["第 5 行", "segments.甲", "第 1 个字", "bought"]),
        (ACCOUNT + '[segments]\n"甲" = "bought"\n"乙" = "丙 and bought"\n', ["第 6 行", "segments.乙", "丙"]),
        (ACCOUNT + '[segments]\n"甲" = "乙"\n"乙" = "not 甲"\n', ["第 5 行", "圈", "甲 → 乙 → 甲"]),
        (ACCOUNT + '[segments]\n"买过" = "bought"\n', ["第 5 行", "换一个"]),
        (DIMENSION + '[tags.rules.a]\nwhen = "bought >= 2 in 90"\ntag = "爱好:烘焙"\n', ["第 7 行", "when", "90d"]),
        (DIMENSION + '[tags.rules.a]\nwhen = "bought"\ntag = "爱好:烘培"\n', ["第 8 行", "rules.a.tag", "烘焙"]),
        (DIMENSION + '[tags.rules.a]\nwhen = "bought"\ntag = "烘焙"\n', ["第 8 行", "维度:值"]),
        (DIMENSION + '[tags.rules.a]\nwhen = "tag(\'爱好:烘焙\')"\ntag = "爱好:烘焙"\n', ["第 7 行", "圈", "a → a"]),
        (DIMENSION + '[tags.words]\n"爱号:烘焙" = ["我爱烤面包"]\n', ["第 7 行", "tags.words", "爱好"]),
        (DIMENSION + '[tags.words]\n"爱好:烘焙" = ["我"]\n', ["第 7 行", "太短"]),
    ],
)
def test_mistakes_in_segments_rules_and_words_are_named_with_their_line(
    tmp_path: Path, text: str, parts: list[str]
) -> None:
    said = complaint(tmp_path, text)
    for part in parts:
        assert part in said
