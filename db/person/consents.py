"""What members agreed to or refused: rows that are only ever added; the latest of a purpose counts."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx


async def add(
    tx: Tx, member_id: int, purpose: str, state: str, source: str, evidence_id: int | None, version: str, now: int
) -> None:
    await tx.insert(
        "INSERT INTO consent (member_id, purpose, state, source, evidence_id, text_version, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        member_id,
        purpose,
        state,
        source,
        evidence_id,
        version,
        now,
    )


async def latest(db: Reader, member_id: int, purpose: str) -> str | None:
    """ "given", "refused", or None if nothing was ever said."""
    found: str | None = await db.value(
        "SELECT state FROM consent WHERE member_id = $1 AND purpose = $2 ORDER BY id DESC LIMIT 1", member_id, purpose
    )
    return found


async def history(db: Reader, member_id: int) -> Sequence[Row]:
    return await db.all("SELECT * FROM consent WHERE member_id = $1 ORDER BY id", member_id)


async def mark_marketing(tx: Tx, member_id: int, out_at: int | None) -> bool:
    """Since when a member wants no marketing (UTC ms), None for not at all; False if nothing changed."""
    return bool(
        await tx.execute(
            "UPDATE member SET marketing_out_at = $1 WHERE id = $2"
            " AND (CASE WHEN marketing_out_at IS NULL THEN 0 ELSE 1 END) <> $3",
            out_at,
            member_id,
            0 if out_at is None else 1,
        )
    )


async def mark_personalisation(tx: Tx, member_id: int, out_at: int | None) -> bool:
    """Since when a member wants the general list only (UTC ms), None for not at all; False if nothing changed."""
    return bool(
        await tx.execute(
            "UPDATE member SET personalisation_out_at = $1 WHERE id = $2"
            " AND (CASE WHEN personalisation_out_at IS NULL THEN 0 ELSE 1 END) <> $3",
            out_at,
            member_id,
            0 if out_at is None else 1,
        )
    )
