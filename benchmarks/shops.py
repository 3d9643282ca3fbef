"""What a recommender is judged on: a shop's purchases in time, and what is known of its people; and two real shops.

Real data are read from files that are not kept here; `ZHIJI_SHOPS` names the folder:

- `retail/*.csv`: Online Retail, 541,909 lines of a British mail-order shop for gifts, December 2010 to December 2011
  (Chen, Sain, Guo 2012, doi 10.1057/dbm.2012.17; UCI Machine Learning Repository, data set 352, CC BY 4.0). As one file
  or by days, as in the public repository databricks/Spark-The-Definitive-Guide, data/retail-data/by-day.
- `ml-100k/u.data, u.item, u.user`: MovieLens 100k, the ratings of 943 people with their age, sex and occupation
  (Harper, Konstan 2015, doi 10.1145/2827872). Its terms allow research, no commercial use and no passing on.
"""

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rules.taste.asking import Asked
from rules.taste.items import Item
from rules.taste.wishes import Opened, Room, Tag

Ints = NDArray[np.int64]
FOLDER = Path(os.environ.get("ZHIJI_SHOPS", ""))
RETAIL, MOVIES = FOLDER / "retail", FOLDER / "ml-100k"
EPOCH = date(1970, 1, 1).toordinal()
FEWEST = 5  # lines of a product or of a kind: rarer ones are typing errors and postage
LIKED = 4  # stars


@dataclass(frozen=True)
class Shop:
    """Purchases as arrays side by side; products by number. What is known of people does not depend on the day but for
    what they asked and opened. `weeks`: days that are foretold, first for choosing constants, then for judging."""

    name: str
    items: Mapping[int, Item]
    person: Ints
    product: Ints
    day: Ints
    weeks: int = 28
    tags: Mapping[int, tuple[Tag, ...]] = field(default_factory=dict)
    rooms: Mapping[int, tuple[Room, ...]] = field(default_factory=dict)
    asked: Mapping[int, tuple[Asked, ...]] = field(default_factory=dict)
    opened: Mapping[int, tuple[Opened, ...]] = field(default_factory=dict)
    upstream: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    again: bool = True  # people buy the same again, and it counts

    @property
    def end(self) -> int:
        return int(self.day.max()) + 1


def _retail_lines() -> Iterator[tuple[int, int, str, str, str]]:
    """(customer, day, stock code, description, country) of what was sold, not sent back, to a known customer."""
    for path in sorted(RETAIL.glob("*.csv")):
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            for row in csv.DictReader(file):
                code, customer = row["StockCode"].upper(), row["CustomerID"]
                if customer and float(row["Quantity"]) > 0 and re.fullmatch(r"\d{5}[A-Z]*", code):
                    when = date.fromisoformat(row["InvoiceDate"][:10])
                    yield int(float(customer)), when.toordinal() - EPOCH, code, row["Description"], row["Country"]


def retail() -> Shop:
    """Online Retail. A category is the last word of a product's name (BAG), a customer's only tag the country."""
    lines = list(_retail_lines())
    often = Counter(code for _, _, code, *_ in lines)
    names: dict[str, str] = {}
    for _, _, code, name, _ in lines:
        names.setdefault(code, " ".join(name.split()))
    kinds = Counter(_last_word(name) for code, name in names.items() if often[code] >= FEWEST)
    numbers = {code: number for number, code in enumerate(sorted(names), 1) if often[code] >= FEWEST}
    items = {
        number: Item(
            f"product:{number}",
            names[code],
            category=_last_word(names[code]) if kinds[_last_word(names[code])] >= FEWEST else "",
            product_id=number,
        )
        for code, number in numbers.items()
    }
    kept = [(customer, numbers[code], day) for customer, day, code, *_ in lines if code in numbers]
    person, product, day = (np.array(one, np.int64) for one in zip(*kept, strict=True))
    tags = {customer: (Tag("地区", country),) for customer, _, _, _, country in lines}
    return Shop("Online Retail", items, person, product, day, tags=tags)


def _last_word(name: str) -> str:
    words = re.findall(r"[A-Z]{3,}", name.upper())
    return words[-1] if words else ""


def movies() -> Shop:
    """MovieLens 100k: a rating of four stars and more is a purchase; genres are tags of films, not of people."""
    words = (
        "unknown Action Adventure Animation Children Comedy Crime Documentary Drama Fantasy Film-Noir Horror Musical "
        "Mystery Romance Sci-Fi Thriller War Western"
    )
    genres = words.split(" ")
    items: dict[int, Item] = {}
    for line in (MOVIES / "u.item").read_text("latin-1").splitlines():
        number, title, *_ = parts = line.split("|")
        borne = [genre for genre, flag in zip(genres, parts[5:], strict=True) if flag == "1"]
        items[int(number)] = Item(
            f"product:{number}",
            title,
            category=" ".join(borne),
            tags=tuple(f"类型:{genre}" for genre in borne),
            product_id=int(number),
        )
    rows = [[int(one) for one in line.split()] for line in (MOVIES / "u.data").read_text("ascii").splitlines()]
    liked = np.array([row for row in rows if row[2] >= LIKED], np.int64)
    tags = {}
    for line in (MOVIES / "u.user").read_text("ascii").splitlines():
        person, age, sex, work, _ = line.split("|")
        tags[int(person)] = (Tag("年龄", f"{int(age) // 10 * 10}后"), Tag("性别", sex), Tag("职业", work))
    return Shop("MovieLens 100k", items, liked[:, 0], liked[:, 1], liked[:, 3] // 86_400, tags=tags, again=False)
