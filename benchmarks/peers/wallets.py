"""The usual way to move points with an ORM, for comparison: read under a lock, check, save, keep a row of it."""

from pathlib import Path
from typing import Any

from tortoise import Tortoise, fields
from tortoise.models import Model
from tortoise.transactions import in_transaction


class Wallet(Model):
    """Somebody's points."""

    id = fields.BigIntField(primary_key=True, generated=False)
    balance = fields.BigIntField()


class Movement(Model):
    """Points that were moved; the key is unique, as ours is."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(120, unique=True)
    giver_id = fields.BigIntField(db_index=True)
    taker_id = fields.BigIntField(db_index=True)
    amount = fields.BigIntField()
    at = fields.BigIntField()


async def open_wallets(connection: str | dict[str, Any], wallets: int, each: int) -> None:
    """A database with that many wallets; SQLite as durable as ours (WAL, FULL)."""
    await Tortoise.init(
        config={
            "connections": {"default": connection},
            "apps": {"wallets": {"models": ["benchmarks.peers.wallets"], "default_connection": "default"}},
        }
    )
    await Tortoise.generate_schemas()
    await Wallet.bulk_create([Wallet(id=number, balance=each) for number in range(1, wallets + 1)])


def sqlite(file: Path) -> str:
    return f"sqlite://{file}?journal_mode=WAL&synchronous=FULL"


async def move(key: str, giver_id: int, taker_id: int, amount: int, at: int) -> None:
    """One transfer, durable when it returns. Raises ValueError when there is not enough."""
    async with in_transaction() as link:
        locked = await Wallet.filter(id__in=(giver_id, taker_id)).order_by("id").select_for_update().using_db(link)
        wallets = {one.id: one for one in locked}
        giver, taker = wallets[giver_id], wallets[taker_id]
        if giver.balance < amount:
            raise ValueError("not enough points")
        giver.balance -= amount
        taker.balance += amount
        await giver.save(update_fields=["balance"], using_db=link)
        await taker.save(update_fields=["balance"], using_db=link)
        await Movement.create(key=key, giver_id=giver_id, taker_id=taker_id, amount=amount, at=at, using_db=link)


async def total() -> int:
    return sum(await Wallet.all().values_list("balance", flat=True))  # type: ignore[arg-type]
