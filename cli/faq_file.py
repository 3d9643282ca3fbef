"""What the doctor makes of the FAQ: how many entries can be used, and what is wrong with the others."""

from pathlib import Path

from actions.helpdesk.book import Book
from rules.settings import Settings
from templates import Phrases


def look(settings: Settings, beside: Path, folder: Path) -> tuple[int, list[str]]:
    """`beside`: where config.toml lies; `folder`: the data."""
    book = Book(beside / settings.helpdesk.faq, Phrases(folder / "templates"), settings)
    book.load()
    return len(book.index.entries) if book.index is not None else 0, book.problems
