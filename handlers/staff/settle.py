"""已发 / 重发 / 作废 12: what becomes of a send in doubt; 补发 / 不补 3: of a post that came too late."""

from actions import audit
from actions.speaking import settling
from actions.timed import runs
from handlers.router import Ask, Router
from handlers.staff import desk

router = Router()


@router.pattern(r"(?P<word>已发|重发|作废)\s*#?(?P<number>[0-9]{1,12})", staff=True, addressed=True)
async def settle(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    word, number = ask.words["word"], int(ask.words["number"])
    await settling.settle(ask.tx, ask.community, number, word, person.name, ask.now)
    await audit.record(ask.tx, audit.actor_of(person.id), "send.settle", f"outbox:{number}", word, ask.now)
    ask.say("staff/settled", called=ask.called, word=word, number=number)


@router.pattern(r"(?P<word>补发|不补|不发)\s*#?(?P<number>[0-9]{1,12})", staff=True, addressed=True)
async def late(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    word, number = ask.words["word"], int(ask.words["number"])
    send = word == "补发"
    run = await runs.settle_asked(ask.tx, ask.community, number, send, person.name, ask.now)
    await audit.record(ask.tx, audit.actor_of(person.id), "run.settle", f"run:{number}", word, ask.now)
    ask.say("staff/late_settled", called=ask.called, send=send, what=runs.what(run, ask.community))
