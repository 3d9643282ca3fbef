"""Encrypts a member's personal fields with a key of their own: when the key is gone, so are they."""

import os
from functools import lru_cache
from typing import Any

from db.database import Reader, Tx
from rules.errors import StorageError

KEY_BYTES = 32
NONCE_BYTES = 12


@lru_cache(maxsize=1)
def _cipher() -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # slow to load, and few members fill in a profile

    return AESGCM


def seal(key: bytes, text: str, about: str) -> bytes:
    """`text` encrypted with AES-256-GCM; `about` (what the field is) must be said again to read it."""
    nonce = os.urandom(NONCE_BYTES)
    sealed: bytes = _cipher()(key).encrypt(nonce, text.encode(), about.encode())
    return nonce + sealed


def unseal(key: bytes, sealed: bytes, about: str) -> str:
    """What `seal` was given. Raises StorageError if the key is another one or the bytes were changed."""
    from cryptography.exceptions import InvalidTag

    try:
        text: bytes = _cipher()(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
    except InvalidTag as error:
        reason = f"{about}：读不出来，密钥不对或内容被改过 (wrong key, or altered)"
        raise StorageError(reason, permanent=True) from error
    return text.decode()


async def key_of(db: Reader, member_id: int) -> bytes | None:
    """A member's key, None if they have none (yet, or any more)."""
    found = await db.value("SELECT key FROM member WHERE id = $1", member_id)
    return bytes(found) if found is not None else None


async def ensure_key(tx: Tx, member_id: int) -> bytes:
    """A member's key, made when the first personal field is stored; none is made for an erased member."""
    await tx.execute(
        "UPDATE member SET key = $1 WHERE id = $2 AND key IS NULL AND erased_at IS NULL",
        os.urandom(KEY_BYTES),
        member_id,
    )
    key = await key_of(tx, member_id)
    if key is None:
        raise StorageError(f"会员 {member_id} 已注销，没有密钥 (erased: no key)", permanent=True)
    return key
