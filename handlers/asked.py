"""A text that is no command: somebody of the team is talking there, it is feedback, a question, or none of these."""

from actions.helpdesk import answering, handing, rephrasing
from actions.helpdesk.handing import Handed
from actions.talk.links import names_of
from actions.voices import feedback
from db.voices import feedback as feedback_rows
from handlers.router import Ask
from rules.text import strip_mention
from rules.times import describe
from rules.voices.classifier import classify
from rules.voices.feedback import COMPLAINT, QUESTION, Said, for_the_shop, plainly


async def keeps_out(ask: Ask) -> bool:
    """Whether a person of the team is talking with them here: then only plain commands are answered."""
    return await handing.keeps_out(ask.tx, ask.community, ask.heard, ask.heard.text, ask.now)


async def taken(ask: Ask) -> bool:
    """Take feedback in plain words, answer a question, or hand it to a person; False if it is none of these."""
    kind = plainly(ask.typed)
    if kind == COMPLAINT or (not kind and ask.heard.room is None and _angry(ask)):
        await complain(ask, Said(COMPLAINT, own_words(ask)))
        return True
    if kind:
        await take(ask, Said(kind, own_words(ask)))
        return True
    found = answering.look_up(ask.community, ask.heard, ask.typed, ask.now)
    if found.entry is not None:
        await _answer(ask, found)
        return True
    if not found.open or ask.staff is not None:
        return False
    await answering.note(ask.tx, ask.heard, found, ask.now)
    return await to_person(ask, handing.UNSURE)


def _angry(ask: Ask) -> bool:
    said = classify(ask.typed)
    return said.kind == COMPLAINT and said.confidence >= ask.community.settings.feedback.sure


async def _answer(ask: Ask, found: answering.Found) -> None:
    entry = found.entry
    assert entry is not None
    hint = await answering.first_time(ask.tx, ask.member_id)
    await answering.note(ask.tx, ask.heard, found, ask.now)
    answer = answering.words_of(ask.community, entry)
    if ask.heard.room is not None and entry.where == "private":
        ask.say_privately("helpdesk/answer", called="", answer=answer, hint=hint)
        ask.say("helpdesk/privately", called=ask.called)
    elif ask.heard.room is None and rephrasing.phraser_of(ask.community) is not None:
        said = ask.render("helpdesk/answer", called="", answer=answer, hint=hint)
        await rephrasing.say(ask.tx, ask.community, ask.heard, ask.typed, said, answer, ask.now)
    else:
        ask.say("helpdesk/answer", called=ask.called, answer=answer, hint=hint)


async def take(ask: Ask, said: Said) -> None:
    """Feedback is kept, and its giver told so."""
    await feedback.take(ask.tx, ask.community, ask.heard, said, ask.now)
    ask.say(f"feedback/{said.kind}", called=ask.called)


async def complain(ask: Ask, said: Said) -> None:
    """A complaint is kept; in a private chat one person is asked to see to it, else everybody is told."""
    handed = Handed("")
    if _by_person(ask):
        handed = await handing.hand_over(ask.tx, ask.community, ask.heard, handing.ANGER, said.text, ask.now)
    if not handed.who or not handed.new:
        await take(ask, said)
        return
    number = await feedback.take(ask.tx, ask.community, ask.heard, said, ask.now, tell_team=False)
    await feedback_rows.change(ask.tx, number, {"owner_id": handed.staff_id})
    _say(ask, handed, handing.ANGER)


async def to_person(ask: Ask, why: str) -> bool:
    """A question for a person. In a room the team is told, and the bot says one line.

    False if nobody can be asked, and it need not be kept for somebody.
    """
    if _by_person(ask):
        handed = await handing.hand_over(ask.tx, ask.community, ask.heard, why, own_words(ask), ask.now)
        if handed.who:
            _say(ask, handed, why)
            return True
        if why == handing.UNSURE and not for_the_shop(ask.typed):
            return False
    await take(ask, Said(QUESTION, own_words(ask)))
    return True


def own_words(ask: Ask) -> str:
    """What they said, letter for letter: it is what staff read."""
    return strip_mention(ask.heard.text, names_of(ask.heard.account)).strip() or ask.typed


def _by_person(ask: Ask) -> bool:
    return ask.heard.room is None and ask.community.settings.helpdesk.hand_over


def _say(ask: Ask, handed: Handed, why: str) -> None:
    later = describe(handed.until, ask.now, ask.community.settings.zone) if handed.until else ""
    if handed.new:
        ask.say("helpdesk/handed", called=ask.called, who=handed.who, why=why, later=later)
    elif not handed.taken:  # who is there already needs no line of the bot
        ask.say("helpdesk/handed_already", called=ask.called, who=handed.who, later=later)
