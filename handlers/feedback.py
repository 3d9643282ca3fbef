"""Suggestions, complaints and praise: 建议：…, 投诉：…, or in plain words to the bot; 我的反馈 lists one's own."""

from actions.voices import feedback
from db.database import Row
from db.voices import feedback as feedback_rows
from handlers.router import Ask, Router
from rules.times import describe
from rules.voices.feedback import MARKED, MARKED_ALOUD, QUESTION, WORD, Said, for_the_shop, marked, plainly

router = Router()

SHOWN = 5
HUMAN = (
    "人工", "人工客服", "人工服务", "找人工", "转人工", "转人工客服", "接人工", "客服", "找客服", "联系客服",
    "在线客服", "有人工", "有客服", "真人", "找真人", "真人客服", "找店员", "找老板", "联系店家", "联系商家",
)  # fmt: skip
STATES = {"new": "已收到", "answered": "已回复", "adopted": "已采纳", "shipped": "已上线", "closed": "已处理"}


@router.pattern(MARKED_ALOUD, always=True)
@router.pattern(MARKED, addressed=True, always=True)
async def marked_feedback(ask: Ask) -> None:
    said = marked(ask.words["mark"], ask.words["text"])
    if said is None:
        ask.say("feedback/empty", called=ask.called)
        return
    await _take(ask, said)


@router.command("建议", "投诉", "反馈", "提建议", "提意见", "我有建议", "我有意见", addressed=True)
async def no_words(ask: Ask) -> None:
    """The word alone: how to go on."""
    ask.say("feedback/empty", called=ask.called)


@router.command(*HUMAN, addressed=True)
async def human(ask: Ask) -> None:
    """A person is wanted: the team is told."""
    await _take(ask, Said(QUESTION, ask.typed))


async def plain(ask: Ask) -> bool:
    """Feedback in plain words, where no command fitted and the bot was spoken to; False if it is none."""
    kind = plainly(ask.typed) or (QUESTION if for_the_shop(ask.typed) else "")
    if not kind:
        return False
    await _take(ask, Said(kind, ask.typed))
    return True


async def _take(ask: Ask, said: Said) -> None:
    await feedback.take(ask.tx, ask.community, ask.heard, said, ask.now)
    ask.say(f"feedback/{said.kind}", called=ask.called)


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
