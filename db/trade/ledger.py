"""Points: a double-entry ledger. One transfer is one INSERT; triggers move both balances and refuse (db/guards.py).

A transfer carries a `source`, the key of what it is for: the same key pays once, however often it comes.
"""

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

from db.database import Database, Reader, Row, Tx
from rules.errors import InsufficientPointsError, RefusedError, SourceReusedError

MEMBER = "member"
ISSUE = "issue"  # where points come from: its balance is what was ever issued, below zero
SPEND = "spend"  # where spent points go
DEBT = "debt"  # what a member's refunds take back beyond what they have: below zero until later points have paid it
SYSTEM = 0  # the member id of the brand's own accounts
LARGEST = 999_999_999  # of one transfer
KNOWN_ACCOUNTS = 60_000
LONGEST_SOURCE = 120
LONGEST_REASON = 200
LONGEST_ACTOR = 100
EVERYTHING = 1_000_000_000


class Account(NamedTuple):
    """A points account. `floor`: the balance never falls below it; None for the brand's own."""

    id: int
    floor: int | None


class Accounts:
    """The accounts of one house, opened on first use; the ids of the recently used stay in memory."""

    def __init__(self, limit: int = KNOWN_ACCOUNTS) -> None:
        self._limit = limit
        self._known: OrderedDict[tuple[int, str], Account] = OrderedDict()

    async def member(self, tx: Tx, member_id: int) -> Account:
        """A member's account; its floor is 0."""
        return self._known.get((member_id, MEMBER)) or await self._open(tx, member_id, MEMBER, 0)

    async def system(self, tx: Tx, kind: str) -> Account:
        """The brand's account of a kind (ISSUE, SPEND); it has no floor."""
        return self._known.get((SYSTEM, kind)) or await self._open(tx, SYSTEM, kind, None)

    async def debt(self, tx: Tx, member_id: int) -> Account:
        """A member's debt; it has no floor."""
        return self._known.get((member_id, DEBT)) or await self._open(tx, member_id, DEBT, None)

    async def _open(self, tx: Tx, member_id: int, kind: str, floor: int | None) -> Account:
        find = "SELECT id, floor FROM ledger_account WHERE member_id = $1 AND kind = $2"
        row = await tx.one(find, member_id, kind)
        if row is None:
            await tx.execute(
                "INSERT INTO ledger_account (member_id, kind, floor) VALUES ($1, $2, $3)"
                " ON CONFLICT (member_id, kind) DO NOTHING",
                member_id,
                kind,
                floor,
            )
            row = await tx.one(find, member_id, kind)
            assert row is not None
        account = Account(row["id"], row["floor"])
        # remembered once it is durable: an id that was rolled back may become another member's
        tx.after_commit(lambda: self._remember((member_id, kind), account))
        return account

    def _remember(self, key: tuple[int, str], account: Account) -> None:
        self._known[key] = account
        if len(self._known) > self._limit:
            self._known.popitem(last=False)


ADD = (
    "INSERT INTO transfer (source, debit_id, credit_id, amount, kind, reason, actor, reverses_id, at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (source) DO NOTHING"
)


async def transfer(
    tx: Tx,
    source: str,
    debit: Account,
    credit: Account,
    amount: int,
    kind: str,
    reason: str,
    actor: str,
    now: int,
    reverses: int | None = None,
) -> bool:
    """Move points from `debit` to `credit`; False if this source has moved them already.

    `kind` as in db/models/trade.py, `reverses`: the id of the transfer that this one takes back. Raises
    InsufficientPointsError when `debit` would fall below its floor, SourceReusedError when the source stands for
    another transfer, RefusedError for an amount that is no whole number from 1 to 999,999,999 or for a second reversal.
    """
    _check(source, debit, credit, amount)
    args = (source, debit.id, credit.id, amount, kind, reason[:LONGEST_REASON], actor[:LONGEST_ACTOR], reverses, now)
    # what the database may refuse needs a savepoint, or PostgreSQL gives the whole transaction up
    guard: AbstractAsyncContextManager[None] = nullcontext()
    if debit.floor is not None or reverses is not None:
        guard = tx.savepoint()
    try:
        async with guard:
            moved = await tx.execute(ADD, *args)
    except Exception as error:
        raise _explained(error, amount) from error
    if not moved:
        await _must_be_same(tx, source, (debit.id, credit.id, amount, kind, reverses))
    return moved > 0


def _check(source: str, debit: Account, credit: Account, amount: int) -> None:
    if type(amount) is not int or not 0 < amount <= LARGEST:
        raise RefusedError(f"积分要是 1 到 {LARGEST:,} 的整数，{str(amount)[:20]} 不行")
    if debit.id == credit.id:
        raise RefusedError("积分不能转给自己")
    if not 0 < len(source) <= LONGEST_SOURCE:
        raise ValueError(f"a source key has 1 to {LONGEST_SOURCE} characters: {source[:140]!r}")


def _explained(error: Exception, amount: int) -> Exception:
    """A refusal of the guards in words; every other error as it is."""
    broken = getattr(error, "constraint_name", None) or str(error)
    if broken == "ledger_floor":
        return InsufficientPointsError(f"积分不够 {amount}")
    if "reverses" in broken:
        return RefusedError("这一笔已经撤销过了")
    return error


async def _must_be_same(tx: Tx, source: str, wanted: tuple[int, int, int, str, int | None]) -> None:
    row = await by_source(tx, source)
    assert row is not None
    stored = (row["debit_id"], row["credit_id"], row["amount"], row["kind"], row["reverses_id"])
    if stored != wanted:
        raise SourceReusedError(
            f"积分来源 {source} 已经用在另一笔上：{stored}，这次是 {wanted}，没有入账"
            " (this source key stands for another transfer; nothing was moved)"
        )


