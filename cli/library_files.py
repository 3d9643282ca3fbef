"""What the doctor makes of the library's files: what is wrong with any of them."""

from pathlib import Path

from actions.content import shelf
from rules.settings import Settings
from templates import Phrases


def look(settings: Settings, beside: Path, folder: Path) -> list[str]:
    """`beside`: where config.toml lies; `folder`: the data."""
    return shelf.problems(settings, Phrases(folder / "templates"), beside / settings.content.folder)
