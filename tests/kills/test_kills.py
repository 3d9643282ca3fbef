"""Promises 1 and 2: SIGKILL at random moments while a real gateway delivers messages and posts are due.

The truth is the gateway's own log, which survives every kill, and a fresh read of the database.
"""

import asyncio
import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.database import Tx, open_database
from db.trade import ledger
from tests.gateway.process import Gateway
from tests.running_bot import Bot, read

KILLS = int(os.environ.get("ZHIJI_KILLS", "12"))  # by hand: ZHIJI_KILLS=200
POST_EVERY = 300  # ms
LISTED = ("unconfirmed", "failed", "dropped")
pytestmark = [pytest.mark.gateway, pytest.mark.slow, pytest.mark.timeout(60 + KILLS * 12)]


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway("--contacts", "30", "--rooms", "3")
    yield gateway
    gateway.close()


def plan_posts(url: str, folder: Path, count: int) -> None:
    """Posts as staff plan them in chat, one every POST_EVERY ms from now on, each with a text of its own."""
    now = time.time_ns() // 1_000_000

    async def plan(tx: Tx) -> None:
        room = await tx.value("SELECT MIN(id) FROM room")
        for number in range(count):
            payload = json.dumps({"rooms": [room], "content": {"act": "text", "text": f"定时第{number:03}条"}})
            await tx.insert(
                "INSERT INTO run (job, due_at, version, payload, planned_at) VALUES ($1, $2, 'chat', $3, $4)",
                f"post:chat:{number}",
                now + 500 + number * POST_EVERY,
                payload,
                now,
            )

    async def write() -> None:
        database = await open_database(url, folder)
        await database.write(plan)
        await database.close()

    asyncio.run(write())


class Talk(threading.Thread):
    """Thirty members who ask for their points, privately and in rooms, all the while."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(daemon=True)
        self.gateway, self.said, self.over = gateway, list[str](), threading.Event()

    def run(self) -> None:
        room = self.gateway.get("/rooms")[1]["id"]
        number = 0
        while not self.over.wait(0.025):
            number += 1
            message = {"sender": f"wxid_s1c{number % 30}", "text": ("签到", "积分", "今天的面包真香")[number % 3]}
            if number % 4 == 0:
                message["room"] = room
            self.said.append(self.gateway.say(**message))


def test_kills_lose_nothing_acknowledged_post_nothing_twice_and_miss_nothing_silently(
    gateway: Gateway, database_url: str, folder: Path
) -> None:
    chance = random.Random(os.environ.get("ZHIJI_SEED", "7"))
    bot = Bot(gateway, database_url, folder)
    bot.start()
    room = gateway.get("/rooms")[0]["id"]
    gateway.say(sender="wxid_s1c0", room=room, text="签到")
    bot.wait_until(lambda: gateway.sent())

    posts = KILLS * 8
    plan_posts(database_url, folder, posts)
    talk = Talk(gateway)
    talk.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 1.2))
        bot.kill()
        bot.start()
    talk.over.set()
    talk.join()
    last = "SELECT MAX(due_at) AS due FROM run WHERE job LIKE 'post:chat:%'"
    rest = read(database_url, folder, last)[0]["due"] / 1000 - time.time()
    time.sleep(max(rest, 0) + 1)
    waiting = "SELECT COUNT(*) AS n FROM outbox WHERE state IN ('due', 'sending')"
    bot.wait_until(lambda: read(database_url, folder, waiting)[0]["n"] == 0)

    known = read(database_url, folder, "SELECT ext_id FROM interaction")
    gateway.post("/redeliver", ids=talk.said[:: max(len(talk.said) // 40, 1)])  # gateways repeat themselves
    gateway.post("/redeliver", ids=[row["ext_id"] for row in known[-20:]])
    time.sleep(1)
    assert bot.stop() == 0

    truth = [one for one in gateway.sent() if one["action"] == "text"]
    rows = read(database_url, folder, "SELECT * FROM outbox")
    _nothing_twice(truth, rows, known, talk)
    _nothing_missing(truth, rows, posts, database_url, folder)
    asyncio.run(_ledger_is_sound(database_url, folder))


def _nothing_twice(
    truth: list[dict[str, Any]], rows: list[dict[str, Any]], known: list[dict[str, Any]], talk: Talk
) -> None:
    assert max(Counter(row["ext_id"] for row in known).values()) == 1
    said = Counter(one["text"] for one in truth if one["text"].startswith("定时第"))
    assert max(said.values()) == 1, said.most_common(3)
    delivered = {one["id"] for one in truth}
    sent = [row["ext_id"] for row in rows if row["state"] == "sent" and row["purpose"] in ("reply", "post")]
    assert len(sent) == len(set(sent))
    assert set(sent) <= delivered
    unconfirmed = [row for row in rows if row["state"] == "unconfirmed"]
    assert len(delivered) <= len(sent) + len(unconfirmed)  # whatever went out is either known or listed
    answered = Counter(row["answers_id"] for row in rows if row["answers_id"])
    assert max(answered.values()) == 1
    assert len(known) > len(talk.said) // 8  # the test did test something


def _nothing_missing(
    truth: list[dict[str, Any]], rows: list[dict[str, Any]], posts: int, url: str, folder: Path
) -> None:
    said = {one["text"] for one in truth}
    runs = {row["job"]: row for row in read(url, folder, "SELECT * FROM run WHERE job LIKE 'post:chat:%'")}
    by_job = {row["reason"]: row for row in rows if row["purpose"] == "post"}
    missing = []
    for number in range(posts):
        job, text = f"post:chat:{number}", f"定时第{number:03}条"
        listed = runs[job]["state"] in ("asked", "skipped", "failed") or (
            job in by_job and by_job[job]["state"] in LISTED
        )
        if text not in said and not listed:
            missing.append((text, runs[job]["state"], by_job.get(job, {}).get("state")))
    assert missing == []
    assert len(said & {f"定时第{number:03}条" for number in range(posts)}) > posts // 2


async def _ledger_is_sound(url: str, folder: Path) -> None:
    database = await open_database(url, folder)
    recount = await ledger.recount(database)
    await database.close()
    assert recount.right, recount
    assert recount.transfers > 0
