"""Whether a text asks something, and whether it is about the shop: chit-chat is neither answered nor handed over."""

import re

from rules.text import squash
from rules.voices.subjects import GOODS, LIFE, OTHERS, OURS

LONGEST = 120  # what is longer is a story, for a person to read
_ASKS = re.compile(
    r"[?？]|[吗么嘛]$|[吗么嘛][呀啊哦呢]|呢$|什么|怎么|怎样|如何|咋|啥|几[点号天寸个岁分级档折种家]|多少|多久|多长|多大|多远|多高|哪"
    r"|为什么|为啥|谁|何时|是否|有没有|有无|(.)不\1|还是(?=.{2})|^(?:想问|请问|问一?下|咨询|麻烦)|求(?:办|助|问)"
    r"|^(?:能|可以|有)(?!的)|(?:可以|[能有要会行够放送到])(?:.{0,8})(?:不|没|没有|不行|行不)$|[你您]们.{1,8}[不没]$"
    r"|^(?:我们?|我家|我们公司)?(?:也)?(?:想|要)(?!吐|哭|睡|死|起|念|象|像)(?:.*)[办订改换进买学寄问查加取退约领开]"
    r"|(?:想|要)(?:换|改|取消|退|查|问)|一下[吗呗吧]?$|没(?:到账|到|涨|收到|加上|给|增加)|少了"
)
# What tells something rather than asks: 我签到了, 真好吃.
_TELLS = re.compile("了$|了[!。~]|真|太|很|哈|谢|好的|收到|^我(?!想|要|能|可)|刚|已经|昨天|终于")
# Something has happened to somebody's body: that is for a person, however well an entry fits.
_HARM = re.compile(
    r"(?:(?<!不)[吃喝尝](?:了|过|下)|误[吃食喝]).{0,16}"
    r"(?:过敏|疹|拉肚子|腹泻|[呕想要直]吐|吐了|肿|喘|痒|中毒|不舒服|肚子[疼痛]|难受|头晕|出事|血糖[高升]|怎么办|要紧|有事|没事[吗么])"
    r"|过敏.{0,10}(?:[吃喝](?:了|过|下)|误[吃食喝])"
)
_ABOUT_US = re.compile("|".join(f"{OURS} {GOODS}".split()))
_FAVOUR = re.compile("帮我们?(?:预?留|预?订|打包|送|寄|退|换)")  # what only a shop does for one
_ELSEWHERE = re.compile("|".join(f"{OTHERS} {LIFE}".split()))


def asks(text: str) -> bool:
    return len(text) <= LONGEST and _ASKS.search(squash(text).strip(" 。.!~")) is not None


def tells(text: str) -> bool:
    return _TELLS.search(squash(text)) is not None


def harmed(text: str) -> bool:
    """Whether somebody ate something and fares badly, or fears to."""
    return _HARM.search(squash(text)) is not None


def elsewhere(text: str) -> bool:
    """Whether it speaks of life beside the shop and of nothing of ours."""
    said = squash(text)
    return _ELSEWHERE.search(said) is not None and _ABOUT_US.search(said) is None


def about_us(text: str) -> bool:
    """Whether it speaks of the shop or its goods, and not of life beside it."""
    said = squash(text)
    if _FAVOUR.search(said):
        return True
    return _ABOUT_US.search(said) is not None and _ELSEWHERE.search(said) is None
