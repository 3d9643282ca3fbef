"""A fortnight of campaigns with kills, cut lines and a lost account: nobody disturbed, nothing doubled or unexplained.

By hand at full size: ZHIJI_FORTNIGHT=full (20 accounts, 50,000 members, fourteen days; over an hour), or at another:
ZHIJI_FORTNIGHT=20,3000,14,60 (accounts, members, days, lines cut).
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.fortnight.truth import look
from tests.fortnight.world import Size

ASKED = os.environ.get("ZHIJI_FORTNIGHT", "3,160,4,4")
FULL = "ZHIJI_FORTNIGHT" in os.environ
SIZE = Size() if ASKED == "full" else Size(*map(int, ASKED.split(",")))
KILLS = 40 if FULL else 3
SEED = int(os.environ.get("ZHIJI_SEED", "7"))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200 if FULL else 120)]


def test_a_fortnight_disturbs_nobody_doubles_nothing_and_explains_the_rest(database_url: str, folder: Path) -> None:
    chance = random.Random(SEED)
    numbers = [str(number) for number in (SEED, SIZE.accounts, SIZE.members, SIZE.days, SIZE.drops)]
    command = [sys.executable, "-m", "tests.fortnight.house", database_url, str(folder), *numbers]
    kills, log = 0, folder.parent / "house.log"
    while True:
        with log.open("ab") as out:
            house = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)
        try:
            code = house.wait(chance.uniform(1.5, 30 if FULL else 3) if kills < KILLS else None)
        except subprocess.TimeoutExpired:
            house.send_signal(signal.SIGKILL)
            house.wait(10)
            kills += 1
            time.sleep(0.05)
            continue
        assert code == 0, log.read_text("utf-8")[-3000:]
        break
    found = look(database_url, folder)
    said = f"{found.delivered} to {found.people}, {found.campaigns} campaigns, {kills} kills: {dict(found.explained)}"
    (folder.parent / "fortnight.txt").write_text(said, "utf-8")
    assert not found.wrong[:20], found.wrong[:20]
    assert found.delivered > SIZE.members // 2
    assert found.campaigns >= SIZE.days
