"""Pictures: SVG templates in `pictures/`, drawn as PNG. They are ours alone; staff edit words, not drawings.

Every value is escaped, nothing outside of the template is loaded, the only fonts are those of the installed package.
"""

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from templates.values import Plain, check_plain

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent / "pictures"
FAMILY = "Noto Sans CJK SC"
_WIDE = frozenset("WFA")


def draw(picture: str, /, **values: Plain) -> bytes:
    """The picture of this name as PNG; takes a few hundred ms of processor time, so call it off the event loop.

    TypeError for a value that is not plain; jinja2's errors for one that is missing.
    """
    import resvg_py

    check_plain(values)
    svg = _environment().get_template(f"{picture}.svg").render(values, family=FAMILY)
    drawn: bytes = resvg_py.svg_to_bytes(
        svg_string=svg, font_files=[_font()], font_family=FAMILY, sans_serif_family=FAMILY, skip_system_fonts=True
    )
    return bytes(drawn)


def fit(text: str, width: float) -> str:
    """`text` on one line of `width` letters' widths (a Chinese character is 1, a Latin one about 0.6), cut with …;
    signs that the font does not have are left out."""
    shown = [char for char in " ".join(text.split()) if unicodedata.category(char)[0] not in "CM" and not _emoji(char)]
    sizes = [1.0 if unicodedata.east_asian_width(char) in _WIDE else 0.6 for char in shown]
    if sum(sizes) <= width:
        return "".join(shown).strip()
    room = width - 1
    kept = []
    for char, size in zip(shown, sizes, strict=True):
        room -= size
        if room < 0:
            break
        kept.append(char)
    return "".join(kept).strip() + "…"


def _emoji(char: str) -> bool:
    return unicodedata.category(char) in ("So", "Sk") or 0x1F000 < ord(char) < 0x20000


@lru_cache(maxsize=1)
def _font() -> str:
    import manimgx_fonts_cjk

    return str(Path(manimgx_fonts_cjk.__file__).parent / "NotoSansCJK-VF.otf.ttc")


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters["fit"] = fit
    return made
