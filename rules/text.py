"""Text of members and gateways: made safe to store, brought to one form for matching, and read for small facts."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from opencc import OpenCC

REPLACEMENT = "\ufffd"
MAX_MARKS = 30  # accents on one letter; sorting thousands of them takes time that grows with their square
CACHED_LENGTH = 64  # longer texts are hardly ever said twice

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_GAPS = re.compile(rf"[\s{_INVISIBLE}]+")
# Between two latin words or numbers a space keeps them apart; anywhere else in Chinese it says nothing.
_NEEDLESS_GAP = re.compile(r"(?<![0-9a-z]) | (?![0-9a-z])")
_to_simplified = OpenCC("t2s").convert

_EDGE = r"\[\w{1,6}\]|[^\w@#+\-]"  # a WeChat emoticon such as [微笑], or a sign, or an emoji
_POLITE = (
    "请问一?下?|请帮我|请(?=签|退|取消|查|看|帮|转)|请你|请您|麻烦[你您]?|劳驾|拜托|帮忙|帮我|你好|您好|哈喽|哈罗|嗨|知己"
    "|我?想知道|我?想问一?下|我?想看看|我想要?|我要|能不能|可不可以|(?:可以|能)(?=[帮给查])|告诉我|给我看?看?"
    "|(?:查询|查看|查|看)一下|查下|看下|查查|看看|一下|(?:hello|hi|hey|please)(?![a-z])"
)
_HOW_MANY = "(?:我|现在|目前|总共|一共|还|共|剩|有)+(?:下|余)?(?=多少|几)"
_PARTICLES = (
    "(?<!了)吗|[呀啊呢哦吧了哈嘛啦呗哟喔噢哒咯喽嘞~]|一下|可以吗|好吗|行吗|好不好|谢谢你?您?|多谢|谢啦"
    "|(?<![a-z])(?:thanks|thx|please|pls)"
)
_LEADING_SIGNS = re.compile(f"(?:{_EDGE})+")
_TRAILING_SIGNS = re.compile(rf"(?:{_EDGE})+\Z")
_LEADING_TALK = re.compile(f"(?:{_EDGE}|{_POLITE}|{_HOW_MANY})+")
_TRAILING_TALK = re.compile(rf"(?:{_EDGE}|{_PARTICLES})+\Z")
_TAIL = 64  # how far back one search for an end looks: searching a whole long text takes the square of its length


def clean_text(text: str, limit: int = 8000) -> str:
    """`text` as every database takes it: no NUL, no half emoji, NFC, at most `limit` characters. Never raises."""
    if len(text) > limit:
        text = text[:limit]
    if text.isascii() and "\x00" not in text:
        return text
    if _UNSTORABLE.search(text):
        # Two halves that stand side by side become their emoji again; a lone one is lost.
        text = text.replace("\x00", REPLACEMENT).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", _thin_marks(text))[:limit]


def _thin_marks(text: str) -> str:
    """`text` without the accents beyond MAX_MARKS in a row."""
    kept: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def squash(text: str) -> str:
    """One form for all ways to type it: half width, simplified, lower case, no spaces but between latin words."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _UNSTORABLE.sub(REPLACEMENT, text))
    text = _NEEDLESS_GAP.sub("", _GAPS.sub(" ", text.lower()))
    return text if text.isascii() else _to_simplified(text)


def fold(text: str) -> str:
    """`squash`, and no punctuation, emoji or emoticons at the edges.

    For words that must be meant exactly (确认, 退订, 注销): a question such as 退订了吗 stays a question.
    """
    squashed = squash(text)
    return _without_edges(squashed, _LEADING_SIGNS, _TRAILING_SIGNS)


def normalise(text: str) -> str:
    """The core of a command: `fold` without polite words before it and particles after it.

    "我還有多少積分呀？" > "多少积分", "麻烦帮我签到一下～" > "签到". Tables of commands are keyed by the same function,
    so what it takes away need not be language, only the same on both sides. What is nothing but talk (你好呀) stays,
    and so does 了吗: 退订了吗 asks whether it was done.
    """
    return _normalise_short(text) if len(text) <= CACHED_LENGTH else _normalise(text)


def _normalise(text: str) -> str:
    return _without_edges(squash(text), _LEADING_TALK, _TRAILING_TALK)


_normalise_short = lru_cache(maxsize=8192)(_normalise)


