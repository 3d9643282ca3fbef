"""How fast a campaign for 50,000 people over 20 accounts is planned, with all exclusions, and who waits meanwhile.

The whole of `actions.campaigns.planning.plan`: the audience by its condition, the attention budget of everybody
(refusals, complaints, minors, hand-overs, what they got in the last weeks, what they heard in rooms), the best account
of each, the holdout, and the rows of the plan, durable. Meanwhile another writer asks for a commit all the time: the
longest that it waits is what members would wait for an answer. Goal: under 2 s, and nobody waits over 100 ms for the
writer. On a machine with other work the seconds of our own processor time are the better figure.

python -m benchmarks.campaign_plan [--rounds 5] [--short] [--postgres]
"""

import argparse
import asyncio
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from actions.campaigns import planning
from actions.clock import MovableClock
from actions.community import AccountEntry, Community
from benchmarks.stand import spread, verdict
from channels.base import Capabilities
from db.campaigns import campaigns
from db.database import Tx, open_database
from rules.settings import Settings
from templates import Phrases
from tests.databases import template

GOAL, WAIT = 2.0, 0.1  # seconds
NOW = 1_789_964_000_000
DAY = 86_400_000
ACCOUNTS, ROOMS = 20, 60


def some(number: int, salt: int, below: int) -> int:
    """A number from 0 up to `below` that looks like chance and is the same in each run."""
    return (number * 2654435761 + salt * 40503 * (number % 97 + 1)) % 4294967291 % below


async def fill(tx: Tx, members: int) -> None:
    """A community: most are reached by one account, some by two; 8 % refuse, 1 % complain, half got offers."""
    every = range(1, members + 1)
    await tx.many(
        "INSERT INTO account (name, channel, link, first_online_at) VALUES ($1, 'sandbox', 'online', $2)",
        [(f"号{one}", NOW - 90 * DAY) for one in range(ACCOUNTS)],
    )
    await tx.many(
        "INSERT INTO member (id, code, name, created_at, personalisation_out_at) VALUES ($1, $2, $3, $4, $5)",
        [(one, f"b{one:x}", f"人{one}", NOW - DAY, NOW if some(one, 1, 100) < 3 else None) for one in every],
    )
    await tx.many(
        "INSERT INTO identity (id, member_id, channel, ext_id, first_seen) VALUES ($1, $1, 'sandbox', $2, $3)",
        [(one, f"wx{one}", NOW) for one in every],
    )
    pairs = [(1 + some(one, 2, ACCOUNTS), one) for one in every]
    pairs += [(1 + (account % ACCOUNTS), one) for account, one in pairs if some(one, 3, 10) < 3]
    await tx.many(
        "INSERT INTO reach (account_id, identity_id, friend_at, spoke_at, human_at) VALUES ($1, $2, $3, $4, $5)",
        [
            (account, one, NOW, NOW - some(one, 4, 60) * DAY if some(one, 5, 2) else None,
             NOW - 3_600_000 if some(one, 6, 100) < 2 else None)
            for account, one in pairs
        ],
    )  # fmt: skip
    await tx.many(
        "INSERT INTO consent (member_id, purpose, state, source, at) VALUES ($1, 'marketing', $2, 'chat', $3)",
        [(one, state, NOW) for one in every for state in ("refused", "given")[: 1 + some(one, 8, 2)]
         if some(one, 7, 100) < 8],
    )  # fmt: skip
    await tx.many(
        "INSERT INTO feedback (interaction_id, member_id, kind, text, at) VALUES ($1, $1, 'complaint', '坏了', $2)",
        [(one, NOW) for one in every if some(one, 9, 100) < 1],
    )
    await tx.many(
        "INSERT INTO handover (member_id, account_id, interaction_id, why, at, last_at)"
        " VALUES ($1, 1, 1, 'asked', $2, $2)",
        [(one, NOW) for one in every if some(one, 10, 1000) < 2],
    )
    await tx.many(
        "INSERT INTO outbox (account_id, identity_id, member_id, purpose, content, attention, theme, state, created_at,"
        " not_before, claimed_at) VALUES (1, $1, $1, 'marketing', '{}', 'offer', $2, 'sent', $3, $3, $3)",
        [(one, f"主题{some(one, 12, 9)}", NOW - some(one * 7 + turn, 13, 14) * DAY) for one in every
         for turn in range(some(one, 11, 3))],
    )  # fmt: skip
    await tx.many(
        "INSERT INTO room (id, channel, ext_id, created_at) VALUES ($1, 'sandbox', $2, $3)",
        [(room, f"r{room}", NOW) for room in range(1, ROOMS + 1)],
    )
    await tx.many(
        "INSERT INTO room_member (room_id, member_id, joined_at) VALUES ($1, $2, $3)",
        [(1 + some(one, 14, ROOMS), one, NOW) for one in every],
    )
    await tx.execute(
        "INSERT INTO content (id, key, kind, theme, title, body, source, created_at, updated_at)"
        " VALUES (1, 'chat:1', 'text', '主题1', '新品', $1, 'chat', $2, $2)",
        '{"pieces": [{"act": "text", "text": "新品到了"}]}', NOW,
    )  # fmt: skip
    await tx.many(
        "INSERT INTO content_use (content_id, room_id, at) VALUES (1, $1, $2)", [(room, NOW - DAY) for room in (3, 5)]
    )


