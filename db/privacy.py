"""Where a member's data lies: one list for what they are shown, what is erased, and what stays and why.

A test walks every table and column of db/models.py and fails on one that this list doesn't name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from db.database import Database, Reader, Row, Tx

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
        {"ext_id": "the network's number of the message", "scope": IDS, "member_id": IDS, "before_id": IDS},
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
         "removed_at": "去掉"},
        {"id": IDS, "member_id": IDS, "by": "who of the team set it"},
        gone=True,
    ),
    "feedback": Place(
        "建议与反馈",
        "member_id = $1",
        {"id": "编号", "at": "时间", "kind": "类型", "text": "内容", "state": "状态", "state_at": "更新",
         "room_id": "群", "interaction_id": "往来编号"},
        {"member_id": IDS, "owner_id": "who of the team looks after it"},
        {"text": "''"},
        {"kind": WORDS, "state": WORDS},
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
        {"name": "名字", "role": "角色", "added_at": "加入", "bound_at": "绑定", "revoked_at": "离开"},
        {"id": IDS, "member_id": IDS, "code_hash": "a secret", "code_expires_at": "of the secret"},
        {"name": "'#' || CAST(id AS TEXT)", "member_id": "NULL", "code_hash": "NULL"},
        {"role": WORDS},
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
        {"code": "会员编号", "name": "名字", "created_at": "加入", "level": "关系", "streak": "连续签到",
         "check_in_day": "最近签到", "marketing_out_at": "退订", "personalisation_out_at": "关闭个性化",
         "erased_at": "注销", "helped_at": "最近提示"},
        {"id": IDS, "key": "encrypts the fields; a copy of it would be a risk to the member"},
        {"name": "''", "key": "NULL", "erased_at": "COALESCE(erased_at, {now})", "streak": "0", "check_in_day": "NULL",
         "helped_at": "NULL", "level": "'none'"},
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
    "audit": "what staff did, chained so that nobody can change it unseen: it names members by number only",
}


async def rows_of(db: Database, table: str, member_id: int) -> Sequence[Row]:
    """Everything in a table that concerns a member and is shown to them, oldest first."""
    place = PLACES[table]
    columns = ", ".join(place.shown)
    return await db.slow(f"SELECT {columns} FROM {table} WHERE {place.of} ORDER BY 1", member_id)


async def erase(tx: Tx, member_id: int, now: int) -> None:
    """Empty every place of a member but the late ones, in one transaction."""
    for table, place in PLACES.items():
        if place.gone:
            await tx.execute(f"DELETE FROM {table} WHERE {place.of}", member_id)
        elif place.erased and not place.late:
            await tx.execute(f"UPDATE {table} SET {_changes(place, now)} WHERE {place.of}", member_id)


def _changes(place: Place, now: int) -> str:
    return ", ".join(f"{column} = {value.format(now=now)}" for column, value in place.erased.items())


async def late_ids(db: Database, member_id: int) -> Sequence[int]:
    """Outbox rows of an erased member that still hold something; those on their way are left until they arrived."""
    rows = await db.slow(
        f"SELECT id FROM outbox WHERE {PLACES['outbox'].of} AND state NOT IN ('due', 'sending') AND content <> '{{}}'",
        member_id,
    )
    return [row["id"] for row in rows]


async def erase_outbox(tx: Tx, ids: Sequence[int], now: int) -> None:
    changes = _changes(PLACES["outbox"], now)
    await tx.many(f"UPDATE outbox SET {changes} WHERE id = $1", [(one,) for one in ids])


async def drop_due(tx: Tx, member_id: int, now: int) -> int:
    """Nothing that waits for an erased member is sent."""
    return await tx.execute(
        f"UPDATE outbox SET state = 'dropped', state_reason = '已注销', content = '{{}}', claimed_at = {now}"
        f" WHERE state = 'due' AND {PLACES['outbox'].of}",
        member_id,
    )


async def drop_greetings(tx: Tx, ext_id: str, now: int) -> int:
    """A greeting in a room that waits and names a contact (actions/welcome.py)."""
    return await tx.execute(
        f"UPDATE outbox SET state = 'dropped', state_reason = '已注销', content = '{{}}', claimed_at = {now}"
        " WHERE state = 'due' AND purpose = 'post' AND content LIKE $1 ESCAPE '\\'",
        _like(ext_id),
    )


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


async def mentions_in_outbox(db: Database, text: str) -> tuple[list[int], bool]:
    """What was said to others or in rooms with this name or contact id in it; and whether more waits to be said."""
    rows = await db.slow(
        "SELECT id, state FROM outbox WHERE purpose <> 'farewell' AND content LIKE $1 ESCAPE '\\'", _like(text)
    )
    open_states = ("due", "sending")
    return [row["id"] for row in rows if row["state"] not in open_states], any(
        row["state"] in open_states for row in rows
    )


async def mentions_in_events(db: Database, ext_id: str) -> Sequence[Row]:
    """(id, data) of others' events that name a contact: who invited whom, whose card was sent."""
    return await db.slow(
        "SELECT id, data FROM interaction WHERE kind IN ('join', 'leave', 'card', 'friend_request', 'friend')"
        " AND data LIKE $1 ESCAPE '\\'",
        _like(ext_id),
    )


