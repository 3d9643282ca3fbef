"""The team: adding a person with a one-time code, binding the code to whoever sends it privately, letting them go.

Nobody is ever staff by a nickname: only the member who sent a code that was given out at the console.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from actions import audit
from actions.community import Community, StaffEntry
from db import staff
from db.database import Tx
from rules.errors import RefusedError
from rules.talk.codes import ALPHABET
from rules.text import clean_text

ROLES = ("viewer", "service", "operator", "admin", "owner")  # each may do what those before it may
CODE_LENGTH = 8
CODE_LIFE = 24 * 3_600_000
WRONG_TRIES = 5  # for a member in WRONG_WINDOW, then silence
WRONG_WINDOW = 3_600_000
NAME_LIMIT = 60
CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class Binding:
    """What came of a code: the person it was for, or None; `silent`: too many were wrong, nothing is to be said."""

    staff: StaffEntry | None
    silent: bool = False


def may(role: str, least: str) -> bool:
    """Whether a role may do what `least` may; an unknown role may nothing."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(least)


async def add(tx: Tx, name: str, role: str, now: int) -> str:
    """Add a person to the team, or give a known one a new code (and role); the one-time code, valid for a day.

    Raises RefusedError for an empty name or an unknown role. A binding that exists holds until the new code is used.
    """
    called = clean_text(name, NAME_LIMIT).strip()
    if not called:
        raise RefusedError("团队成员的名字不能为空 (a name is needed)")
    if role not in ROLES:
        raise RefusedError(f"没有 {role} 这个角色，可用：{'、'.join(ROLES)} (no such role)")
    code = _new_code()
    staff_id = await staff.put(tx, called, role, _hashed(code), now + CODE_LIFE, now)
    await audit.record(tx, CONSOLE, "staff.add", f"staff:{staff_id}", role, now)
    return code


async def bind(tx: Tx, community: Community, member_id: int, code: str, now: int) -> Binding:
    """A member sent what looks like a code: make them staff if it is one. A code works once."""
    if await staff.wrong_codes(tx, member_id, now - WRONG_WINDOW) >= WRONG_TRIES:
        return Binding(None, silent=True)
    row = None
    hashed = _hashed(code)
    for one in await staff.with_code(tx, now):
        if hmac.compare_digest(one["code_hash"], hashed):
            row = one
    if row is None or not await staff.bind(tx, row["id"], member_id, hashed, now):
        await staff.add_wrong_code(tx, member_id, now, now - WRONG_WINDOW)
        return Binding(None)
    entry = StaffEntry(row["id"], row["name"], row["role"], member_id)
    await audit.record(tx, audit.actor_of(entry.id), "staff.bind", audit.member(member_id), entry.role, now)
    tx.after_commit(lambda: _enter(community, entry))
    return Binding(entry)


async def revoke(tx: Tx, community: Community | None, name: str, now: int) -> None:
    """Let a person of the team go: no rights from now on, and a code not yet used is dead. Raises RefusedError."""
    row = await staff.by_name(tx, clean_text(name, NAME_LIMIT).strip())
    if row is None or row["revoked_at"] is not None:
        raise RefusedError(f"团队里没有「{name}」(nobody of this name on the team)")
    await staff.revoke(tx, row["id"], now)
    await audit.record(tx, CONSOLE, "staff.revoke", f"staff:{row['id']}", "", now)
    if community is not None:
        tx.after_commit(lambda: _leave(community, row["id"]))


async def acting(tx: Tx, community: Community, member_id: int, least: str) -> StaffEntry | None:
    """The person of the team who speaks, as the database knows them now; None if they are not staff (any more).

    Raises RefusedError when their role may not do what `least` may. The console may have changed roles meanwhile.
    """
    row = await staff.by_member(tx, member_id)
    if row is None:
        community.directory.staff.pop(member_id, None)
        return None
    entry = StaffEntry(row["id"], row["name"], row["role"], member_id)
    community.directory.staff[member_id] = entry
    if not may(entry.role, least):
        raise RefusedError("您的角色只能查看，这一步请找管理员" if entry.role in ROLES else "您的角色不能这样做")
    return entry


def _enter(community: Community, entry: StaffEntry) -> None:
    _leave(community, entry.id)
    community.directory.staff[entry.member_id] = entry


def _leave(community: Community, staff_id: int) -> None:
    team = community.directory.staff
    for member_id in [member_id for member_id, one in team.items() if one.id == staff_id]:
        del team[member_id]


def _new_code() -> str:
    """Eight characters that nobody mistakes for one another, letters and digits both, so that no word is one."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        if any(char.isdigit() for char in code) and any(char.isalpha() for char in code):
            return code


def _hashed(code: str) -> str:
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()
