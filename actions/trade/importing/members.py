"""Imported members: known by phone or unionid, else made. A file completes what is known and overrules nobody's word.

What a member has said or the team has put right stays: a name, a birthday, a tag that was taken off. Points are the
balance brought along from elsewhere: they come once.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from actions.community import Community
from actions.one_person import handles
from actions.person import birthdays
from actions.person.profile import fields_of
from actions.tagging import tags
from actions.tagging.tags import Label
from actions.trade import points
from actions.trade.importing.counts import Outcome
from db import meta
from db.database import Reader, Row, Tx
from db.one_person import handles as handle_rows
from db.person import profiles, secrets
from db.talk import people
from db.trade import imports
from rules.errors import RefusedError
from rules.one_person.handles import PHONE, UNIONID, hashed
from rules.talk.codes import member_code
from rules.trade.import_rows import MemberRow

SOURCE = "import"
REASON = "导入的积分"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a row brings. `member_id` 0: somebody new; `handles`: (kind, hash) that they don't bear yet."""

    member_id: int
    handles: tuple[tuple[str, str], ...] = ()
    name: str = ""
    joined: int | None = None
    tags: tuple[Label, ...] = ()
    birthday: str = ""
    points: int = 0

    @property
    def outcome(self) -> Outcome:
        if not self.member_id:
            return Outcome("added")
        new = self.handles or self.name or self.joined is not None or self.tags or self.birthday or self.points
        return Outcome("changed" if new else "unchanged")


def birthday_field(community: Community) -> str:
    """The question of the profile that a birthday answers, '' if none is asked."""
    return next((field.name for field in fields_of(community) if field.kind == "birthday"), "")


async def look(db: Reader, community: Community, items: Sequence[MemberRow], now: int) -> list[Outcome]:
    """What would become of them; nothing is written."""
    found = await meta.get(db, handle_rows.KEY)
    key = bytes.fromhex(found) if found else b""
    outcomes = []
    for item in items:
        try:
            outcomes.append((await _plan(db, community, item, key)).outcome)
        except RefusedError as error:
            outcomes.append(Outcome("refused", str(error)))
    return outcomes


async def take(tx: Tx, community: Community, items: Sequence[MemberRow], now: int) -> list[Outcome]:
    key = await handle_rows.key_of(tx)
    outcomes = []
    for item in items:
        try:
            plan = await _plan(tx, community, item, key)
        except RefusedError as error:
            outcomes.append(Outcome("refused", str(error)))
            continue
        if plan.outcome.what != "unchanged":
            await _carry_out(tx, community, plan, now)
        outcomes.append(plan.outcome)
    return outcomes


async def _plan(db: Reader, community: Community, item: MemberRow, key: bytes) -> _Plan:
    """Raises RefusedError when the row fits several members, brings points a second time, or tags that can't be."""
    labels = _labels(community, item)
    mine = [(kind, hashed(key, kind, value)) for kind, value in ((PHONE, item.phone), (UNIONID, item.unionid)) if value]
    member_id, missing = await _who(db, mine if key else []) if key else (0, [])
    row = await people.member(db, member_id) if member_id else None
    if row is None:
        return _Plan(0, tuple(mine), item.name, item.joined, labels, item.birthday, item.points or 0)
    known = await imports.known_tags(db, member_id)
    field = birthday_field(community)
    answered = {one["field"] for one in await profiles.answers(db, member_id)} if item.birthday else set()
    return _Plan(
        member_id,
        tuple(missing),
        item.name if not row["name"] else "",
        item.joined if item.joined is not None and item.joined < row["created_at"] else None,
        tuple(label for label in labels if _is_news(community, label, known)),
        item.birthday if field and field not in answered else "",
        await _points(db, member_id, item.points),
    )


def _labels(community: Community, item: MemberRow) -> tuple[Label, ...]:
    """The row's tags as they are declared. Raises RefusedError."""
    settings = community.settings.tags
    labels = dict.fromkeys(tags.declared(settings, Label(*tag)) for tag in item.tags)
    several = Counter(label.dimension for label in labels if _is_single(community, label))
    for dimension, values in several.items():
        if values > 1:
            raise RefusedError(f"「{dimension}」只能有一个，这一行有 {values} 个")
    return tuple(labels)


def _is_single(community: Community, label: Label) -> bool:
    dimension = community.settings.tags.dimensions.get(label.dimension)
    return dimension is not None and dimension.single


def _is_news(community: Community, label: Label, known: Sequence[Row]) -> bool:
    """Not what they bear or was taken off; where there can be only one, a file replaces no word but a file's."""
    if any((row["dimension"], row["value"]) == (label.dimension, label.value) for row in known):
        return False
    others = [row for row in known if row["dimension"] == label.dimension and row["source"] != SOURCE]
    return not (others and _is_single(community, label))


async def _who(db: Reader, mine: Sequence[tuple[str, str]]) -> tuple[int, list[tuple[str, str]]]:
    """The one member whom all known handles fit (0: nobody), and the handles that nobody bears."""
    bearers = [(kind, hash, set(await handles.members_with(db, kind, hash))) for kind, hash in mine]
    known = [people for _, _, people in bearers if people]
    if not known:
        return 0, [(kind, hash) for kind, hash, _ in bearers]
    fitting = set.intersection(*known)
    if not fitting and len(known) > 1:
        raise RefusedError("手机号和 unionid 是两位会员的：先在微信里「合并」，再导入")
    if len(fitting) > 1:
        raise RefusedError(f"这个手机号有 {len(fitting)} 位会员：先在微信里「合并」，再导入")
    return fitting.pop(), [(kind, hash) for kind, hash, people in bearers if not people]


async def _points(db: Reader, member_id: int, wanted: int | None) -> int:
    if not wanted:
        return 0
    given = await imports.points_given(db, member_id)
    if given is not None and given != wanted:
        raise RefusedError(f"积分以前导入过 {given}，这次是 {wanted}：只导入一次，差额请用「发积分」「扣积分」")
    return 0 if given is not None else wanted


async def _carry_out(tx: Tx, community: Community, plan: _Plan, now: int) -> None:
    member_id = plan.member_id
    if not member_id:
        member_id = await people.add_member(tx, uuid.uuid4().hex[:12], plan.name, plan.joined or now)
        await people.set_code(tx, member_id, member_code(member_id))
    elif plan.name or plan.joined is not None:
        await imports.complete(tx, member_id, plan.name, plan.joined)
    for kind, hash in plan.handles:
        await handles.learn_hash(tx, community, member_id, kind, hash, SOURCE, now)
    for label in plan.tags:
        await tags.put(tx, community, member_id, label, SOURCE, SOURCE, now)
    field = birthday_field(community)
    if plan.birthday and field:
        sealed = secrets.seal(await secrets.ensure_key(tx, member_id), plan.birthday, field)
        await profiles.put(tx, member_id, field, sealed, now)
        await birthdays.learn(tx, community, member_id, plan.birthday, now)
    if plan.points:
        source = f"import:points:{member_id}"
        await points.issue(tx, community, source, member_id, plan.points, "import", REASON, "console", now)
