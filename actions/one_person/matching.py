"""Matching 身份合并: members who bear the same unionid or phone are one person, or a question to the team.

Never by a nickname. It runs in a transaction of its own after the one that taught us the handle, because whoever is
being answered there must stay who they are; a kill in between is made up for by the nightly look.
"""

from itertools import combinations

import structlog

from actions.community import Community
from actions.one_person import handles, merging
from actions.speaking import outbox
from actions.voices import referrals
from db.database import Reader, Tx
from db.one_person import matches, merges
from db.person import profiles, secrets
from db.talk import people
from rules.errors import RefusedError
from rules.messages import Outgoing
from rules.one_person.handles import PHONE, SHOP
from rules.one_person.merging import named_alike
from rules.text import mask_phone

MOST_BEARERS = 3  # a phone of more people is a shop's or a family's
MOST_ASKED = 10
LISTED = 200
BY_RULES = "rules"
NAME_FIELDS = ("称呼", "姓名", "名字", "您的名字", "怎么称呼")
WHY = {"phone": "手机号相同", "unionid": "微信 unionid 相同", "code": "备注里的会员编号相同"}

log = structlog.get_logger()


async def match(tx: Tx, community: Community, kind: str, hash: str, now: int) -> None:
    """Merge those who surely are one person by this handle; ask about the others."""
    bearers = await handles.members_with(tx, kind, hash)
    if kind == SHOP or len(bearers) < 2:
        return
    sure = kind != PHONE or await _is_sure(tx, community, bearers)
    # a phone of many is asked about with the one we have known longest only, or the list would grow with the square
    of_all = sure or len(bearers) <= MOST_BEARERS
    pairs = combinations(bearers, 2) if of_all else ((bearers[0], other) for other in bearers[1:MOST_ASKED])
    for pair in pairs:
        one, other = [await people.living(tx, member_id) for member_id in pair]
        if one == other or await matches.kept_apart(tx, one, other):
            continue
        if sure and await _merge(tx, community, one, other, kind, now):
            continue
        await referrals.own_found(tx, community, one, other, now)
        await ask(tx, community, one, other, kind, now)


async def _is_sure(db: Reader, community: Community, bearers: list[int]) -> bool:
    """Two people with one phone, whose names, if both are confirmed, are alike."""
    if len(bearers) != 2:
        return False
    names = [await confirmed_name(db, community, member_id) for member_id in bearers]
    return named_alike(*names) if all(names) else True


async def _merge(tx: Tx, community: Community, one: int, other: int, kind: str, now: int) -> bool:
    """False if they may not be merged by rules alone: somebody of the team is one of them."""
    kept, gone = await merging.elder_first(tx, one, other)
    try:
        await merging.check(tx, community, kept, gone)
    except RefusedError:
        return False
    await merging.merge(tx, community, kept, gone, BY_RULES, kind, now)
    return True


async def confirmed_name(db: Reader, community: Community, member_id: int) -> str:
    """The name that a person gave, or that an import gave to somebody without a nickname; '' for none."""
    for part in await merges.members_of(db, member_id):
        key = await secrets.key_of(db, part)
        for row in await profiles.answers(db, part):
            if key is not None and row["field"] in NAME_FIELDS and row["value"] is not None:
                return secrets.unseal(key, bytes(row["value"]), row["field"])
    if await people.identities(db, member_id):
        return ""
    row = await people.member(db, member_id)
    return str(row["name"]) if row is not None else ""


async def ask(tx: Tx, community: Community, one: int, other: int, kind: str, now: int) -> None:
    """Put a pair on the list and tell the team, once."""
    number = await matches.ask(tx, one, other, kind, now)
    if not number:
        return
    first, second = [await called(tx, community, member_id) for member_id in sorted((one, other))]
    text = community.phrases.render("staff/match_asked", 0, number=number, one=first, other=second, why=WHY[kind])
    await outbox.to_staff(tx, community, Outgoing(text=text), now, key=f"match:{number}", reason="可能是同一个人")


async def called(db: Reader, community: Community, member_id: int) -> str:
    """How a member is named to the team: the name with the code, and the confirmed name if it is another."""
    row = await people.member(db, member_id)
    assert row is not None
    confirmed = await confirmed_name(db, community, member_id)
    also = f"，自称{confirmed}" if confirmed and confirmed != row["name"] else ""
    return mask_phone(f"{row['name'] or '（没有昵称）'}（{row['code']}{also}）")


def soon(tx: Tx, community: Community, kind: str, hash: str) -> None:
    """Match once this transaction is durable."""

    async def work() -> None:
        now = community.clock.now()
        await community.db.write(lambda tx: match(tx, community, kind, hash, now))

    tx.after_commit(lambda: community.later(work))


async def nightly(community: Community, now: int) -> str:
    """Whoever shares a handle and was neither merged nor asked about."""
    before = len(await matches.open_ones(community.db, LISTED))
    for row in await matches.shared_handles(community.db):
        kind, hash = row["kind"], row["hash"]
        await community.db.write(lambda tx, kind=kind, hash=hash: match(tx, community, kind, hash, now))  # type: ignore[misc]
    waiting = len(await matches.open_ones(community.db, LISTED))
    return f"{waiting} 对待确认" if waiting > before else ""
