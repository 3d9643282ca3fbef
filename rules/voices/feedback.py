"""Whether a text is feedback, and of what kind: marked as such (建议：…), or plainly worded to the bot itself."""

import re
import unicodedata
from dataclasses import dataclass

SHORTEST = 2
LONGEST = 500

# The kinds of domain.md
SUGGESTION, COMPLAINT, QUESTION, PRAISE, SHOW = "suggestion", "complaint", "question", "praise", "show"
UNSURE = "unsure"  # until somebody of the team says which
WORD = {SUGGESTION: "建议", COMPLAINT: "投诉", QUESTION: "咨询", PRAISE: "表扬", SHOW: "晒单"}
OWED = (SUGGESTION, COMPLAINT, QUESTION)  # an answer is owed for these
KINDS_OF_WORD = {
    "建议": SUGGESTION, "投诉": COMPLAINT, "咨询": QUESTION, "问题": QUESTION, "表扬": PRAISE, "晒单": SHOW,
    "测评": SHOW, "都不是": "", "不是": "", "闲聊": "", "其他": "", "无关": "",
}  # fmt: skip
MARKS = {
    "建议": SUGGESTION, "提议": SUGGESTION, "意见": SUGGESTION, "反馈": SUGGESTION, "意见反馈": SUGGESTION,
    "提建议": SUGGESTION, "提意见": SUGGESTION, "提个建议": SUGGESTION, "提个意见": SUGGESTION,
    "投诉": COMPLAINT, "我要投诉": COMPLAINT, "吐槽": COMPLAINT, "差评": COMPLAINT,
    "表扬": PRAISE, "好评": PRAISE, "点赞": PRAISE, "咨询": QUESTION,
}  # fmt: skip
MARKED = rf"(?P<mark>我?(?:想|要)?(?:{'|'.join(sorted(MARKS, key=len, reverse=True))}))(?:一下)?\s*[:,]\s*(?P<text>.+)"
MARKED_ALOUD = r"(?P<mark>建议|投诉|意见反馈)\s*:\s*(?P<text>.+)"  # among people 吐槽一下，… is talk: only these count

_ASKS = re.compile(
    "什么时候|几点|几号|多少|怎么|怎样|如何|为什么|为啥|在哪|哪里|哪儿|哪[个款种家]|谁|多久|是不是|有没有|零售价|[吗么][?。!~]*$"
)
_OF_OTHERS = re.compile("他们|她们|别人|隔壁|我[妈爸老]|朋友|同事|被投诉|收到.{0,4}投诉|投诉电话|客服电话")
_COMPLAINT = re.compile(
    "^(?:我|我们)?(?:真的?|必须|现在)?(?:要|想|得)投诉(?!.{0,4}(?:电话|渠道|流程|方式))"
    "|(?:太|很|真|特别|非常)(?:差劲|差了|失望|恶心|气人|坑)"
    "|(?:发|长)(?:霉|馊)了|(?:吃|喝)(?:出|到)(?:了)?.{0,6}(?:头发|虫|异物|铁丝|塑料|石子)|吃坏(?:了)?肚子"
    "|(?:送|发|拿|给)错(?:了)?.{0,8}(?:货|蛋糕|面包|口味|地址|东西)|(?:货|蛋糕|面包|东西).{0,4}(?:送|发|拿|给)错了"
    "|(?:面包|蛋糕|点心|蛋挞|吐司|东西).{0,6}(?:坏了|馊了|变质了?|压扁了|碎了|过期了)"
    "|(?<!不)难吃|(?<!好)不好吃|(?<![要会])不新鲜|(?<!没)有(?:头发|虫(?!草)|异物)|退款|退货|糊了"
    "|态度(?:太|很|真|特别|非常)?(?:差|恶劣|不好)|等了.{1,8}(?:还没|都没)(?:到|送|来|人)"
)
_SUGGESTION = re.compile(
    "^(?:我|个人)?(?:有个|提个|提一?[个点条]?|给你们?提?个?)(?:小)?(?:建议|意见)"
    "|^(?:我|个人|强烈|真心)*建议(?:你们|您们|你|您|店里|咱们|老板|商家|可以|能|多|少|增加|增设|加|把|早点|晚点|以后|下次|开|出|搞|做|换|改|取消|延长|设)"
    "|^(?:(?:你们|您们|店里|老板|咱们)?(?:能不能|可不可以|可以不可以|能否|可否|希望)|(?:你们|您们|店里|老板|咱们)可以)"
    "(?:你们|您们|店里|老板|咱们)?(?:以后|下次|也|再|多|都)*"
    "(?:出(?!来|去|门|发)|开(?!门|车|发?票|一下|个)|增加|增设|加(?!我|个|一下|微信|好友|热|急|钱)|做|推出|上(?!门|来)|搞|延长|把|设)"
    "|^(?:要是|如果)(?:你们|店里)?.{2,30}就(?:更)?(?:好|完美|方便)(?:了|啦)"
)
_PRAISE = re.compile(
    "^(?:你们|您们|咱们?)?(?:家)?(?:的)?.{0,10}(?:真|太|超级?|非常|特别|好)(?:的)?(?:好吃|香|赞|棒|贴心|周到|满意|不错)(?:了|啦|呀|啊|哦|呢|[!~。])*$"
    "|^(?:我)?(?:要|想)(?:表扬|夸|点赞)"
)
# what only a person of the shop can answer
_FOR_THE_SHOP = re.compile(
    "(?:几点|什么时候|多久|何时|还|今天|明天|周[一二三四五六日末]).{0,4}(?:开门|关门|营业|打烊|开业)|营业时间"
    "|(?:店|你们|您们|你家|您家).{0,6}在(?:哪|什么地方)|地址|怎么(?:卖|买|订|预[订定]|下单|走|过去)"
    "|多少钱|什么价|价格|价钱|发票|退款|退货|换货|(?:送货|配送|外送|外卖|自提|快递)[吗么]?[?。!~]*$"
)
_OURS = re.compile("积分|签到|排行|打卡")  # what the bot itself knows about
LONGEST_QUESTION = 60
_ABOUT_US = re.compile("你们|您们|你家|您家|店里|你们家|老板|咱们|店员|面包|蛋糕|吐司|点心|服务|送货|味道|今天的")


