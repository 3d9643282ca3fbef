"""What nobody understood: a helpful line once in a while, and silence where a person would be silent, too."""

import re

from db.talk import people
from handlers import asked
from handlers.router import Ask
from rules.text import fold

# Nothing is asked of us: a line about commands would only disturb.
_QUIET = (
    "好", "好的", "好吧", "好滴", "好嘞", "行", "行吧", "可以", "嗯", "嗯嗯", "哦", "噢", "收到", "知道了", "明白",
    "明白了", "了解", "ok", "okay", "谢谢", "谢谢你", "谢谢您", "多谢", "谢了", "感谢", "辛苦了", "不客气", "哈哈",
    "哈哈哈", "呵呵", "再见", "拜拜", "bye", "晚安", "没事", "没事了", "算了", "不用了", "不用", "thanks", "1",
)  # fmt: skip
EMOTICON = re.compile(r"\[\w{1,6}\]")
NO_ANSWER_NEEDED = frozenset(map(fold, _QUIET))


async def fallback(ask: Ask) -> None:
    """Feedback and questions are taken; else the helpful line, once in `handling.helpful_line`.

    Where somebody of the team is talking with them, nothing is said.
    """
    if await asked.keeps_out(ask):
        return
    words = EMOTICON.sub("", ask.typed)
    if not any(char.isalnum() for char in words) or fold(words) in NO_ANSWER_NEEDED or await asked.taken(ask):
        return
    window = ask.community.settings.handling.helpful_line
    if await people.helped(ask.tx, ask.member_id, ask.now, window):
        ask.say("help/unknown", called=ask.called, staff=ask.staff is not None)
