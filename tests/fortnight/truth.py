"""What must hold after the fortnight, by the network's own log and a fresh read of the database."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rules.speaking.attention import WEEK
from rules.times import DAY, local
from tests.fortnight.network import Log
from tests.fortnight.world import BOSS, THEMES, ZONE
from tests.running_bot import read

CAMPAIGN = re.compile(r"【(\d+)】")
PER_WEEK, THEME = 2, 14 * DAY


@dataclass(slots=True)
class Found:
    """Breaches, and how much was looked at."""

    wrong: list[str] = field(default_factory=list)
    delivered: int = 0
    people: int = 0
    campaigns: int = 0
    explained: Counter[str] = field(default_factory=Counter)


def look(url: str, folder: Path) -> Found:
    """Hold the log and the tables against the promises."""
    found = Found()
    lines = [line for line in Log.read(folder / "truth.jsonl") if CAMPAIGN.search(line["text"]) and line["to"] != BOSS]
    _once_and_by_day(found, lines)
    _within_budget(found, url, folder)
    _all_accounted_for(found, url, folder, lines)
    return found


def _once_and_by_day(found: Found, lines: Sequence[dict[str, Any]]) -> None:
    twice = Counter((line["to"], CAMPAIGN.search(line["text"])[1]) for line in lines)  # type: ignore[index]
    found.wrong += [f"{who} got campaign {number} {n} times" for (who, number), n in twice.items() if n > 1]
    found.delivered, found.people = len(lines), len({line["to"] for line in lines})
    for line in lines:
        hour = local(line["at"], ZONE).hour
        if not 8 <= hour < 22:
            found.wrong.append(f"{line['to']} was written to at {hour} o'clock")
    offers: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for line in lines:
        number = int(CAMPAIGN.search(line["text"])[1])  # type: ignore[index]
        offers[line["to"]].append((line["at"], THEMES[number % len(THEMES)]))
    for who, got in offers.items():
        for at, theme in got:
            before = [one for one in got if at - WEEK < one[0] < at]
            if len(before) >= PER_WEEK:
                found.wrong.append(f"{who} got {len(before) + 1} offers in a week")
            if any(at - THEME < one[0] < at and one[1] == theme for one in got):
                found.wrong.append(f"{who} heard of {theme} twice within a fortnight")


def _within_budget(found: Found, url: str, folder: Path) -> None:
    """By the tables: care counts too; nobody who refused or is a minor got an offer."""
    rows = read(
        url, folder,
        "SELECT o.member_id, o.claimed_at AS at, o.attention FROM outbox o WHERE o.attention <> ''"
        " AND o.state IN ('sending', 'sent', 'unconfirmed') ORDER BY o.member_id, o.claimed_at",
    )  # fmt: skip
    got: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        lately = [at for at in got[row["member_id"]] if at > row["at"] - WEEK]
        if row["attention"] == "offer" and len(lately) >= PER_WEEK:
            found.wrong.append(f"member {row['member_id']} over budget")
        got[row["member_id"]].append(row["at"])
    refused = read(
        url, folder,
        "SELECT o.id FROM outbox o JOIN consent c ON c.member_id = o.member_id AND c.purpose = 'marketing'"
        " WHERE o.attention = 'offer' AND o.state IN ('sent', 'unconfirmed') AND c.state = 'refused'"
        " AND c.at < o.claimed_at",
    )  # fmt: skip
    found.wrong += [f"row {row['id']} was sent after a refusal" for row in refused]
    minors = read(
        url, folder,
        "SELECT o.id FROM outbox o JOIN birthday b ON b.member_id = o.member_id WHERE o.attention = 'offer'"
        " AND b.minor_until > 0 AND o.state IN ('sent', 'unconfirmed')",
    )  # fmt: skip
    found.wrong += [f"row {row['id']} was sent to a minor" for row in minors]


def _all_accounted_for(found: Found, url: str, folder: Path, lines: Sequence[dict[str, Any]]) -> None:
    """Deliveries, exclusions and the holdout are the audience; whatever was not delivered says why."""
    rows = read(
        url, folder,
        "SELECT c.campaign_id, c.state, c.reason, COALESCE(o.state, '') AS sent, COALESCE(o.state_reason, '') AS why"
        " FROM campaign_person c JOIN campaign k ON k.id = c.campaign_id LEFT JOIN outbox o ON o.id = c.outbox_id"
        " WHERE k.state NOT IN ('planning', 'draft', 'discarded')",
    )  # fmt: skip
    sent: Counter[int] = Counter()
    for row in rows:
        if row["sent"] == "sent":
            sent[row["campaign_id"]] += 1
            found.explained["sent"] += 1
            continue
        reason = row["why"] or row["reason"] or ("holdout" if row["state"] == "holdout" else "")
        still = row["state"] in ("planned", "waiting", "task") or row["sent"] == "due"
        found.explained[f"{row['state']}/{row['sent']}: {reason}"] += 1
        if not reason and not still:
            found.wrong.append(f"campaign {row['campaign_id']}: {row['state']}/{row['sent']} without a reason")
    found.campaigns = len({row["campaign_id"] for row in rows})
    unsure = sum(n for what, n in found.explained.items() if "unconfirmed" in what)
    if not sum(sent.values()) <= len(lines) <= sum(sent.values()) + unsure:
        found.wrong.append(f"{len(lines)} arrived, {sum(sent.values())} are said to be sent, {unsure} in doubt")
