"""合并 @小美 @美美 / 合并 12 / 不是同一人 12 / 待合并 / 撤销合并: two members are one person, or are not."""

from actions import audit, finding, questions
from actions.community import StaffEntry
from actions.one_person import matching, merging, parting
from actions.voices import referrals
from db.one_person import matches, merges
from db.talk import people
from handlers.router import Ask, Router
from handlers.staff import desk
from handlers.staff.undo import NO, YES
from rules.errors import RefusedError
from rules.talk.codes import MARK, code_in
from rules.times import local

router = Router()

QUESTION = "merge"
SHOWN = 10
STAFF = "staff"  # why, when somebody of the team says so
_INTO = ("并入", "并到", "合到", "归到", "到", "给")
_AND = ("和", "与", "跟", "、", ",")


@router.pattern(r"合并\s*(?P<number>[0-9]{1,9})(?:号)?", staff=True)
async def review(ask: Ask) -> None:
    """The answer to a question of the matching; shown first, like any merge."""
    if await desk.who(ask, desk.WORK) is None:
        return
    row = await matches.by_id(ask.tx, int(ask.words["number"]))
    if row is None or row["state"] != "open":
        raise RefusedError(f"没有待确认的第 {ask.words['number']} 对，说「待合并」看看")
    one, other = await people.living(ask.tx, row["one_id"]), await people.living(ask.tx, row["other_id"])
    await _show(ask, *await merging.elder_first(ask.tx, one, other))


@router.pattern(r"合并(?:会员|账号|帐号)?(?:\s|:)*(?P<both>\S.*)", staff=True)
async def prepare(ask: Ask) -> None:
    if await desk.who(ask, desk.WORK) is None:
        return
    one, rest = await finding.person_and_rest(ask.tx, ask.community, ask.heard, ask.words["both"])
    into = next((word for word in _INTO if rest.startswith(word)), "")
    joint = into or next((word for word in _AND if rest.startswith(word)), "")
    rest = rest[len(joint) :].strip()
    if not rest:
        raise RefusedError("要写上两位，例如「合并 @小美 @美美」")
    other = await finding.find_person(ask.tx, ask.community, ask.heard, rest)
    if one == other:
        raise RefusedError("这就是同一位会员，不用合并。两位同名的话写编号，例如「合并 A1B2C3 D4E5F6」")
    kept, gone = (other, one) if into else await merging.elder_first(ask.tx, one, other)
    await _show(ask, kept, gone)


async def _show(ask: Ask, kept: int, gone: int) -> None:
    """What each has, privately; the answer is expected there."""
    await merging.check(ask.tx, ask.community, kept, gone)
    zone = ask.community.settings.zone
    sides = []
    for member_id in (kept, gone):
        side = await merging.side(ask.tx, member_id)
        called = await matching.called(ask.tx, ask.community, member_id)
        last = f"{local(side.last_at, zone):%Y-%m-%d}" if side.last_at else ""
        sides.append({
            "called": called, "since": f"{local(side.since, zone):%Y-%m-%d}", "last": last, "points": side.points,
            "orders": side.orders, "tags": side.tags, "rooms": side.rooms, "contacts": side.contacts,
        })  # fmt: skip
    data = {"kept": kept, "gone": gone}
    scope = -ask.heard.account.id
    await questions.ask(ask.tx, ask.community, ask.member_id, scope, QUESTION, data, ask.now)
    ask.say_privately("staff/merge_ask", kept=sides[0], gone=sides[1])
    if ask.heard.room is not None:
        ask.say("staff/merge_privately", called=ask.called)