def _without_edges(text: str, leading: re.Pattern[str], trailing: re.Pattern[str]) -> str:
    start = leading.match(text)
    core = text[start.end() :] if start else text
    while end := trailing.search(core, max(0, len(core) - _TAIL)):
        core = core[: end.start()]
    return core or text


@lru_cache(maxsize=512)
def _leading_mention(names: tuple[str, ...]) -> re.Pattern[str]:
    name = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    # The name must end there: @小知同学 is somebody else.
    return re.compile(rf"\s*(?:[@＠](?:{name})(?:[\s,，:：、]+|\Z))+")


def strip_mention(text: str, names: Iterable[str]) -> str:
    """`text` without "@小知\u2005" at its beginning and end, for each of the account's `names`; spaces trimmed."""
    known = tuple(name for name in names if name)
    if known and ("@" in text or "＠" in text):
        start = _leading_mention(known).match(text)
        text = text[start.end() :] if start else text
        endings = tuple(at + name for at in "@＠" for name in known)
        while ending := next((one for one in endings if text.rstrip().endswith(one)), ""):
            text = text.rstrip()[: -len(ending)]
    return text.strip()


_PHONE = re.compile(r"(?<![0-9])((?:\+?86[- ]?)?1[3-9][0-9])([- ]?)[0-9]{4}([- ]?)([0-9]{4})(?![0-9])")


def mask_phone(text: str) -> str:
    """`text` with the middle of each mobile number hidden: 138****5678."""
    return _PHONE.sub(r"\1\2****\3\4", text)


_INTRO = "(?:(?:系统|微信|温馨|安全)?提示|微信团队|很?抱歉|对不起|(?:发送|操作|添加|请求)失败)?[:,!]?"
_YOURS = "(?:由于|因为?)?(?:当前|该|此|本)?[你您]?(?:的)?(?:微信号?|[账帐]号|账户|微信[账帐]号)?(?:的)?"
_OFFICIAL = "(?:操作|请求|访问|发送[消讯]息|[消讯]息发送|发送)"
_DOING = f"(?:{_OFFICIAL}|发送的消息|发消息|消息|(?:添加|加)(?:好友|朋友)|加人|邀请|拉人|建群|创建群聊|搜索|登录)"
_TOO_MUCH = "(?:的?(?:过于|太过|太|过度|过|较为|比较)?频繁|过快|太快|的?(?:频率|速度)[过太](?:高|快)|的?次数[过太]多)"
_LATER = (
    "(?:等待对方.{1,20}|[请可][你您]?(?:在|等待?)?(?:稍[后候等作]|过?一(?:会儿?|段时间)|休息|明天|[0-9]+(?:秒|分钟|小时|天)[以之]?后?)"
    "[^我?]{0,20})"
)
_PART = (
    "(?:登录|发送?消息|(?:添加|加)(?:好友|朋友)|[加进建拉]群|邀请|操作"
    "|(?:使用)?(?:该|此|部分|相关|某些|微信)*功能|使用)"
)
_SUBJECT = (
    "(?:[你您]的?|(?:该|此|本|当前|相关|部分)(?:的)?|[你您]的(?:该|部分))?"
    "(?:功能|[账帐]号|账户|微信号?|微信[账帐]号|操作权限)"
)
_REASON = "(?:(?:由于|因为?|经用户投诉|存在|涉嫌)[^我?]{2,30}?,?)?"
_STOPPED = f"已?经?(?:暂时)?被?(?:系统|微信)?(?:限制|冻结|封禁|封停|停用)(?:{_PART})?(?:[0-9]+(?:分钟|小时|天))?"
_NOTICE = re.compile(
    f"{_INTRO}(?:"
    f"{_YOURS}{_OFFICIAL}{_TOO_MUCH}"
    f"|{_YOURS}{_DOING}{_TOO_MUCH}了?[,.!;]?{_LATER}"
    f"|{_YOURS}(?:过于)?频繁{_DOING}[,.!;]?{_LATER}"
    f"|请(?:勿|不要)(?:过于)?频繁{_OFFICIAL}"
    f"|{_REASON}{_SUBJECT}{_REASON}(?:{_STOPPED}|受限)(?:[,.!;](?:[请可如]|详情|暂|直到)[^我?]{{0,30}})?"
    f"|{_REASON}[你您]?已?被(?:系统|微信)?限制{_PART}(?:[,.!;](?:[请可如]|详情|暂|直到)[^我?]{{0,30}})?"
    ")"
)
_LATER_EN = "[ .,!;]*(?:(?:please|pls) ?)?(?:try|wait|retry)[^?]{0,40}"
_NOTICE_EN = re.compile(
    "(?:sorry[ ,.!]*|(?:system )?notice: ?)?(?:"
    "(?:(?:message|messages|operation|operations|request|requests|action|actions|sending|sending messages?"
    "|messages? (?:is|are|was|were) (?:being )?sent)(?: is| are)?"
    "|(?:you(?:'re| are|'ve| have) ?(?:been )?)?(?:sending|sent|operating|performing|doing)"
    "(?: (?:messages?|this|this operation))?)"
    f" too (?:frequent|frequently|often|fast|quickly)(?:{_LATER_EN})?"
    f"|too many (?:attempts|requests|operations|actions)(?:{_LATER_EN})?|too many messages(?: sent)?{_LATER_EN}"
    f"|(?:message )?rate limit(?:ed| exceeded| reached)(?:{_LATER_EN})?"
    "|(?:this|the|your) (?:feature|function|account|wechat account|wechat)(?: has been| have been| is| was)?"
    "(?: temporarily)? (?:restricted|limited|blocked|suspended|frozen)(?:[ .,!;][^?]{0,60})?"
    ")"
)
_LONGEST_NOTICE = 90


