"""How many inbound messages a second are handled, durably; against three bots that store nothing, in one run.

Ours: a room message goes through the inbox as in production. It is de-duplicated, its member found, the interaction
stored with the member's counters, routed among 30 commands, and the reply is in the outbox: SQLite, synchronous=FULL,
group commit. A round counts when everything of it is committed.

python-wechaty: event, payload, Message ready, on_message with 30 commands, all in memory; once only finding the
command, once also answering. aiogram: feed_update with 30 message handlers. nonebot2: handle_event with 30 matchers.
Their networks answer from memory at once. Each peer is a process of its own; rounds alternate, medians are printed.

python -m benchmarks.inbound [--rounds 9] [--short]
"""

import argparse
import asyncio
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median

from benchmarks.stand import Traffic, note, open_stand, peers_missing, spread, started, verdict
from rules.messages import Person

PEOPLE = 2_000
PEERS = {  # name: script and flags, messages in a round
    "python-wechaty, finds": (("wechaty_bot.py",), 10_000),
    "python-wechaty, answers": (("wechaty_bot.py", "answering"), 10_000),
    "aiogram, answers": (("aiogram_bot.py",), 500),
    "nonebot2, answers": (("nonebot_bot.py",), 30),
}
GOAL = "python-wechaty, finds"


async def measure(rounds: int, messages: int) -> dict[str, list[float]]:
    """Messages a second of each, round by round."""
    rates: dict[str, list[float]] = defaultdict(list)
    scripts = {} if peers_missing() else {name: script for name, (script, _) in PEERS.items()}
    with tempfile.TemporaryDirectory(prefix="zhiji-bench-") as folder, started(scripts) as peers:
        async with open_stand(Path(folder)) as stand:
            traffic = Traffic([Person(f"wxid_{number}", f"人{number}") for number in range(PEOPLE)])
            await stand.handle(traffic.next(2 * PEOPLE))  # everybody is known from here
            for peer in peers.values():
                peer.rate(30)
            for number in range(rounds):
                events = traffic.next(messages)
                rates["ours, durable"].append(len(events) / await stand.handle(events))
                for name, peer in peers.items():
                    rates[name].append(peer.rate(min(messages, PEERS[name][1])))
                note(f"round {number + 1}: " + "  ".join(f"{name} {one[-1]:,.0f}/s" for name, one in rates.items()))
            assert await stand.community.db.value("SELECT COUNT(*) FROM outbox") == 2 * PEOPLE + rounds * messages
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--short", action="store_true", help="three small rounds, for CI")
    asked = parser.parse_args()
    rates = asyncio.run(measure(3, 1_500) if asked.short else measure(asked.rounds, 10_000))
    ours = median(rates["ours, durable"])
    print(f"{'':<26}{'messages/s':>12}{'ours is':>11}{'min–max':>12}")
    for name, values in rates.items():
        good = f"   goal 1.00 {verdict(ours >= median(values))}" if name == GOAL else ""
        print(f"{name:<26}{median(values):>12,.0f}{ours / median(values):>10,.2f}x{spread(values):>12}{good}")


if __name__ == "__main__":
    main()