@router.answer(QUESTION, words=(*YES, *NO, "合并"), staff=True)
async def decided(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
    if person is None:
        return
    if ask.said in NO:
        ask.say("staff/left_as_it_is", called=ask.called)
        return
    kept, gone = ask.waited["kept"], ask.waited["gone"]
    actor = audit.actor_of(person.id)
    merge_id = await merging.merge(ask.tx, ask.community, kept, gone, actor, STAFF, ask.now)
    undo = {"verb": "part", "merge": merge_id}
    await audit.record(ask.tx, actor, "member.merge", audit.member(kept), audit.member(gone), ask.now, undo)
    side = await merging.side(ask.tx, kept)
    ask.say("staff/merged", name=side.name or side.code, points=side.points, orders=side.orders, tags=side.tags)


@router.pattern(r"(?:不是|非)(?:同一(?:个)?人|一个人)\s*(?P<number>[0-9]{1,9})(?:号)?", staff=True)
async def apart(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    number, actor = int(ask.words["number"]), audit.actor_of(person.id)
    row = await matches.by_id(ask.tx, number)
    if row is None or row["state"] != "open":
        raise RefusedError(f"没有待确认的第 {number} 对，说「待合并」看看")
    await matches.decide(ask.tx, row["one_id"], row["other_id"], row["why"], "apart", actor, ask.now)
    await referrals.apart(ask.tx, ask.community, row["one_id"], row["other_id"], ask.now)
    detail = f"{row['one_id']},{row['other_id']}"
    undo = {"verb": "doubt", "match": number}
    await audit.record(ask.tx, actor, "member.apart", f"match:{number}", detail, ask.now, undo)
    ask.say("staff/match_apart", called=ask.called, number=number)


@router.command("待合并", "待确认的合并", "疑似同一人", staff=True)
async def waiting(ask: Ask) -> None:
    """The pairs that wait for the team."""
    if await desk.who(ask, desk.LOOK) is None:
        return
    rows = await matches.open_ones(ask.tx, SHOWN + 1)
    lines = []
    for row in rows[:SHOWN]:
        one = await matching.called(ask.tx, ask.community, row["one_id"])
        other = await matching.called(ask.tx, ask.community, row["other_id"])
        lines.append(f"{row['id']}. {one} 和 {other}：{matching.WHY.get(row['why'], row['why'])}")
    ask.say_privately("staff/matches", lines="\n".join(lines), more=len(rows) > SHOWN)


@router.pattern(r"(?:撤销|取消)合并(?:\s|:)*(?P<who>.*)", staff=True)
async def undo(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    merge_id = await _meant(ask, ask.words.get("who", "").strip(), audit.actor_of(person.id))
    await _part(ask, person, merge_id)


async def _meant(ask: Ask, who: str, actor: str) -> int:
    """The last merge that the asker made, or the last one into a person; by the code of the other one, that one's."""
    if not who:
        row = await merges.last_by(ask.tx, actor)
        if row is None:
            raise RefusedError("您没有可以撤销的合并；别人做的、自动合并的写上是谁，例如「撤销合并 @小美」")
        return int(row["id"])
    code = code_in(who) or code_in(MARK + who.lstrip("@").upper())
    owner = await people.owner_of_code(ask.tx, code) if code else None
    if owner is not None and (gone := await merges.of_gone(ask.tx, owner["id"])) is not None:
        return int(gone["id"])
    member_id = await finding.find_person(ask.tx, ask.community, ask.heard, who)
    into = await merges.into(ask.tx, member_id)
    if not into:
        raise RefusedError("这位会员没有合并过别的账号")
    return int(into[-1]["id"])


async def _part(ask: Ask, person: StaffEntry, merge_id: int) -> None:
    actor = audit.actor_of(person.id)
    parted = await parting.part(ask.tx, ask.community, merge_id, actor, ask.now)
    detail = audit.member(parted.gone_id)
    await audit.record(ask.tx, actor, "member.part", audit.member(parted.kept_id), detail, ask.now)
    names = [await matching.called(ask.tx, ask.community, one) for one in (parted.kept_id, parted.gone_id)]
    owed = [f"{await desk.name_of(ask, one)}用掉了对方的 {points} 积分，记为欠分，以后得的积分先补上"
            for one, points in parted.owed.items()]  # fmt: skip
    ask.say_privately("staff/parted", one=names[0], other=names[1], owed="；".join(owed))
