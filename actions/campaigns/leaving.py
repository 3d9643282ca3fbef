"""What a row of the outbox is asked of its campaign as it leaves: a row that came back undelivered, or that somebody of
the team sends once more, may be older than the word that stopped the campaign."""

from db.campaigns import rows
from db.database import Reader, Row
from rules.campaigns.order import chosen
from rules.times import MINUTE

PAUSED, STOPPED = "群发暂停了", "群发停止了"


async def campaign_of(db: Reader, row: Row) -> Row | None:
    """(state, audience, expires_at, meant) of the campaign that a row is of; None for any other row."""
    campaign_id = rows.campaign_id(row["key"] or "")
    return await rows.campaign(db, campaign_id) if campaign_id else None


def why_not(campaign: Row, now: int) -> tuple[str, int]:
    """Why a row must not leave, and until when it waits (UTC ms, 0: it never leaves); ('', 0) if it may."""
    if campaign["state"] == "paused":
        return PAUSED, max(campaign["expires_at"] - 1, now + MINUTE)
    return ("", 0) if campaign["state"] in ("running", "finished") else (STOPPED, 0)


def personal(campaign: Row) -> bool:
    """Whether it goes to people for what is known of them."""
    return chosen(campaign["audience"], campaign["meant"])