async def by_source(db: Reader, source: str) -> Row | None:
    return await db.one("SELECT * FROM transfer WHERE source = $1", source)


async def last_id(db: Reader) -> int:
    return await db.value("SELECT MAX(id) FROM transfer") or 0


async def by_id(db: Reader, transfer_id: int) -> Row | None:
    return await db.one("SELECT * FROM transfer WHERE id = $1", transfer_id)


async def account(db: Reader, account_id: int) -> Row | None:
    return await db.one("SELECT * FROM ledger_account WHERE id = $1", account_id)


async def reversal_of(db: Reader, transfer_id: int) -> Row | None:
    return await db.one("SELECT * FROM transfer WHERE reverses_id = $1", transfer_id)


async def balance(db: Reader, member_id: int) -> int:
    """The points a member has; 0 for one who never had any."""
    found = await db.value("SELECT balance FROM ledger_account WHERE member_id = $1 AND kind = $2", member_id, MEMBER)
    return found or 0


async def debt(db: Reader, member_id: int) -> int:
    """The points that a member's later points go to first; 0 for nearly everybody."""
    found = await db.value("SELECT balance FROM ledger_account WHERE member_id = $1 AND kind = $2", member_id, DEBT)
    return -(found or 0)


async def held_balance(tx: Tx, member_id: int) -> int:
    """A member's points, which nobody else moves until this transaction ends.

    The accounts are locked as a transfer locks them, by rising id, with the brand's own that give and take.
    """
    rows = await tx.all(
        "SELECT kind, balance FROM ledger_account WHERE (member_id = $1 AND kind IN ('member', 'debt'))"
        " OR (member_id = 0 AND kind = 'issue') ORDER BY id {lock}",
        member_id,
    )
    return next((row["balance"] for row in rows if row["kind"] == MEMBER), 0)


async def owed(db: Reader) -> int:
    """The points outstanding: what all members have together."""
    found: int = await db.value(
        "SELECT CAST(COALESCE(SUM(balance), 0) AS BIGINT) FROM ledger_account WHERE kind = $1", MEMBER
    )
    return found


HISTORY = """
WITH mine AS (SELECT id, balance FROM ledger_account WHERE member_id = $1 AND kind = 'member'),
moved AS (
    SELECT id, at, kind, reason, actor, change, other_id FROM (
        SELECT t.id, t.at, t.kind, t.reason, t.actor, -t.amount AS change, t.credit_id AS other_id
        FROM transfer t JOIN mine ON t.debit_id = mine.id
        UNION ALL
        SELECT t.id, t.at, t.kind, t.reason, t.actor, t.amount AS change, t.debit_id AS other_id
        FROM transfer t JOIN mine ON t.credit_id = mine.id
    ) AS both_sides ORDER BY id DESC LIMIT $2
)
SELECT moved.id, moved.at, moved.kind, moved.reason, moved.actor, moved.change, other.member_id AS other_member_id,
    COALESCE(m.name, '') AS other_name,
    CAST(mine.balance - SUM(moved.change) OVER (ORDER BY moved.id DESC) + moved.change AS BIGINT) AS after
FROM moved CROSS JOIN mine JOIN ledger_account other ON other.id = moved.other_id
LEFT JOIN member m ON m.id = other.member_id ORDER BY moved.id DESC
"""


async def history(db: Reader, member_id: int, limit: int = EVERYTHING) -> Sequence[Row]:
    """A member's statement, newest first.

    (id, at, kind, reason, actor, change, after, other_member_id, other_name): `change` with its sign, `after` the
    balance then, `other_*` the member on the other side (id 0 and '' for the brand).
    """
    return await db.all(HISTORY, member_id, limit)


@dataclass(frozen=True, slots=True)
class Difference:
    """An account whose balance is not what its history says, or is below its floor."""

    account_id: int
    kind: str
    member_id: int
    balance: int
    history: int


@dataclass(frozen=True, slots=True)
class Recount:
    """What a recount found. `total`: the sum of all balances, which must be 0."""

    accounts: int
    transfers: int
    total: int
    differences: tuple[Difference, ...]

    @property
    def right(self) -> bool:
        return self.total == 0 and not self.differences


# an account that only transfers know shows as a balance of 0 and a history
DIFFERENCES = """
SELECT sums.id, COALESCE(a.kind, '') AS kind, COALESCE(a.member_id, 0) AS member_id,
    CAST(sums.balance AS BIGINT) AS balance, CAST(sums.history AS BIGINT) AS history
FROM (
    SELECT id, SUM(balance) AS balance, SUM(change) AS history FROM (
        SELECT id, balance, 0 AS change FROM ledger_account
        UNION ALL SELECT debit_id, 0, -amount FROM transfer
        UNION ALL SELECT credit_id, 0, amount FROM transfer
    ) AS lines GROUP BY id
) AS sums LEFT JOIN ledger_account a ON a.id = sums.id
WHERE sums.balance <> sums.history OR a.id IS NULL OR sums.balance < a.floor ORDER BY sums.id
"""


async def recount(db: Database) -> Recount:
    """Add up every account's history anew and compare; reads the whole ledger."""
    rows = await db.slow(DIFFERENCES)
    sums = await db.slow(
        "SELECT COUNT(*) AS accounts, CAST(COALESCE(SUM(balance), 0) AS BIGINT) AS total,"
        " (SELECT COUNT(*) FROM transfer) AS transfers FROM ledger_account"
    )
    differences = tuple(
        Difference(row["id"], row["kind"], row["member_id"], row["balance"], row["history"]) for row in rows
    )
    return Recount(sums[0]["accounts"], sums[0]["transfers"], sums[0]["total"], differences)
