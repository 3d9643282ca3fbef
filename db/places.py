"""Where a member's data lies: one list for what they are shown, what is erased, and what stays and why.

A test walks every table and column of db/models.py and fails on one that this list doesn't name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

CHAIN = (
    "(WITH RECURSIVE chain(id, before_id) AS ("
    "SELECT i.id, i.before_id FROM interaction i JOIN activity a ON a.last_id = i.id WHERE a.member_id = $1"
    " UNION ALL SELECT i.id, i.before_id FROM interaction i JOIN chain c ON i.id = c.before_id"
    ") SELECT id FROM chain)"
)
IDENTITIES = "(SELECT id FROM identity WHERE member_id = $1)"
LEDGER = "(SELECT id FROM ledger_account WHERE member_id = $1)"
IDS = "numbers of ours that say nothing about the person"
WORDS = "one of our own fixed words"


@dataclass(frozen=True, slots=True)
class Place:
    """One table. Every column is shown (with its label) or hidden (with the reason).

    `of`: which rows concern member $1. `erased`: column -> SQL for what it becomes ({now} is the time, UTC ms);
    `kept`: text columns that an erasure leaves, with the reason. `gone`: the rows are deleted. `late`: a whole table
    has to be read to find the rows, so they are erased just after the commit, off the event loop.
    """

    title: str
    of: str
    shown: Mapping[str, str]
    hidden: Mapping[str, str] = field(default_factory=dict)
    erased: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False
    late: bool = False


# In the order of erasing: what is found through an identity comes before the identities.
PLACES: dict[str, Place] = {
    "interaction": Place(
        "往来记录",
        f"id IN {CHAIN}",
        {"id": "编号", "at": "时间", "kind": "类型", "text": "内容", "data": "附带", "room_id": "群",
         "account_id": "账号", "heard_at": "收到", "recalled_at": "撤回"},
        {"ext_id": "the network's number of the message", "scope": IDS, "member_id": IDS, "before_id": IDS,
         "via_id": IDS},
        {"text": "''", "data": "NULL"},
        {"ext_id": "a message that comes again must still be recognised", "kind": WORDS},
    ),
    "trouble": Place(
        "处理失败的消息",
        f"interaction_id IN {CHAIN}",
        {"interaction_id": "往来编号", "at": "时间", "reason": "原因", "settled_at": "处理"},
        {"id": IDS},
        {"reason": "''"},
    ),
    "media": Place(
        "图片和文件",
        "member_id = $1",
        {"id": "编号", "interaction_id": "往来编号", "name": "文件名", "size": "字节", "asked_at": "时间",
         "fetched_at": "保存", "failed_at": "未能保存", "reason": "原因"},
        {"account_id": IDS, "member_id": IDS, "handle": "the gateway's handle", "path": "our own file name"},
        {"handle": "''", "name": "''", "reason": "'erased'", "failed_at": "COALESCE(failed_at, {now})"},
        {"path": "our own numbers; emptied once the file is gone"},
    ),
    "outbox": Place(
        "发给您的消息",
        f"(member_id = $1 OR identity_id IN {IDENTITIES})",
        {"created_at": "时间", "purpose": "用途", "content": "内容", "reason": "原因", "state": "状态",
         "state_reason": "说明", "sent_at": "发出", "room_id": "群", "account_id": "账号"},
        {"id": IDS, "key": IDS, "identity_id": IDS, "member_id": IDS, "answers_id": IDS, "not_before": "timing",
         "expires_at": "timing", "claim": "timing", "claimed_at": "timing", "ext_id": "the network's number",
         "tries": "timing"},
        {"content": "'{{}}'", "reason": "''", "state_reason": "CASE state WHEN 'dropped' THEN '已注销' ELSE '' END"},
        {"key": "made of our own numbers", "purpose": WORDS, "state": WORDS, "ext_id": "the network's number"},
        late=True,
    ),
    "send_log": Place(
        "发送时间",
        "conversation IN (SELECT ext_id FROM identity WHERE member_id = $1)",
        {"at": "时间", "account_id": "账号"},
        {"id": IDS, "conversation": "the contact's id, shown with the identities"},
        {"conversation": "'erased'"},
    ),
    "consent": Place(
        "同意与拒绝",
        "member_id = $1",
        {"at": "时间", "purpose": "用途", "state": "决定", "source": "来源", "text_version": "告知版本",
         "evidence_id": "依据（往来编号）"},
        {"id": IDS, "member_id": IDS},
        {"evidence_id": "NULL"},
        {"purpose": WORDS, "state": WORDS, "source": WORDS, "text_version": WORDS},
    ),
    "answer": Place(
        "您填的资料",
        "member_id = $1",
        {"field": "项目", "value": "内容", "at": "时间"},
        {"id": IDS, "member_id": IDS},
        gone=True,
    ),
    "tag": Place(
        "标签",
        "member_id = $1",
        {"dimension": "维度", "value": "标签", "source": "来源", "confidence": "把握（%）", "at": "时间",
         "state": "状态", "evidence_id": "依据（往来编号）", "removed_at": "去掉"},
        {"id": IDS, "member_id": IDS, "by": "who of the team set it"},
        gone=True,
    ),
    "feedback": Place(
        "建议与反馈",
        "member_id = $1",
        {"id": "编号", "at": "时间", "kind": "类型", "text": "内容", "state": "状态", "state_at": "更新",
         "room_id": "群", "interaction_id": "往来编号", "source": "来源", "due_at": "应在此前回复",
         "answered_at": "回复", "adopted_at": "采纳"},
        {"member_id": IDS, "owner_id": "who of the team looks after it", "guess": "our guess at the kind",
         "reminded_at": "of the team"},
        {"text": "''"},
        {"kind": WORDS, "state": WORDS, "source": WORDS, "guess": WORDS},
    ),
    "pending": Place(
        "等您回答的问题",
        "member_id = $1",
        {"kind": "问题", "data": "内容", "asked_at": "时间", "expires_at": "到期"},
        {"id": IDS, "member_id": IDS, "scope": IDS},
        gone=True,
    ),
    "staff": Place(
        "团队",
        "member_id = $1",
        {"name": "名字", "role": "角色", "added_at": "加入", "bound_at": "绑定", "revoked_at": "离开",
         "brief_at": "简报时间"},
        {"id": IDS, "member_id": IDS, "code_hash": "a secret", "code_expires_at": "of the secret"},
        {"name": "'#' || CAST(id AS TEXT)", "member_id": "NULL", "code_hash": "NULL"},
        {"role": WORDS, "brief_at": "a time of day"},
    ),
    "wrong_code": Place(
        "输错的绑定码",
        "member_id = $1",
        {"at": "时间"},
        {"id": IDS, "member_id": IDS},
        gone=True,
    ),
    "room_member": Place(
        "所在的群",
        "member_id = $1",
        {"room_id": "群", "name": "群昵称", "joined_at": "加入", "left_at": "离开"},
        {"id": IDS, "member_id": IDS},
        {"name": "''", "left_at": "COALESCE(left_at, {now})"},
    ),
    "talk": Place(
        "每天发言数",
        "member_id = $1",
        {"room_id": "群", "day": "日期", "messages": "条数"},
        {"id": IDS, "member_id": IDS},
    ),
    "ledger_account": Place(
        "积分账户",
        "member_id = $1",
        {"id": "账户", "kind": "类型", "balance": "余额"},
        {"member_id": IDS, "floor": "the lowest balance, 0"},
        kept={"kind": WORDS},
    ),
    "transfer": Place(
        "积分明细",
        f"(debit_id IN {LEDGER} OR credit_id IN {LEDGER})",
        {"id": "编号", "at": "时间", "kind": "类型", "amount": "积分", "debit_id": "从账户", "credit_id": "到账户",
         "reason": "原因", "reverses_id": "撤销的编号"},
        {"source": IDS, "actor": "who of the team did it"},
        kept={
            "source": "made of our own numbers", "kind": WORDS, "actor": "who of the team did it",
            "reason": "the ledger can't be changed, or its sums would not be proven: names are kept out of it",
        },
    ),
    "handle": Place(
        "手机号等的指纹",
        "member_id = $1",
        {"kind": "类型", "source": "来源", "at": "时间", "removed_at": "去掉"},
        {"id": IDS, "member_id": IDS, "hash": "a keyed hash that says nothing to a reader"},
        gone=True,
    ),
    "order_line": Place(
        "买过什么",
        "order_id IN (SELECT id FROM shop_order WHERE member_id = $1)",
        {"order_id": "订单", "line": "行", "product_id": "商品", "quantity": "数量", "amount": "金额（分）",
         "returned": "退回"},
        {"id": IDS},
    ),
    "refund": Place(
        "退款",
        "order_id IN (SELECT id FROM shop_order WHERE member_id = $1)",
        {"order_id": "订单", "amount": "金额（分）", "skus": "退回的商品", "at": "时间"},
        {"id": IDS, "ext_id": "the shop's number"},
        kept={"ext_id": "a refund that comes again must still be recognised", "skus": "numbers of goods"},
    ),
    "shop_order": Place(
        "订单",
        "member_id = $1",
        {"id": "编号", "shop": "店铺", "ext_id": "订单号", "paid_at": "付款", "amount": "金额（分）",
         "refunded": "退款（分）", "closed_at": "关闭", "points": "积分", "invite": "邀请码"},
        {"member_id": IDS, "day": "the day of payment", "stands": "follows from the rest", "moves": IDS,
         "phone": "a keyed hash", "unionid": "a keyed hash", "buyer": "a keyed hash", "told_at": "of the event",
         "told_by": "of the event", "created_at": "when it was heard of"},
        {"phone": "''", "unionid": "''", "buyer": "''", "invite": "''"},
        {"shop": "the brand's own", "ext_id": "an order that comes again must still be recognised",
         "told_by": "the number of an event"},
    ),
    "milestone": Place(
        "关系与等级的变化",
        "member_id = $1",
        {"at": "时间", "what": "什么", "before": "之前", "after": "之后", "reasons": "原因"},
        {"id": IDS, "member_id": IDS, "by": "who of the team did it", "batch_id": IDS, "undone_at": "of the batch"},
        gone=True,
    ),
    "tier_notice": Place(
        "降级提醒",
        "member_id = $1",
        {"tier": "等级", "target": "将降到", "opened_at": "时间", "falls_at": "降级日", "told_at": "告知",
         "reminded_at": "再次告知", "cancelled_at": "取消", "fell_at": "降级", "missing": "还差"},
        {"id": IDS, "member_id": IDS, "cause": "our word for why"},
        gone=True,
    ),
    "invitation": Place(
        "邀请码",
        "member_id = $1",
        {"code": "邀请码", "at": "时间"},
        {"member_id": IDS},
        gone=True,
    ),
    "referral": Place(
        "谁邀请的",
        "(newcomer_id = $1 OR inviter_id = $1)",
        {"source": "方式", "at": "时间", "refused_at": "不算"},
        {"id": IDS, "inviter_id": "the other person", "newcomer_id": "the other person", "evidence_id": IDS,
         "refused_why": "our word for why"},
        gone=True,
    ),
    "share": Place(
        "分享",
        "member_id = $1",
        {"at": "时间", "kind": "类型", "target": "网址", "title": "标题", "room_id": "群",
         "interaction_id": "往来编号"},
        {"id": IDS, "member_id": IDS, "counts": "whether it is counted"},
        gone=True,
    ),
    "candidate": Place(
        "超级用户候选",
        "member_id = $1",
        {"state": "状态", "since": "开始", "signs": "依据", "state_at": "更新", "date_at": "约会",
         "dated_at": "上次约会"},
        {"member_id": IDS, "score": "a sum of the signs", "shown_day": "of the team's list",
         "staff_id": "who of the team", "reason": "a note of the team", "again_at": "of the team's list",
         "owner_id": "who of the team"},
        gone=True,
    ),
    "match_review": Place(
        "可能是同一个人",
        "(one_id = $1 OR other_id = $1)",
        {"at": "时间", "why": "依据", "state": "状态", "state_at": "更新"},
        {"id": IDS, "one_id": "the other person", "other_id": "the other person", "by": "who of the team did it"},
        gone=True,
    ),
    "merge_move": Place(
        "合并时移动的记录",
        "merge_id IN (SELECT id FROM merge WHERE kept_id = $1 OR gone_id = $1)",
        {"place": "表", "row_id": "编号", "what": "怎样"},
        {"id": IDS, "merge_id": IDS, "was": "what it was before, shown where it is now"},
        gone=True,
    ),
    "merge": Place(
        "账号合并",
        "(kept_id = $1 OR gone_id = $1)",
        {"at": "时间", "why": "依据", "undone_at": "撤销"},
        {"id": IDS, "kept_id": IDS, "gone_id": IDS, "by": "who of the team did it",
         "was": "what it was before, shown where it is now", "undone_by": "who of the team did it"},
        {"was": "'{{}}'"},
        {"by": "who of the team did it", "why": WORDS, "undone_by": "who of the team did it"},
    ),
    "brief_line": Place(
        "团队每日简报里的一行",
        "member_id = $1",
        {"day": "日期", "question": "为什么", "reason": "依据", "draft": "拟好的话"},
        {"id": IDS, "member_id": IDS, "staff_id": "who of the team"},
        gone=True,
    ),
    "standing": Place(
        "关系与等级",
        "member_id = $1",
        {"orders": "一年内订单", "money": "一年内消费（分）", "level": "关系", "tier": "等级", "brought": "带来的朋友",
         "shares": "分享", "ideas": "建议"},
        {"member_id": IDS, "counted_day": "when it was counted", "first_day": "a figure", "last_day": "a figure",
         "days": "a figure", "same_item": "a figure", "categories": "a figure", "brands": "a figure",
         "brought_day": "a figure", "share_day": "a figure", "idea_day": "a figure", "cut_at": "a figure",
         "r": "a figure", "f": "a figure", "m": "a figure", "level_at": "shown with the changes",
         "tier_at": "shown with the changes", "score": "a sum of the signs"},
        gone=True,
    ),
    "activity": Place(
        "活跃",
        "member_id = $1",
        {"interactions": "互动次数", "first_at": "最早", "last_at": "最近"},
        {"member_id": IDS, "last_id": IDS},
    ),
    "reach": Place(
        "好友关系",
        f"identity_id IN {IDENTITIES}",
        {"account_id": "账号", "remark": "备注", "friend_at": "成为好友", "ended_at": "结束", "spoke_at": "最近私聊"},
        {"id": IDS, "identity_id": IDS},
        {"remark": "''", "ended_at": "COALESCE(ended_at, {now})"},
    ),
    "identity": Place(
        "微信身份",
        "member_id = $1",
        {"channel": "渠道", "account_id": "账号", "ext_id": "联系人编号", "name": "昵称", "first_seen": "首次见到",
         "retired_at": "停用"},
        {"id": IDS, "member_id": IDS},
        {"ext_id": "'erased:' || CAST(id AS TEXT)", "name": "''", "retired_at": "COALESCE(retired_at, {now})"},
        {"channel": WORDS},
    ),
    "member": Place(
        "会员",
        "id = $1",
        {"code": "会员编号", "name": "名字", "created_at": "加入", "streak": "连续签到",
         "check_in_day": "最近签到", "marketing_out_at": "退订", "personalisation_out_at": "关闭个性化",
         "erased_at": "注销", "helped_at": "最近提示"},
        {"id": IDS, "key": "encrypts the fields; a copy of it would be a risk to the member",
         "merged_into_id": IDS},
        {"name": "''", "key": "NULL", "erased_at": "COALESCE(erased_at, {now})", "streak": "0", "check_in_day": "NULL",
         "helped_at": "NULL"},
        {"code": "our own number; the remark that holds it is cleared"},
    ),
}  # fmt: skip

# Tables that hold nothing of members, with the reason.
EXEMPT: dict[str, str] = {
    "meta": "facts about the database; what an erasure still has to do stands here until it is done",
    "account": "the brand's own accounts",
    "room": "names of groups",
    "room_account": "which of the brand's accounts are in a group",
    "run": "due times and what staff wrote for a post",
    "plan": "due times",
    "product": "what the shops sell",
    "shop_event": "numbers of events and hashes of their bodies",
    "rule_change": "rules that were put in force",
    "import_run": "counts of rows; the name of a file",
    "audit": "what staff did, chained so that nobody can change it unseen: it names members by number only",
}
