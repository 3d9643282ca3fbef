"""A member's profile as the team sees it."""

from typing import Any

from actions.community import Community
from actions.relationship import standing_words
from actions.tagging import own_words
from db import reports
from db.database import Row, Tx
from db.person import consents
from db.tagging import tags
from db.talk import interactions, people, rooms
from db.trade import ledger
from rules.errors import RefusedError
from rules.text import mask_phone
from rules.times import describe
from rules.voices.feedback import WORD

COUNTED = 2_000  # newest interactions that the counts by kind are made of
RECENT = 10
TEXT = 24
FEEDBACK = 5
SUGGESTED = 5

KINDS = {
    "text": "文字", "image": "图片", "file": "文件", "audio": "语音", "video": "视频", "emoticon": "表情",
    "link": "链接", "mini_program": "小程序", "card": "名片", "location": "位置", "red_packet": "红包",
    "transfer": "转账", "chat_history": "聊天记录", "note": "笔记", "post": "动态", "recall": "撤回", "join": "入群",
    "leave": "退群", "topic": "改群名", "friend_request": "好友申请", "friend": "成为好友", "room_invite": "邀请入群",
    "system": "系统消息", "other": "其他",
}  # fmt: skip
PURPOSES = {
    "service": "服务消息",
    "marketing": "活动推荐",
    "profiling": "个性化",
    "share": "分享",
    "sensitive": "敏感信息",
    "publish": "用您的晒单",
    "naming": "群里点名",
}


async def of(tx: Tx, community: Community, member_id: int, now: int) -> dict[str, Any]:
    """The profile as plain values for its text. Raises RefusedError for an erased member."""
    row = await people.member(tx, member_id)
    if row is None or row["erased_at"] is not None:
        raise RefusedError("这位会员已经注销，没有画像了")
    zone = community.settings.zone
    activity = await people.activity(tx, member_id)
    return {
        "standing": await standing_words.of(tx, community, member_id, now),
        "name": row["name"],
        "code": row["code"],
        "points": await ledger.balance(tx, member_id),
        "first": describe(activity["first_at"], now, zone) if activity else "",
        "last": describe(activity["last_at"], now, zone) if activity else "",
        "interactions": activity["interactions"] if activity else 0,
        "kinds": [
            f"{KINDS.get(one['kind'], one['kind'])} {one['n']}"
            for one in await reports.kinds_of(tx, member_id, COUNTED)
        ],
        "rooms": [one["topic"] for one in await rooms.of_member(tx, member_id) if one["topic"]],
        "labels": [f"{one['dimension']}:{one['value']}".lstrip(":") for one in await tags.of_member(tx, member_id)],
        "suggested": [_suggestion(community, one) for one in await tags.suggested(tx, SUGGESTED, member_id)],
        "recent": [_line(one, now, zone) for one in await interactions.recent(tx, member_id, RECENT)],
        "feedback": [
            f"{WORD.get(one['kind'], '反馈')}（{describe(one['at'], now, zone)}）{_short(one['text'])}"
            for one in (await reports.open_feedback(tx, member_id))[:FEEDBACK]
        ],
        "consents": await _consents(tx, member_id, now, zone),
    }


def _suggestion(community: Community, row: Row) -> str:
    label = own_words.label_of(row)
    return f"{label}（“{mask_phone(own_words.quote_of(row['quote'] or '', community.settings, label))}”）"


def _line(row: Row, now: int, zone: str) -> str:
    kind = KINDS.get(row["kind"], row["kind"])
    words = "（已撤回）" if row["recalled_at"] else _short(row["text"])
    said = words if row["kind"] == "text" and words else f"[{kind}]{words}"
    return f"{describe(row['at'], now, zone)} {said}"


def _short(text: str) -> str:
    words = " ".join(mask_phone(text).split())
    return words[:TEXT] + ("…" if len(words) > TEXT else "")


async def _consents(tx: Tx, member_id: int, now: int, zone: str) -> list[str]:
    """The latest decision of each purpose, with its date."""
    latest = {row["purpose"]: row for row in await consents.history(tx, member_id)}
    return [
        f"{PURPOSES.get(purpose, purpose)}{'拒绝' if row['state'] == 'refused' else '同意'}"
        f"（{describe(row['at'], now, zone)}）"
        for purpose, row in latest.items()
    ]
