"""Words that a person typed into an account's phone: an answer by the team, after which the bot keeps out."""

import re

from actions.community import Community
from actions.speaking import echoes
from actions.speaking.echoes import WINDOW
from actions.talk.identities import scope_of
from db.database import Tx
from db.helpdesk import handovers
from db.speaking import outbox
from db.talk import people
from rules.messages import Event, Kind
from rules.times import SECOND

WORDS = frozenset(
    {Kind.TEXT, Kind.IMAGE, Kind.FILE, Kind.AUDIO, Kind.VIDEO, Kind.EMOTICON, Kind.LINK, Kind.MINI_PROGRAM, Kind.CARD}
    | {Kind.LOCATION, Kind.TRANSFER, Kind.RED_PACKET, Kind.CHAT_HISTORY, Kind.NOTE}
)
# what the network says in the account's name
_OF_THE_NETWORK = re.compile(
    "我通过了你的(?:朋友|好友)验证请求|现在(?:我们)?可以开始聊天了|I've accepted your friend request"
)


async def heard(tx: Tx, community: Community, event: Event, now: int) -> None:
    """An own message came back that is no open row of the outbox: if nobody here has sent it, a person has."""
    contact = str(event.data.get("to", ""))
    account = community.directory.by_name[event.account]
    if event.room is not None or event.kind not in WORDS or not contact or _OF_THE_NETWORK.search(event.text):
        return
    if (account.channel, contact) in community.directory.self_ids:
        return
    known = echoes.of(community)
    if known.ours(contact, event, now):
        return
    since = known.since(event.account, now)
    if event.at - WINDOW <= since and await outbox.sent_between(tx, account.id, contact, event.at - WINDOW, since):
        return  # a process before this one may have said it
    identity = await people.identity(tx, account.channel, scope_of(account, contact), contact)
    if identity is None:
        return
    at = min(event.at, now)
    await people.wrote_by_hand(tx, account.id, identity["id"], at)
    there = await handovers.open_of(tx, await people.living(tx, identity["member_id"]))
    if there is not None and event.at > there["at"] - SECOND:  # what was typed before they asked is no answer to it
        await handovers.take(tx, there["id"], at)
