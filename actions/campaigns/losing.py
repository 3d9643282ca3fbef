"""An account is lost: its people are written to through others that reach them, the rest wait and are looked for.

A row of the outbox moves as it is, with its key: nobody gets it twice. Rows on their way, or in doubt, stay where they
are. When the account is back, those who wait go on with it; who was moved stays moved.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

from actions.community import Community
from actions.person import profile
from db import accounts
from db.campaigns import campaigns, people, rehoming, ways
from db.database import Reader, Row, Tx
from db.person import consents
from rules.campaigns.choosing import Lane, Standing, Way, best
from rules.one_person.handles import PHONE, phone_of
from rules.times import MINUTE

AT_ONCE = 500
LOOK_EVERY = MINUTE  # for those who wait: found by their code, in a room, by their phone

Homeless = tuple[int, int, int, int]  # (member, account, now, lost since), as db.campaigns.rehoming.note takes them
Routed = tuple[int | None, int | None, str, str, int, int]


class Keeper:
    """Looks after the people of lost accounts. What it remembers only saves work: a restart looks at all again."""

    def __init__(self, community: Community) -> None:
        self._community = community
        self._seen: tuple[frozenset[int], frozenset[int]] | None = None  # accounts that are able, campaigns
        self._looked_at = 0
        self._noted: set[tuple[int, int]] = set()  # (account, lost since) whose people are on the list
        self._homeless: set[tuple[int, int]] = set()  # (person of a campaign or minus a row, lost since) who are

    async def look(self, ours: Mapping[int, Lane], now: int) -> bool:
        """See to everything that a lost or returned account changes; whether there is more to do at once."""
        community = self._community
        lost = [lane.account_id for lane in ours.values() if lane.standing is Standing.GONE]
        if lost:
            await self._move_rows(ours, lost, now)
        more = False
        running = [row for row in await campaigns.alive(community.db) if row["state"] in ("running", "paused")]
        for campaign in running:
            more |= await _reroute(community, campaign, lost, ours, self._homeless, now)
        seen = frozenset(ours) - frozenset(lost), frozenset(row["id"] for row in running)
        if seen != self._seen or abs(now - self._looked_at) >= LOOK_EVERY:
            for campaign in running:
                await _waiting(community, campaign, ours, self._homeless, now)
            await community.db.write(lambda tx: rehoming.settle_found(tx, lost, now))
            self._seen, self._looked_at = seen, now
        await self._note_people(ours, lost, now)
        return more

    async def _move_rows(self, ours: Mapping[int, Lane], lost: Sequence[int], now: int) -> None:
        """What is due in a lost account leaves through another one that reaches the same person, as the same row.

        A row whose person only the lost account reaches waits where it is; they are looked for.
        """
        community = self._community
        able = {one: lane for one, lane in ours.items() if lane.standing <= Standing.STOPPED}
        after = 0
        while rows := await ways.stranded(community.db, lost, after, AT_ONCE):
            after = rows[-1]["id"]
            by_member = await _ways(community, sorted({row["member_id"] for row in rows}))
            moved: list[tuple[int, Way]] = []
            homeless: list[Homeless] = []
            for row in rows:
                way = best([way for way in by_member.get(row["member_id"], ()) if way.account_id in able], able)
                since = ours[row["account_id"]].since
                if way is not None:
                    moved.append((row["id"], way))
                elif (-row["id"], since) not in self._homeless:
                    self._homeless.add((-row["id"], since))
                    homeless.append((row["member_id"], row["account_id"], now, since))
            if moved or homeless:
                await community.db.write(partial(_hand_over, community=community, moved=moved, homeless=homeless))

    async def _note_people(self, ours: Mapping[int, Lane], lost: Sequence[int], now: int) -> None:
        """All the people of an account that is lost for good, not only those of a campaign."""
        community = self._community
        patience = community.settings.campaigns.lost_after
        for row in await accounts.everything(community.db):
            place = (row["id"], row["link_at"])
            if row["id"] not in lost or place in self._noted or row["link_at"] + patience > now:
                continue
            found = await rehoming.only_by(community.db, lost, row["id"], row["link_at"])
            for at in range(0, len(found), AT_ONCE):
                some = [(one["member_id"], row["id"], now, row["link_at"]) for one in found[at : at + AT_ONCE]]
                await community.db.write(lambda tx, some=some: rehoming.note(tx, some))  # type: ignore[misc]
            self._noted.add(place)


async def _reroute(
    community: Community,
    campaign: Row,
    lost: Sequence[int],
    ours: Mapping[int, Lane],
    noted: set[tuple[int, int]],
    now: int,
) -> bool:
    """Find another way for those who were planned through a lost account; whether there are more of them."""
    rows = await people.planned_by(community.db, campaign["id"], lost, AT_ONCE)
    if not rows:
        return False
    await _route(community, rows, ours, noted, now)
    return len(rows) == AT_ONCE


async def _waiting(
    community: Community, campaign: Row, ours: Mapping[int, Lane], noted: set[tuple[int, int]], now: int
) -> None:
    """Those who wait are planned again once an account reaches them."""
    after = 0
    while rows := await people.open_ones(community.db, campaign["id"], "waiting", after, AT_ONCE):
        await _route(community, rows, ours, noted, now)
        after = rows[-1]["id"]


async def _route(
    community: Community, rows: Sequence[Row], ours: Mapping[int, Lane], noted: set[tuple[int, int]], now: int
) -> None:
    by_member = await _ways(community, [row["member_id"] for row in rows])
    routed: list[Routed] = []
    gone: list[int] = []
    homeless: list[Homeless] = []
    for row in rows:
        way = best(by_member.get(row["member_id"], ()), ours)
        if way is None:
            gone.append(row["id"])
            continue
        lane = ours[way.account_id]
        state, reason = {
            Standing.GONE: ("waiting", "away"),
            Standing.BY_HAND: ("task", "hand"),
        }.get(lane.standing, ("planned", ""))
        if state == "waiting" and (row["id"], lane.since) not in noted:
            noted.add((row["id"], lane.since))
            homeless.append((row["member_id"], way.account_id, now, lane.since))
        if (way.account_id, way.identity_id, state) != (row["account_id"], row["identity_id"], row["state"]):
            lane.load += 1
            routed.append((way.account_id, way.identity_id, state, reason, now, row["id"]))

    async def store(tx: Tx) -> None:
        await people.route(tx, routed)
        for person_id in gone:
            await people.settle(tx, person_id, "excluded", "unreachable", now)
        await rehoming.note(tx, homeless)

    if routed or gone or homeless:
        await community.db.write(store)


async def _ways(community: Community, member_ids: Sequence[int]) -> Mapping[int, list[Way]]:
    found: defaultdict[int, list[Way]] = defaultdict(list)
    for row in await ways.ways(community.db, member_ids):
        found[row["member_id"]].append(Way(row["account_id"], row["identity_id"], row["spoke_at"]))
    return found


async def _hand_over(
    tx: Tx, community: Community, moved: Sequence[tuple[int, Way]], homeless: Sequence[Homeless]
) -> None:
    await rehoming.note(tx, homeless)
    for row_id, way in moved:
        if await ways.hand_over(tx, row_id, way.account_id, way.identity_id):
            tx.after_commit(partial(community.wake, way.account_id))


async def phone_tail(db: Reader, community: Community, member_id: int) -> str:
    """The last four digits of the phone that somebody gave us, to find them by; '' without one, or if they refused."""
    if await consents.latest(db, member_id, "sensitive") == "refused":
        return ""
    said = await profile.known(db, community, member_id)
    phones = [phone_of(one.value) for one in said if one.field.kind == PHONE and one.value]
    return phones[0][-4:] if phones else ""
