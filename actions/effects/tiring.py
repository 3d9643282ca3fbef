"""审美疲劳: themes that a room has seen enough of, told to the team once, with what to do instead."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from hashlib import blake2b

from actions.community import Community
from actions.effects import responses
from actions.effects.outcomes import in_the_morning
from actions.speaking import outbox
from db import meta
from db.database import Tx
from db.effects import responses as rows
from rules.effects.fatigue import Post, Turn, turn
from rules.effects.response import FEWEST_USES, Response, share
from rules.messages import Outgoing
from rules.times import DAY, local

LOOKED_BACK = 180 * DAY
LATELY = 60 * DAY  # what the room liked instead
TOLD = "tired"  # in the meta table, with room and theme: when the team was told of it last


@dataclass(frozen=True, slots=True)
class Tired:
    """A theme that wears off in a room. `instead`: another theme that is taken better there, None if there is none."""

    room_id: int
    topic: str
    theme: str
    turn: Turn
    instead: Response | None


async def tired(community: Community, now: int, *, untold: bool = False) -> list[Tired]:
    """What has turned down, the deepest fall first. `untold`: only what happened since the team was told of it."""
    curves: defaultdict[tuple[int, str, str], list[Post]] = defaultdict(list)
    for row in await rows.curves(community.db, now - LOOKED_BACK):
        curves[row["room_id"], row["theme"], row["topic"]].append(Post(row["at"], row["audience"], row["answered"]))
    if untold:
        for (room_id, theme, _), posts in curves.items():
            told = int(await meta.get(community.db, _key(room_id, theme)) or 0)
            posts[:] = [post for post in posts if post.at > told]
    turns = await asyncio.to_thread(lambda: {curve: turn(posts) for curve, posts in curves.items()})
    found = [
        Tired(room_id, topic, theme, down, await _instead(community, room_id, theme, down, now))
        for (room_id, theme, topic), down in turns.items()
        if down is not None
    ]
    return sorted(found, key=lambda one: (one.turn.after / one.turn.before, one.room_id, one.theme))


async def _instead(community: Community, room_id: int, theme: str, down: Turn, now: int) -> Response | None:
    themes = await responses.of_room(community, room_id, now - LATELY, now)
    return next(
        (
            one
            for one in themes
            if one.label != theme and one.uses >= FEWEST_USES and not one.too_few and one.rate.low > down.after
        ),
        None,
    )


def in_words(community: Community, one: Tired) -> str:
    """One line: what fell, since when, and what to do."""
    day, instead = local(one.turn.at, community.settings.zone), one.instead
    return community.phrases.render(
        "effects/tired",
        0,
        room=one.topic or f"群 {one.room_id}",
        theme=one.theme,
        before=f"{100 * one.turn.before:.1f}%",
        after=f"{100 * one.turn.after:.1f}%",
        day=f"{day.month}月{day.day}日",
        posts=one.turn.posts,
        instead=instead.label if instead else "",
        instead_share=share(instead) if instead else "",
    )


async def nightly(community: Community, now: int) -> str:
    """Tell the team, in the morning, of what has newly turned down."""
    told = 0
    for one in await tired(community, now, untold=True):
        told += await _tell(community, one, now)
    return f"{told} 个主题看腻了" if told else ""


async def _tell(community: Community, one: Tired, now: int) -> bool:
    content, key = Outgoing(text=in_words(community, one)), _key(one.room_id, one.theme)

    async def tell(tx: Tx) -> bool:
        if int(await meta.get(tx, key) or 0) >= one.turn.at:
            return False  # another process was first
        await meta.put(tx, key, str(now))
        await outbox.to_staff(
            tx,
            community,
            content,
            now,
            key=f"{key}:{now}",
            reason="审美疲劳",
            not_before=in_the_morning(community, now),
        )
        return True

    return await community.db.write(tell)


def _key(room_id: int, theme: str) -> str:
    return f"{TOLD}:{room_id}:{blake2b(theme.encode(), digest_size=6).hexdigest()}"
