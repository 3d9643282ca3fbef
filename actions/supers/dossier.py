"""The dossier 档案 of one member: what speaks for them as evidence that can be looked up, and a drafted invitation."""

import json
from typing import Any

from actions.community import Community
from actions.person import profile
from actions.relationship import standing
from actions.relationship.measuring import day_of
from db.database import Reader, Row, Tx
from db.person import consents as consent_rows
from db.relationship import standing as standing_rows
from db.supers import candidates, dossiers
from db.tagging import tags
from db.talk import people
from db.voices import feedback as feedback_rows
from db.voices import referrals, shares
from rules.errors import RefusedError
from rules.person.ages import is_minor
from rules.relationship.figures import Figures
from rules.relationship.levels import NAMES
from rules.supers.candidates import Score, score
from rules.text import mask_phone
from rules.times import business_day, describe
from rules.voices.feedback import WORD

MOST = 5
QUOTE = 40
FRIENDS = 100
SOURCES = {"code": "报了邀请码", "order": "订单带邀请码", "room": "拉进群", "link": "邀请链接"}
STATES = {
    "new": "待看",
    "later": "暂缓",
    "invited": "已邀请",
    "accepted": "超级用户",
    "declined": "已拒绝",
    "gone": "不再符合",
}
FEEDBACK_STATES = {
    "new": "还没回复",
    "answered": "已回复",
    "adopted": "已采纳",
    "shipped": "已上线",
    "closed": "已处理",
}


async def rated(db: Reader, community: Community, member_id: int, now: int) -> tuple[Figures, Score]:
    """A member's figures and what they are worth today."""
    row = await standing_rows.of(db, member_id)
    figures = standing.figures_of(row) if row is not None else Figures()
    return figures, score(figures, community.settings.candidates, day_of(now, community.settings))


async def member(db: Reader, member_id: int) -> Row:
    """The member's row. Raises RefusedError for who is not there any more."""
    row = await people.member(db, member_id)
    if row is None or row["erased_at"] is not None or row["merged_into_id"] is not None:
        raise RefusedError("这位会员已经注销或并入了别的会员")
    return row


async def minor(db: Reader, community: Community, member_id: int, now: int) -> bool:
    """Whether a member told us that they are not of age."""
    today = business_day(now, community.settings.zone)
    if any(one["value"] == "未成年" for one in await tags.of_member(db, member_id)):
        return True
    known = await profile.known(db, community, member_id)
    return any(one.field.kind == "birthday" and is_minor(one.value, today) for one in known)


async def hindrance(tx: Tx, community: Community, member_id: int, now: int) -> str:
    """Why a member is not to be invited, '' if they may be."""
    row = await member(tx, member_id)
    _, worth = await rated(tx, community, member_id, now)
    if member_id in community.directory.staff:
        return "是自己人"
    if row["personalisation_out_at"] is not None:
        return "TA 关闭了个性化推荐"
    if await consent_rows.latest(tx, member_id, "marketing") == "refused":
        return "TA 退订了活动消息"
    if await feedback_rows.has_open_complaint(tx, member_id):
        return "TA 有投诉还没处理"
    if await minor(tx, community, member_id, now):
        return "TA 未成年"
    if not worth.value and worth.words:
        return worth.words[0]
    return ""


async def of(tx: Tx, community: Community, member_id: int, now: int) -> dict[str, Any]:
    """Everything for its text, as plain values. Raises RefusedError for an erased member."""
    row, zone = await member(tx, member_id), community.settings.zone
    _, worth = await rated(tx, community, member_id, now)
    said = await dossiers.said(tx, member_id, MOST)
    friends = await referrals.brought(tx, member_id, FRIENDS)
    return {
        "name": row["name"],
        "code": row["code"],
        "score": f"{worth.value / 1000:.2f}",
        "why": list(worth.words),
        "hindrance": await hindrance(tx, community, member_id, now),
        "state": await _state(tx, member_id, now, zone),
        "orders": [await _order(tx, one, now, community) for one in await dossiers.orders(tx, member_id, MOST)],
        "quotes": [_quote(one, now, zone) for one in said],
        "shares": [_share(one, now, zone) for one in await shares.newest(tx, member_id, MOST)],
        "friends": [_friend(one, now, zone) for one in friends[:MOST]],
        "brought": len(friends),
        "levels": [
            _level(one, now, zone) for one in await standing_rows.milestones(tx, member_id, "level", MOST)
        ],
        "likes": await _likes(tx, member_id),
        "draft": await draft(tx, community, member_id, now),
    }  # fmt: skip


