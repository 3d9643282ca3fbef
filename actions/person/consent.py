"""Consent: what a member agreed to or refused, asked again at the moment of sending."""

from actions.community import Community
from db.database import Reader, Tx
from db.person import consents
from db.voices import feedback

PURPOSES = ("service", "marketing", "profiling", "share", "sensitive", "publish", "naming")


async def record(
    tx: Tx,
    community: Community,
    member_id: int,
    purpose: str,
    state: str,
    source: str,
    evidence_id: int | None,
    now: int,
) -> None:
    """Add a decision ("given" or "refused") with what shows it: the interaction it was said in."""
    version = community.settings.privacy.notice_version
    await consents.add(tx, member_id, purpose, state, source, evidence_id, version, now)


async def refusal(db: Reader, member_id: int, purpose: str) -> str:
    """Why something unasked may not be sent to a member, '' if it may."""
    if await consents.latest(db, member_id, purpose) == "refused":
        return {"marketing": "已退订", "service": "不接收服务消息"}.get(purpose, "不同意")
    if purpose == "marketing" and await feedback.has_open_complaint(db, member_id):
        return "有投诉还没处理"
    return ""


async def personalised(db: Reader, member_id: int) -> bool:
    """Whether the member may be shown what was chosen for them."""
    return await consents.latest(db, member_id, "profiling") != "refused"


async def decide(
    tx: Tx, community: Community, member_id: int, purpose: str, state: str, evidence_id: int, now: int
) -> bool:
    """What a member said in the chat about marketing or profiling; False if that is how it stood already.

    Queued marketing needs no touching: the sender asks `refusal` in the transaction that claims a row.
    """
    mark = {"marketing": consents.mark_marketing, "profiling": consents.mark_personalisation}[purpose]
    changed = await mark(tx, member_id, now if state == "refused" else None)
    await record(tx, community, member_id, purpose, state, "chat", evidence_id, now)
    return changed
