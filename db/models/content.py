"""What there is to say, where it stands in a room's rhythm, and what came of saying it."""

from tortoise import fields
from tortoise.models import Model


class Content(Model):
    """Something to say, ready to be used: from a file in content/, made in chat, or given by a member."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(100, unique=True)  # "file:spring/toast", "chat:12", "member:34"
    kind = fields.CharField(14)  # text | picture | link | mini_program | poll | course | product
    theme = fields.CharField(40, db_default="")
    title = fields.CharField(200, db_default="")
    body = fields.TextField()  # JSON: {"pieces": [Outgoing.as_dict(), …], "options": [the choices of a poll]}
    tags = fields.TextField(db_default="[]")  # JSON list of "维度:值" or "值"
    audience = fields.TextField(db_default="")  # a condition in the language of segments, '' for everybody
    season_from = fields.CharField(5, db_default="")  # "12-01", each year
    season_to = fields.CharField(5, db_default="")
    starts_at = fields.BigIntField(null=True)
    expires_at = fields.BigIntField(null=True)
    product_id = fields.BigIntField(null=True)
    author = fields.CharField(100, db_default="")
    source = fields.CharField(10)  # file | chat | member
    version = fields.IntField(db_default=1)
    state = fields.CharField(10, db_default="ready")  # draft | ready | offered | asked | refused | retired
    member_id = fields.BigIntField(null=True, db_index=True)  # who gave it
    interaction_id = fields.BigIntField(null=True)
    media_id = fields.BigIntField(null=True)  # its picture came by chat: kept as long as this is
    hash = fields.CharField(64, db_default="")  # of the file it came from
    search = fields.TextField(db_default="")  # title, text and tags with their pinyin and its initials
    created_at = fields.BigIntField()
    updated_at = fields.BigIntField()

    class Meta:
        table = "content"


class ContentVersion(Model):
    """What a piece of content was before a change."""

    id = fields.BigIntField(primary_key=True)
    content_id = fields.BigIntField()
    version = fields.IntField()
    at = fields.BigIntField()
    by = fields.CharField(100, db_default="")
    was = fields.TextField()  # JSON of the row

    class Meta:
        table = "content_version"
        unique_together = (("content_id", "version"),)


class ContentUse(Model):
    """One time that a piece of content was said in a room or by a campaign, and what came of it."""

    id = fields.BigIntField(primary_key=True)
    content_id = fields.BigIntField(db_index=True)
    version = fields.IntField(db_default=1)
    room_id = fields.BigIntField(null=True)
    campaign_id = fields.BigIntField(null=True)
    theme = fields.CharField(40, db_default="")
    outbox_key = fields.CharField(120, db_default="")  # of the row that said it in a room
    at = fields.BigIntField()
    audience = fields.IntField(db_default=0)  # people it could reach
    replies = fields.IntField(db_default=0)  # people who answered, opened, bought within the window
    clicks = fields.IntField(db_default=0)
    orders = fields.IntField(db_default=0)
    money = fields.BigIntField(db_default=0)  # fen
    counted_at = fields.BigIntField(null=True)  # the window is over, the figures are final

    class Meta:
        table = "content_use"


class Slot(Model):
    """One place in a room's rhythm, and what is to stand there."""

    id = fields.BigIntField(primary_key=True)
    room_id = fields.BigIntField()
    rhythm = fields.CharField(40)
    name = fields.CharField(40)
    due_at = fields.BigIntField()
    content_id = fields.BigIntField(null=True)  # NULL: nothing fits, so nothing is said
    state = fields.CharField(10, db_default="planned")  # planned | skipped | sent | empty | failed
    reason = fields.CharField(200, db_default="")
    by = fields.CharField(100, db_default="")  # who of the team chose it, '' for the rules
    chosen_at = fields.BigIntField(db_default=0)

    class Meta:
        table = "slot"
        unique_together = (("room_id", "rhythm", "name", "due_at"),)


class PollVote(Model):
    """A member's vote in a poll. They may change it while it is open."""

    id = fields.BigIntField(primary_key=True)
    use_id = fields.BigIntField()  # of content_use
    member_id = fields.BigIntField(db_index=True)
    choice = fields.SmallIntField()  # 1, 2 …
    at = fields.BigIntField()

    class Meta:
        table = "poll_vote"
        unique_together = (("use_id", "member_id"),)
