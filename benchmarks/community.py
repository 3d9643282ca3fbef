"""A community with a hidden truth: people of several kinds, and what a shop and its groups see of them in two years.

Pure and seeded. What somebody *is* (rates at which they buy, recommend, bring others, say what could be better) is
drawn first and never shown; what is *seen* (orders, refunds, shares, feedback, referrals, counts of messages) follows
from it by chance, with losses and errors. A **true super user** is defined by the hidden rates alone, as the domain
has it: still a customer at the end; buys at least SUPER_BUYS times a year (three repurchases in the 730 days that are
remembered: a weak relationship); and brings SUPER_BRINGS people a year who were not there before (one in those 730
days), or says SUPER_SAYS times a year, unasked, what could be better. Sharing is not part of it: it is worth what comes
of it, and who shares more brings more. A micro-business spammer never is a super user.

Where the figures come from (each can be varied, see `Assumptions`):
- 28 % of buyers buy again: opensend.com/post/repeat-purchase-rate-ecommerce (28.2 %), Shopify's 27 % as told in
  theseventhsense.com/blog/data-backed-strategies-to-increase-your-average-repeat-purchase-rate, which also has
  8 % of customers bringing 41 % of revenue. Members of a brand's own groups are warmer than a shop's buyers: here
  more do, as `observed()` shows: between the ordinary and the loyal shops of "Lean Analytics" (40 to 60 %).
- the top fifth of buyers brings about 0.7 of sales: 0.73 over 22 categories (Kim, Singh, Winer 2017, Marketing
  Letters 28, doi 10.1007/s11002-017-9442-5), 0.68 for shops without subscription (McCarthy, Winer 2018, SSRN 3264425).
- refunds 16.6 % of sales: National Retail Federation and Appriss, Customer Returns 2021, nrf.com/research.
- 90 % read, 9 % write now and then, 1 % write most: nngroup.com/articles/participation-inequality.
- 1.5 % of customers write a review unasked: wifitalents.com/customer-review-statistics.
- 5 to 30 % of those with a problem of quality say so: John Goodman (TARP), Basic Facts on Customer Complaint Behavior.
- 29 % of satisfied customers do recommend (83 % say they would): opensend.com/post/referral-rate-statistics.
- 2.3 % of orders are referred on average, 22 % with brands that live by it: referralcandy.com/blog/referral-rates.
The shares of the kinds of people, and how visible what they do is, are assumptions; no figure was found for them.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DAYS = 730
YEAR = 365.0
HOURS = 24
SUPER_BUYS, SUPER_BRINGS, SUPER_SAYS = 2.0, 0.5, 2.0  # a year
CATEGORIES, BRANDS, PRODUCTS, ROOMS = 8, 3, 60, 60

KINDS = ("silent", "ordinary", "bargain", "heavy", "chatter", "advocate", "critic", "spammer")
#                    of members, buys, shares, brings, says, messages a year; refunds (times the usual), yuan a basket
TRAITS = {
    "silent":   (0.42,  0.35, 0.05, 0.01, 0.02,   0.3, 1.0, 60),
    "ordinary": (0.27,  1.2,  0.3,  0.05, 0.10,   4.0, 1.0, 60),
    "bargain":  (0.10,  3.0,  1.5,  0.10, 0.15,  10.0, 1.8, 35),
    "heavy":    (0.05, 10.0,  0.5,  0.10, 0.35,   5.0, 1.0, 75),
    "chatter":  (0.05,  1.0,  1.0,  0.10, 0.50, 150.0, 1.0, 50),
    "advocate": (0.06,  7.0, 10.0,  1.50, 0.50,  30.0, 0.8, 70),
    "critic":   (0.03,  6.0,  0.5,  0.10, 6.00,  25.0, 1.2, 70),
    "spammer":  (0.02,  0.5, 60.0,  0.80, 0.05, 120.0, 1.0, 40),
}  # fmt: skip


@dataclass(frozen=True)
class Assumptions:
    """What may be otherwise. The variations that are reported change one of them at a time."""

    advocates: float = 1.0  # times as many members are advocates, the fewer the more are silent
    spread: float = 1.5  # shape of the gamma of buying within a kind: smaller is more unequal
    social_spread: float = 0.8  # the same of sharing, bringing and saying: kinds overlap
    yearly_loss: float = 0.35  # of the customers end in a year
    refunds: float = 0.166  # of the orders
    whole: float = 0.6  # of the refunds
    problems: float = 0.04  # of the orders, and how many of them are told
    told: float = 0.2
    shares_seen: float = 0.7  # shares posted where we can see them
    attributed: float = 0.6  # newcomers whom somebody brought, and who used the code
    attached: float = 0.92  # orders that find their member
    heard: float = 0.85  # feedback that is recognised
    misheard: float = 0.004  # of all other messages are taken for feedback
    second: float = 0.03  # accounts that are somebody's second
    matched: float = 0.6  # of them: found out by the phone
    own_code: float = 0.25  # of them: came with the first account's code
    in_clique: float = 0.15  # bargain hunters who pass the same link round among each other
    spam_brand: float = 0.3  # of a spammer's links are the brand's
    spam_token: float = 0.3  # spammers who buy once, to look like customers; the others never buy, as the domain has it
    spam_again: float = 0.0  # orders a year of these besides


@dataclass
class Seen:
    """Events, sorted by member: parallel arrays. Times are hours since the beginning."""

    order_member: Ints
    order_day: Ints
    order_fen: Ints
    order_refunded: Ints
    order_category: Ints
    order_brand: Ints
    order_product: Ints
    share_member: Ints
    share_hour: Ints
    share_room: Ints
    share_target: Ints
    idea_member: Ints
    idea_day: Ints
    inviter: Ints
    newcomer: Ints
    invited_day: Ints
    messages: Ints


@dataclass
class Community:
    """`size` members: the truth, and what was seen. `known_second`: merged away, no member of their own."""

    size: int
    kind: Ints
    joined: Ints
    ended: Ints
    buys: Floats
    shares: Floats
    brings: Floats
    says: Floats
    second_of: Ints  # -1: nobody's
    known_second: Bools
    clique: Ints  # 0: none
    seen: Seen = field(init=False)

    def true_super(self, stricter: float = 1.0) -> Bools:
        """By hidden rates only, `stricter` times as high; a second account is not one more person."""
        helps = (self.brings >= stricter * SUPER_BRINGS) | (self.says >= stricter * SUPER_SAYS)
        here = (self.ended >= DAYS) & (self.second_of < 0)
        return np.asarray(here & (self.buys >= stricter * SUPER_BUYS) & helps & ~self.spammer)

    @property
    def spammer(self) -> Bools:
        return self.kind == KINDS.index("spammer")


def simulate(size: int, seed: int, given: Assumptions = Assumptions()) -> Community:
    """A community of `size` members; the same for the same seed."""
    chance = np.random.default_rng(seed)
    kind = chance.choice(len(KINDS), size, p=_shares_of_kinds(given))

    def trait(place: int) -> Floats:
        return np.array([TRAITS[name][place] for name in KINDS])[kind]

    def rates(place: int, spread: float) -> Floats:
        return trait(place) * chance.gamma(spread, 1 / spread, size)

    joined = np.minimum((DAYS * chance.beta(1.0, 1.3, size)).astype(np.int64), DAYS - 1)
    ended = joined + 1 + (chance.exponential(-YEAR / np.log(1 - given.yearly_loss), size)).astype(np.int64)
    buys = rates(1, given.spread)
    shares, says = rates(2, given.social_spread), rates(4, given.social_spread)
    brings = shares * trait(3) / trait(2) * chance.gamma(2.0, 0.5, size)  # what comes of sharing, for some more
    token = (kind == KINDS.index("spammer")) & (chance.random(size) < given.spam_token)
    buys[kind == KINDS.index("spammer")] = 0.0
    buys[token] = given.spam_again * chance.gamma(given.spread, 1 / given.spread, int(token.sum()))
    second_of = np.full(size, -1)
    seconds = np.flatnonzero(chance.random(size) < given.second)
    second_of[seconds] = chance.choice(np.flatnonzero(np.isin(kind, (1, 2, 3, 5, 6))), len(seconds))
    second_of[np.isin(second_of, seconds)] = -1  # a second account has none of its own
    seconds = np.flatnonzero(second_of >= 0)
    for rate in (buys, shares, says):  # what one person does is spread over both
        rate[seconds] = 0.3 * rate[second_of[seconds]]
    kind[seconds], brings[seconds] = kind[second_of[seconds]], 0.0
    ended[seconds] = np.maximum(joined[seconds] + 1, ended[second_of[seconds]])
    known = (second_of >= 0) & (chance.random(size) < given.matched)
    clique = np.zeros(size, np.int64)
    hunters = np.flatnonzero((kind == KINDS.index("bargain")) & (chance.random(size) < given.in_clique))
    clique[hunters] = 1 + np.arange(len(hunters)) // 8
    people = Community(size, kind, joined, ended, buys, shares, brings, says, second_of, known, clique)
    people.seen = _seen(people, chance, given, np.flatnonzero(token), trait(5), trait(6), trait(7))
    return people


def _shares_of_kinds(given: Assumptions) -> Floats:
    share = np.array([TRAITS[name][0] for name in KINDS])
    more = share[KINDS.index("advocate")] * (given.advocates - 1)
    share[KINDS.index("advocate")] += more
    share[KINDS.index("silent")] -= more
    return share


def season(sales: bool) -> Floats:
    """What a day weighs, 1 on average: a wave over the year, and the weeks of 6-18 and 11-11; `sales`: for hunters."""
    day = np.arange(DAYS) % 365
    weight = 1 + 0.15 * np.cos(2 * np.pi * (day - 330) / 365)
    weight[((day >= 161) & (day < 171)) | ((day >= 304) & (day < 316))] *= 12.0 if sales else 2.0
    return np.asarray(weight / weight.mean())


def _moments(people: Community, rate: Floats, weights: Floats, chance: np.random.Generator) -> tuple[Ints, Ints]:
    """(member, day) of events at `rate` a year between joining and the end, more of them on days that weigh more."""
    sums = np.concatenate(([0.0], np.cumsum(weights)))
    begin, end = sums[people.joined], sums[np.minimum(people.ended, DAYS)]
    member = np.repeat(np.arange(people.size), chance.poisson(rate * (end - begin) / YEAR))
    at = begin[member] + chance.random(len(member)) * (end - begin)[member]
    return member, np.minimum(np.searchsorted(sums, at, "right") - 1, DAYS - 1)


def _seen(
    people: Community,
    chance: np.random.Generator,
    given: Assumptions,
    token: Ints,
    talk: Floats,
    refunds: Floats,
    basket: Floats,
) -> Seen:
    plain, sales = season(False), season(True)
    hunter = people.kind == KINDS.index("bargain")
    usual_ones = _moments(people, np.where(hunter, 0, people.buys), plain, chance)
    hunting = _moments(people, np.where(hunter, people.buys, 0), sales, chance)
    tokens = token, people.joined[token]
    member, day = (np.concatenate(part) for part in zip(usual_ones, hunting, tokens, strict=True))
    keep = chance.random(len(member)) < given.attached
    member, day = member[keep], day[keep]
    usual = basket * chance.lognormal(0, 0.5, people.size)
    fen = np.maximum(100, (100 * usual[member] * chance.lognormal(0, 0.5, len(member)))).astype(np.int64)
    back = chance.random(len(member)) < np.minimum(0.6, given.refunds * refunds[member])
    part = np.where(chance.random(len(member)) < given.whole, 1.0, chance.uniform(0.2, 0.8, len(member)))
    taste = chance.gamma(0.5, 1, (people.size, CATEGORIES)) + 1e-9
    bounds = np.cumsum(taste / taste.sum(1, keepdims=True), 1)
    category = np.minimum((chance.random((len(member), 1)) > bounds[member]).sum(1), CATEGORIES - 1)
    product = category * (PRODUCTS // CATEGORIES) + chance.integers(0, PRODUCTS // CATEGORIES, len(member))
    messages = chance.poisson(talk * chance.gamma(0.6, 1 / 0.6, people.size) * _years(people))
    idea_member, idea_day = _ideas(people, chance, given, member, day, messages)
    inviter, newcomer, invited = _referrals(people, chance, given)
    return Seen(
        member, day, fen, np.where(back, (fen * part).astype(np.int64), 0), category, category % BRANDS, product,
        *_shares(people, chance, given), idea_member, idea_day, inviter, newcomer, invited, messages,
    )  # fmt: skip


def _years(people: Community) -> Floats:
    return np.asarray((np.minimum(people.ended, DAYS) - people.joined) / YEAR)


def _ideas(
    people: Community, chance: np.random.Generator, given: Assumptions, buyer: Ints, day: Ints, messages: Ints
) -> tuple[Ints, Ints]:
    """Suggestions and reviews, complaints about orders that went wrong, and plain talk that was taken for either."""
    said, said_day = _moments(people, people.says, np.ones(DAYS), chance)
    wrong = chance.random(len(buyer)) < given.problems * given.told
    heard = [chance.random(len(one)) < given.heard for one in (said, buyer)]
    mistaken = given.misheard * messages / np.maximum(_years(people), 0.02)
    noise, noise_day = _moments(people, mistaken, np.ones(DAYS), chance)
    member = np.concatenate((said[heard[0]], buyer[wrong & heard[1]], noise))
    return member, np.concatenate((said_day[heard[0]], day[wrong & heard[1]], noise_day))


def _shares(people: Community, chance: np.random.Generator, given: Assumptions) -> tuple[Ints, Ints, Ints, Ints]:
    """(member, hour, room, target): single ones; bursts of spammers; the rounds of cliques, all within two hours."""
    spam = people.spammer
    single, day = _moments(people, np.where(spam, 0, people.shares * given.shares_seen), np.ones(DAYS), chance)
    bursts, burst_day = _moments(people, np.where(spam, people.shares * given.spam_brand / 5, 0), np.ones(DAYS), chance)
    rounds = chance.integers(0, DAYS, (people.clique.max() + 1, 12))
    joining = np.repeat(np.flatnonzero(people.clique), 12)
    round_day = rounds[people.clique[joining], np.tile(np.arange(12), len(joining) // 12)]
    here = (round_day >= people.joined[joining]) & (round_day < people.ended[joining])
    joining, round_day = joining[here], round_day[here]
    times = chance.integers(3, 9, len(bursts))
    hour = HOURS * day + chance.integers(8, 23, len(single))
    burst_hour = np.repeat(HOURS * burst_day + chance.integers(8, 23, len(bursts)), times)
    round_hour = HOURS * round_day + 20 + chance.integers(0, 2, len(joining))
    member = np.concatenate((single, np.repeat(bursts, times), joining))
    at = np.concatenate((hour, burst_hour, round_hour))
    room = np.where(people.clique > 0, people.clique, np.arange(people.size)) % ROOMS
    target = chance.integers(0, PRODUCTS, len(member))
    target[len(member) - len(joining) :] = (people.clique[joining] + round_day) % PRODUCTS
    order = np.argsort(at, kind="stable")
    return member[order], at[order], room[member[order]], target[order]


def _referrals(people: Community, chance: np.random.Generator, given: Assumptions) -> tuple[Ints, Ints, Ints]:
    """(inviter, newcomer, day): somebody who joins about then, whom nobody has brought yet; not all give the code."""
    member, day = _moments(people, people.brings, np.ones(DAYS), chance)
    order = np.argsort(day, kind="stable")
    member, day = member[order], day[order]
    joining = np.argsort(people.joined, kind="stable")
    joining = joining[people.second_of[joining] < 0]
    place = np.searchsorted(people.joined[joining], day) + chance.integers(0, 40, len(day))
    newcomer = joining[np.minimum(place, len(joining) - 1)]
    fits = (people.joined[member] < people.joined[newcomer]) & (chance.random(len(day)) < given.attributed)
    _, firsts = np.unique(np.where(fits, newcomer, people.size), return_index=True)
    firsts = firsts[fits[firsts]]
    own = np.flatnonzero((people.second_of >= 0) & ~people.known_second & (chance.random(people.size) < given.own_code))
    return (
        np.concatenate((member[firsts], people.second_of[own])),
        np.concatenate((newcomer[firsts], own)),
        np.concatenate((people.joined[newcomer[firsts]], people.joined[own])),
    )


def observed(community: Community) -> dict[str, float]:
    """Figures that others have published, too, as this community shows them."""
    seen, size = community.seen, community.size
    orders = np.bincount(seen.order_member, minlength=size)
    net = np.bincount(seen.order_member, seen.order_fen - seen.order_refunded, size)
    best = np.sort(net[orders > 0])[::-1]
    loud = np.sort(seen.messages)[::-1]
    ideas = np.bincount(seen.idea_member, minlength=size)
    year = (community.joined < DAYS - 365) & (orders > 0)
    brought = np.bincount(seen.inviter, minlength=size) > 0
    return {
        "members who bought": float((orders > 0).mean()),
        "buyers who bought again": float((orders > 1).sum() / (orders > 0).sum()),
        "sales of the best fifth of buyers": float(best[: len(best) // 5].sum() / best.sum()),
        "sales of the best 8 % of buyers": float(best[: len(best) * 8 // 100].sum() / best.sum()),
        "orders refunded": float((seen.order_refunded > 0).mean()),
        "members who wrote nothing": float((seen.messages == 0).mean()),
        "messages of the loudest 1 %": float(loud[: size // 100].sum() / loud.sum()),
        "feedback an order": float(len(seen.idea_member) / len(seen.order_member)),
        "buyers who gave feedback": float((ideas[orders > 0] > 0).mean()),
        "buyers of a year ago who brought somebody": float(brought[year].mean()),
        "true super users": float(community.true_super().mean()),
    }
