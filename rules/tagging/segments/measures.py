"""What can be asked of a member: the figures of the language, by their names in English and Chinese."""

from dataclasses import dataclass
from typing import Literal

# flag: yes or no. count and number: whole numbers. yuan: money. ago: the day of something, as days since then.
# decimal: a number with a point. rank: a name out of an ordered list, the lowest first. state: a name out of a list.
Kind = Literal["flag", "count", "number", "yuan", "decimal", "ago", "rank", "state"]
# no: none. may: without one all time counts. must: it has to be said. next: from today on.
Spans = Literal["no", "may", "must", "next"]


@dataclass(frozen=True, slots=True)
class Measure:
    """`args`: what may stand in the brackets, the first also without its name; `needs`: at least so many."""

    kind: Kind
    said: str  # in Chinese
    also: tuple[str, ...] = ()  # other names of it
    args: tuple[str, ...] = ()
    needs: int = 0
    span: Spans = "no"
    example: str = ""
    latest: bool = False  # only the latest moment is known: a stretch has to end today


GOODS = ("what", "category", "brand", "product", "shop")
LEVELS = ("none", "micro", "weak", "strong", "super")
LEVEL_NAMES = ("无关系", "微关系", "弱关系", "强关系", "超强关系")
CANDIDATE_STATES = {
    "new": "新候选", "later": "暂缓", "invited": "已邀请", "accepted": "超级用户", "declined": "已拒绝",
    "gone": "不再是",
}  # fmt: skip
FEEDBACK_KINDS = {
    "suggestion": "建议", "complaint": "投诉", "question": "咨询", "praise": "表扬", "show": "晒单", "other": "其他",
}  # fmt: skip
PURPOSES = {
    "marketing": "活动推荐", "profiling": "个性化", "service": "服务消息", "share": "分享", "sensitive": "敏感信息",
}  # fmt: skip
TAG_STATES = {"sure": "确定", "suggested": "建议", "any": "都算"}

MEASURES: dict[str, Measure] = {
    "everyone": Measure("flag", "所有人", ("all", "全部", "大家", "所有会员"), example="everyone"),
    "tag": Measure(
        "flag", "标签", ("tags", "带标签"), ("tag", "state"), 1, example="tag('人生阶段:宝妈')",
    ),
    "bought": Measure(
        "count", "买过", ("orders", "购买", "下单", "订单", "购买次数"), GOODS, span="may",
        example="bought(category='烘焙课') >= 2 in 90d",
    ),
    "spent": Measure("yuan", "消费", ("花费", "消费额"), GOODS, span="may", example="spent >= 500 in 365d"),
    "last_purchase": Measure("ago", "最近购买", ("最后购买", "上次购买"), example="last_purchase >= 60d"),
    "first_purchase": Measure("ago", "首次购买", ("首购", "第一次购买"), example="first_purchase in 30d"),
    "level": Measure("rank", "关系", ("relationship", "关系级别", "关系等级"), example="level = 'weak'"),
    "tier": Measure("rank", "等级", ("会员等级",), example="tier >= '银卡'"),
    "r": Measure("number", "R 分", ("recency", "R分"), example="r >= 4"),
    "f": Measure("number", "F 分", ("frequency", "F分"), example="f >= 4"),
    "m": Measure("number", "M 分", ("monetary", "M分"), example="m >= 4"),
    "rfm": Measure("number", "RFM 总分", ("RFM总分",), example="rfm >= 12"),
    "points": Measure("number", "积分", ("积分余额",), example="points >= 100"),
    "messages": Measure("count", "群里发言", ("发言", "发言数", "消息"), span="may", example="messages >= 20 in 30d"),
    "active_days": Measure("count", "在群里说话的天数", ("发言天数",), span="may", example="active_days >= 8 in 30d"),
    "interactions": Measure("number", "互动次数", ("互动",), example="interactions >= 100"),
    "active": Measure(
        "flag", "有动静（说过话或买过）", ("活跃", "来过"), span="must", latest=True, example="active in 30d"
    ),
    "silent": Measure("ago", "没有动静", ("沉默", "没来"), example="silent for 180d"),
    "room": Measure("flag", "在群", ("group", "群"), ("room",), 1, example="room('早安面包房')"),
    "rooms": Measure("number", "所在群数", ("groups", "群数"), example="rooms >= 2"),
    "complaining": Measure("flag", "有投诉没处理", ("投诉中", "在投诉"), example="complaining"),
    "feedback": Measure(
        "count", "反馈", ("意见",), ("kind",), span="may", example="feedback(kind='suggestion') in 90d"
    ),
    "looked": Measure(
        "flag", "问过还没下单", ("问过没买", "看过没买"), span="may", latest=True, example="looked in 30d"
    ),
    "birthday": Measure("flag", "生日", ("生日在",), span="next", example="birthday in 7d"),
    "joined": Measure("ago", "加入", ("入会", "加入时间"), example="joined in 30d"),
    "shares": Measure("count", "分享", ("分享次数",), span="may", example="shares >= 2 in 90d"),
    "referrals": Measure("count", "邀请来的人", ("邀请", "推荐"), span="may", example="referrals >= 1"),
    "brought": Measure("number", "带来并买过的朋友", ("带来", "带来的朋友"), example="brought >= 1"),
    "invited": Measure("flag", "朋友邀请来的", ("被邀请",), example="invited"),
    "candidate": Measure("state", "候选", ("超级用户候选",), example="candidate = 'accepted'"),
    "score": Measure("decimal", "候选分", ("候选得分",), example="score >= 1.5"),
    "potential": Measure("decimal", "半年内预计还会买的次数", ("潜力",), example="potential >= 1.5"),
    "consent": Measure("flag", "同意", ("愿意",), ("purpose",), 1, example="consent('marketing')"),
}  # fmt: skip

NAMES: dict[str, str] = {name.casefold(): key for key, one in MEASURES.items() for name in (key, one.said, *one.also)}
ARGS = {
    "what": ("what", "名称"), "category": ("category", "品类", "分类", "类目"), "brand": ("brand", "品牌"),
    "product": ("product", "商品", "item"), "shop": ("shop", "店铺", "店"), "tag": ("tag", "标签"),
    "state": ("state", "状态"), "room": ("room", "群"), "kind": ("kind", "类型"), "purpose": ("purpose", "用途"),
}  # fmt: skip
SPAN_WORDS = {
    "month": "本月", "last_month": "上个月", "year": "今年", "today": "今天", "week": "本周",
}  # fmt: skip
