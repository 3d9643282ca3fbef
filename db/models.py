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
    level = fields.CharField(10, db_default="none")
    streak = fields.IntField(db_default=0)
    check_in_day = fields.CharField(10, null=True)
    marketing_out_at = fields.BigIntField(null=True)
    personalisation_out_at = fields.BigIntField(null=True)
    erased_at = fields.BigIntField(null=True)
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
    kind = fields.CharField(20)  # check_in | streak | profile | award | deduct | gift | reversal | order …
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


class Tag(Model):
    """What is known of a member: dimension and value, with its source, confidence and date."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    dimension = fields.CharField(30, db_default="")
    value = fields.CharField(60)
    source = fields.CharField(20)  # staff | import | rule | member | demo
    confidence = fields.IntField(db_default=100)  # percent
    at = fields.BigIntField()
    by = fields.CharField(100, db_default="")
    removed_at = fields.BigIntField(null=True)

    class Meta:
        table = "tag"


class Feedback(Model):
    """A suggestion, complaint, question or praise."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    interaction_id = fields.BigIntField()
    room_id = fields.BigIntField(null=True)
    kind = fields.CharField(20)
    text = fields.TextField()
    at = fields.BigIntField()
    state = fields.CharField(12, db_default="new")  # new | answered | adopted | closed
    state_at = fields.BigIntField(null=True)
    owner_id = fields.BigIntField(null=True)

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
