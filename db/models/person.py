"""What is known of one person, what they allow, and that two may be one."""

from tortoise import fields
from tortoise.models import Model


class Consent(Model):
    """What a member agreed to or refused, append-only: the latest row of a purpose counts."""

    id = fields.BigIntField(primary_key=True)
    member_id = fields.BigIntField(db_index=True)
    purpose = fields.CharField(20)  # service | marketing | profiling | share | sensitive | publish | naming
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
    minor_until = fields.IntField(db_default=0)  # of a minor: the day from which they are none, rounded up to a year

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
