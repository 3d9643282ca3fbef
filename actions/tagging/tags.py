"""Tags 标签 that the team puts on members and takes off."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actions.community import Community
from db.database import Tx
from db.tagging import tags
from db.talk import people
from rules.errors import RefusedError
from rules.member_settings import TagSettings
from rules.near import near_miss
from rules.text import clean_text, fold

MOST_AT_ONCE = 10
DIMENSION_LIMIT = 30
VALUE_LIMIT = 60
BY_ITSELF = ("rule", "rooms", "words", "orders")  # sources that give a tag without anybody asking
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


@dataclass(frozen=True, slots=True)
class Added:
    """What putting tags on came to: the new ones by id, the ids they took the place of, and friendly hints."""

    new: dict[int, Label]
    replaced: list[int]
    hints: list[str]


async def add(tx: Tx, community: Community, member_id: int, labels: Sequence[Label], by: str, now: int) -> Added:
    """Put tags on a member by hand. What a rule gave or words suggested becomes the team's own, and stays.

    Raises RefusedError for an erased member, and for a value that its dimension doesn't have.
    """
    row = await people.member(tx, member_id)
    if row is None or row["erased_at"] is not None:
        raise RefusedError("这位会员已经注销，不能再加标签")
    settings = community.settings.tags
    labels = [declared(settings, label) for label in labels]
    hints = [hint for label in labels for hint in await _hints(tx, settings, label)]
    new: dict[int, Label] = {}
    replaced: list[int] = []
    for label in labels:
        tag_id, gone = await put(tx, community, member_id, label, "staff", by, now)
        replaced += gone
        if tag_id:
            new[tag_id] = label
    return Added(new, replaced, list(dict.fromkeys(hints)))


async def put(
    tx: Tx, community: Community, member_id: int, label: Label, source: str, by: str, now: int
) -> tuple[int, list[int]]:
    """Put a certain tag on; its id (0 if they bear it from this source or the team) and the ids that it replaced.

    One of a dimension that is `single` replaces the others of it; their rows stay, with the date they ended.
    """
    dimension = community.settings.tags.dimensions.get(label.dimension)
    replaced: list[int] = []
    for row in await tags.any_of_member(tx, member_id):
        same = (row["dimension"], row["value"]) == (label.dimension, label.value)
        if same and row["source"] in (source, "staff") and row["state"] == "sure":
            return 0, []
        if same or (dimension and dimension.single and row["dimension"] == label.dimension):
            await tags.remove(tx, row["id"], now)
            replaced.append(row["id"])
    return await tags.add(tx, member_id, label.dimension, label.value, source, by, now), replaced


def declared(settings: TagSettings, label: Label) -> Label:
    """The label with dimension and value as they are declared, however they were typed. Raises RefusedError."""
    dimension = next((name for name in settings.dimensions if fold(name) == fold(label.dimension)), label.dimension)
    known = settings.dimensions.get(dimension)
    if known is None or not known.values:
        return Label(dimension, label.value)
    value = next((one for one in known.values if fold(one) == fold(label.value)), "")
    if not value:
        near = near_miss(label.value, known.values)
        options = f"是不是「{near}」？" if near else f"可以是 {'、'.join(known.values)}"
        raise RefusedError(f"「{dimension}」没有「{label.value}」这一种，{options}")
    return Label(dimension, value)


async def _hints(tx: Tx, settings: TagSettings, label: Label) -> list[str]:
    """What may go wrong with a tag later: a dimension nobody declared, or too many of them or of its values."""
    found = []
    if label.dimension and settings.dimensions and label.dimension not in settings.dimensions:
        near = near_miss(label.dimension, settings.dimensions)
        found.append(
            f"「{label.dimension}」这个维度没有声明过"
            + (f"，是不是「{near}」？" if near else "，常用的话请运维写进配置")
        )
        used = await tags.dimensions(tx, settings.most_dimensions + 1)
        if label.dimension not in used and len({*used, *settings.dimensions}) >= settings.most_dimensions:
            found.append(f"维度已经有 {settings.most_dimensions} 个了，再多就难用好")
    values = await tags.values_of(tx, label.dimension, settings.most_values + 1)
    if len(values) >= settings.most_values and label.value not in values:
        name = f"「{label.dimension}」" if label.dimension else "没写维度的标签"
        found.append(f"{name}已经有 {settings.most_values} 种，再多就难用好，看看能不能合并")
    return found


async def remove(tx: Tx, community: Community, member_id: int, labels: Sequence[Label], now: int) -> dict[int, Label]:
    """Take tags off a member; those that they bore, by id. A value without a dimension means it in any dimension.

    What was given by itself is remembered as refused: it doesn't come back tonight.
    """
    taken: dict[int, Label] = {}
    for row in await tags.any_of_member(tx, member_id):
        if any(_means(label, row["dimension"], row["value"]) for label in labels):
            await tags.remove(tx, row["id"], now, refused=row["source"] in BY_ITSELF or row["state"] == "suggested")
            taken[row["id"]] = Label(row["dimension"], row["value"])
    return taken


def _means(label: Label, dimension: str, value: str) -> bool:
    return fold(label.value) == fold(value) and (not label.dimension or fold(label.dimension) == fold(dimension))
