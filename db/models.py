"""Every table, as tortoise models: the schema, its migrations and the rare, wide reads come from here.

Times are UTC milliseconds (BIGINT), days are ISO dates, points are integers, JSON is text. State is a dated
column or row. Nothing is written through these classes: all writes go through `db.database.Database.write`.
"""

from tortoise import fields
from tortoise.models import Model


class Meta(Model):
    """Facts about this database: its era (raised by each restore), when it was made."""

    key = fields.CharField(40, primary_key=True)
    value = fields.TextField()

    class Meta:
        table = "meta"


class Account(Model):
    """One of the brand's accounts on a chat network, and how it stands."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(100, unique=True)
    channel = fields.CharField(20)
    self_id = fields.CharField(200, db_default="")  # its contact id; may change at each login
    link = fields.CharField(20, db_default="connecting")
    link_at = fields.BigIntField(db_default=0)
    link_detail = fields.TextField(db_default="")
    session_at = fields.BigIntField(db_default=0)  # its last login: contact ids hold from here
    read_at = fields.BigIntField(db_default=0)  # when its contacts were last read from the network
    first_online_at = fields.BigIntField(null=True)  # its age counts from here: young accounts send slower
    stopped_until = fields.BigIntField(null=True)  # the breaker: nothing is sent before
    half_rate_until = fields.BigIntField(null=True)
    stopped_reason = fields.TextField(db_default="")

    class Meta:
        table = "account"


class Member(Model):
    """A person, over all accounts and rooms."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(12, unique=True)  # kept in the contact's remark to find the person again
    name = fields.CharField(200, db_default="")
    created_at = fields.BigIntField()
    streak = fields.IntField(db_default=0)
    check_in_day = fields.CharField(10, null=True)
    marketing_out_at = fields.BigIntField(null=True)
    personalisation_out_at = fields.BigIntField(null=True)
    erased_at = fields.BigIntField(null=True)
    merged_into_id = fields.BigIntField(null=True)  # the member this one turned out to be, too
    helped_at = fields.BigIntField(null=True)  # when an unknown text last got the helpful line
    key = fields.BinaryField(null=True)  # encrypts the member's personal fields; erasing it erases them everywhere

    class Meta:
        table = "member"


