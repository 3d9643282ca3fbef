"""Every table, as tortoise models: the schema, its migrations and the rare, wide reads come from here.

Times are UTC milliseconds (BIGINT), days are ISO dates, points are integers, JSON is text. State is a dated
column or row. Nothing is written through these classes: all writes go through `db.database.Database.write`.
"""

from db.models.campaigns import Campaign, CampaignPerson, Rehoming
from db.models.content import Content, ContentUse, ContentVersion, PollVote, Slot
from db.models.helpdesk import FaqAnswer, Handover
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
from db.models.taste import Advice, Arm, Click, Dislike, ShortLink
from db.models.trade import LedgerAccount, Order, OrderLine, Product, Refund, ShopEvent, Transfer

__all__ = [
    "Account",
    "Activity",
    "Advice",
    "Answer",
    "Arm",
    "Audit",
    "Birthday",
    "BriefLine",
    "Campaign",
    "CampaignPerson",
    "Candidate",
    "Click",
    "Consent",
    "Content",
    "ContentUse",
    "ContentVersion",
    "Dislike",
    "FaqAnswer",
    "Feedback",
    "Handle",
    "Handover",
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
    "PollVote",
    "Product",
    "Reach",
    "Referral",
    "Refund",
    "Rehoming",
    "Room",
    "RoomAccount",
    "RoomMember",
    "RuleChange",
    "Run",
    "SendLog",
    "Share",
    "ShopEvent",
    "ShortLink",
    "Slot",
    "Staff",
    "Standing",
    "Tag",
    "Talk",
    "TierNotice",
    "Transfer",
    "Trouble",
    "WrongCode",
]
