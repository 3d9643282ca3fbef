"""Promises 12 and 13 at the truth, the network's own list: windows, gap and order hold over restarts."""

import asyncio
import itertools
import math
import random
from bisect import bisect_right
from contextlib import suppress
from pathlib import Path

import pytest

from actions.speaking.sending import Sender
from channels.base import Channel
from db.database import Tx
from db.speaking import outbox
from db.talk import rooms
from rules.errors import SendError
from rules.messages import Outgoing
from rules.times import DAY, HOUR, MINUTE, SECOND
from tests.clockwork import Clockwork, HandClock, moment, settings_of

QUEUED, RESTARTS, ROOMS = 3_000, 30, 40
NOW = moment("2026-11-23", "07:00")


class Network:
    """Writes down what reaches it; now and then the program dies while it waits for the answer."""

    def __init__(self, clock: HandClock, chance: random.Random) -> None:
        self.clock, self.chance = clock, chance
        self.sends: list[tuple[int, str, str]] = []
        self.deadly = 0.0
        self.complain = False

    async def send(self, to: str, content: Outgoing) -> str:
        if self.complain:
            self.complain = False
            raise SendError("操作过于频繁", throttled=True)
        self.sends.append((self.clock.now(), to, content.text))
        if self.chance.random() < self.deadly:
            raise asyncio.CancelledError
        return f"x{len(self.sends)}"


def most_in(times: list[int], window: int) -> int:
    return max(bisect_right(times, start + window) - index for index, start in enumerate(times))


@pytest.fixture
async def queued(database_url: str, folder: Path) -> Clockwork:
    clockwork = await Clockwork(database_url, folder, settings_of(), NOW).set_up()

    async def fill(tx: Tx) -> None:
        await tx.execute("UPDATE account SET first_online_at = $1", NOW - 100 * DAY)
        ids = [await rooms.add(tx, "sandbox", f"r{number}", f"群{number}", NOW) for number in range(ROOMS)]
        sql = (
            "INSERT INTO outbox (key, account_id, room_id, purpose, content, created_at, not_before)"
            " VALUES ($1, 1, $2, 'post', $3, $4, $4)"
        )
        texts = ((n, ids[n % ROOMS], f'{{"act":"text","text":"{n}"}}') for n in range(QUEUED))
        await tx.many(sql, [(f"post:{n}", room, text, NOW) for n, room, text in texts])

    await clockwork.db.write(fill)
    return clockwork


def sender_of(clockwork: Clockwork, network: Network, chance: random.Random) -> Sender:
    entry = clockwork.community.directory.accounts[1]
    channel: Channel = network  # type: ignore[assignment]
    return Sender(clockwork.community, entry, channel, chance)


async def work_until(clockwork: Clockwork, sender: Sender, end: int) -> None:
    """Let the sender send, and sleep as long as it wants to."""
    while clockwork.clock.now() < end:
        pause = await sender.step()
        clockwork.clock.set(clockwork.clock.now() + max(1, math.ceil(pause * 1000)))


async def test_the_windows_hold_for_three_hours_with_thirty_restarts(queued: Clockwork) -> None:
    chance = random.Random(12)
    network = Network(queued.clock, chance)
    network.deadly = 0.03
    end = NOW + 3 * HOUR
    stops = sorted([*(chance.randrange(NOW, end) for _ in range(RESTARTS)), end])
    for number, stop in enumerate(stops):
        sender = sender_of(queued, network, chance)
        await sender.recover()
        with suppress(asyncio.CancelledError):
            await work_until(queued, sender, stop)
        if number == 12:
            queued.clock.set(queued.clock.now() - 20 * MINUTE)  # the clock is put right
    times = [at for at, _, _ in network.sends]
    back = next(index for index in range(1, len(times) + 1) if index == len(times) or times[index] < times[index - 1])
    for part in (times[:back], times[back:]):
        if len(part) > 1:
            assert most_in(part, MINUTE - 1) <= 12
            assert most_in(part, HOUR - 1) <= 150
            assert min(later - one for one, later in itertools.pairwise(part)) >= 5 * SECOND
    texts = [text for _, _, text in network.sends]
    assert len(texts) == len(set(texts))
    assert len(texts) > 300
    in_doubt = {row["content"] for row in await outbox.unconfirmed(queued.db)}
    assert len(in_doubt) > 3
    await queued.close()


async def test_a_reply_goes_before_a_thousand_posts_and_does_not_keep_the_gap(queued: Clockwork) -> None:
    chance = random.Random(1)
    network = Network(queued.clock, chance)
    sender = sender_of(queued, network, chance)
    await sender.recover()
    await work_until(queued, sender, NOW + 20 * SECOND)
    asked = queued.clock.now()
    await queued.db.write(
        lambda tx: outbox.put(tx, 1, '{"act":"text","text":"回答"}', purpose="reply", now=asked, room_id=1)
    )
    await work_until(queued, sender, asked + 3 * SECOND)
    answered = [at for at, _, text in network.sends if text == "回答"]
    assert answered
    assert answered[0] - asked <= 800
    await queued.close()


async def test_after_a_complaint_silence_and_then_half_the_rate(queued: Clockwork) -> None:
    chance = random.Random(2)
    network = Network(queued.clock, chance)
    sender = sender_of(queued, network, chance)
    await sender.recover()
    await work_until(queued, sender, NOW + 10 * MINUTE)
    network.complain = True
    while network.complain:
        await work_until(queued, sender, queued.clock.now() + 1)
    complained = queued.clock.now()
    sender = sender_of(queued, network, chance)  # a restart does not forget it
    await sender.recover()
    await work_until(queued, sender, complained + 4 * HOUR)
    after = [at for at, _, _ in network.sends if at > complained]
    assert after[0] >= complained + 29 * MINUTE
    slow = [at for at in after if at < complained + 88 * MINUTE]
    assert len(slow) > 20
    assert most_in(slow, MINUTE - 1) <= 6
    before = [at for at, _, _ in network.sends if at <= complained]
    assert most_in([*before, *slow], HOUR - 1) <= max(75, len(before))
    assert most_in(after, HOUR - 1) > 100
    await queued.close()


async def test_remarks_are_no_traffic(queued: Clockwork) -> None:
    chance = random.Random(5)
    network = Network(queued.clock, chance)

    async def remarks(tx: Tx) -> None:
        await tx.execute("DELETE FROM outbox")
        for number in range(200):
            content = f'{{"act":"remark","text":"{number}","contact":"c"}}'
            await outbox.put(tx, 1, content, purpose="chore", now=NOW, key=f"remark:{number}")
        await outbox.put(tx, 1, '{"act":"text","text":"回答"}', purpose="reply", now=NOW + 1, room_id=1)

    await queued.db.write(remarks)
    sender = sender_of(queued, network, chance)
    await sender.recover()
    await work_until(queued, sender, NOW + 5 * SECOND)
    assert len(network.sends) == 201
    assert await outbox.sends_since(queued.db, 1, 0) != []
    assert len(await outbox.sends_since(queued.db, 1, 0)) == 1
    await queued.close()
