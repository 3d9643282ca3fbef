"""What the bot says: texts in `<subject>/<name>.txt`, which staff may edit and which can do nothing but speak.

phrases.py   finds, checks, reloads and renders the texts; the only door to this folder
values.py    what may be passed to a text
files.py     the files on disk
safety.py    the grammar that a text may use, and the limits
sandbox.py   the environment in which a checked text runs, within its budget
filters.py   what may stand behind a `|`
"""

from templates.phrases import Phrases
from templates.safety import PERSONAL, Audience
from templates.values import Plain

__all__ = ["PERSONAL", "Audience", "Phrases", "Plain"]