async def set_event_data(tx: Tx, changes: Sequence[tuple[str | None, int]]) -> None:
    """(data, interaction id) pairs."""
    await tx.many("UPDATE interaction SET data = $1 WHERE id = $2", changes)


async def files_left(db: Reader, member_id: int) -> Sequence[Row]:
    """(id, path) of an erased member's files that may still lie on the disk."""
    return await db.all("SELECT id, path FROM media WHERE member_id = $1 AND path IS NOT NULL", member_id)


async def file_gone(tx: Tx, media_id: int) -> None:
    await tx.execute("UPDATE media SET path = NULL WHERE id = $1", media_id)


async def erased_since(db: Reader, since: int) -> Sequence[int]:
    return [row["id"] for row in await db.all("SELECT id FROM member WHERE erased_at >= $1 ORDER BY id", since)]


async def stragglers(db: Database) -> Sequence[int]:
    """Interactions of erased members that no chain led to (two processes heard one member at the same moment)."""
    rows = await db.slow(
        "SELECT i.id FROM interaction i JOIN member m ON m.id = i.member_id"
        " WHERE m.erased_at IS NOT NULL AND (i.text <> '' OR i.data IS NOT NULL)"
    )
    return [row["id"] for row in rows]


async def erase_interactions(tx: Tx, ids: Sequence[int]) -> None:
    await tx.many("UPDATE interaction SET text = '', data = NULL WHERE id = $1", [(one,) for one in ids])


async def forget_farewell(tx: Tx, row_id: int, conversation: str) -> None:
    """The last word has left (or never will): its address is forgotten, too."""
    await tx.execute("UPDATE outbox SET content = '{}', state_reason = '' WHERE id = $1", row_id)
    await tx.execute("UPDATE send_log SET conversation = 'erased' WHERE conversation = $1", conversation)


async def old_farewells(db: Reader, before: int) -> Sequence[Row]:
    return await db.all(
        "SELECT id, content, state FROM outbox WHERE purpose = 'farewell' AND content <> '{}' AND created_at < $1",
        before,
    )


async def note(tx: Tx, key: str, value: str) -> bool:
    """Write down work that must survive a kill; False if it is written down already."""
    return bool(
        await tx.execute("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING", key, value)
    )


async def noted(db: Reader, prefix: str) -> Sequence[Row]:
    return await db.all("SELECT key, value FROM meta WHERE key LIKE $1 ORDER BY key", f"{prefix}:%")


async def settled(tx: Tx, key: str) -> None:
    await tx.execute("DELETE FROM meta WHERE key = $1", key)


async def addresses(db: Reader, member_id: int) -> Sequence[Row]:
    """(identity_id, channel, ext_id, name) of everyone a member is, and the names they use in rooms."""
    return await db.all(
        "SELECT id AS identity_id, channel, ext_id, name FROM identity WHERE member_id = $1 ORDER BY id", member_id
    )


async def room_names(db: Reader, member_id: int) -> Sequence[str]:
    return [row["name"] for row in await db.all("SELECT name FROM room_member WHERE member_id = $1", member_id)]


async def remarked(db: Reader, member_id: int) -> Sequence[Row]:
    """(account_id, ext_id, remark) of the accounts that gave this member a remark and still know them."""
    return await db.all(
        "SELECT r.account_id, i.ext_id, r.remark FROM reach r JOIN identity i ON i.id = r.identity_id"
        " WHERE i.member_id = $1 AND r.ended_at IS NULL AND r.remark <> '' ORDER BY r.id",
        member_id,
    )
