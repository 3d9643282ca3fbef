"""How our accounts stand on the networks: logged in, waiting for a scan, lost; and who speaks in a room then."""

from actions.community import AccountEntry, Community
from actions.speaking import outbox
from actions.talk import members
from channels.base import Link
from db import accounts
from db.database import Tx
from db.speaking import outbox as outbox_rows
from db.talk import rooms
from rules.messages import Event, Kind, Outgoing

TOLD = frozenset({Link.LOGGED_OUT, Link.REFUSED, Link.SCAN})  # what staff must do something about


def names_of(account: AccountEntry) -> tuple[str, ...]:
    """What people call an account when they mention it."""
    return tuple({account.name, account.nickname} - {""})


async def linked(
    community: Community, account: str, state: Link, detail: str, self_id: str, name: str, now: int
) -> None:
    """Write down how an account's connection stands, and let another account speak for a lost one."""
    entry = community.directory.by_name[account]
    before = entry.link
    entry.link = state
    # contact ids hold from a login on; a line that was down for a moment is none
    new_login = before in (Link.LOGGED_OUT, Link.SCAN) or bool(self_id and self_id != entry.self_id)
    if name:
        entry.nickname = name
    if self_id and self_id != entry.self_id:
        community.directory.self_ids.pop((entry.channel, entry.self_id), None)
        community.directory.self_ids[entry.channel, self_id] = entry.id
        entry.self_id = self_id

    async def store(tx: Tx) -> None:
        await accounts.linked(tx, entry.id, state.value, detail, now)
        if state is Link.ONLINE and before is not Link.ONLINE:
            if new_login:
                await accounts.logged_in(tx, entry.id, entry.self_id, now)
            await _speak_again(tx, community, entry)
        if state in TOLD and before is not state:
            text = community.phrases.render(
                "staff/account_state", 0, account=account, state=state.value, detail=detail[:100]
            )
            await outbox.to_staff(
                tx, community, Outgoing(text=text), now, key=f"link:{entry.id}:{state.value}:{now}", reason="账号状态"
            )
        if state is not Link.ONLINE and before is Link.ONLINE:
            await _hand_over(tx, community, entry)

    await community.db.write(store)
    community.show_link(account, state, detail)
    if state is Link.ONLINE and before is not Link.ONLINE:
        community.came_online(entry.id, before in (Link.LOGGED_OUT, Link.SCAN))
    community.wake(entry.id)
    if state is not before:
        community.feed()


async def moved(tx: Tx, community: Community, event: Event, now: int) -> None:
    """One of our accounts came into a room or was taken out of it."""
    account = community.directory.by_name[event.account]
    room = community.directory.rooms.get((account.channel, event.room.id)) if event.room else None
    if event.kind is Kind.JOIN and event.room:
        await members.enter(tx, community, account, event.room, now)
    if event.kind is Kind.LEAVE and room and account.id in room.accounts:
        await rooms.remove_account(tx, room.id, account.id, now)
        room.accounts.remove(account.id)
        if room.speaker_id == account.id:
            await rooms.set_speaker(tx, room.id, None)  # nor after a restart
            room.speaker_id = None
        other = community.directory.speaker(room)
        if other is not None:
            await outbox_rows.reassign(tx, account.id, room.id, other)
            tx.after_commit(lambda: community.wake(other))


async def _hand_over(tx: Tx, community: Community, lost: AccountEntry) -> None:
    """Rooms where a lost account spoke are spoken in by another of ours, what waited for them included."""
    for room in list(community.directory.rooms_by_id.values()):
        other = community.directory.speaker(room)
        if lost.id in room.accounts and other is not None and other != lost.id:
            await outbox_rows.reassign(tx, lost.id, room.id, other)
            tx.after_commit(lambda other=other: community.wake(other))  # type: ignore[misc]


async def _speak_again(tx: Tx, community: Community, back: AccountEntry) -> None:
    """Waiting rows of rooms that no account could speak in go to the one that is back."""
    for room in list(community.directory.rooms_by_id.values()):
        if back.id in room.accounts and community.directory.speaker(room) == back.id:
            for other in room.accounts:
                if other != back.id and other in community.directory.accounts:
                    await outbox_rows.reassign(tx, other, room.id, back.id)
