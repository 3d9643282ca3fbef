"""What people open and what they want no more of."""

from tortoise import fields
from tortoise.models import Model


class ShortLink(Model):
    """A tracked link, one for each person and item. Nothing of the person is in it."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(24, unique=True)
    url = fields.CharField(500)
    member_id = fields.BigIntField(null=True, db_index=True)  # NULL: of a room
    room_id = fields.BigIntField(null=True)
    content_id = fields.BigIntField(null=True)
    product_id = fields.BigIntField(null=True)
    campaign_id = fields.BigIntField(null=True)
    use_id = fields.BigIntField(null=True)  # of content_use
    made_at = fields.BigIntField()

    class Meta:
        table = "short_link"


class Click(Model):
    """A short link was opened."""

    id = fields.BigIntField(primary_key=True)
    link_id = fields.BigIntField(db_index=True)
    at = fields.BigIntField(db_index=True)
    machine = fields.SmallIntField(db_default=0)  # 1: a program that looks ahead, not a person

    class Meta:
        table = "click"


class Advice(Model):
    """An item that was recommended to a member, and what came of it."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    item = fields.CharField(80)  # "product:12" or "content:3"
    reason = fields.CharField(200, db_default="")  # in the words that the member read
    asked = fields.SmallIntField(db_default=0)  # 1: they asked for it
    explored = fields.SmallIntField(db_default=0)  # 1: shown to learn, not because it ranked so high
    at = fields.BigIntField(db_index=True)
    link_id = fields.BigIntField(null=True)
    won_at = fields.BigIntField(null=True)  # opened or bought within the window
    won_by = fields.CharField(10, db_default="")  # click | order | reply

    class Meta:
        table = "advice"


class Dislike(Model):
    """不感兴趣: what a member wants no more of."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField()
    item = fields.CharField(80)  # "product:12", "content:3", "theme:团购", "category:吐司"
    at = fields.BigIntField()
    undone_at = fields.BigIntField(null=True)

    class Meta:
        table = "dislike"
        unique_together = (("member_id", "item"),)


class Arm(Model):
    """How often an item was shown to a kind of people, and how often it moved them (Thompson sampling)."""

    id = fields.BigIntField(primary_key=True)
    item = fields.CharField(80)
    people = fields.CharField(80, db_default="")
    shown = fields.IntField(db_default=0)
    won = fields.IntField(db_default=0)

    class Meta:
        table = "arm"
        unique_together = (("item", "people"),)
