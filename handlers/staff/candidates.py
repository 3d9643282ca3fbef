"""候选, 档案 @小美, 邀请 / 暂缓 / 拒绝 / 接受 @小美: who may be a super user, with proof, and what becomes of them."""

import json
import re

from actions import audit, finding, questions
from actions.community import StaffEntry
from actions.speaking import outbox
from actions.supers import candidates, dossier
from db.database import Row
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import RefusedError
from rules.messages import Outgoing
from rules.text import fold
from rules.times import describe

router = Router()

YES = ("确认", "确定", "确认发送", "发送", "确认邀请")
NO = ("取消", "算了", "不发了", "先不发", "不邀请了")
_NO = frozenset(map(fold, NO))
_DAYS = re.compile(r"(?P<days>[0-9]{1,3})\s*(?:天|日)?")


@router.command("候选", "候选人", "今日候选", "候选名单", "潜在超级用户", "超级用户候选", staff=True)
async def todays(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    rows = await candidates.todays(ask.tx, ask.community, person, ask.now)
    proposal = await candidates.proposal(ask.tx, ask.community)
    lines = [_line(row) for row in rows if row["state"] == "new"]
    ask.say_privately(
        "candidates/list", lines=lines, done=len(rows) - len(lines), proposal=str(proposal) if proposal else ""
    )
    desk.sent_privately(ask)


def _line(row: Row) -> str:
    words = json.loads(row["signs"]).get("words", [])
    return f"{row['name'] or '会员'}（{row['score'] / 1000:.2f}）：{'；'.join(words)}"


@router.command("档案", "邀请", "暂缓", "拒绝", "接受", staff=True, addressed=True)
async def whom(ask: Ask) -> None:
    """The word alone: how to go on."""
    if await desk.who(ask, desk.LOOK) is not None:
        raise RefusedError(f"写上是谁，例如「{ask.typed} @小美{' 理由' if ask.typed == '拒绝' else ''}」")


@router.pattern(r"档案\s*(?P<who>@.+)", staff=True)
@router.pattern(r"档案\s+(?P<who>\S.*)", staff=True, addressed=True)
async def show(ask: Ask) -> None:
    person = await desk.who(ask, desk.LOOK)
    if person is None:
        return
    member_id = await finding.find_person(ask.tx, ask.community, ask.heard, ask.words["who"])
    values = await dossier.of(ask.tx, ask.community, member_id, ask.now)
    await audit.record(ask.tx, audit.actor_of(person.id), "view", audit.member(member_id), "dossier", ask.now)
    ask.say_privately("candidates/dossier", **values)
    desk.sent_privately(ask)


@router.pattern(r"邀请\s*(?P<who>@.+)", staff=True)
@router.pattern(r"邀请\s+(?P<who>\S.*)", staff=True, addressed=True)
async def invite(ask: Ask) -> None:
    """The draft is shown first, privately; 确认 sends it."""
    desk.quietly(ask)
    if await desk.who(ask, desk.SERVE) is None:
        return
    member_id = await finding.find_person(ask.tx, ask.community, ask.heard, ask.words["who"])
    await candidates.check_invitation(ask.tx, ask.community, member_id, ask.now)
    text = await dossier.draft(ask.tx, ask.community, member_id, ask.now)
    account_id, _ = await outbox.private_way(ask.tx, ask.heard, ask.now)  # the draft is answered where it is read
    data = {"member": member_id, "text": text, "source": f"invite:{member_id}:{ask.heard.interaction_id}"}
    await questions.ask(ask.tx, ask.community, ask.member_id, -account_id, "candidate_invite", data, ask.now)
    ask.say("candidates/invite_ask", name=await desk.name_of(ask, member_id), text=text)


@router.answer("candidate_invite", words=(*YES, *NO), staff=True)
async def decided(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
    if person is None:
        return
    if fold(ask.typed) in _NO:
        ask.say("staff/left_as_it_is", called=ask.called)
        return
    member_id = ask.waited["member"]
    try:
        await candidates.invite(
            ask.tx, ask.community, person, member_id, ask.waited["text"], ask.waited["source"], ask.now
        )
    except RefusedError as refused:  # said here, so that the question stays closed
        ask.send(Outgoing(text=f"{ask.called}{refused}"))
        return
    ask.say("candidates/invited", called=ask.called, name=await desk.name_of(ask, member_id))


async def _person_and_rest(ask: Ask) -> tuple[StaffEntry, int, str] | None:
    desk.quietly(ask)
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return None
    member_id, rest = await finding.person_and_rest(ask.tx, ask.community, ask.heard, ask.words["who_and_rest"])
    return person, member_id, rest.strip(" :：,，。")


@router.pattern(r"暂缓\s*(?P<who_and_rest>@.+)", staff=True)
@router.pattern(r"暂缓\s+(?P<who_and_rest>\S.*)", staff=True, addressed=True)
async def put_off(ask: Ask) -> None:
    meant = await _person_and_rest(ask)
    if meant is None:
        return
    person, member_id, rest = meant
    found = _DAYS.fullmatch(rest) if rest else None
    if rest and (found is None or not 1 <= int(found["days"]) <= 365):
        raise RefusedError("暂缓几天？例如「暂缓 @小美 14 天」，最多 365 天")
    days = await candidates.put_off(
        ask.tx, ask.community, person, member_id, int(found["days"]) if found else 0, ask.now
    )
    ask.say("candidates/later", called=ask.called, name=await desk.name_of(ask, member_id), days=days)


@router.pattern(r"拒绝\s*(?P<who_and_rest>@.+)", staff=True)
@router.pattern(r"拒绝\s+(?P<who_and_rest>\S.*)", staff=True, addressed=True)
async def decline(ask: Ask) -> None:
    meant = await _person_and_rest(ask)
    if meant is None:
        return
    person, member_id, rest = meant
    await candidates.decline(ask.tx, ask.community, person, member_id, rest, ask.now)
    proposal = await candidates.proposal(ask.tx, ask.community)
    name = await desk.name_of(ask, member_id)
    ask.say("candidates/declined", name=name, proposal=str(proposal) if proposal else "")


@router.pattern(r"(?:接受|成为超级用户)\s*(?P<who>@.+)", staff=True)
@router.pattern(r"(?:接受|成为超级用户)\s+(?P<who>\S.*)", staff=True, addressed=True)
async def accept(ask: Ask) -> None:
    desk.quietly(ask)
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    member_id = await finding.find_person(ask.tx, ask.community, ask.heard, ask.words["who"])
    date_at = await candidates.accept(ask.tx, ask.community, person, member_id, ask.now)
    ask.say(
        "candidates/accepted",
        called=ask.called,
        name=await desk.name_of(ask, member_id),
        owner=person.name,
        day=day_words(ask, date_at),
    )


def day_words(ask: Ask, at: int) -> str:
    """ "今天", "12月1日"."""
    return describe(at, ask.now, ask.community.settings.zone).rsplit(" ", 1)[0]
