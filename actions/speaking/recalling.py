"""Taking back what was just posted in a room: an outbox row for each piece, so that the right process does it once.

WeChat takes a message back within two minutes. What has not left yet is called off instead; what is too late, or can't
be taken back by the account's network, is said plainly.
"""

import json
from functools import partial

from actions.community import Community
from actions.rhythm import unsaid
from actions.speaking import outbox
from db.database import Row, Tx
from db.speaking import outbox as rows
from rules.errors import RefusedError
from rules.messages import Act, Outgoing
from rules.times import MINUTE

PURPOSE = "recall"
WITHIN = 2 * MINUTE
CALLED_OFF = "撤回了"
LEAVING = "正在发出去，还不知道到了没有，过几秒再说一次"
TOO_LATE = "已经过了两分钟，微信不让撤回了"
FIRST = 0  # before whatever else waits: in two minutes it is too late


async def recall(tx: Tx, community: Community, prefix: str, member_id: int, asked: int, now: int) -> bool:
    """Take back the rows `prefix`0, `prefix`1 …; True if that was done at once, because nothing had left yet.

    Otherwise `member_id` is told what came of it. `asked`: the interaction that asked. Raises RefusedError when it is
    too late, nothing was said, or the network can't.
    """
    sent = []
    for row in await pieces(tx, prefix):
        if row["state"] == "due":
            if not await rows.drop(tx, row["id"], CALLED_OFF, now):
                raise RefusedError(LEAVING)  # it was claimed a moment ago
        elif row["state"] in ("sending", "unconfirmed"):
            raise RefusedError(LEAVING)
        elif row["state"] == "sent":
            sent.append(row)
    if not sent:
        await unsaid.taken_back(tx, community, prefix, now)
        return True
    for row in sent:
        _check(community, row, now)
    for row in sent:
        content = Outgoing(act=Act.RECALL, target=row["ext_id"])
        added = await rows.put(
            tx, row["account_id"], outbox.content_of(content), purpose=PURPOSE, now=now,
            key=f"recall:{row['key']}:{asked}", room_id=row["room_id"], member_id=member_id, reason=prefix,
            not_before=FIRST, expires_at=row["sent_at"] + WITHIN,
        )  # fmt: skip
        if added:
            tx.after_commit(partial(community.wake, row["account_id"]))
    return False


def _check(community: Community, row: Row, now: int) -> None:
    """Raises RefusedError when the network will not take it back."""
    account = community.directory.accounts.get(row["account_id"])
    if account is not None and not account.capabilities.takes_back:
        raise RefusedError("这个账号的网络不支持撤回，请在手机上处理")
    if not row["ext_id"]:
        raise RefusedError("网络没有给这条消息的编号，撤不回来，请在手机上撤回")
    if now - row["sent_at"] > WITHIN:
        raise RefusedError(TOO_LATE)


async def pieces(tx: Tx, prefix: str) -> list[Row]:
    """What was put into the outbox behind a prefix, in order."""
    found: list[Row] = []
    while (row := await rows.by_key(tx, f"{prefix}{len(found)}")) is not None:
        found.append(row)
    return found


async def over(tx: Tx, community: Community, row: Row, why_not: str, now: int) -> None:
    """One piece was taken back, or was not: once all of them are decided, the one who asked is told."""
    prefix, asked = row["reason"], row["key"].rpartition(":")[2]
    said = await pieces(tx, prefix)
    if not why_not:
        of = json.loads(row["content"])["target"]
        for piece in said:
            if piece["ext_id"] == of:
                await rows.taken_back(tx, piece["id"], CALLED_OFF)
    recalls = [await rows.by_key(tx, f"recall:{piece['key']}:{asked}") for piece in said]
    others = [one for one in recalls if one is not None and one["id"] != row["id"]]
    if any(one["state"] in ("due", "sending") for one in others):
        return
    why_not = why_not or next((one["state_reason"] for one in others if one["state"] != "sent"), "")
    left = [piece for piece in await pieces(tx, prefix) if piece["state"] == "sent"]
    if not left:
        await unsaid.taken_back(tx, community, prefix, now)
    text = community.phrases.render(
        "staff/recalled", row["id"], done=not left, some=len(said) - len(left), left=len(left), why=_why(why_not)
    )
    await outbox.to_member(
        tx, community, row["member_id"], Outgoing(text=text), now,
        purpose="staff", key=f"recalled:{prefix}{asked}", reason="撤回的结果",
    )  # fmt: skip


def _why(reason: str) -> str:
    return TOO_LATE if "有效时间" in reason else reason[:100]
