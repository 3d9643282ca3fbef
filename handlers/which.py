"""A name that fits several people: a numbered question, and then the first words run again with the answer.

Every behaviour gets this for nothing: whatever raises AmbiguousNameError is asked about by the inbox.
"""

from dataclasses import replace
from typing import Any

from actions import questions
from actions.speaking import outbox
from handlers.router import Ask, Router
from rules.errors import AmbiguousNameError
from rules.messages import Outgoing
from rules.names import name_key
from rules.text import normalise, parse_amount

KIND = "which"
NO = frozenset(map(normalise, ("取消", "算了", "不用了", "都不是", "不是")))

router = Router()


async def ask_which(ask: Ask, unclear: AmbiguousNameError) -> None:
    """Put the candidates before the asker, in the conversation."""
    heard = ask.heard
    data = {
        "text": heard.text,
        "said": ask.said,
        "typed": ask.typed,
        "mentioned": heard.event.mentioned,
        "wanted": unclear.wanted,
        "chosen": heard.chosen,
        "candidates": [member_id for member_id, _ in unclear.candidates],
    }
    await questions.ask(ask.tx, ask.community, heard.member_id, heard.scope, KIND, data, ask.now)
    text = ask.render(
        "which/ask",
        name=heard.name if heard.room else "",
        wanted=unclear.wanted.strip().lstrip("@"),
        people=[described for _, described in unclear.candidates],
    )
    await outbox.reply(ask.tx, ask.community, heard, Outgoing(text=text), ask.now)


async def chosen(ask: Ask, data: dict[str, Any]) -> Ask | None:
    """The first words again, with the person that was chosen by number; None if this is no such number."""
    number, candidates = _number(ask.said), data["candidates"]
    if number is None or not 1 <= number <= len(candidates):
        return None
    await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
    event = replace(ask.heard.event, mentioned=data["mentioned"])
    meant = {**data["chosen"], name_key(data["wanted"]): candidates[number - 1]}
    heard = replace(ask.heard, event=event, text=data["text"], chosen=meant)
    return replace(ask, heard=heard, said=data["said"], typed=data["typed"])


@router.answer(KIND, staff=True)
async def unclear_still(ask: Ask) -> None:
    """No number of the list: the question stays, unless it was called off. Chatter in a room is not for us."""
    if ask.said in NO:
        await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
        ask.say("which/dropped")
    elif ask.heard.addressed or _number(ask.said) is not None:
        ask.say("which/again", most=len(ask.waited["candidates"]))


def _number(said: str) -> int | None:
    """2, 二, 第二个, 2号, ② (which is folded to 2)."""
    return parse_amount(said.removeprefix("第").removesuffix("位").removesuffix("号"))
