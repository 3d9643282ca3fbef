"""Noticing who brought whom: a code in what a newcomer says, or somebody who let them into a room."""

import json

from actions.community import Community
from actions.talk.identities import scope_of
from actions.talk.observing import Observer
from actions.voices import referrals
from db.database import Row, Tx
from db.talk import people
from rules.messages import Kind
from rules.settings import Settings
from rules.voices.invites import invite_in


def _code(settings: Settings, row: Row) -> str | None:
    return invite_in(row["text"]) if row["text"] else None


async def _attribute(tx: Tx, community: Community, row: Row, code: str, now: int) -> None:
    await referrals.attribute(tx, community, row["member_id"], code, referrals.CODE, row["id"], now)


def _inviter(settings: Settings, row: Row) -> str | None:
    if row["kind"] != Kind.JOIN or not row["data"]:
        return None
    return json.loads(row["data"]).get("inviter") or None


async def _brought(tx: Tx, community: Community, row: Row, contact: str, now: int) -> None:
    """The contact that the network names as inviter, unless it is ours."""
    account = community.directory.accounts[row["account_id"]]
    if (account.channel, contact) in community.directory.self_ids:
        return
    identity = await people.identity(tx, account.channel, scope_of(account, contact), contact)
    if identity is not None:
        inviter_id = identity["member_id"]
        await referrals.brought_by(tx, community, row["member_id"], inviter_id, referrals.ROOM, row["id"], now)


OBSERVERS = [Observer("invitation", _code, _attribute), Observer("brought", _inviter, _brought)]