def looks_like_throttle(text: str) -> bool:
    """Whether the whole text is a network's notice that this account sends too much or is restricted.

    Talk about 频繁 does not count, but a member can copy a notice word for word: the caller looks at the sender too.
    """
    if len(text) > _LONGEST_NOTICE:
        return False
    folded = fold(text)
    return bool((_NOTICE_EN if folded.isascii() else _NOTICE).fullmatch(folded))


_DIGITS_BY_VALUE = ("零〇", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_DIGITS_BY_VALUE = ("零〇", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_DIGITS = {digit: value for value, digits in enumerate(_DIGITS_BY_VALUE) for digit in digits}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10_000, "w": 10_000, "k": 1000}
_AMOUNT = re.compile(r"\+?(.+?)(?:个?积分|分|点|个)?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_TOKEN = re.compile("[0-9]+|.")
LARGEST_AMOUNT = 999_999_999  # what one transfer of the ledger may hold


def parse_amount(text: str) -> int | None:
    """A whole number of points as people type it: 50, ５０, 1,000, 五十, 一百二 (120), 3千, 50积分; else None."""
    found = _AMOUNT.fullmatch(squash(text).strip()) if len(text) <= CACHED_LENGTH else None
    if not found:
        return None
    number = found[1]
    if _GROUPED.fullmatch(number):
        number = number.replace(",", "")
    if number.isascii() and number.isdigit():
        value = int(number)
    else:
        read = _read_numerals(_TOKEN.findall(number))
        if read is None:
            return None
        value = read
    return value if value <= LARGEST_AMOUNT else None


def _read_numerals(tokens: list[str]) -> int | None:
    """一万二 > 12000, 一百零五 > 105, 十 > 10; None for what nobody would say (百, 二三, 十百)."""
    head, sep, rest = _split_at_wan(tokens)
    if not sep:
        return _below_wan(tokens, shorthand=1)
    thousands = _below_wan(head, shorthand=1)
    units = _below_wan(rest, shorthand=10_000) if rest else 0
    return None if not thousands or units is None else thousands * 10_000 + units


def _split_at_wan(tokens: list[str]) -> tuple[list[str], bool, list[str]]:
    for place, token in enumerate(tokens):
        if _UNITS.get(token) == 10_000:
            return tokens[:place], True, tokens[place + 1 :]
    return tokens, False, []


def _below_wan(tokens: list[str], shorthand: int) -> int | None:
    """The value of up to 千百十一. `shorthand`: the unit that was said before, so that 二 in 一万二 is two thousand."""
    total, unit, digit, zero = 0, 10_000, None, False
    last = shorthand
    for token in tokens:
        if token in "零〇":
            if digit is not None or (zero and tokens != [token]):
                return None
            zero, last = True, 1
            if tokens == [token]:
                return 0
        elif token in _UNITS:
            step = _UNITS[token]
            if step >= unit or (digit is None and (step != 10 or total or zero)):
                return None
            total, unit, last, digit, zero = total + (1 if digit is None else digit) * step, step, step, None, False
        else:
            value = _DIGITS.get(token, int(token) if token.isascii() and token.isdigit() else None)
            if value is None or digit is not None or value == 0:
                return None
            digit = value
    if digit is None:
        return total if total and not zero else None
    if last > 1 and digit >= 10:
        return None
    return total + digit * max(1, last // 10)
