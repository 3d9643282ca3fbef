"""Turns of speech that point to a kind of feedback or away from it: what the classifier sees beside plain characters.

None of them decides; training finds what each is worth.
"""

import re

from rules.voices.feedback import plainly
from rules.voices.polarity import BAD, GOOD, joined
from rules.voices.subjects import GOODS, LIFE, OTHERS, OURS

_TURNS = {
    "asks at the end": r"(?:[?]|吗|么|不|没|呢|嘛|呀|啊|嘞|没有|不行|来着)[?~。!]*$",
    "question mark": r"[?]",
    "asks what": (
        r"什么|啥|咋|怎[么样]|如何|为何|为[什啥]|哪|谁|几[点号个天时次岁楼折斤]|第?几|多少|多[久长大重高厚远]|"
        r"何时|是不是|有没有|有没得|能不能|可不可以|要不要|会不会|好不好|行不行"
    ),
    "asks for facts": (
        r"多少钱|什么时候|几点|几号|怎么(?:卖|买|用|洗|选|弄|办|领|算|走|订|下单|保养|保存)|咋(?:卖|买|用|办|"
        r"整)|发货吗|包邮|有货|现货|还有[吗没位]|价格|优惠[吗么不]|"
        r"尺码|地址|在哪|开票|发票|到账|保质期|有效期"
    ),
    "may one": r"(?:能|可以|需要|要|会|有|是|支持|包).{1,14}(?:吗|么|不|没)[?~]*$",
    "politely asks": r"^(?:请问|想问|问[一下]|问问|老师.?问|请教|咨询)",
    "which of two": r"还是.{1,12}[?]?$",
    "suggests": r"建议|提议|提[一个点条两].{0,4}(?:意见|想法|点)|我[想要]?提|小意见|小心愿|小想法|改进|优化|改良",
    "wishes": (
        r"希望|盼|但愿|想让|想要你们|求(?:上架|出|开|增加|加|安排|把|开发|放|补|个|你们|求)|跪求|"
        r"麻烦.{0,10}(?:把|以后|给)|请(?:把|增加|改进|做|给|加|多|别)|心愿"
    ),
    "could you": r"(?:能不能|可不可以|能否|可否|是否可以|可以不可以)",
    "could be": (
        r"可以(?:考虑|再|多|出|做|加|按|把|搞|弄|放|设|开|跟|分|组织|教|换|改|自动|别)|(?:不如|不妨|最好|应该|"
        r"应当|该(?:上|换|考虑|添)|何不|要不(?:开|搞|出|弄|"
        r"你们|给|也)|干脆)"
    ),
    "if only": (
        r"(?:要是|如果|若|倘若|假如|能|可以|就).{1,24}就(?:好|完美|更|太|最|方便|省|舒服|刚好|爽|放心|行|有|"
        r"端庄|圆满|能|不)"
    ),
    "imperative particle": r"(?:吧|呗|嘛|咯|行不|好吗|可好|行吗|呀|啊|好不好|成不|考虑下|哈)[。!~]*$",
    "more or less": (
        r"(?:再|多|少|大|小|高|宽|长|厚|薄|细|慢|早|晚|亮|软)(?:一?点|一些|些|几|两|放|做|出|搞|开|来|给|配|"
        r"进|拍|上)"
    ),
    "add something": (
        r"增加|增设|添|加[个上一装点几]|出[个点款一]|开[个一]|做[个一成]|搞[个点一]?|弄个|配个|换[成个]|"
        r"改[成为进在]|设[个一]|组织|推出|上架|延长|延后|推后|提前|支持"
    ),
    "if i were": r"我要是|换(?:做|成)是?我|要我说|我觉得|个人觉得",
    "picture": (
        r"上图|有图|[附配]图|如图|图片|图在|贴图|看图|晒图|返图|[,。 ]图$|\[图|照片|视频|截图|实拍|自拍|"
        r"合[影照]|拍[了个给照下一留摄]|拍$|照个相|特写|抓拍|录[了个音]|镜|"
        r"出片|九宫格|全家福|发图"
    ),
    "look": (
        r"(?:给|让|请).{0,4}(?:大家|你们|姐妹|各位|老师).{0,4}(?:看|瞧|检)|大家看|你们看|看看我|看[这我]|瞧|"
        r"长这样|这样子|快夸|求(?:夸|鼓励|点评)|奉上|"
        r"来[了啦]:?$|大家瞧|检阅|分享"
    ),
    "shows off": (
        r"晒|开箱|打卡|测评|评测|回访|交作业|作业|战利品|战报|买家秀|反馈[一:]|返图|实物|到手|到货|"
        r"收到[啦了货礼绘车]|成品|成果|出炉|完工|作品|记录|日记|对比|"
        r"上[身脸嘴手][试效一第图]|试[色穿戴]|测试|报告|前后|第[0一二三四五六七八九十]+[天次杯条稿周]"
    ),
    "own doing": (
        r"用.{1,16}(?:做|拼|打|榨|泡|炒|搭)了?|照着|跟着|自己(?:做|烤|揉|剪|组装|裱|酿|动手|包|搭)|"
        r"做[成好了的出]|复刻|摆[上好在盘]|装好|安好|穿着|戴上|敷上|铺上|"
        r"搞定|收拾好|今[天日](?:的|份)|今早|早餐|下午茶|新[买家到沙床]"
    ),
    "own family": r"我家|我妈|我爸|我[老儿女闺娃婆]|老公|老婆|宝宝|孩子|娃|闺女|儿子|闺蜜|奶奶",
    "only a greeting": (
        r"^(?:大家)?(?:早上?|中午|晚上?|下午)?(?:好|安|早)[呀啊哦~!大家各位姐妹]*$|^(?:早|晚安|嗨|哈喽|在吗|"
        r"你好|谢谢.{0,6}|辛苦.{0,4}|不客气|"
        r"好[的嘞呢吧]*|嗯[嗯呐]?|收到|哦|ok|可以|同意|恭喜.{0,2})[!~。]*$"
    ),
    "greets": r"早安|晚安|早上好|大家好|快乐|恭喜|大吉|安康|欢迎|加油|明天见|多关照",
    "orders": (
        r"^\+|接龙|给我(?:来|留|订|约|也)|我要[一两三四五六七八九十0]|来[一两0][份盒箱袋支杯条]|留[一两]|"
        r"[0一两三四五六](?:份|盒|箱|袋|支|瓶|斤|条|个)$|报名|扣0|"
        r"已付|已拍|付了|地址发|帮我带"
    ),
    "advert": (
        r"加(?:我|群主|微|v|群)|扫码|代购|代理|兼职|日结|私[聊我]|微信同号|招聘|诚[招聘]|免费送|转发|"
        r"点[一下赞]|砍一刀|领(?:话费|红包|试吃)|闲置|二手|转让|出(?:闲置|"
        r"两只|张)|自提$|代写|佣金|【"
    ),
    "laughs": r"哈哈|笑死|嘿嘿|笑不活|哈$|嘻",
    "of oneself": (
        r"^我|我(?:在|到|先|也|要|不|的|就|自己|姓|叫|是)|睡|下班|加班|开会|开车|路上|堵车|下雨|下雪|"
        r"天[气冷热]|减肥|吃饭|老家|周末"
    ),
    "digits alone": r"^[0-9\W_]*$",
    "link": r"https?:|www\.|\.com|\.cn",
    "off the subject": (
        r"天气|降温|台风|停[电水]|高架|公交|地铁|堵车|打车|航班|物业|停车场|快递小哥|股[市票]|彩票|房[贷子价]|"
        r"装修公司|相亲|结婚|离婚"
        r"|电视剧|电影|综艺|演唱会|爱豆|明星|球[赛队]|世界杯|国足|热搜|新闻|刷到|抖音|游戏|王者|考研|高考|"
        r"面试|老板骂|领导|工资|裁员"
        r"|加班|上班|下班|开会|开车|出差|高铁|老家|回家|爬山|遛狗|撸猫|减肥|熬夜|失眠|感冒|医院|产检|断奶|"
        r"幼儿园|学校|食堂|作业写"
    ),
    "of others": joined(OTHERS),
    "of ours": joined(OURS),
    "of goods": joined(GOODS),
    "of life": joined(LIFE),
}
_FOUND = {name: re.compile(pattern) for name, pattern in _TURNS.items()}
_PARTICLES = "[?!,了吗吧呢呗嘛我你她他不没就能可给让请再太]"
_MARKS = re.compile(
    f"(?P<BAD>{joined(BAD)})|(?P<GOOD>{joined(GOOD)})|(?P<THEM>{joined(OTHERS)})|(?P<OURS>{joined(OURS)})"
    f"|(?P<WARES>{joined(GOODS)})|(?P<LIFE>{joined(LIFE)})|(?P<AS_IT_IS>{_PARTICLES})"
)
_DENIED = re.compile("(?:不[是太够怎会]?|没有?|从[来不没]+|别|无|未)么?$")
_TAIL = re.compile(r"[^\w\]?!。~,%:.👍]+$")


