"""Tags 标签 that the team puts on members and takes off."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actions.community import Community
from db import people, tags
from db.database import Tx
from rules.errors import RefusedError
from rules.text import clean_text, fold

MOST_AT_ONCE = 10
DIMENSION_LIMIT = 30
VALUE_LIMIT = 60
_BETWEEN = re.compile(r"[\s、,;；，]+")


@dataclass(frozen=True, slots=True)
class Label:
    """A tag as staff write it: 宝妈, or 人生阶段:宝妈 with its dimension."""

    dimension: str
    value: str

    def __str__(self) -> str:
        return f"{self.dimension}:{self.value}" if self.dimension else self.value


def parse(text: str) -> list[Label]:
    """The tags in what stands behind the name. Raises RefusedError for none, too many, or one that is too long."""
    labels: dict[str, Label] = {}
    for word in _BETWEEN.split(clean_text(text, 1000)):
        dimension, colon, value = word.replace("：", ":").lstrip("#").partition(":")
        label = Label(dimension.strip(), value.strip()) if colon else Label("", dimension.strip())
        if label.value:
            labels.setdefault(str(label), label)
    if not labels:
        raise RefusedError("还要写上标签，例如「加标签 @小美 宝妈」")
    if len(labels) > MOST_AT_ONCE:
        raise RefusedError(f"一次最多 {MOST_AT_ONCE} 个标签")
    for label in labels.values():
        if len(label.value) > VALUE_LIMIT or len(label.dimension) > DIMENSION_LIMIT:
            raise RefusedError(f"标签太长了：{str(label)[:20]}…")
    return list(labels.values())


async def add(
    tx: Tx, community: Community, member_id: int, labels: Sequence[Label], by: str, now: int
) -> dict[int, Label]:
    """Put tags on a member; those that are new, by id. Raises RefusedError for an erased member."""
    row = await people.member(tx, member_id)
    if row is None or row["erased_at"] is not None:
        raise RefusedError("这位会员已经注销，不能再加标签")
    ids = {await tags.add(tx, member_id, one.dimension, one.value, "staff", by, now): one for one in labels}
    ids.pop(0, None)
    return ids


async def remove(tx: Tx, community: Community, member_id: int, labels: Sequence[Label], now: int) -> dict[int, Label]:
    """Take tags off a member; those that they bore, by id. A value without a dimension means it in any dimension."""
    taken: dict[int, Label] = {}
    for row in await tags.of_member(tx, member_id):
        if any(_means(label, row["dimension"], row["value"]) for label in labels):
            await tags.remove(tx, row["id"], now)
            taken[row["id"]] = Label(row["dimension"], row["value"])
    return taken


def _means(label: Label, dimension: str, value: str) -> bool:
    return fold(label.value) == fold(value) and (not label.dimension or fold(label.dimension) == fold(dimension))