class Activity(Model):
    """What moves with every message of a member: narrow, so that a million rows stay in memory."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    interactions = fields.IntField(db_default=0)
    first_at = fields.BigIntField()
    last_at = fields.BigIntField()
    last_id = fields.BigIntField()  # the newest interaction; each names the one before it

    class Meta:
        table = "activity"


class Identity(Model):
    """A contact as a channel names it, and the member it points to.

    `account_id` is 0 where the channel's ids are the same in every account.
    """

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    channel = fields.CharField(20)
    account_id = fields.BigIntField(db_default=0)
    ext_id = fields.CharField(200)
    name = fields.CharField(200, db_default="")
    first_seen = fields.BigIntField()
    retired_at = fields.BigIntField(null=True)
    via_id = fields.BigIntField(null=True)  # of a merged person: the member whose contact this was

    class Meta:
        table = "identity"
        unique_together = (("channel", "account_id", "ext_id"),)


class Reach(Model):
    """Which account can write to which identity privately: a friendship, with its remark."""

    id = fields.BigIntField(primary_key=True)
    account_id = fields.BigIntField()
    identity_id = fields.BigIntField(db_index=True)
    remark = fields.CharField(200, db_default="")
    friend_at = fields.BigIntField(null=True)
    ended_at = fields.BigIntField(null=True)
    spoke_at = fields.BigIntField(null=True)  # last private word from them to this account

    class Meta:
        table = "reach"
        unique_together = (("account_id", "identity_id"),)


class Room(Model):
    """A WeChat group."""

    id = fields.BigIntField(primary_key=True)
    channel = fields.CharField(20)
    ext_id = fields.CharField(200)
    topic = fields.CharField(200, db_default="")
    created_at = fields.BigIntField()
    paused_at = fields.BigIntField(null=True)
    paused_by = fields.BigIntField(null=True)
    speaker_id = fields.BigIntField(null=True)  # the account that answers here
    read_at = fields.BigIntField(db_default=0)  # when its members were last read from the network

    class Meta:
        table = "room"
        unique_together = (("channel", "ext_id"),)


class RoomAccount(Model):
    """Which of our accounts are in a room."""

    id = fields.BigIntField(primary_key=True)
    room_id = fields.BigIntField()
    account_id = fields.BigIntField()
    since = fields.BigIntField()
    left_at = fields.BigIntField(null=True)

    class Meta:
        table = "room_account"
        unique_together = (("room_id", "account_id"),)


class RoomMember(Model):
    """Who is in a room."""

    id = fields.BigIntField(primary_key=True)
    room_id = fields.BigIntField()
    member_id = fields.BigIntField(db_index=True)
    name = fields.CharField(200, db_default="")
    joined_at = fields.BigIntField()
    left_at = fields.BigIntField(null=True)

    class Meta:
        table = "room_member"
        unique_together = (("room_id", "member_id"),)


class Talk(Model):
    """How many messages a member sent in a room on one business day: the ranking of the active reads it."""

    id = fields.BigIntField(primary_key=True)
    room_id = fields.BigIntField()
    day = fields.IntField()  # 20261122
    member_id = fields.BigIntField()
    messages = fields.IntField()

    class Meta:
        table = "talk"
        unique_together = (("room_id", "day", "member_id"),)


class Interaction(Model):
    """One inbound event. Appended in time order, the only index is the one that refuses a repeat.

    There is no index on member: each row names the member's previous one (`before_id`), so a profile's recent
    interactions are read by walking back from `activity.last_id`.
    """

    id = fields.BigIntField(primary_key=True)
    at = fields.BigIntField()  # the network's time
    ext_id = fields.CharField(200)
    scope = fields.BigIntField()  # the room (positive), or the account of a private chat (negative)
    account_id = fields.BigIntField()  # who heard it
    room_id = fields.BigIntField(null=True)
    member_id = fields.BigIntField()
    kind = fields.CharField(20)
    text = fields.TextField(db_default="")
    data = fields.TextField(null=True)
    heard_at = fields.BigIntField()
    before_id = fields.BigIntField(null=True)
    via_id = fields.BigIntField(null=True)  # of a merged person: the member whose contact said it
    recalled_at = fields.BigIntField(null=True)

    class Meta:
        table = "interaction"
        unique_together = (("at", "ext_id", "scope"),)


class Trouble(Model):
    """An event that was heard but whose handling failed: kept for staff, with the reason."""

    id = fields.BigIntField(primary_key=True)
    interaction_id = fields.BigIntField()
    at = fields.BigIntField()
    reason = fields.TextField()
    settled_at = fields.BigIntField(null=True)

    class Meta:
        table = "trouble"


class Media(Model):
    """A picture or file somebody sent, fetched after its interaction was stored."""

    id = fields.BigIntField(primary_key=True)
    interaction_id = fields.BigIntField()
    account_id = fields.BigIntField()
    member_id = fields.BigIntField(db_index=True)
    handle = fields.TextField()
    name = fields.CharField(200)
    size = fields.BigIntField(null=True)
    path = fields.CharField(300, null=True)
    asked_at = fields.BigIntField()
    fetched_at = fields.BigIntField(null=True)
    failed_at = fields.BigIntField(null=True)
    reason = fields.TextField(db_default="")

    class Meta:
        table = "media"


class Outbox(Model):
    """Everything the bot says or does on a chat network: due > sending > sent | failed | unconfirmed | dropped."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(120, null=True, unique=True)  # what must never happen twice; NULL for replies
    account_id = fields.BigIntField()
    room_id = fields.BigIntField(null=True)
    identity_id = fields.BigIntField(null=True)
    member_id = fields.BigIntField(null=True)
    purpose = fields.CharField(12)  # reply | service | post | marketing | staff | chore
    content = fields.TextField()
    reason = fields.CharField(200, db_default="")  # why the person gets it
    answers_id = fields.BigIntField(null=True)  # the interaction it answers
    state = fields.CharField(12, db_default="due")
    state_reason = fields.TextField(db_default="")
    created_at = fields.BigIntField()
    not_before = fields.BigIntField()
    expires_at = fields.BigIntField(null=True)
    claim = fields.BigIntField(db_default=0)  # fencing number: raised by each claim
    claimed_at = fields.BigIntField(null=True)
    sent_at = fields.BigIntField(null=True)
    ext_id = fields.CharField(200, db_default="")
    tries = fields.IntField(db_default=0)

    class Meta:
        table = "outbox"


