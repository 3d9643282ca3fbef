"""Friend requests and invitations, taken up at a person's pace; and the code in a new friend's remark."""

from collections.abc import Sequence
from datetime import timedelta

from actions.community import Community
from actions.speaking import outbox
from actions.talk.members import Heard
from db.database import Row, Tx
from db.talk import people
from rules.messages import Act, Kind, Outgoing
from rules.talk.codes import code_in, remark_for
from rules.times import HOUR, at_local, business_day

MORNING = 9 * 60  # minutes after midnight: when what was too much yesterday is taken up
SPREAD = 10 * HOUR
DAYS = 14  # who would have to wait longer is not accepted


async def accept(tx: Tx, community: Community, heard: Heard, now: int) -> bool:
    """Accept a friend request today, or on the first following day that has room; False if it is left alone."""
    settings = community.settings.friends
    request = str(heard.event.data.get("request", ""))
    if not (settings.accept and settings.per_day and request and heard.account.capabilities.friend_requests):
        return False
    zone = community.settings.zone
    today = business_day(now, zone)
    content = Outgoing(Act.ACCEPT_FRIEND, target=request)
    for later in range(DAYS):
        day = today + timedelta(days=later)
        for slot in range(settings.per_day):
            key = f"friend:{heard.account.id}:{day}:{slot}"  # the day's places are keys: each can be taken once
            at = now if not later else at_local(day, MORNING, zone) + slot * SPREAD // settings.per_day
            if await outbox.chore(
                tx, community, heard.account.id, content, now, key=key, identity_id=heard.identity_id, not_before=at
            ):
                return True
    return False


async def accept_room(tx: Tx, community: Community, heard: Heard, now: int) -> bool:
    """Follow an invitation into a room, if the owner wants that."""
    invitation = str(heard.event.data.get("invitation", ""))
    able = heard.account.capabilities.room_invitations and community.settings.friends.accept_rooms
    if not able or not invitation:
        return False
    content = Outgoing(Act.ACCEPT_ROOM, target=invitation)
    key = f"invitation:{heard.account.id}:{invitation}"[:120]
    return await outbox.chore(tx, community, heard.account.id, content, now, key=key, identity_id=heard.identity_id)


def may_need_code(community: Community, heard: Heard) -> bool:
    """Whether a look at the database is worth it: a friend, privately, whose remark was not seen to yet."""
    return (
        heard.room is None
        and heard.event.kind is not Kind.FRIEND_REQUEST
        and heard.identity_id not in community.directory.coded
        and heard.event.person.friend is not False
        and heard.account.capabilities.remarks
        and community.settings.friends.remark_codes
    )


async def write_code(tx: Tx, community: Community, heard: Heard, now: int) -> None:
    """Put the member's code into the remark, behind what stands there; nothing if it is there already."""
    community.directory.coded.add(heard.identity_id)
    code = await people.contact_code(tx, heard.identity_id)
    seen = heard.event.person.remark
    kept = await people.remark(tx, heard.account.id, heard.identity_id) or ""
    if code_in(seen) == code:
        if kept != seen:
            await people.set_reach(tx, heard.account.id, heard.identity_id, None, seen)
        return
    if not seen and code_in(kept) == code:
        return  # the network did not say what the remark is
    await _remark(tx, community, heard.account.id, heard.identity_id, seen or "", heard.name, code, now, now)


async def _remark(
    tx: Tx, community: Community, account_id: int, identity_id: int, seen: str, name: str, code: str, at: int, now: int
) -> bool:
    """Ask for a remark with the code at a time, once; the owner's own words in it stay."""
    other = code_in(seen)  # copied by hand, or of somebody who was erased
    base = (seen.replace(other, "").strip() if other else seen) or name
    content = Outgoing(Act.REMARK, text=remark_for(base, code))
    key = f"remark:{account_id}:{identity_id}:{code}"
    return await outbox.chore(tx, community, account_id, content, now, key=key, identity_id=identity_id, not_before=at)


async def codes_of_the_day(community: Community, now: int) -> str:
    """Codes for some of the friends who never spoke, spread over the day: a few remarks a day disturb nobody."""
    settings, zone = community.settings.friends, community.settings.zone
    if not (settings.remark_codes and settings.codes_per_day):
        return ""
    start, asked = at_local(business_day(now, zone), MORNING, zone), 0
    for account in community.directory.accounts.values():
        if not account.capabilities.remarks:
            continue
        rows = await people.without_code(community.db, account.id, settings.codes_per_day)

        async def ask(tx: Tx, rows: Sequence[Row] = rows, account_id: int = account.id) -> int:
            done = 0
            for slot, row in enumerate(rows):
                at = max(start + slot * SPREAD // settings.codes_per_day, now)
                done += await _remark(
                    tx, community, account_id, row["identity_id"], row["remark"], row["name"], row["code"], at, now
                )
            return done

        asked += await community.db.write(ask)
    return f"补写 {asked} 个" if asked else ""
