"""Every table, as tortoise models: the schema, its migrations and the rare, wide reads come from here.

Times are UTC milliseconds (BIGINT), days are ISO dates, points are integers, JSON is text. State is a dated
column or row. Nothing is written through these classes: all writes go through `db.database.Database.write`.
"""

from db.models.house import Account, Audit, ImportRun, Meta, Plan, RuleChange, Run, Staff, WrongCode
from db.models.person import Answer, Birthday, Consent, Feedback, Handle, MatchReview, Merge, MergeMove, Tag
from db.models.standing import BriefLine, Candidate, Invitation, Milestone, Referral, Share, Standing, TierNotice
from db.models.talk import (
    Activity,
    Identity,
    Interaction,
    Media,
    Member,
    Outbox,
    Pending,
    Reach,
    Room,
    RoomAccount,
    RoomMember,
    SendLog,
    Talk,
    Trouble,
)
from db.models.trade import LedgerAccount, Order, OrderLine, Product, Refund, ShopEvent, Transfer

__all__ = [
    "Account",
    "Activity",
    "Answer",
    "Audit",
    "Birthday",
    "BriefLine",
    "Candidate",
    "Consent",
    "Feedback",
    "Handle",
    "Identity",
    "ImportRun",
    "Interaction",
    "Invitation",
    "LedgerAccount",
    "MatchReview",
    "Media",
    "Member",
    "Merge",
    "MergeMove",
    "Meta",
    "Milestone",
    "Order",
    "OrderLine",
    "Outbox",
    "Pending",
    "Plan",
    "Product",
    "Reach",
    "Referral",
    "Refund",
    "Room",
    "RoomAccount",
    "RoomMember",
    "RuleChange",
    "Run",
    "SendLog",
    "Share",
    "ShopEvent",
    "Staff",
    "Standing",
    "Tag",
    "Talk",
    "TierNotice",
    "Transfer",
    "Trouble",
    "WrongCode",
]