class SendLog(Model):
    """Each attempt to send, for true sliding windows that survive a restart."""

    id = fields.BigIntField(primary_key=True)
    account_id = fields.BigIntField()
    at = fields.BigIntField(db_index=True)
    conversation = fields.CharField(200)

    class Meta:
        table = "send_log"


class Run(Model):
    """One due time of a scheduled job: planned > running > done | skipped | asked | cancelled | failed."""

    id = fields.BigIntField(primary_key=True)
    job = fields.CharField(100)
    due_at = fields.BigIntField()
    version = fields.CharField(16)  # of the job's definition; an edit cancels planned runs of the old one
    state = fields.CharField(12, db_default="planned")
    reason = fields.TextField(db_default="")
    payload = fields.TextField(null=True)  # a post made in chat carries its content here
    decided_by = fields.CharField(100, db_default="")  # the person who said that it goes (or not), whatever the plan
    planned_at = fields.BigIntField()
    claim = fields.BigIntField(db_default=0)
    claimed_at = fields.BigIntField(null=True)
    finished_at = fields.BigIntField(null=True)

    class Meta:
        table = "run"
        unique_together = (("job", "due_at"),)


class Plan(Model):
    """How far a job's due times are written down as runs, and by which version of its definition."""

    job = fields.CharField(100, primary_key=True)
    version = fields.CharField(16)
    planned_until = fields.BigIntField()
    planned_at = fields.BigIntField()

    class Meta:
        table = "plan"


class LedgerAccount(Model):
    """A points account. Balances change only by inserting transfers (a trigger), never by hand."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(20)  # member | issue | spend | debt
    member_id = fields.BigIntField(null=True)
    balance = fields.BigIntField(db_default=0)
    floor = fields.BigIntField(null=True)

    class Meta:
        table = "ledger_account"
        unique_together = (("member_id", "kind"),)


class Transfer(Model):
    """Points from one account to another. Immutable: a correction is a reversal."""

    id = fields.BigIntField(primary_key=True)
    source = fields.CharField(120, unique=True)  # the idempotency key: what this transfer is for
    debit_id = fields.BigIntField(db_index=True)
    credit_id = fields.BigIntField(db_index=True)
    amount = fields.BigIntField()
    kind = fields.CharField(20)  # check_in | streak | profile | award | deduct | gift | reversal | order | merge …
    reason = fields.CharField(200, db_default="")
    actor = fields.CharField(100, db_default="")
    reverses_id = fields.BigIntField(null=True, unique=True)
    at = fields.BigIntField()

    class Meta:
        table = "transfer"


class Consent(Model):
    """What a member agreed to or refused, append-only: the latest row of a purpose counts."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    purpose = fields.CharField(20)  # service | marketing | profiling | share | sensitive
    state = fields.CharField(10)  # given | refused
    text_version = fields.CharField(20, db_default="")
    source = fields.CharField(20)
    evidence_id = fields.BigIntField(null=True)  # the interaction that says so
    at = fields.BigIntField()

    class Meta:
        table = "consent"


class Answer(Model):
    """One field of a member's profile, in their own words, encrypted with the member's key."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField()
    field = fields.CharField(30)
    value = fields.BinaryField(null=True)  # NULL: skipped
    at = fields.BigIntField()

    class Meta:
        table = "answer"
        unique_together = (("member_id", "field"),)


class Birthday(Model):
    """A birthday without its year, so that those of the next days are found. The whole answer stays sealed."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    day = fields.SmallIntField()  # 520 is the 20th of May
    lunar = fields.SmallIntField(db_default=0)  # 1: of the lunar calendar; leap months count as ordinary ones

    class Meta:
        table = "birthday"


