"""The benchmarks still run: each one's short form ends well and prints its table; speed itself is not judged here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.gateway.process import ensure_gateway

SHORT = {  # benchmark: what its table must hold
    "candidates": ("our candidate score", "by spend", "by RFM sum", "by messages", "to the best baseline at 200"),
    "inbound": ("ours, durable",),
    "imports": ("orders, CSV", "the same again", "changes nothing: ok"),
    "classifier": ("macro-F1", "keywords", "a message on one core"),
    "bigfile": ("empty file", "big file", "big to empty"),
    "orders": ("in batches, events/s", "singly, p99 ms", "the books are right"),
    "standing": ("night, read and written", "answers meanwhile: p99", "deciding, ours", "rebuild of all counters"),
    "webhook": ("bare", "ours to bare"),
    "effects_quality": ("buyers", "bootstrap", "false alarms"),
    "short_links": ("clicks are kept", "forged", "ours to bare"),
    "recommend_quality": ("recall@10", "ours", "best sellers", "new"),
    "render": ("campaign, to one person", "of bare"),
    "recommend_speed": ("numpy", "the ten of 2,000 members are those of a sort: ok", "peak memory"),
    "campaign_plan": ("3,000 people", "longest wait of another writer"),
    "outbox": ("1,000 personal messages", "memory grew"),
    "segments": ("20,000 members, 200,000 orders", "高潜力", "slowest"),
    "faq": ("ours, the other half", "textbook BM25", "500 entries"),
    "gateway": ("hears, ours", "answers, ours", "p50", "p99"),
    "advice_one": ("a list: p50", "p99", "a real reason for"),
    "memory": ("resident at start", "start to ready"),
}
REAL_GATEWAY = ("gateway", "memory")


def run(name: str, **environment: str) -> str:
    """What the short form prints; it must exit with 0."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--short"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.gateway) if one in REAL_GATEWAY else one for one in SHORT]
)
def test_the_short_form_runs_and_prints_its_table(name: str) -> None:
    if name in REAL_GATEWAY:
        ensure_gateway()
    printed = run(name)
    for part in SHORT[name]:
        assert part in printed


def test_without_its_peers_a_benchmark_says_so_and_measures_ours_alone(tmp_path: Path) -> None:
    printed = run("inbound", ZHIJI_PEERS=str(tmp_path))
    assert "peers are missing" in printed
    assert "ours, durable" in printed
    assert "python-wechaty" not in printed
