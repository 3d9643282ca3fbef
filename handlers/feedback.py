"""Suggestions, complaints and praise: 建议：…, 投诉：…, or in plain words to the bot; 我的反馈 lists one's own."""

from db.database import Row
from db.voices import feedback as feedback_rows
from handlers import asked
from handlers.router import Ask, Router
from rules.times import describe
from rules.voices.feedback import COMPLAINT, MARKED, MARKED_ALOUD, WORD, marked

router = Router()

SHOWN = 5
STATES = {"new": "已收到", "answered": "已回复", "adopted": "已采纳", "shipped": "已上线", "closed": "已处理"}


@router.pattern(MARKED_ALOUD, always=True)
@router.pattern(MARKED, addressed=True, always=True)
async def marked_feedback(ask: Ask) -> None:
    said = marked(ask.words["mark"], ask.words["text"])
    if said is None:
        ask.say("feedback/empty", called=ask.called)
        return
    if said.kind == COMPLAINT:
        await asked.complain(ask, said)
    else:
        await asked.take(ask, said)


@router.command("建议", "投诉", "反馈", "提建议", "提意见", "我有建议", "我有意见", addressed=True)
async def no_words(ask: Ask) -> None:
    """The word alone: how to go on."""
    ask.say("feedback/empty", called=ask.called)


@router.command("我的反馈", "我的建议", "我的投诉", "反馈进度", "查看我的反馈")
async def mine(ask: Ask) -> None:
    """One's own, newest first; privately, for a complaint is nobody else's business."""
    rows = await feedback_rows.of_member(ask.tx, ask.member_id, SHOWN)
    zone = ask.community.settings.zone
    lines = [_line(row, describe(row["at"], ask.now, zone)) for row in rows]
    ask.say_privately("feedback/mine", lines="\n".join(lines))
    if ask.heard.room:
        ask.say("feedback/mine_privately", called=ask.called)


def _line(row: Row, when: str) -> str:
    return f"{when} {WORD.get(row['kind'], '反馈')}「{_short(row['text'])}」{STATES[row['state']]}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 16 else text[:15] + "…"