@dataclass(frozen=True, slots=True)
class Said:
    """Feedback: its kind and its own words."""

    kind: str
    text: str


def marked(mark: str, text: str) -> Said | None:
    """What stands behind 建议：, 投诉： and the like; None if nothing does."""
    text = text.strip()
    key = mark if mark in MARKS else re.sub("^我?(?:想|要)?", "", mark)
    if len(text) < SHORTEST or key not in MARKS:
        return None
    kind = MARKS[key]
    if kind == SUGGESTION and plainly(text) == COMPLAINT:
        kind = COMPLAINT  # 反馈：面包发霉了
    return Said(kind, text)


def plainly(text: str) -> str:
    """The kind of an unmarked text that was said to the bot, '' if it is no feedback.

    Cautious: what merely asks (建议零售价是多少, 积分什么时候到账), or is about others, is none.
    """
    if not SHORTEST <= len(text) <= LONGEST or _OF_OTHERS.search(text):
        return ""
    if _COMPLAINT.search(text):
        return "" if re.match("(?:怎么|如何|在哪|哪里)", text) else COMPLAINT
    if len(text) < 4:
        return ""
    if _SUGGESTION.search(text):
        return "" if re.search("什么时候|几点|多少钱|零售价|怎么|如何|哪[个款种]", text) else SUGGESTION
    if _PRAISE.search(text) and (_ABOUT_US.search(text) or text.startswith("我")) and not _ASKS.search(text):
        return PRAISE
    return ""


_SHOWN = re.compile(r"#?(?:我来?|来)?晒单(?:来?[啦了])?[#:,!~\s]+(?P<text>.+)", re.DOTALL)


def shown(text: str) -> bool:
    """Whether somebody says themselves that they show what they bought: 晒单：…; asking about it is not showing."""
    found = _SHOWN.match(unicodedata.normalize("NFKC", text).strip())
    return found is not None and len(found["text"].strip()) >= SHORTEST and not _ASKS.search(found["text"].strip())


def for_the_shop(text: str) -> bool:
    """Whether a text that was said to the bot asks what only a person of the shop can answer: 几点开门, 怎么卖."""
    return bool(len(text) <= LONGEST_QUESTION and _FOR_THE_SHOP.search(text)) and not _OURS.search(text)
