"""The breaker: when the network says that an account sends too much, the account falls silent and staff are told."""

from actions.community import Community
from actions.speaking import outbox
from db import accounts
from db.database import Row, Tx
from db.speaking import outbox as outbox_rows
from rules.messages import Event, Kind, Outgoing
from rules.speaking.pace import after_throttle, share_of
from rules.text import looks_like_throttle
from rules.times import DAY, HOUR, MINUTE

NOTICE_AFTER_SEND = 60_000  # a notice shows up in the very chat that was written to, soon after
HALF = 0.5
SERVICE_CONTACTS = frozenset({"weixin", "notifymessage", "fmessage", ""})


def is_notice(community: Community, event: Event, now: int) -> bool:
    """Whether an inbound event is the network's notice that this account sends too much.

    It comes as a system message, from a service contact, or in the chat that was just written to.
    """
    if event.kind is Kind.SYSTEM or event.person.id in SERVICE_CONTACTS:
        return looks_like_throttle(event.text)
    if event.kind is not Kind.TEXT or event.room is not None:
        return False
    written = now - community.just_sent(event.account, event.person.id) <= NOTICE_AFTER_SEND
    return written and looks_like_throttle(event.text)


async def noticed(tx: Tx, community: Community, event: Event, now: int) -> None:
    """What is_notice saw: stop the account, or tell the team where these may be a member's own words.

    A notice in a chat seems to come from the peer, and anybody can write such words to a bot that has just answered
    them. So in a chat they count only after a message that nobody asked for, or when the account had much to say.
    """
    text = event.kind is Kind.TEXT and event.person.id not in SERVICE_CONTACTS
    if not text or community.unasked(event.account, event.person.id) or await _busy(tx, community, event, now):
        await throttled(tx, community, event.account, event.text, now)
        return
    entry = community.directory.by_name[event.account]
    told = community.phrases.render(
        "staff/throttle_suspected", 0, account=event.account, name=event.person.name or "对方", words=event.text[:80]
    )
    await outbox.to_staff(
        tx, community, Outgoing(text=told), now, key=f"suspected:{entry.id}:{now // HOUR}", reason="可能被限流"
    )


async def _busy(tx: Tx, community: Community, event: Event, now: int) -> bool:
    """Whether the account has used half of what it may send, not counting this chat, which its member can swell."""
    entry, pace = community.directory.by_name[event.account], community.settings.pace
    row = await accounts.by_id(tx, entry.id)
    assert row is not None
    share = share_of(pace.rules(), (now - (row["first_online_at"] or now)) // DAY) * HALF
    for window, most in ((MINUTE, pace.per_minute), (HOUR, pace.per_hour)):
        if await outbox_rows.sends_elsewhere(tx, entry.id, event.person.id, now - window) >= max(most * share, 1):
            return True
    return False


async def throttled(tx: Tx, community: Community, account: str, words: str, now: int) -> None:
    """Stop an account's sending for a while, then half rate; tell the team once a stop."""
    entry = community.directory.by_name[account]
    until, half_until = after_throttle(now, community.settings.pace.breaker)
    row = await accounts.by_id(tx, entry.id)
    stopped = row is not None and row["stopped_until"] is not None and row["stopped_until"] > now
    await accounts.stop_sending(tx, entry.id, until, half_until, words[:200])
    tx.after_commit(lambda: community.wake(entry.id))
    if not stopped:
        text = community.phrases.render(
            "staff/throttled", 0, account=account, words=words[:80], minutes=(until - now) // 60_000
        )
        await outbox.to_staff(
            tx, community, Outgoing(text=text), now, key=f"throttled:{entry.id}:{now}", reason="账号被限流"
        )


def halved(row: Row, now: int) -> bool:
    """Whether an account keeps half its pace: after a complaint of the network, and in the first hour of a new login,
    when much may have waited for it. The very first login is none: nothing has."""
    back = row["first_online_at"] is not None and row["session_at"] > row["first_online_at"]
    return bool((row["half_rate_until"] or 0) > now or (back and row["session_at"] + HOUR > now))


async def resume(tx: Tx, community: Community, account_id: int) -> None:
    """Staff decide that an account may send again."""
    await accounts.stop_sending(tx, account_id, 0, 0, "")
    tx.after_commit(lambda: community.wake(account_id))
