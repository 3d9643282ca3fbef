"""Where a member's data lies: one list for what they are shown, what is erased, and what stays and why.

A test walks every table and column of db/models and fails on one that this list doesn't name.
"""

from db.person.place import IDS, MINE, PERSON, WORDS, Place
from db.person.places_of_saying import EXEMPT_SAYING, SAYING
from db.person.places_of_trade import TRADE

CHAIN = (
    "(WITH RECURSIVE chain(id, before_id) AS ("
    "SELECT i.id, i.before_id FROM interaction i JOIN activity a ON a.last_id = i.id"
    f" WHERE a.{MINE}"
    " UNION ALL SELECT i.id, i.before_id FROM interaction i JOIN chain c ON i.id = c.before_id"
    ") SELECT id FROM chain)"
)
IDENTITIES = f"(SELECT id FROM identity WHERE {MINE})"
LEDGER = f"(SELECT id FROM ledger_account WHERE {MINE})"

# In the order of erasing: what is found through an identity comes before the identities.
PLACES: dict[str, Place] = {
    **TRADE,
    **SAYING,
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
        MINE,
        {"id": "编号", "interaction_id": "往来编号", "name": "文件名", "size": "字节", "asked_at": "时间",
         "fetched_at": "保存", "failed_at": "未能保存", "reason": "原因"},
        {"account_id": IDS, "member_id": IDS, "handle": "the gateway's handle", "path": "our own file name"},
        {"handle": "''", "name": "''", "reason": "'erased'", "failed_at": "COALESCE(failed_at, {now})"},
        {"path": "our own numbers; emptied once the file is gone"},
    ),
    "outbox": Place(
        "发给您的消息",
        f"({MINE} OR identity_id IN {IDENTITIES})",
        {"created_at": "时间", "purpose": "用途", "content": "内容", "reason": "原因", "state": "状态",
         "state_reason": "说明", "sent_at": "发出", "room_id": "群", "account_id": "账号"},
        {"id": IDS, "key": IDS, "identity_id": IDS, "member_id": IDS, "answers_id": IDS, "not_before": "timing",
         "expires_at": "timing", "claim": "timing", "claimed_at": "timing", "ext_id": "the network's number",
         "tries": "timing", "attention": WORDS, "theme": "what it was about, in the team's words",
         "content_id": IDS},
        {"content": "'{{}}'", "reason": "''", "state_reason": "CASE state WHEN 'dropped' THEN '已注销' ELSE '' END"},
        {"key": "made of our own numbers", "purpose": WORDS, "state": WORDS, "ext_id": "the network's number",
         "attention": WORDS, "theme": "the team's words"},
        late=True,
    ),
    "send_log": Place(
        "发送时间",
        f"conversation IN (SELECT ext_id FROM identity WHERE {MINE})",
        {"at": "时间", "account_id": "账号"},
        {"id": IDS, "conversation": "the contact's id, shown with the identities"},
        {"conversation": "'erased'"},
    ),
    "consent": Place(
        "同意与拒绝",
        MINE,
        {"at": "时间", "purpose": "用途", "state": "决定", "source": "来源", "text_version": "告知版本",
         "evidence_id": "依据（往来编号）"},
        {"id": IDS, "member_id": IDS},
        {"evidence_id": "NULL"},
        {"purpose": WORDS, "state": WORDS, "source": WORDS, "text_version": WORDS},
    ),
    "answer": Place(
        "您填的资料",
        MINE,
        {"field": "项目", "value": "内容", "at": "时间"},
        {"id": IDS, "member_id": IDS},
        gone=True,
    ),
    "birthday": Place(
        "生日（不含年份）",
        MINE,
        {"day": "月日", "lunar": "农历", "minor_until": "未成年到"},
        {"member_id": IDS},
        gone=True,
    ),
    "tag": Place(
        "标签",
        MINE,
        {"dimension": "维度", "value": "标签", "source": "来源", "confidence": "把握（%）", "at": "时间",
         "state": "状态", "evidence_id": "依据（往来编号）", "removed_at": "去掉"},
        {"id": IDS, "member_id": IDS, "by": "who of the team set it"},
        gone=True,
    ),
    "feedback": Place(
        "建议与反馈",
        MINE,
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
        MINE,
        {"kind": "问题", "data": "内容", "asked_at": "时间", "expires_at": "到期"},
        {"id": IDS, "member_id": IDS, "scope": IDS},
        gone=True,
    ),
    "staff": Place(
        "团队",
        MINE,
        {"name": "名字", "role": "角色", "added_at": "加入", "bound_at": "绑定", "revoked_at": "离开",
         "brief_at": "简报时间"},
        {"id": IDS, "member_id": IDS, "code_hash": "a secret", "code_expires_at": "of the secret"},
        {"name": "'#' || CAST(id AS TEXT)", "member_id": "NULL", "code_hash": "NULL"},
        {"role": WORDS, "brief_at": "a time of day"},
    ),
    "wrong_code": Place(
        "输错的绑定码",
        MINE,
        {"at": "时间"},
        {"id": IDS, "member_id": IDS},
        gone=True,
    ),
    "room_member": Place(
        "所在的群",
        MINE,
        {"room_id": "群", "name": "群昵称", "joined_at": "加入", "left_at": "离开"},
        {"id": IDS, "member_id": IDS},
        {"name": "''", "left_at": "COALESCE(left_at, {now})"},
    ),
    "talk": Place(
        "每天发言数",
        "member_id = $1",  # which hold the counts of merged members, too
        {"room_id": "群", "day": "日期", "messages": "条数"},
        {"id": IDS, "member_id": IDS},
    ),
    "ledger_account": Place(
        "积分账户",
        MINE,
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
    "activity": Place(
        "活跃",
        "member_id = $1",
        {"interactions": "互动次数", "first_at": "最早", "last_at": "最近"},
        {"member_id": IDS, "last_id": IDS},
    ),
    "reach": Place(
        "好友关系",
        f"identity_id IN {IDENTITIES}",
        {"account_id": "账号", "remark": "备注", "friend_at": "成为好友", "ended_at": "结束", "spoke_at": "最近私聊",
         "human_at": "最近人工"},
        {"id": IDS, "identity_id": IDS},
        {"remark": "''", "ended_at": "COALESCE(ended_at, {now})"},
    ),
    "identity": Place(
        "微信身份",
        MINE,
        {"channel": "渠道", "account_id": "账号", "ext_id": "联系人编号", "name": "昵称", "first_seen": "首次见到",
         "retired_at": "停用"},
        {"id": IDS, "member_id": IDS, "via_id": IDS},
        {"ext_id": "'erased:' || CAST(id AS TEXT)", "name": "''", "retired_at": "COALESCE(retired_at, {now})"},
        {"channel": WORDS},
    ),
    "member": Place(
        "会员",
        f"id IN {PERSON}",
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
    **EXEMPT_SAYING,
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
