"""One moment of one person becomes one row of the outbox: to be sent, or with the reason why they hear nothing."""

from dataclasses import dataclass
from typing import NamedTuple

from actions.community import Community
from actions.speaking import outbox
from db.database import Row, Tx
from db.rhythm import moments as rows
from db.speaking import outbox as outbox_rows
from rules.messages import Outgoing
from rules.rhythm.moments import ANNIVERSARY, BIRTHDAY, SERVICE, THANKS, WIN_BACK
from rules.speaking.attention import REASONS
from templates import Plain

NOBODY = 0  # the account of a row that was never to be sent


@dataclass(frozen=True, slots=True)
class Way:
    """How one kind of moment is said. `offer`: it must fit the budget, and is not made to who refused to be chosen."""

    name: str
    purpose: str
    offer: bool = False


WAYS = {
    way.name: way
    for way in (
        Way(BIRTHDAY, "marketing"),
        Way(ANNIVERSARY, "marketing"),
        Way(SERVICE, "service"),
        Way(WIN_BACK, "marketing", offer=True),
        Way(THANKS, "service"),
    )
}


class Moment(NamedTuple):
    """Somebody's moment. `key`: of its row. `years`, `product`, `date`: what its text may say, where it is known."""

    member_id: int
    key: str
    reason: str
    years: int = 0
    product: str = ""
    date: str = ""
    expires_at: int | None = None


async def greet(
    tx: Tx, community: Community, way: Way, moment: Moment, now: int, *, not_before: int | None = None
) -> None:
    """Write the row of a moment, unless there is one."""
    row = await rows.hearer(tx, moment.member_id)
    if row is None:
        return  # erased or merged a moment ago
    content = Outgoing(text=_text(community, way, moment, row))
    attention = "offer" if way.offer else "care"
    why = _left_out(way, row)
    if not why and await outbox.to_member(
        tx, community, moment.member_id, content, now, purpose=way.purpose, key=moment.key, reason=moment.reason,
        not_before=not_before, expires_at=moment.expires_at, attention=attention, theme=way.name,
    ):  # fmt: skip
        return
    added = await outbox_rows.put(
        tx, NOBODY, outbox.content_of(content), purpose=way.purpose, now=now, key=moment.key,
        member_id=moment.member_id, reason=moment.reason, attention=attention, theme=way.name,
    )  # fmt: skip
    if added:
        await outbox_rows.drop(tx, added, why or REASONS["unreachable"], now)


def _left_out(way: Way, row: Row) -> str:
    """Why somebody does not hear of it, as things stand; the sender asks about the rest as the row leaves."""
    if row["complaint"]:
        return REASONS["complaint"]
    return REASONS["impersonal"] if way.offer and row["impersonal"] else ""


def _text(community: Community, way: Way, moment: Moment, row: Row) -> str:
    """In one of several wordings, changing with person and time; plain for who refused to be known."""
    values: dict[str, Plain] = {"brand": community.settings.community.name, "date": moment.date}
    name = f"moments/{way.name}_plain"
    if not row["impersonal"]:
        values |= {"name": row["name"], "years": moment.years, "product": moment.product}
        name = f"moments/{way.name}"
    return community.phrases.render(name, sum(moment.key.encode()), audience="private", **values)