class Tag(Model):
    """What is known of a member: dimension and value, with its source, confidence and date."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    dimension = fields.CharField(30, db_default="")
    value = fields.CharField(60)
    source = fields.CharField(20)  # staff | import | rule | member | words | orders | rooms | demo
    confidence = fields.IntField(db_default=100)  # percent
    state = fields.CharField(10, db_default="sure")  # sure | suggested | refused
    evidence_id = fields.BigIntField(null=True)  # the interaction whose words speak for it
    at = fields.BigIntField()
    by = fields.CharField(100, db_default="")
    removed_at = fields.BigIntField(null=True)

    class Meta:
        table = "tag"


class Feedback(Model):
    """A suggestion, complaint, question, praise or 晒单 (`show`), `unsure` until somebody of the team says which."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    interaction_id = fields.BigIntField()
    room_id = fields.BigIntField(null=True)
    kind = fields.CharField(20)
    text = fields.TextField()
    at = fields.BigIntField()
    source = fields.CharField(10, db_default="command")  # command | words (found in plain talk) | staff
    guess = fields.CharField(20, db_default="")  # of an unsure one: the likeliest kind
    state = fields.CharField(12, db_default="new")  # new | answered | adopted | shipped | closed
    state_at = fields.BigIntField(null=True)
    owner_id = fields.BigIntField(null=True)
    due_at = fields.BigIntField(null=True)  # when an answer is owed
    answered_at = fields.BigIntField(null=True)
    adopted_at = fields.BigIntField(null=True)
    reminded_at = fields.BigIntField(null=True)

    class Meta:
        table = "feedback"


class Staff(Model):
    """A person of the team, bound to a member by a one-time code."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(60, unique=True)
    role = fields.CharField(12, db_default="operator")  # owner | admin | operator | service | viewer
    member_id = fields.BigIntField(null=True, unique=True)
    code_hash = fields.CharField(64, null=True)
    code_expires_at = fields.BigIntField(null=True)
    added_at = fields.BigIntField()
    bound_at = fields.BigIntField(null=True)
    revoked_at = fields.BigIntField(null=True)
    brief_at = fields.CharField(5, db_default="")  # their hour for the morning brief, '' for everybody's

    class Meta:
        table = "staff"


class WrongCode(Model):
    """A private text that looked like a staff code and was none: after a few in an hour the bot falls silent."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    at = fields.BigIntField()

    class Meta:
        table = "wrong_code"


class Pending(Model):
    """A question the bot asked and waits on: a confirmation, a choice, the next profile question."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField()
    scope = fields.BigIntField()  # like interaction.scope: where the answer is expected
    kind = fields.CharField(30)
    data = fields.TextField()
    asked_at = fields.BigIntField()
    expires_at = fields.BigIntField()

    class Meta:
        table = "pending"
        unique_together = (("member_id", "scope"),)


class Audit(Model):
    """What staff and operators did, append-only, each row chained to the one before."""

    id = fields.BigIntField(primary_key=True)
    at = fields.BigIntField()
    actor = fields.CharField(100)
    action = fields.CharField(40)
    object = fields.CharField(120, db_default="")
    detail = fields.TextField(db_default="")
    undo = fields.TextField(null=True)  # how to take it back, NULL if it can't be
    undoes_id = fields.BigIntField(null=True, unique=True)  # the row that this one took back
    before = fields.CharField(64)
    hash = fields.CharField(64)

    class Meta:
        table = "audit"


class Handle(Model):
    """What names a person outside of the chat: a phone, a unionid, an account at a shop, each as a keyed hash."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    kind = fields.CharField(10)  # phone | unionid | shop
    hash = fields.CharField(64)
    source = fields.CharField(20)  # member | order | import | staff
    at = fields.BigIntField()
    removed_at = fields.BigIntField(null=True)

    class Meta:
        table = "handle"
        unique_together = (("kind", "hash", "member_id"),)


