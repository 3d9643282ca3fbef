"""The outbox rows of a campaign while they wait: held back, let go, called back. Their keys are campaign:ID:member."""

from db.database import Reader, Row, Tx

WAITING = (
    "id IN (SELECT c.outbox_id FROM campaign_person c WHERE c.campaign_id = $1 AND c.state = 'queued')"
    " AND state = 'due'"
)


def key(campaign_id: int, member_id: int) -> str:
    """One message of a campaign for each member, whatever happens."""
    return f"campaign:{campaign_id}:{member_id}"


def campaign_id(key: str) -> int:
    """The campaign that a row of this key is of; 0 for none."""
    kind, _, rest = key.partition(":")
    number = rest.partition(":")[0]
    return int(number) if kind == "campaign" and number.isdecimal() else 0


async def campaign(db: Reader, campaign_id: int) -> Row | None:
    """(state, audience, expires_at, meant) of a campaign; `meant`: whom its content is for, '' for everybody."""
    return await db.one(
        "SELECT k.state, k.audience, k.expires_at, COALESCE(c.audience, '') AS meant FROM campaign k"
        " LEFT JOIN content c ON c.id = k.content_id WHERE k.id = $1",
        campaign_id,
    )


async def hold_back(tx: Tx, campaign_id: int, until: int, reason: str) -> int:
    """What has not left yet waits; if nobody lets it go until then, it says why it was not sent."""
    return await tx.execute(
        f"UPDATE outbox SET not_before = $2, state_reason = $3, claim = claim + 1 WHERE {WAITING}",
        campaign_id, until, reason,
    )  # fmt: skip


async def let_go(tx: Tx, campaign_id: int, now: int, reason: str) -> list[int]:
    """What was held back for this reason may leave; the accounts it leaves from."""
    rows = await tx.all(f"SELECT DISTINCT account_id FROM outbox WHERE {WAITING}", campaign_id)
    await tx.execute(
        f"UPDATE outbox SET not_before = $2, state_reason = '' WHERE {WAITING} AND state_reason = $3",
        campaign_id, now, reason,
    )  # fmt: skip
    return [row["account_id"] for row in rows]


async def drop_unsent(tx: Tx, campaign_id: int, reason: str, now: int) -> int:
    """Call back what has not left yet, and what was to follow it."""
    prefix = f"campaign:{campaign_id}:"
    return await tx.execute(
        "UPDATE outbox SET state = 'dropped', state_reason = $1, claimed_at = $2, claim = claim + 1"
        " WHERE state = 'due' AND SUBSTR(key, 1, CAST($3 AS INTEGER)) = $4",
        reason, now, len(prefix), prefix,
    )  # fmt: skip
