"""How fast a campaign leaves: fed to the outbox, rendered, claimed under the attention budget, handed on, marked.

A confirmed campaign with a name in its text, over 20 accounts without a pace, on SQLite with every commit durable. The
parts are those of the running house: the feeder and one sender for each account; the network takes what it is given.
Each message is a row that is asked about as it is fed and again as it leaves (refusals, complaints, quiet hours, what
they got this week).. Memory is read each second: what it grows by
from the first tenth to the end. Goal: 2,000 messages a second, memory flat.

python -m benchmarks.outbox [--people 20000] [--rounds 3] [--short]
"""

import argparse
import asyncio
import random
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from actions import directory
from actions.campaigns import deciding, planning
from actions.campaigns.feeding import Feeder
from actions.clock import MovableClock
from actions.community import AccountEntry, Community
from actions.speaking.sending import Sender
from benchmarks.campaign_plan import DAY, NOW
from benchmarks.memory import resident
from benchmarks.stand import note, spread, verdict
from channels.base import Capabilities, Link
from db import accounts
from db.campaigns import campaigns
from db.database import Tx, open_database
from db.migrate import migrate
from rules.content.item import Body
from rules.messages import Outgoing
from rules.settings import Settings
from templates import Phrases

GOAL, GROWTH = 2_000, 16.0  # messages a second, MB
ACCOUNTS = 20
UNPACED = Capabilities(human_pace=False)


class Network:
    """Takes everything."""

    capabilities = UNPACED

    def __init__(self) -> None:
        self.taken = 0

    async def send(self, to: str, content: Outgoing) -> str:
        await asyncio.sleep(0)
        self.taken += 1
        return f"m{self.taken}"


async def people(tx: Tx, first: int, count: int, ours: list[int]) -> None:
    """More members, each a friend of one account."""
    every = range(first, first + count)
    await tx.many(
        "INSERT INTO member (id, code, name, created_at) VALUES ($1, $2, $3, 1)",
        [(one, f"b{one:x}", f"人{one}") for one in every],
    )
    await tx.many(
        "INSERT INTO identity (id, member_id, channel, ext_id, first_seen) VALUES ($1, $1, 'sandbox', $2, 1)",
        [(one, f"wx{one}") for one in every],
    )
    await tx.many(
        "INSERT INTO reach (account_id, identity_id, friend_at) VALUES ($1, $2, 1)",
        [(ours[one % len(ours)], one) for one in every],
    )


async def campaign(community: Community, turn: int) -> int:
    """One for everybody who has not had any, planned and confirmed; its number."""
    db, now = community.db, community.clock.now()
    body = Body(
        (Outgoing(text="{{ name }}，早上好！肉桂卷出炉啦，回复「推荐」看看今天适合您的"),), personal=True
    ).as_json()

    async def add(tx: Tx) -> int:
        content_id = await tx.insert(
            "INSERT INTO content (key, kind, theme, title, body, source, created_at, updated_at)"
            " VALUES ($1, 'text', $1, '肉桂卷', $2, 'chat', 1, 1)",
            f"chat:{turn}",
            body,
        )
        values = {
            "name": "肉桂卷", "content_id": content_id, "audience": "全部", "theme": f"chat:{turn}",
            "state": "planning",
            "seed": turn, "starts_at": now, "expires_at": now + 3 * DAY, "made_at": now,
        }  # fmt: skip
        return await campaigns.add(tx, values)

    campaign_id = await db.write(add)
    assert await planning.plan(community, campaign_id, now)
    await db.write(lambda tx: deciding.confirm(tx, community, campaign_id, now))
    return campaign_id


async def run(community: Community, networks: dict[int, Network], wanted: int) -> tuple[float, list[float]]:
    """Seconds until so many have arrived, and the memory meanwhile."""
    senders = {
        entry.id: Sender(community, entry, networks[entry.id], random.Random(1))  # type: ignore[arg-type]
        for entry in community.directory.accounts.values()
    }
    feeder = Feeder(community)
    community.wake, community.feed = (lambda one: senders[one].wake()), feeder.wake
    begun, sizes = perf_counter(), list[float]()
    tasks = [asyncio.create_task(part.run()) for part in (feeder, *senders.values())]
    while sum(one.taken for one in networks.values()) < wanted:
        await asyncio.sleep(0.05)
        sizes.append(resident()[0])
    while await community.db.value("SELECT 1 FROM outbox WHERE state IN ('due', 'sending') LIMIT 1"):
        await asyncio.sleep(0.01)
    took = perf_counter() - begun
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return took, sizes


async def measure(folder: Path, count: int, rounds: int) -> bool:
    settings = Settings.model_validate(
        {"accounts": [{"name": f"号{one}", "channel": "sandbox"} for one in range(ACCOUNTS)]}
    )
    await migrate(settings.database.url, folder, "benchmark")
    db = await open_database(settings.database.url, folder)
    clock = MovableClock()
    clock.set(NOW)
    community = Community(settings, db, Phrases(), clock, folder)
    for one in settings.accounts:
        account_id = await db.write(lambda tx, one=one: accounts.ensure(tx, one.name, "sandbox"))  # type: ignore[misc]
        community.directory.add_account(AccountEntry(account_id, one.name, "sandbox", UNPACED, link=Link.ONLINE))
    await db.write(lambda tx: tx.execute("UPDATE account SET link = 'online', first_online_at = 1"))
    await directory.load(community)
    ours = list(community.directory.accounts)
    rates, growth = list[float](), list[float]()
    for turn in range(rounds):
        clock.set(NOW + turn * 15 * DAY)  # nobody has had anything lately
        if not turn:
            await db.write(lambda tx: people(tx, 1, count, ours))
        await campaign(community, turn)
        networks = {one: Network() for one in ours}
        took, sizes = await run(community, networks, count)
        sent = await db.value("SELECT COUNT(*) FROM outbox WHERE state = 'sent'")
        assert sent == count * (turn + 1)
        assert sum(one.taken for one in networks.values()) == count
        rates.append(count / took)
        growth.append(max(sizes) - sizes[len(sizes) // 10])
        note(f"round {turn + 1}: {rates[-1]:,.0f}/s, memory {sizes[0]:.0f} to {max(sizes):.0f} MB")
    await db.close()
    print(
        f"{count:,} personal messages over {ACCOUNTS} accounts, fed, rendered, asked about twice, sent, marked; durable"
    )
    good = median(rates) >= GOAL
    print(f"median {median(rates):,.0f}/s ({spread(rates)})   goal {GOAL:,} {verdict(good)}")
    flat = growth[-1] < GROWTH
    print(f"memory grew by {growth[-1]:.1f} MB in the last round   goal < {GROWTH:.0f} {verdict(flat)}")
    return good and flat


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--short", action="store_true", help="1,000 people, for CI")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zhiji-bench-") as place:
        asyncio.run(measure(Path(place), *((1_000, 1) if asked.short else (asked.people, asked.rounds))))


if __name__ == "__main__":
    main()