class Product(Model):
    """Something that a shop sells."""

    id = fields.BigIntField(primary_key=True)
    shop = fields.CharField(40)
    ext_id = fields.CharField(100)
    name = fields.CharField(200, db_default="")
    brand = fields.CharField(60, db_default="")
    category = fields.CharField(60, db_default="")
    price = fields.BigIntField(null=True)  # fen
    url = fields.CharField(500, db_default="")
    told_at = fields.BigIntField(db_default=0)  # the time of the newest event that describes it
    created_at = fields.BigIntField()

    class Meta:
        table = "product"
        unique_together = (("shop", "ext_id"),)


class Order(Model):
    """A purchase, folded from its events: whichever order they come in, the row ends the same.

    It *stands* when it is paid, not closed and not refunded whole. Money is in fen.
    """

    id = fields.BigIntField(primary_key=True)
    shop = fields.CharField(40)
    ext_id = fields.CharField(100)
    member_id = fields.BigIntField(null=True)  # NULL: of somebody we have not met yet
    paid_at = fields.BigIntField(null=True)
    day = fields.IntField(null=True)  # the business day of `paid_at`, in days since 1970-01-01
    amount = fields.BigIntField(db_default=0)
    refunded = fields.BigIntField(db_default=0)  # never more than `amount`
    closed_at = fields.BigIntField(null=True)
    stands = fields.SmallIntField(db_default=0)  # 1 or 0
    points = fields.BigIntField(db_default=0)  # issued for it and not taken back
    moves = fields.IntField(db_default=0)  # transfers made for it so far
    phone = fields.CharField(64, db_default="")  # the buyer's handles, hashed as in `handle`
    unionid = fields.CharField(64, db_default="")
    buyer = fields.CharField(64, db_default="")
    invite = fields.CharField(20, db_default="")  # the invitation code given with it
    told_at = fields.BigIntField(db_default=0)  # the time and number of the event that its lines and amount come from
    told_by = fields.CharField(100, db_default="")
    earns = fields.SmallIntField(db_default=1)  # 0: an old one, imported without points
    created_at = fields.BigIntField()

    class Meta:
        table = "shop_order"
        unique_together = (("shop", "ext_id"),)


class OrderLine(Model):
    """What was bought with an order."""

    id = fields.BigIntField(primary_key=True)
    order_id = fields.BigIntField()
    line = fields.IntField()
    product_id = fields.BigIntField()
    quantity = fields.IntField(db_default=1)
    amount = fields.BigIntField(db_default=0)  # fen, of the whole line
    returned = fields.SmallIntField(db_default=0)  # 1: sent back
    member_id = fields.BigIntField(null=True)  # of the order while this line is a purchase, by a trigger (db/guards.py)
    day = fields.IntField(null=True)

    class Meta:
        table = "order_line"
        unique_together = (("order_id", "line"),)


class Refund(Model):
    """Money given back for an order, perhaps heard of before the order itself."""

    id = fields.BigIntField(primary_key=True)
    order_id = fields.BigIntField()
    ext_id = fields.CharField(100)
    amount = fields.BigIntField(null=True)  # fen, NULL: all of it
    skus = fields.TextField(db_default="")  # JSON list of the products sent back
    at = fields.BigIntField()

    class Meta:
        table = "refund"
        unique_together = (("order_id", "ext_id"),)


class ShopEvent(Model):
    """An event that a shop delivered: its number is taken once, and only with the same body again."""

    id = fields.BigIntField(primary_key=True)
    shop = fields.CharField(40)
    ext_id = fields.CharField(100)
    kind = fields.CharField(30)
    body_hash = fields.CharField(64)
    received_at = fields.BigIntField()

    class Meta:
        table = "shop_event"
        unique_together = (("shop", "ext_id"),)


