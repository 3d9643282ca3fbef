"""群成员: everyone of a room as a CSV file that opens in a spreadsheet."""

import csv
import io
import re
from collections import defaultdict
from pathlib import Path

from actions.community import Community, RoomEntry
from actions.person.privacy import EXPORTS
from db import reports
from db.database import Tx
from rules.cells import safe_cell
from rules.times import local

FOLDER = Path(EXPORTS) / "rooms"  # one folder for each export, by its time: the nightly look removes old ones
HEADER = ("昵称", "群昵称", "编号", "入群时间", "最近互动", "互动次数", "积分", "标签")
_NOT_IN_NAMES = re.compile(r"[^\w-]+")


async def export(tx: Tx, community: Community, room: RoomEntry, now: int) -> tuple[str, int]:
    """Write the file; its path within the data folder, and how many people are in it."""
    rows = await reports.of_room(tx, room.id)
    labels: defaultdict[int, list[str]] = defaultdict(list)
    for tag in await reports.tags_of_room(tx, room.id):
        labels[tag["member_id"]].append(f"{tag['dimension']}:{tag['value']}".lstrip(":"))
    zone = community.settings.zone
    table: list[tuple[str, ...]] = [
        (
            row["name"],
            row["room_name"],
            row["code"],
            _time(row["joined_at"], zone),
            _time(row["last_at"], zone),
            str(row["interactions"]),
            str(row["points"]),
            "、".join(labels[row["id"]]),
        )
        for row in rows
    ]
    name = _NOT_IN_NAMES.sub("", room.topic)[:40] or f"群{room.id}"
    path = FOLDER / str(now) / f"{name}.csv"
    (community.folder / path.parent).mkdir(parents=True, exist_ok=True, mode=0o700)
    (community.folder / path).write_text(_as_csv(table), encoding="utf-8-sig", newline="")
    return str(path), len(table)


def _as_csv(table: list[tuple[str, ...]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    writer.writerows([[safe_cell(cell) for cell in line] for line in table])
    return out.getvalue()


def _time(at: int | None, zone: str) -> str:
    return f"{local(at, zone):%Y-%m-%d %H:%M}" if at else ""
