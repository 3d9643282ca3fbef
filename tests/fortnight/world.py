"""The world of the simulated fortnight: its people, what befalls them and when. All of it follows from a seed."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels.base import Link
from db.database import Database, Tx
from rules.messages import Event, Kind, Person, Place
from rules.times import DAY, HOUR, MINUTE

START = 1_789_938_000_000  # Monday 2026-09-21 05:00 in Shanghai
ZONE = "Asia/Shanghai"
BOSS = "wx:店长"
THEMES = ("团购", "课程", "新品", "节日")
MARK = "【{number}】"  # stands in the text of each campaign, so that the network's log tells them apart
CARE = "生日"  # stands in the text of each greeting


@dataclass(frozen=True, slots=True)
class Size:
    """How large the world is. `drops`: times that an account's line is cut for a while."""

    accounts: int = 20
    members: int = 50_000
    days: int = 14
    drops: int = 60

    @property
    def rooms(self) -> int:
        return max(2, self.members // 250)


@dataclass(slots=True)
class World:
    """What happens. `events` by time; `cuts`: (account, from, to, state) of lines that are down."""

    size: Size
    seed: int
    events: list[Event] = field(default_factory=list)
    cuts: list[tuple[str, int, int, Link]] = field(default_factory=list)

    @property
    def end(self) -> int:
        return START + self.size.days * DAY

    def link(self, account: str, at: int) -> Link:
        """How an account's line stands at a time."""
        return next(
            (state for name, start, end, state in self.cuts if name == account and start <= at < end), Link.ONLINE
        )


def account(number: int) -> str:
    return f"小知{number}"


def contact(number: int) -> str:
    return f"wx{number}"


def ways(size: Size, seed: int, number: int) -> list[int]:
    """The accounts that a member is a friend of: one to three, of one in fifty none."""
    chance = random.Random(f"{seed}:{number}")
    if chance.random() < 0.02:
        return []
    return sorted(chance.sample(range(size.accounts), min(size.accounts, chance.choice((1, 1, 1, 2, 2, 3)))))


def made(size: Size, seed: int) -> World:
    """Everything that will happen."""
    world, chance = World(size, seed), random.Random(seed)
    world.events = sorted(_script(world, chance), key=lambda event: event.at)
    first = next(event.at for event in world.events if event.text == "确认")
    world.cuts.append((account(1), first + 3 * MINUTE, START + size.days // 2 * DAY, Link.LOGGED_OUT))
    for _ in range(size.drops):
        name, start = account(chance.randrange(2, size.accounts)), START + chance.randrange(size.days * DAY)
        world.cuts.append((name, start, start + chance.randrange(MINUTE, 30 * MINUTE), Link.LOST))
    return world


def _script(world: World, chance: random.Random) -> Iterator[Event]:
    size, ids = world.size, iter(range(1, 10**9))

    def said(who: int | str, at: int, text: str, **values: object) -> Event:
        name = who if isinstance(who, str) else contact(who)
        through = account(0) if isinstance(who, str) else account((ways(size, world.seed, who) or [0])[0])
        person = Person(name, name.removeprefix("wx:"), friend=True)
        return Event(Kind.TEXT, f"e{next(ids)}", at, through, person, text=text, **values)  # type: ignore[arg-type]

    for day in range(size.days):
        morning = START + day * DAY + 5 * HOUR  # 10:00
        for turn in range(2):
            if day < size.days - 1:
                number = day * 2 + turn
                at = morning + turn * 4 * HOUR + chance.randrange(30 * MINUTE)
                who = ("全部", "没买过", THEMES[number % len(THEMES)])[number % 3]
                yield said(BOSS, at, f"群发 {who} 素材 {number + 1} 留 5%")
                yield said(BOSS, at + MINUTE, "确认")
        for _ in range(max(1, size.members // 500)):  # somebody wants no more, complains, is written to by a person
            at = START + day * DAY + chance.randrange(DAY)
            who = chance.randrange(size.members)
            what = chance.random()
            if not ways(size, world.seed, who):
                continue
            if what < 0.4:
                yield said(who, at, chance.choice(("退订", "TD", "别再给我发广告了")))
            elif what < 0.7:
                yield said(who, at, "投诉：蛋糕压坏了")
            elif what < 0.85:
                yield said(who, at, "转人工")
            else:
                yield said(who, at, "亲，您的订单我来帮您看一下", own=True, data={"to": contact(who)})
        for _ in range(max(2, size.members // 200)):
            room = chance.randrange(size.rooms)
            yield said(
                chance.randrange(size.members), START + day * DAY + chance.randrange(DAY), "今天的面包真香",
                room=Place(f"r{room}", f"群{room}"),
            )  # fmt: skip


async def settle(db: Database, world: World, accounts: dict[str, int]) -> None:
    """Put the people into an empty database: friends, rooms, tags, birthdays, the few who refused or are minors."""
    size, chance = world.size, random.Random(world.seed + 1)
    numbers = range(size.members)
    reach = [(accounts[account(way)], number + 1) for number in numbers for way in ways(size, world.seed, number)]
    refused = [number + 1 for number in numbers if chance.random() < 0.03]
    tags = [(number + 1, chance.choice(THEMES)) for number in numbers if chance.random() < 0.6]
    births = [(number + 1, chance.randrange(1, 13) * 100 + chance.randrange(1, 29)) for number in numbers[::3]]
    minors = {number + 1 for number in numbers if chance.random() < 0.01}
    far = 40_000  # a day long after the fortnight

    campaigns = range(size.days * 2)
    bodies = [
        json.dumps(
            {"pieces": [{"act": "text", "text": f"{MARK.format(number=number)}{THEMES[number % len(THEMES)]}上新啦"}]}
        )
        for number in campaigns
    ]

    async def fill(tx: Tx) -> None:
        await tx.many(
            "INSERT INTO content (id, key, kind, theme, title, body, source, created_at, updated_at)"
            " VALUES ($1, $2, 'text', $3, $4, $5, 'chat', 1, 1)",
            [(n + 1, f"chat:{n}", THEMES[n % len(THEMES)], f"活动{n}", bodies[n]) for n in campaigns],
        )
        await tx.many(
            "INSERT INTO member (id, code, name, created_at) VALUES ($1, $2, $3, 1)",
            [(number + 1, f"c{number}", f"会员{number}") for number in numbers],
        )
        await tx.many(
            "INSERT INTO identity (id, member_id, channel, account_id, ext_id, name, first_seen)"
            " VALUES ($1, $2, 'sandbox', 0, $3, $4, 1)",
            [(number + 1, number + 1, contact(number), f"会员{number}") for number in numbers],
        )
        await tx.many("INSERT INTO reach (account_id, identity_id, friend_at) VALUES ($1, $2, 1)", reach)
        await tx.many(
            "INSERT INTO room (id, channel, ext_id, topic, created_at) VALUES ($1, 'sandbox', $2, $3, 1)",
            [(room + 1, f"r{room}", f"群{room}") for room in range(size.rooms)],
        )
        await tx.many(
            "INSERT INTO room_member (room_id, member_id, joined_at) VALUES ($1, $2, 1)",
            [(number % size.rooms + 1, number + 1) for number in numbers],
        )
        await tx.many("INSERT INTO tag (member_id, dimension, value, source, at) VALUES ($1, '', $2, 'staff', 1)", tags)
        await tx.many(
            "INSERT INTO birthday (member_id, day, minor_until) VALUES ($1, $2, $3)",
            [(member_id, day, far if member_id in minors else 0) for member_id, day in births],
        )
        await tx.many(
            "INSERT INTO consent (member_id, purpose, state, source, at)"
            " VALUES ($1, 'marketing', 'refused', 'import', 1)",
            [(member_id,) for member_id in refused],
        )
        await tx.many("UPDATE member SET marketing_out_at = 1 WHERE id = $1", [(one,) for one in refused])
        for table in ("member", "identity", "room", "content"):
            if db.dialect == "postgres":
                await tx.all(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))")

    await db.write(fill)