_ABOUT = ("of others", "of ours", "of goods", "of life", "off the subject", "own family")
_SPEAKS = (
    "asks at the end",
    "asks what",
    "suggests",
    "wishes",
    "could you",
    "could be",
    "if only",
    "imperative particle",
)


def cues(text: str) -> list[str]:
    """The names of what is found in a squashed text, and of which judgement and which request go with which subject."""
    said = _TAIL.sub("", text)
    found = [name for name, pattern in _FOUND.items() if pattern.search(said)]
    good, bad, outline = _judged(said)
    judged = _balance(good, bad)
    about = [name for name in _ABOUT if name in found] or ["of nothing known"]
    speaks = [name for name in _SPEAKS if name in found]
    found += [f"{one} {other}" for one in (judged[-1], *speaks) for other in about]
    found += judged
    length = len(said)
    found += [f"longer than {most}" for most in (4, 8, 16, 24, 40) if length > most]
    if ruled := plainly(text):
        found.append(f"rules: {ruled}")
    found += [outline[start : start + size] for size in (2, 3, 4) for start in range(len(outline) - size + 1)]
    return list(dict.fromkeys(found))


def _judged(said: str) -> tuple[int, int, str]:
    """How many words praise and blame, what is denied turned round; and the outline of the text.

    The outline is its marks of judgement (+ and -), subjects and particles in their order, all else a dot.
    """
    good = bad = 0
    outline, place = "^", 0
    for match in _MARKS.finditer(said):
        if match.start() > place and outline[-1] != ".":
            outline += "."
        place = match.end()
        sign = match.lastgroup or ""
        if sign in ("GOOD", "BAD"):
            praise = (sign == "GOOD") != bool(_DENIED.search(said, max(0, match.start() - 3), match.start()))
            good, bad = good + praise, bad + (not praise)
            outline += "+" if praise else "-"
        else:
            outline += match[0] if sign == "AS_IT_IS" else sign[0]
    return good, bad, outline + ("." if place < len(said) and outline[-1] != "." else "") + "$"


def _balance(good: int, bad: int) -> list[str]:
    """How praise and blame stand to each other, the sum of it last."""
    found = (
        ["good word"] * (good > 0) + ["good words"] * (good > 1) + ["bad word"] * (bad > 0) + ["bad words"] * (bad > 1)
    )
    if good == bad:
        return [*found, "both" if good else "no judgement"]
    return [*found, "more good" if good > bad else "more bad"]
