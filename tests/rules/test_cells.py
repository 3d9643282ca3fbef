"""Cells that a spreadsheet must not run."""

import pytest

from rules.cells import safe_cell


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1",
        "－1",
        "＠1",
        " =1",
        "　=1",
        "\u200b=1",
        "|calc",
    ],
)
def test_what_looks_like_a_formula_is_made_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["小美", "", "a=b", "3-4", "·K7Q3ZD", "2026-09-21 21:33"])
def test_ordinary_text_stays(text: str) -> None:
    assert safe_cell(text) == text
