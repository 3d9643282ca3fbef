"""同意晒单 / 不同意晒单: whether what a member showed may be used, and under which name. Obeyed in any chat."""

import re

from actions.content import shows
from handlers.router import Ask, Router
from rules.text import clean_text

router = Router()

LONGEST_NAME = 12
NAMELESS = ("匿名", "不署名", "不要署名", "不写名字", "无名")
_WORDS = re.compile(r"^(?:署名|名字|叫|用名|写)[\s::]*")


@router.pattern(r"同意晒单[\s:,，。!！]*(?P<name>.{0,30})", always=True)
async def agree(ask: Ask) -> None:
    """The name they go by here, unless they say another one."""
    said = _WORDS.sub("", ask.words["name"].strip()).strip('。.！!「」"“” ')
    name = "" if said in NAMELESS else clean_text(said or ask.heard.name)[:LONGEST_NAME]
    count = await shows.agreed(ask.tx, ask.community, ask.member_id, name, ask.heard.interaction_id, ask.now)
    ask.say_privately("content/agreed", name=name, count=count)


@router.command(
    *("不同意晒单", "不用晒单", "不晒单", "别用我的晒单", "撤回晒单", "取消晒单", "不要用我的晒单", "不要晒单"),
    always=True,
)
async def refuse(ask: Ask) -> None:
    count = await shows.withdrawn(ask.tx, ask.community, ask.member_id, ask.heard.interaction_id, ask.now)
    ask.say_privately("content/refused", count=count)