class Standing(Model):
    """Where a member stands: figures that each order, share and word keep up, and what was decided from them.

    Days are counted from 1970-01-01 in business time, money is in fen. Windowed figures hold as of `counted_day`.
    """

    member_id = fields.BigIntField(primary_key=True, generated=False)
    counted_day = fields.IntField(db_default=0)
    orders = fields.IntField(db_default=0)  # that stand, within the RFM window
    money = fields.BigIntField(db_default=0)  # paid less refunded, within the RFM window
    first_day = fields.IntField(db_default=0)  # of the remembered purchases, 0: none
    last_day = fields.IntField(db_default=0)
    days = fields.IntField(db_default=0)  # days with a remembered purchase
    same_item = fields.IntField(db_default=0)  # most days on which one product was bought
    categories = fields.IntField(db_default=0)  # within the RFM window
    brands = fields.IntField(db_default=0)
    brought = fields.IntField(db_default=0)  # attributed people who bought and whose purchase stands
    brought_day = fields.IntField(db_default=0)
    shares = fields.IntField(db_default=0)  # that count: cliques and bursts once
    share_day = fields.IntField(db_default=0)
    ideas = fields.IntField(db_default=0)  # suggestions, complaints and reviews given unasked
    idea_day = fields.IntField(db_default=0)
    cut_at = fields.BigIntField(null=True)  # the bond is cut: deleted us, left every room, answers nowhere
    r = fields.SmallIntField(db_default=0)  # 1..5, 0: bought nothing in the window
    f = fields.SmallIntField(db_default=0)
    m = fields.SmallIntField(db_default=0)
    level = fields.CharField(10, db_default="none")
    level_at = fields.BigIntField(db_default=0)
    tier = fields.SmallIntField(db_default=0)  # 1 is the top, 0: none
    tier_at = fields.BigIntField(db_default=0)
    score = fields.IntField(db_default=0)  # as a super-user candidate, in thousandths

    class Meta:
        table = "standing"


class Milestone(Model):
    """A member's way: each change of relationship level or tier, and each step as a candidate, with its reasons."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    at = fields.BigIntField()
    what = fields.CharField(10)  # level | tier | candidate
    before = fields.CharField(12)
    after = fields.CharField(12)
    reasons = fields.TextField(db_default="[]")  # JSON list of sentences
    by = fields.CharField(100, db_default="")  # who decided, '' for the rules
    batch_id = fields.BigIntField(null=True)  # the change of rules that brought it
    undone_at = fields.BigIntField(null=True)

    class Meta:
        table = "milestone"


class TierNotice(Model):
    """A member is told that a tier will be lost. It ends when they qualify again or fall."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    tier = fields.SmallIntField()  # the one they hold
    target = fields.SmallIntField()
    opened_at = fields.BigIntField()
    falls_at = fields.BigIntField()
    told_at = fields.BigIntField(null=True)  # the first notice reached the network
    reminded_at = fields.BigIntField(null=True)
    cancelled_at = fields.BigIntField(null=True)
    fell_at = fields.BigIntField(null=True)
    cause = fields.CharField(20, db_default="")
    missing = fields.TextField(db_default="")

    class Meta:
        table = "tier_notice"


class RuleChange(Model):
    """Changed rules that were rehearsed and put in force on top of the configuration."""

    id = fields.BigIntField(primary_key=True)
    at = fields.BigIntField()
    by = fields.CharField(100, db_default="")
    rules = fields.TextField()  # TOML
    report = fields.TextField(db_default="")
    undone_at = fields.BigIntField(null=True)

    class Meta:
        table = "rule_change"


class Invitation(Model):
    """The code by which a member invites others."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    code = fields.CharField(12, unique=True)
    at = fields.BigIntField()

    class Meta:
        table = "invitation"


class Referral(Model):
    """Who brought whom: one inviter for each newcomer, the first."""

    id = fields.BigIntField(primary_key=True)
    inviter_id = fields.BigIntField(db_index=True)
    newcomer_id = fields.BigIntField(unique=True)
    source = fields.CharField(10)  # code | link | order | room
    evidence_id = fields.BigIntField(null=True)  # the interaction; the order where `source` is "order"
    at = fields.BigIntField()
    refused_at = fields.BigIntField(null=True)
    refused_why = fields.CharField(20, db_default="")  # own: their own second account

    class Meta:
        table = "referral"


class Share(Model):
    """A link, card or mini program of the brand that a member posted."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    interaction_id = fields.BigIntField(unique=True)
    room_id = fields.BigIntField(null=True)
    kind = fields.CharField(20)  # link | card | mini_program
    target = fields.CharField(300, db_default="")
    title = fields.CharField(200, db_default="")
    at = fields.BigIntField()
    counts = fields.SmallIntField(db_default=1)  # 0: one of a burst or of a clique

    class Meta:
        table = "share"


