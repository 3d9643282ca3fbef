"""Where members stand, whom they brought, who may be a super user, what the team is told of them."""

from tortoise import fields
from tortoise.models import Model


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
