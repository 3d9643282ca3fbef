"""Questions: what the FAQ answered, and who is looked after by a person."""

from tortoise import fields
from tortoise.models import Model


class Handover(Model):
    """A member is looked after by a person: the bot stays out until it is over."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    account_id = fields.BigIntField()
    interaction_id = fields.BigIntField()
    staff_id = fields.BigIntField(null=True)
    why = fields.CharField(20)  # asked | unsure | anger
    context = fields.TextField(db_default="")
    at = fields.BigIntField()
    taken_at = fields.BigIntField(null=True)  # somebody of the team has written to them
    last_at = fields.BigIntField()  # the last word of either side
    reminded_at = fields.BigIntField(null=True)
    done_at = fields.BigIntField(null=True)
    done_by = fields.CharField(100, db_default="")

    class Meta:
        table = "handover"


class FaqAnswer(Model):
    """A question that the FAQ answered, or could not: for the team to learn from."""

    id = fields.BigIntField(primary_key=True)
    interaction_id = fields.BigIntField(unique=True)
    member_id = fields.BigIntField(db_index=True)
    entry = fields.CharField(60, db_default="")  # '' for none
    score = fields.IntField(db_default=0)  # thousandths
    at = fields.BigIntField()
    wrong_at = fields.BigIntField(null=True)  # they said that it was not what they asked

    class Meta:
        table = "faq_answer"
