"""Content for many people: each of them, and those whom only a lost account could reach."""

from tortoise import fields
from tortoise.models import Model


class Campaign(Model):
    """Content for a segment over all accounts: draft > running <> paused > finished | stopped."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(100)
    content_id = fields.BigIntField()
    version = fields.IntField(db_default=1)  # of the content
    audience = fields.TextField()  # the condition as staff gave it
    theme = fields.CharField(40, db_default="")
    state = fields.CharField(10, db_default="draft")  # before: planning; if it is not confirmed: discarded
    state_at = fields.BigIntField(db_default=0)
    state_reason = fields.CharField(200, db_default="")
    holdout = fields.IntField(db_default=0)  # percent who get nothing, to compare with
    seed = fields.BigIntField(db_default=0)  # who is held out follows from it
    starts_at = fields.BigIntField(null=True)
    expires_at = fields.BigIntField(null=True)  # who could not be reached until then gets nothing
    window_days = fields.IntField(db_default=7)  # replies, clicks and orders within it count
    staff_id = fields.BigIntField(null=True)
    made_at = fields.BigIntField()
    finished_at = fields.BigIntField(null=True)
    report = fields.TextField(db_default="")  # JSON, once the window is over

    class Meta:
        table = "campaign"


class CampaignPerson(Model):
    """One person of a campaign's audience. The rows of a campaign are its audience, each counted once.

    planned > queued (the outbox row says what became of it). waiting: nobody can reach them now. task: somebody of
    the team has to send it. excluded, holdout: they get nothing, `reason` says why.
    """

    id = fields.BigIntField(primary_key=True)
    campaign_id = fields.BigIntField()
    member_id = fields.BigIntField(db_index=True)
    account_id = fields.BigIntField(null=True)
    identity_id = fields.BigIntField(null=True)
    state = fields.CharField(10)
    reason = fields.CharField(40, db_default="")
    not_before = fields.BigIntField(db_default=0)
    at = fields.BigIntField(db_default=0)  # of the last change of state
    outbox_id = fields.BigIntField(null=True, db_index=True)

    class Meta:
        table = "campaign_person"
        unique_together = (("campaign_id", "member_id"),)


class Rehoming(Model):
    """Somebody whom only a lost account could reach: for the team to find again."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    account_id = fields.BigIntField()
    at = fields.BigIntField()
    settled_at = fields.BigIntField(null=True)
    how = fields.CharField(20, db_default="")  # back | found | staff

    class Meta:
        table = "rehoming"