class Waiting:
    """A writer that asks for a small commit again and again."""

    def __init__(self, community: Community) -> None:
        self._db, self.waits = community.db, list[float]()

    async def run(self) -> None:
        while True:
            begun = perf_counter()
            await self._db.write(self._some)
            self.waits.append(perf_counter() - begun)
            await asyncio.sleep(0.002)

    @staticmethod
    async def _some(tx: Tx) -> None:
        await tx.execute("UPDATE account SET link_detail = $1 WHERE id = 1", "x")


async def measure(url: str, folder: Path, members: int, rounds: int) -> bool:
    db = await open_database(url, folder)
    clock = MovableClock()
    clock.set(NOW)
    settings = Settings.model_validate({"accounts": [{"name": "号0", "channel": "sandbox"}]})
    community = Community(settings, db, Phrases(folder / "t"), clock, folder)

    async def begin(tx: Tx) -> None:
        await fill(tx, members)

    await db.write(begin)
    for number in range(1, ACCOUNTS + 1):
        community.directory.add_account(AccountEntry(number, f"号{number - 1}", "sandbox", Capabilities()))
    times, waits, busy = list[float](), list[float](), list[float]()
    for turn in range(rounds):
        campaign_id = await db.write(
            lambda tx, turn=turn: campaigns.add(tx, {
                "name": "新品", "content_id": 1, "audience": "全部", "theme": "主题1", "state": "planning",
                "holdout": 10, "seed": turn, "starts_at": NOW, "expires_at": NOW + 3 * DAY, "made_at": NOW,
            })
        )  # fmt: skip
        waiting = Waiting(community)
        other = asyncio.create_task(waiting.run())
        begun, worked = perf_counter(), process_time()
        assert await planning.plan(community, campaign_id, NOW)
        times.append(perf_counter() - begun)
        busy.append(process_time() - worked)
        other.cancel()
        waits.append(max(waiting.waits))
        counts: Counter[str] = Counter()
        for row in await campaigns.counts(db, campaign_id):
            counts[row["reason"] or row["state"]] += row["n"]
        assert sum(counts.values()) == members
    await db.close()
    took, waited = f"{median(times):.2f} s ({spread(times)})", f"{median(waits) * 1000:.0f} ms ({spread(waits)})"
    print(f"{db.dialect}: {members:,} people, {ACCOUNTS} accounts: median {took}, goal {GOAL:g} s")
    print(f"  our own processor time: median {median(busy):.2f} s")
    print(f"  longest wait of another writer: median {waited}, goal {WAIT * 1000:.0f} ms")
    print("  " + ", ".join(f"{name} {count:,}" for name, count in counts.most_common()))
    good = median(times) <= GOAL and median(waits) <= WAIT
    print("  " + verdict(good))
    return good


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        made = stack.enter_context(template("postgres" if given.postgres else "sqlite", folder))
        url = stack.enter_context(made.copy(folder))
        members, rounds = (3_000, 1) if given.short else (50_000, given.rounds)
        good = asyncio.run(measure(url, folder, members, rounds))
    raise SystemExit(0 if good or given.short else 1)


if __name__ == "__main__":
    main()
