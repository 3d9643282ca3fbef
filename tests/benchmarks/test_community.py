"""The simulated community: seeded, plausible, and counted as the product counts it in a real database."""

from collections import defaultdict

import numpy as np

from actions.relationship import standing
from benchmarks.candidates import OURS, judged, lists
from benchmarks.community import KINDS, Community, observed, simulate
from benchmarks.community_figures import EPOCH, LAST, figures, owner_of
from db.database import Tx
from rules.relationship.figures import date_of
from rules.settings import CandidateSettings
from rules.times import DAY, HOUR, at_local
from rules.voices.shares import Posted, is_news
from tests.house import House

SIZE = 500
SETTINGS = CandidateSettings()
ZONE = "Asia/Shanghai"
BEGIN = at_local(date_of(EPOCH), 0, ZONE)  # no change of clocks in these years
COLUMNS = (
    "orders", "money", "first_day", "last_day", "days", "same_item", "categories", "brands", "brought", "brought_day",
    "shares", "share_day", "ideas", "idea_day",
)  # fmt: skip


def test_the_same_seed_is_the_same_community_and_another_is_not() -> None:
    one, same, other = simulate(2000, 7), simulate(2000, 7), simulate(2000, 8)
    assert np.array_equal(one.seen.order_fen, same.seen.order_fen)
    assert np.array_equal(one.true_super(), same.true_super())
    assert len(one.seen.order_fen) != len(other.seen.order_fen)


def test_its_published_figures_are_near_those_of_the_sources() -> None:
    seen = observed(simulate(20_000, 3))
    assert 0.65 < seen["sales of the best fifth of buyers"] < 0.75
    assert 0.13 < seen["orders refunded"] < 0.20
    assert seen["messages of the loudest 1 %"] > 0.3
    assert 0.4 < seen["buyers who bought again"] < 0.6
    assert 0.02 < seen["true super users"] < 0.05


def test_the_truth_is_no_matter_of_what_was_seen() -> None:
    """No spammer, nobody who left, no second account; heavy buyers who bring nobody and say nothing are none either."""
    people = simulate(20_000, 4)
    true = people.true_super()
    assert not (true & people.spammer).any()
    assert not (true & (people.second_of >= 0)).any()
    heavy = people.kind == KINDS.index("heavy")
    assert true[heavy].mean() < 0.1


def test_our_list_is_better_than_every_plain_one() -> None:
    community = simulate(20_000, 5)
    found = {name: judged(score, community) for name, score in lists(figures(community, SETTINGS), SETTINGS).items()}
    best = max(at[1] for name, at in found.items() if name != OURS)
    assert found[OURS][1] > 1.5 * best
    assert found[OURS][4] == 0


async def test_the_product_counts_and_scores_the_same_in_a_real_database(house: House) -> None:
    community = simulate(SIZE, 9)
    known = figures(community, SETTINGS)
    now = at_local(date_of(LAST), 20 * 60, ZONE)
    owner = owner_of(community)
    present = [one for one in range(SIZE) if not community.known_second[one]]
    await house.db.write(lambda tx: _store(tx, community, present))
    for one in present:
        await house.db.write(lambda tx, member=one + 1: standing.refresh(tx, house.community, member, now))
    scores = lists(known, SETTINGS)[OURS]
    rows = {row["member_id"] - 1: row for row in await house.db.all("SELECT * FROM standing")}
    assert set(rows) == set(present)
    for one, row in rows.items():
        assert {name: row[name] for name in COLUMNS} == {name: int(known[name][one]) for name in COLUMNS}, one
        assert row["score"] == scores[one]
    assert sum(row["score"] > 0 for row in rows.values()) > 50
    assert sum(row["brought"] for row in rows.values()) > 2
    assert (owner != np.arange(SIZE)).sum() > 3


async def _store(tx: Tx, community: Community, present: list[int]) -> None:
    """What happened, as rows; a merged account's belong to the first one."""
    seen, owner = community.seen, (owner_of(community) + 1).tolist()
    await tx.many(
        "INSERT INTO member (id, code, name, created_at) VALUES ($1, $2, '', $3)",
        [(one + 1, f"c{one}", BEGIN) for one in present],
    )
    await tx.many(
        "INSERT INTO product (id, shop, ext_id, brand, category, created_at) VALUES ($1, 's', $2, $3, $4, 0)",
        [
            (product + 1, str(product), f"b{category % 3}", f"c{category}")
            for product, category in sorted(
                set(zip(seen.order_product.tolist(), seen.order_category.tolist(), strict=True))
            )
        ],
    )
    orders = list(zip(*(one.tolist() for one in (seen.order_member, seen.order_day, seen.order_fen, seen.order_refunded,
                                                 seen.order_product)), strict=True))  # fmt: skip
    await tx.many(
        "INSERT INTO shop_order (id, shop, ext_id, member_id, paid_at, day, amount, refunded, stands, created_at)"
        " VALUES ($1, 's', $2, $3, $4, $5, $6, $7, $8, $4)",
        [(n, str(n), owner[member], BEGIN + day * DAY, EPOCH + day, fen, back, int(back < fen))
         for n, (member, day, fen, back, _) in enumerate(orders, 1)],
    )  # fmt: skip
    await tx.many(
        "INSERT INTO order_line (order_id, line, product_id, amount) VALUES ($1, 1, $2, $3)",
        [(n, product + 1, fen) for n, (_, _, fen, _, product) in enumerate(orders, 1)],
    )
    await tx.many(
        "INSERT INTO feedback (member_id, interaction_id, kind, text, at) VALUES ($1, 1, 'suggestion', '', $2)",
        [(owner[member], BEGIN + day * DAY + HOUR)
         for member, day in zip(seen.idea_member.tolist(), seen.idea_day.tolist(), strict=True)],
    )  # fmt: skip
    await tx.many(
        "INSERT INTO share (member_id, interaction_id, room_id, kind, target, at, counts)"
        " VALUES ($1, $2, $3, 'link', $4, $5, $6)",
        _shares(community, owner),
    )
    first: dict[int, tuple[int, int]] = {}
    for inviter, newcomer, day in zip(
        seen.inviter.tolist(), seen.newcomer.tolist(), seen.invited_day.tolist(), strict=True
    ):
        if owner[inviter] != owner[newcomer]:
            first.setdefault(owner[newcomer], (owner[inviter], BEGIN + day * DAY))
    await tx.many(
        "INSERT INTO referral (inviter_id, newcomer_id, source, at) VALUES ($1, $2, 'code', $3)",
        [(inviter, newcomer, at) for newcomer, (inviter, at) in first.items()],
    )


def _shares(community: Community, owner: list[int]) -> list[tuple[int, int, int, str, int, int]]:
    """As the rule that the observer asks decides one after the other."""
    seen = community.seen
    own: dict[int, list[Posted]] = defaultdict(list)
    rooms: dict[int, list[Posted]] = defaultdict(list)
    rows = []
    events = zip(
        *(one.tolist() for one in (seen.share_member, seen.share_hour, seen.share_room, seen.share_target)), strict=True
    )
    for number, (account, hour, room, target) in enumerate(events, 1):
        member, at = owner[account], BEGIN + hour * HOUR
        new = Posted(number, member, room, str(target), at)
        counts = is_news(new, own[member], rooms[room], SETTINGS.burst)
        posted = Posted(number, member, room, str(target), at, counts)
        own[member].append(posted)
        rooms[room].append(posted)
        rows.append((member, number, room, str(target), at, int(counts)))
    return rows