async def draft(tx: Tx, community: Community, member_id: int, now: int) -> str:
    """An invitation by name that says only what is true of them."""
    row = await member(tx, member_id)
    figures, _ = await rated(tx, community, member_id, now)
    said = await dossiers.said(tx, member_id, MOST)
    idea = next((one for one in said if one["kind"] == "suggestion"), None)
    liked = await dossiers.categories(tx, member_id, 1)
    return community.phrases.render(
        "candidates/invitation",
        member_id,
        name=row["name"],
        brand=community.settings.community.name,
        times=figures.days,
        friends=figures.brought,
        idea=_short(idea["text"], QUOTE // 2) if idea is not None else "",
        adopted=idea is not None and idea["state"] in ("adopted", "shipped"),
        category=liked[0]["category"] if liked else "",
    )


async def _state(tx: Tx, member_id: int, now: int, zone: str) -> str:
    row = await candidates.of(tx, member_id)
    if row is None:
        return ""
    parts = [STATES[row["state"]]]
    if row["state_at"]:
        parts.append(describe(row["state_at"], now, zone))
    return "，".join([*parts, *([row["reason"]] if row["reason"] else [])])


async def _order(tx: Tx, row: Row, now: int, community: Community) -> str:
    shop = community.settings.shops.get(row["shop"])
    goods = [_goods(one) for one in await dossiers.goods(tx, row["id"])]
    what = "、".join(goods[:MOST]) + ("等" if len(goods) > MOST else "")
    back = f"，退 {yuan(row['refunded'])}" if row["refunded"] else ""
    ended = "" if row["stands"] or row["refunded"] else "，已关闭"
    when = describe(row["paid_at"], now, community.settings.zone)
    where = shop.name if shop and shop.name else row["shop"]
    return f"{when} {where} {row['ext_id']}：{what or '—'} {yuan(row['amount'])}{back}{ended}"


def _goods(row: Row) -> str:
    times = f"×{row['quantity']}" if row["quantity"] > 1 else ""
    return f"{row['name'] or '商品'}{times}{'（退）' if row['returned'] else ''}"


def yuan(fen: int) -> str:
    return f"¥{fen / 100:,.2f}".removesuffix(".00")


def _quote(row: Row, now: int, zone: str) -> str:
    place = f"「{row['topic']}」群里" if row["topic"] else "私聊"
    kind, state = WORD.get(row["kind"], "晒单"), FEEDBACK_STATES.get(row["state"], "")
    told = f"（{state}）" if row["kind"] in ("suggestion", "complaint") and state else ""
    return f"{describe(row['at'], now, zone)} {place}{kind}：“{_short(row['text'], QUOTE)}”{told} #{row['id']}"


def _short(text: str, most: int) -> str:
    words = " ".join(mask_phone(text).split())
    return words[: most - 1] + "…" if len(words) > most else words


def _share(row: Row, now: int, zone: str) -> str:
    kind = {"link": "链接", "card": "我们的名片", "mini_program": "小程序"}[row["kind"]]
    what = row["title"] or (row["target"] if row["kind"] == "link" else "")
    where = f"「{row['topic']}」" if row["topic"] else "群里"
    return f"{describe(row['at'], now, zone)} 在{where}分享{kind} {_short(what, QUOTE)}".rstrip()


def _friend(row: Row, now: int, zone: str) -> str:
    bought = "已下单" if row["bought"] else "还没下单"
    return f"{row['name'] or '一位朋友'}（{describe(row['at'], now, zone)}{SOURCES[row['source']]}，{bought}）"


def _level(row: Row, now: int, zone: str) -> str:
    before, after = NAMES.get(row["before"], row["before"]), NAMES.get(row["after"], row["after"])
    why = json.loads(row["reasons"])
    return f"{describe(row['at'], now, zone)} {before} → {after}{'：' + '；'.join(why) if why else ''}"


async def _likes(tx: Tx, member_id: int) -> list[str]:
    """Tags that are sure, and what they buy most."""
    borne = [one for one in await tags.of_member(tx, member_id) if one["state"] == "sure"]
    labels = [f"{one['dimension']}:{one['value']}".lstrip(":") for one in borne]
    return labels + [f"{one['category']}（{one['n']} 单）" for one in await dossiers.categories(tx, member_id, 3)]
