"""Who speaks where, what was said, what we say."""

from tortoise import fields
from tortoise.models import Model


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
    human_at = fields.BigIntField(null=True)  # last word to them that a person typed into this account

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
    purpose = fields.CharField(12)  # reply | service | post | marketing | staff | chore | recall | farewell
    content = fields.TextField()
    reason = fields.CharField(200, db_default="")  # why the person gets it
    attention = fields.CharField(6, db_default="")  # offer | care: it takes of their attention budget; '' for no
    theme = fields.CharField(40, db_default="")  # what it is about: no second one for a while
    content_id = fields.BigIntField(null=True)  # of the library: it is asked once more as the row leaves
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
