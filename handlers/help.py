"""帮助 that fits who asks and where, and an answer to 你好. What no route takes is not shown."""

from dataclasses import dataclass
from functools import lru_cache

from handlers import asked
from handlers.router import Ask, Route, Router, Switchboard
from rules.text import normalise

router = Router()


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be said: an example that is routed as it stands, and what it does."""

    example: str
    what: str
    room: bool = False  # named in the short help of a room


MEMBERS = (
    Entry("签到", "每天领积分", room=True),
    Entry("积分", "看余额，「积分明细」看来去", room=True),
    Entry("排行榜", "群里谁最活跃", room=True),
    Entry("推荐", "有什么适合您，「为什么推荐 2」「不感兴趣 2」都行"),
    Entry("转 50 积分 给 @小美", "把积分送给朋友"),
    Entry("我的", "您的名片，「会员卡」是一张图"),
    Entry("完善资料", "答几个小问题，有积分"),
    Entry("邀请朋友", "拿您的邀请码"),
    Entry("建议：晚上多送一班", "提建议，投诉也行"),
    Entry("转人工", "请同事来和您聊；营业时间、积分怎么用这些直接问我就行"),
    Entry("我的数据", "看我们存了什么，「注销」可抹去"),
    Entry("不要点名", "群里不点您的名，「可以点名」相反；您晒的图「不同意晒单」就不用"),
    Entry("退订", "不收活动，「恢复订阅」再收"),
)
SECTIONS: dict[str, tuple[Entry, ...]] = {
    "每天": (
        Entry("今日", "今天的情况和安排，该照顾谁"),
        Entry("简报", "该照顾谁、为什么、怎么说；「简报时间 08:00」「简报 关」"),
        Entry("周报", "上周的图和一页话"),
        Entry("升降", "等级升降和原因"),
    ),
    "会员": (
        Entry("看 @小美", "看会员资料（私发给您）"),
        Entry("推荐 @小美", "现在会给 TA 推荐什么、为什么（私发给您）"),
        Entry("加标签 @小美 宝妈", "「去标签」相反"),
        Entry("标签建议", "会员自己的话像是什么标签，您来定"),
        Entry("分群 宝妈且30天未购买", "有多少人、都有谁、为什么；「分群 列表」看现成的"),
        Entry("发积分 @小美 50 生日快乐", "「扣积分」相反"),
        Entry("候选", "今天看看谁可能是超级用户，「档案 @小美」看证据"),
        Entry("约会", "今天要约的超级用户"),
        Entry("合并 @小美 @美美", "两个号是一个人，「撤销合并」相反"),
    ),
    "反馈": (
        Entry("待处理", "没回复的反馈，再「认领」「回复」「采纳」「上线」「已处理」加编号"),
        Entry("接待", "谁在等人工；「答 12 …」我转达，「接手 12」换您来，「接完 12」结束"),
        Entry("常见问题", "我会答什么，「常见问题 停车」找一条"),
        Entry("加问答 问：能带狗吗 答：可以，请牵好绳", "添一条，「问答统计」看问得多的"),
    ),
    "内容": (
        Entry("素材", "有什么可发；「素材 吐司」找，「素材 12」看样子"),
        Entry("存素材", "把刚才那条（或引用的那条）收进来；「改素材 12 标签 吐司」「下架素材 12」"),
        Entry("素材 晒单", "会员晒的，「采用晒单 12」先问本人"),
        Entry("商品 缺货 全麦吐司", "缺货的内容先不发，「商品 有货 全麦吐司」恢复"),
        Entry("排期", "七天里每个群发什么"),
        Entry("预览 12", "排期里的一条；「试发 12」「换 12」「跳过 12」，刚发的「撤回 12」"),
        Entry("插入 明天10点 早安面包房 素材 34", "在某个群加一条"),
        Entry("发布 明早8点 早安", "现写一条发到群里，先看样子"),
        Entry("投票结果", "看投票"),
        Entry("点名", "群里接下来会夸谁、为什么，「点名 跳过 @小美」换下一位"),
    ),
    "群发": (
        Entry("群发 宝妈且30天未购买 素材 12", "先看计划，再「试发」「确认」或「取消」；可加「明天10点」「留 10%」"),
        Entry("群发进度 3", "发到哪了；「群发暂停 3」「群发继续 3」「群发停止 3」，「群发列表」看全部"),
        Entry("没发给谁 3", "多少人、为什么、都有谁"),
        Entry("待办群发", "要自己动手发的，发完说「发了 12」"),
        Entry("待找回", "只有掉线的账号加过的人"),
        Entry("效果", "发的内容反响怎么样；「效果 素材 12」「效果 群发 3」「效果 群名」看细的"),
    ),
    "其他": (
        Entry("撤销", "收回您的上一步"),
        Entry("暂停", "本群不说话，「恢复」再说"),
        Entry("账号", "账号状态和登录二维码"),
        Entry("群成员", "导出名单"),
    ),
}
STAFF = tuple(entry for entries in SECTIONS.values() for entry in entries)


def _typed(text: str) -> str:
    return text.replace("：", ":")


@lru_cache(maxsize=1)
def _switchboard() -> Switchboard:
    from handlers import ROUTERS

    return Switchboard(ROUTERS)


def _anything(route: Route) -> bool:
    return True


def routed(entry: Entry) -> bool:
    """Whether some route takes the example."""
    return _switchboard().find(normalise(entry.example), _typed(entry.example), _anything) is not None


@lru_cache(maxsize=8)
def lines(entries: tuple[Entry, ...]) -> str:
    return "\n".join(f"「{entry.example}」{entry.what}" for entry in entries if routed(entry))


@lru_cache(maxsize=1)
def _sections() -> str:
    """A line for each section: all its words are too many for one answer."""
    return "\n".join(
        f"{name}：{''.join(f'「{entry.example}」' for entry in entries if routed(entry))}"
        for name, entries in SECTIONS.items()
    )


@lru_cache(maxsize=1)
def _room_commands() -> str:
    return "".join(f"「{entry.example}」" for entry in MEMBERS if entry.room and routed(entry))


WORDS = (
    *(
        "帮助",
        "菜单",
        "help",
        "使用帮助",
        "帮助菜单",
        "使用说明",
        "命令",
        "指令",
        "你会什么",
        "你会做什么",
        "你能做什么",
    ),
    *(
        "你能干什么",
        "你会干什么",
        "你能干嘛",
        "怎么用",
        "怎么使用",
        "怎么玩",
        "有什么功能",
        "你有什么功能",
        "你都会什么",
    ),
)
GREETINGS = (
    *(
        "你好",
        "您好",
        "你好呀",
        "您好呀",
        "你好啊",
        "您好啊",
        "哈喽",
        "哈罗",
        "嗨",
        "hi",
        "hello",
        "hey",
        "在吗",
        "在不在",
    ),
    *(
        "在么",
        "有人吗",
        "有人在吗",
        "早",
        "早上好",
        "早安",
        "上午好",
        "中午好",
        "下午好",
        "晚上好",
        "你是谁",
        "你是机器人吗",
    ),
)


@router.command("帮助", "help")
@router.command(*WORDS, "功能", "?", "??", "能干嘛", addressed=True)
async def show(ask: Ask) -> None:
    if ask.heard.room:
        ask.say("help/room", called=ask.called, commands=_room_commands())
    elif ask.staff:
        ask.say("help/staff", lines=_sections())
        ask.say("help/member", lines=lines(MEMBERS))
    else:
        ask.say("help/member", lines=lines(MEMBERS))


@router.pattern(rf"(?:帮助|help)\s*(?P<section>{'|'.join(SECTIONS)})", staff=True, private=True)
async def section(ask: Ask) -> None:
    name = ask.words["section"]
    ask.say("help/section", name=name, lines=lines(SECTIONS[name]))


@router.command("确认", "确定", "确认赠送", "确认转赠", "确认送出", "确认转", "确认发布", addressed=True)
async def lapsed(ask: Ask) -> None:
    """A yes to nothing: what was asked is over."""
    if await asked.keeps_out(ask):
        return
    ask.say("help/lapsed", called=ask.called)


@router.command(*GREETINGS, addressed=True)
async def greet(ask: Ask) -> None:
    if await asked.keeps_out(ask):
        return
    ask.say("help/greeting", called=ask.called, name=ask.heard.name, brand=ask.community.settings.community.name)
