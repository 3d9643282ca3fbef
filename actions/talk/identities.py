"""Who is this: from a contact of an account to a member, found again by the code in the remark when ids changed."""

import uuid
from dataclasses import replace

from actions.community import AccountEntry, Community, Contact
from db.database import Tx
from db.talk import people
from rules.messages import Person
from rules.talk.codes import code_in, member_code
from rules.text import clean_text

NAME_LIMIT = 60
CODE = "code"  # why two may be one person: the remarks carry the same code


def scope_of(account: AccountEntry, ext_id: str) -> int:
    """0 where a contact id means the same person in every account, else the account it belongs to.

    The web protocol's ids begin with @ and are made anew at each login.
    """
    return 0 if account.capabilities.stable_ids and not ext_id.startswith("@") else account.id


async def find(
    tx: Tx, community: Community, account: AccountEntry, person: Person, now: int, *, doubtful: bool = False
) -> Contact:
    """The member behind a contact, made if nobody knows them. `doubtful`: others carry the code of its remark, too."""
    key = (account.channel, scope_of(account, person.id), person.id)
    known = community.directory.contact(key)
    if known is None:
        row = await people.identity(tx, *key)
        if row is None:
            known = await _meet(tx, community, account, key, person, now, doubtful)
        else:
            known = Contact(row["id"], row["member_id"], row["name"], row["via_id"])
        _remember(tx, community, key, known)
    if person.name and person.name != known.name:
        name = clean_text(person.name, NAME_LIMIT)
        if name != known.name:
            await people.rename_identity(tx, known.identity_id, known.via_id or known.member_id, name)
            known = replace(known, name=name)
            _remember(tx, community, key, known)
    return known


def _remember(tx: Tx, community: Community, key: tuple[str, int, str], contact: Contact) -> None:
    # after the commit: another transaction must not write of a member whom it can't see yet
    directory, state = community.directory, community.directory.merges
    tx.after_commit(lambda: directory.remember(key, contact) if directory.merges == state else None)


async def _meet(
    tx: Tx,
    community: Community,
    account: AccountEntry,
    key: tuple[str, int, str],
    person: Person,
    now: int,
    doubtful: bool,
) -> Contact:
    """A contact nobody has seen: the member whose code its remark carries, else someone new."""
    name = clean_text(person.name, NAME_LIMIT)
    code = code_in(person.remark)
    owner, likely = await people.owner_of_code(tx, code) if code else None, None
    if owner is not None and (doubtful or await people.spoke_this_login(tx, owner["id"], account.id)):
        owner, likely = None, owner  # the bearer of this code is here under another id: who is who, the team must say
    if owner is not None:
        member_id, via_id = owner["merged_into_id"] or owner["id"], owner["id"] if owner["merged_into_id"] else None
        identity_id = await people.add_identity(tx, member_id, *key, name, now, via_id)
        if identity_id:
            await people.end_reach(tx, owner["id"], account.id, identity_id, now)
            return Contact(identity_id, member_id, name, via_id)
    else:
        member_id = await people.add_member(tx, uuid.uuid4().hex[:12], name, now)
        await people.set_code(tx, member_id, member_code(member_id))
        identity_id = await people.add_identity(tx, member_id, *key, name, now)
        if identity_id:
            if likely is not None:
                from actions.one_person import matching

                await matching.ask(tx, community, likely["merged_into_id"] or likely["id"], member_id, CODE, now)
            return Contact(identity_id, member_id, name)
        await people.remove_unused(tx, member_id)
    row = await people.identity(tx, *key)  # another process was faster
    assert row is not None
    return Contact(row["id"], row["member_id"], row["name"], row["via_id"])
