"""Cells of an exported table that a spreadsheet must not take for formulas."""

_STARTS = tuple("=+-@\t\r\n|%＝＋－＠﹢﹣﹦−")


def safe_cell(text: str) -> str:
    """The text with a ' before it when a spreadsheet could run it: = + - @ and their full-width forms, tab, CR."""
    return f"'{text}" if text.lstrip(" \u00a0\u3000\ufeff\u200b").startswith(_STARTS) else text