class Candidate(Model):
    """Somebody who may be a super user, and what the team made of it."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    state = fields.CharField(10, db_default="new")  # new | later | invited | accepted | declined | gone
    since = fields.BigIntField()
    score = fields.IntField(db_default=0)
    signs = fields.TextField(db_default="{}")  # JSON: each sign with its figures and evidence
    shown_day = fields.CharField(10, db_default="")  # when last put before the team
    state_at = fields.BigIntField(null=True)
    staff_id = fields.BigIntField(null=True)  # who decided; of a new one, in whose queue it stands
    reason = fields.TextField(db_default="")
    again_at = fields.BigIntField(null=True)  # put off until then
    owner_id = fields.BigIntField(null=True)  # of a super user: who of the team looks after them
    date_at = fields.BigIntField(null=True)  # their next 约会
    dated_at = fields.BigIntField(null=True)

    class Meta:
        table = "candidate"


class Merge(Model):
    """Two members turned out to be one person. `was`: JSON, what the kept one's row was before."""

    id = fields.BigIntField(primary_key=True)
    kept_id = fields.BigIntField(db_index=True)
    gone_id = fields.BigIntField(db_index=True)
    at = fields.BigIntField()
    by = fields.CharField(100)
    why = fields.CharField(40)
    was = fields.TextField(db_default="{}")
    undone_at = fields.BigIntField(null=True)
    undone_by = fields.CharField(100, db_default="")

    class Meta:
        table = "merge"


class MergeMove(Model):
    """One row that a merge moved or made, so that it can be taken back."""

    id = fields.BigIntField(primary_key=True)
    merge_id = fields.BigIntField(db_index=True)
    place = fields.CharField(30)  # the table
    row_id = fields.BigIntField()
    what = fields.CharField(10)  # moved | made | changed
    was = fields.TextField(db_default="")

    class Meta:
        table = "merge_move"


class MatchReview(Model):
    """Two members who may be one person: a question to the team."""

    id = fields.BigIntField(primary_key=True)
    one_id = fields.BigIntField()  # the smaller id
    other_id = fields.BigIntField()
    why = fields.CharField(40)
    at = fields.BigIntField()
    state = fields.CharField(10, db_default="open")  # open | merged | apart
    state_at = fields.BigIntField(null=True)
    by = fields.CharField(100, db_default="")

    class Meta:
        table = "match_review"
        unique_together = (("one_id", "other_id"),)


class ImportRun(Model):
    """One run of an import: every row of the file is in one of its counts."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(10)  # orders | products | members
    name = fields.CharField(200)
    hash = fields.CharField(64)
    at = fields.BigIntField()
    finished_at = fields.BigIntField(null=True)
    rows = fields.IntField(db_default=0)
    added = fields.IntField(db_default=0)
    changed = fields.IntField(db_default=0)
    unchanged = fields.IntField(db_default=0)
    refused = fields.IntField(db_default=0)

    class Meta:
        table = "import_run"


class BriefLine(Model):
    """A name in somebody's morning brief: each member is given to one of the team a day."""

    id = fields.BigIntField(primary_key=True)
    day = fields.IntField()  # 20261122
    member_id = fields.BigIntField()
    staff_id = fields.BigIntField()
    question = fields.CharField(20)  # active | potential | bought | silent | birthday | complaining
    reason = fields.CharField(200, db_default="")
    draft = fields.TextField(db_default="")

    class Meta:
        table = "brief_line"
        unique_together = (("day", "member_id"),)
