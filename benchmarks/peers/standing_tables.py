"""The standing of all members with pandas and with DuckDB, from the raw orders: peers of benchmarks/standing.py.

Arguments: the SQLite file, a folder. Reads a line from standard input, does that once, prints the seconds and a figure:
pandas / duckdb: R, F, M by quintile, levels, tiers and the purchase part of the candidate score for everybody, from
orders, lines and goods (in memory, and in DuckDB's own file). "… rfm": without the candidates, from orders alone.
counters: every counter of everybody from orders, lines and goods, with DuckDB.
"""

import sqlite3
import sys
from pathlib import Path
from time import perf_counter

import duckdb
import numpy as np
import pandas as pd

TODAY, WINDOW, MEMORY = 20_717, 365, 730
TABLES = {
    "orders": "SELECT id, member_id, day, amount - refunded AS money FROM shop_order"
    " WHERE stands = 1 AND member_id IS NOT NULL",
    "lines": "SELECT order_id, product_id FROM order_line WHERE returned = 0",
    "goods": "SELECT id, category, brand FROM product",
}
NIGHT = """
WITH recent AS (
  SELECT member_id, COUNT(*) AS f, SUM(money) AS m, MAX(day) AS r FROM orders WHERE day > $recent GROUP BY 1
), scored AS (
  SELECT member_id, CEIL(CUME_DIST() OVER (ORDER BY r) * 5) AS r, CEIL(CUME_DIST() OVER (ORDER BY f) * 5) AS f,
         CEIL(CUME_DIST() OVER (ORDER BY m) * 5) AS m FROM recent
), ranked AS (
  SELECT *, ROW_NUMBER() OVER (ORDER BY r + f + m DESC, member_id) AS place, COUNT(*) OVER () AS n FROM scored
), remembered AS (
  SELECT member_id, COUNT(DISTINCT day) AS days FROM orders WHERE day > $remembered GROUP BY 1
)
SELECT COUNT(*), SUM(CASE WHEN days <= 3 THEN 1 WHEN r >= 4 AND f >= 4 AND m >= 4 THEN 3 ELSE 2 END),
       SUM(CASE WHEN place <= n * 0.1 THEN 1 WHEN place <= n * 0.3 THEN 2 ELSE 3 END)
FROM remembered LEFT JOIN ranked USING (member_id)
"""
KINDS = """
SELECT SUM(days / (days + 3.0) * POW(0.5, ($recent + 365 - last) / 180.0)
       + (categories + brands - 2) / (categories + brands + 1.0))
FROM (SELECT member_id, COUNT(DISTINCT day) AS days, MAX(day) AS last FROM orders WHERE day > $remembered GROUP BY 1)
LEFT JOIN (
  SELECT member_id, COUNT(DISTINCT category) AS categories, COUNT(DISTINCT brand) AS brands FROM orders
  JOIN lines ON lines.order_id = orders.id JOIN goods ON goods.id = product_id WHERE day > $recent GROUP BY 1
) USING (member_id)
"""
COUNTERS = """
WITH bought AS (SELECT * FROM orders WHERE day > $remembered),
figures AS (
  SELECT member_id, COUNT(*) FILTER (day > $recent) AS orders, SUM(money) FILTER (day > $recent) AS money,
         MIN(day) AS first, MAX(day) AS last, COUNT(DISTINCT day) AS days FROM bought GROUP BY 1
), kept AS (
  SELECT member_id, day, product_id, category, brand FROM bought JOIN lines ON lines.order_id = bought.id
  JOIN goods ON goods.id = product_id
), items AS (
  SELECT member_id, MAX(n) AS same FROM
  (SELECT member_id, product_id, COUNT(DISTINCT day) AS n FROM kept GROUP BY 1, 2) GROUP BY 1
), kinds AS (
  SELECT member_id, COUNT(DISTINCT category) AS categories, COUNT(DISTINCT brand) AS brands FROM kept
  WHERE day > $recent GROUP BY 1
)
SELECT SUM(orders) + SUM(days) + SUM(same) + SUM(categories) + SUM(brands)
FROM figures LEFT JOIN items USING (member_id) LEFT JOIN kinds USING (member_id)
"""
DAYS = {"recent": TODAY - WINDOW, "remembered": TODAY - MEMORY}


def by_pandas(orders: pd.DataFrame) -> int:
    recent = orders[orders["day"] > DAYS["recent"]]
    found = recent.groupby("member_id").agg(r=("day", "max"), f=("day", "size"), m=("money", "sum"))
    for name in "rfm":
        found[name] = np.ceil(found[name].rank(pct=True, method="max") * 5)
    found = found.assign(value=found["r"] + found["f"] + found["m"]).sort_values(
        "value", ascending=False, kind="stable"
    )
    found["tier"] = np.searchsorted([len(found) * 0.1, len(found) * 0.3], np.arange(len(found)), side="right") + 1
    remembered = orders[orders["day"] > DAYS["remembered"]]
    days = remembered.drop_duplicates(["member_id", "day"]).groupby("member_id").size().rename("days")
    both = found.join(days, how="outer")
    high = (both["r"] >= 4) & (both["f"] >= 4) & (both["m"] >= 4)
    level = np.where(both["days"] <= 3, 1, np.where(high, 3, 2))
    return int(level.sum() + both["tier"].sum())


def kinds_by_pandas(orders: pd.DataFrame, lines: pd.DataFrame, goods: pd.DataFrame) -> int:
    recent = orders[orders["day"] > DAYS["recent"]]
    bought = lines.merge(recent[["id", "member_id"]], left_on="order_id", right_on="id").merge(
        goods, left_on="product_id", right_on="id"
    )
    counts = [bought.drop_duplicates(["member_id", name]).groupby("member_id").size() for name in ("category", "brand")]
    score = sum((count - 1) / (count + 2) for count in counts)
    return int(score.sum())


def fill(file: str, folder: Path) -> duckdb.DuckDBPyConnection:
    """The tables in DuckDB's own file, made once."""
    made = folder / "peer.duckdb"
    whole = folder / "peer.whole"
    if not whole.exists():
        made.unlink(missing_ok=True)
    database = duckdb.connect(str(made))
    if not whole.exists():
        source = sqlite3.connect(file)
        for name, select in TABLES.items():
            for number, part in enumerate(pd.read_sql_query(select, source, chunksize=500_000)):
                database.register("part", part)
                database.execute(
                    f"{f'CREATE TABLE {name} AS' if not number else f'INSERT INTO {name}'} SELECT * FROM part"
                )
        whole.touch()
    return database


def main() -> None:
    database = fill(sys.argv[1], Path(sys.argv[2]))
    print("ready", flush=True)
    tables: list[pd.DataFrame] = []
    for line in sys.stdin:
        what = line.strip()
        if what.startswith("pandas") and not tables:
            tables = [database.execute(f"SELECT * FROM {name}").df() for name in TABLES]
        start = perf_counter()
        figure = 0
        if what.startswith("pandas"):
            figure = by_pandas(tables[0]) + (0 if what.endswith("rfm") else kinds_by_pandas(*tables))
        else:
            wanted = {"duckdb": (NIGHT, KINDS), "duckdb rfm": (NIGHT,), "counters": (COUNTERS,)}[what]
            for query in wanted:
                figure = database.execute(query, {k: v for k, v in DAYS.items() if f"${k}" in query}).fetchall()[0][-1]
        print(perf_counter() - start, int(figure), flush=True)


if __name__ == "__main__":
    main()
