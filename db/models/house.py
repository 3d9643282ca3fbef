"""The house itself: its accounts, its team, what runs by the clock, what the team did."""

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
    link_at = fields.BigIntField(db_default=0)  # since when it has been online, or not
    link_detail = fields.TextField(db_default="")
    session_at = fields.BigIntField(db_default=0)  # its last login: contact ids hold from here
    read_at = fields.BigIntField(db_default=0)  # when its contacts were last read from the network
    first_online_at = fields.BigIntField(null=True)  # its age counts from here: young accounts send slower
    stopped_until = fields.BigIntField(null=True)  # the breaker: nothing is sent before
    half_rate_until = fields.BigIntField(null=True)
    stopped_reason = fields.TextField(db_default="")

    class Meta:
        table = "account"


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
