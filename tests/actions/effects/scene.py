"""A stage for what came of it: content said in rooms and sent privately, people who answer, open, buy and send back."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from actions.effects.links import link_for
from actions.trade import orders
from db.effects import links
from rules.times import DAY, HOUR, MINUTE
from rules.trade.orders import Line, OrderPaid, OrderRefunded
from tests.house import House

URL = "https://shop.example.com/toast"
MINUTES, HOURS, DAYS = MINUTE, HOUR, DAY


@dataclass
class Scene:
    """Times are given as ms after the start."""

    house: House
    start: int
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def insert(self, table: str, **values: Any) -> int:
        marks = ", ".join(f"${place}" for place in range(1, len(values) + 1))
        sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"
        return await self.house.db.write(lambda tx: tx.insert(sql, *values.values()))

    async def execute(self, sql: str, *args: Any) -> None:
        await self.house.db.write(lambda tx: tx.execute(sql, *args))

    async def people(self, *names: str, room: str | None = None) -> list[int]:
        for name in names:
            await self.house.say(name, "你好呀", room)
        return [await self.house.member(name) for name in names]

    async def room(self, topic: str = "早安面包房") -> int:
        return int(await self.house.db.value("SELECT id FROM room WHERE topic = $1", topic))

    async def content(self, title: str = "吐司", theme: str = "早安") -> int:
        number = next(self.numbers)
        return await self.insert(
            "content", key=f"test:{number}", kind="text", theme=theme, title=title, body="{}", source="file",
            created_at=self.start, updated_at=self.start,
        )  # fmt: skip

    async def post(self, room_id: int, at: int = 0, content_id: int = 1, theme: str = "早安", **values: Any) -> int:
        """A use in a room, said at once."""
        return await self.insert(
            "content_use", content_id=content_id, room_id=room_id, theme=theme, at=self.start + at, **values
        )

    async def sent(self, member_id: int, at: int = 0, theme: str = "", state: str = "sent", **values: Any) -> int:
        """An outbox row that has left."""
        account_id = next(iter(self.house.community.directory.accounts))
        moment = self.start + at
        row = {"key": f"test{next(self.numbers)}", "attention": "offer", "claimed_at": moment, "sent_at": moment}
        return await self.insert(
            "outbox", account_id=account_id, member_id=member_id, purpose="marketing", content="{}", theme=theme,
            state=state, created_at=moment, not_before=moment, **{**row, **values},
        )  # fmt: skip

    async def campaign(self, at: int = 0, window_days: int = 7, **values: Any) -> tuple[int, int]:
        """A campaign that runs, and its use."""
        given = {"name": "秋天", "content_id": 1, "audience": "所有人", "state": "running", "theme": "团购", **values}
        moment = self.start + at
        campaign_id = await self.insert(
            "campaign", made_at=moment, starts_at=moment, state_at=moment, window_days=window_days, **given
        )
        return campaign_id, await self.insert(
            "content_use", content_id=1, campaign_id=campaign_id, theme=given["theme"], at=moment
        )

    async def person(self, campaign_id: int, member_id: int, at: int | None = 0, **values: Any) -> int:
        """A person of a campaign: sent `at`, or nothing with `at` None."""
        outbox_id = await self.sent(member_id, at, "团购") if at is not None else None
        given = {"state": "queued" if outbox_id else "holdout", "outbox_id": outbox_id, "at": self.start, **values}
        await self.insert("campaign_person", campaign_id=campaign_id, member_id=member_id, **given)
        return outbox_id or 0

    async def says(self, who: str, at: int, text: str = "好吃", room: str | None = None) -> None:
        self.house.clock.set(self.start + at)
        await self.house.say(who, text, room)

    async def opens(self, at: int, **whose: Any) -> None:
        """A click on the link of a person or room."""
        house = self.house
        url = await house.db.write(lambda tx: link_for(tx, house.community, URL, self.start, **whose))
        row = await links.by_code(house.db, url.rsplit("/", 1)[1])
        assert row is not None
        await house.db.write(lambda tx: links.add_click(tx, row["id"], self.start + at, 0))

    async def buys(self, member_id: int, at: int, fen: int = 1000, order: str = "") -> str:
        number, moment = next(self.numbers), self.start + at
        name = order or f"A{number}"
        lines = (Line("B1", "吐司", "面包", "", 1, fen),)
        event = OrderPaid("mall", f"p{number}", moment, name, moment, fen, lines, "", "", "", "")
        await self._record(event)
        await self.execute("UPDATE shop_order SET member_id = $1 WHERE ext_id = $2", member_id, name)
        return name

    async def sends_back(self, order: str, at: int, fen: int | None = None) -> None:
        number = next(self.numbers)
        await self._record(OrderRefunded("mall", f"r{number}", self.start + at, order, f"R{number}", fen, ()))

    async def _record(self, event: Any) -> None:
        house = self.house
        await house.db.write(lambda tx: orders.record(tx, house.community, event, event.at))

    async def figures(self, use_id: int) -> dict[str, int]:
        row = await self.house.db.one("SELECT * FROM content_use WHERE id = $1", use_id)
        assert row is not None
        return {name: row[name] for name in ("audience", "replies", "clicks", "orders", "money")}
