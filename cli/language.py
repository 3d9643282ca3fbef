"""Chinese or English, for what the operator reads on the terminal."""

import os


def chinese() -> bool:
    """ZHIJI_LANG (zh or en) wins, else the locale says."""
    wanted = os.environ.get("ZHIJI_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return wanted.lower().startswith("zh")


def say(zh: str, en: str) -> str:
    return zh if chinese() else en
