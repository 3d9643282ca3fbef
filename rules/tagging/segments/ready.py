"""The segments that come with the program, as conditions in the language of segments."""

from dataclasses import dataclass

from rules.supers.potential import HIGH
from rules.tagging.segments.measures import LEVEL_NAMES, LEVELS


@dataclass(frozen=True, slots=True)
class Definition:
    """`params`: what has to be said with the name, as $name in the text."""

    name: str
    text: str
    also: tuple[str, ...] = ()  # other names; the English one first
    params: tuple[str, ...] = ()
    why: str = ""


READY: tuple[Definition, ...] = (
    Definition("本月买过", "bought in month", ("bought_this_month", "这个月买过"), why="这个月下过单"),
    Definition("半年没来", "silent for 180d", ("silent_half_year", "半年没动静"), why="半年没说话也没买"),
    Definition("7天内生日", "birthday in 7d", ("birthday_soon", "快生日"), why="一周内过生日，农历公历都算"),
    Definition("正在投诉", "complaining", ("complaining_now", "投诉中", "在投诉", "有投诉"), why="投诉还没处理"),
    Definition(
        "很活跃", "active_days >= 8 in 30d", ("very_active", "非常活跃"), why="30 天里有 8 天以上在群里说话",
    ),
    Definition(
        "高潜力", f"potential >= {HIGH}", ("high_potential", "潜力高"), why=f"按自己的节奏，半年内还会买 {HIGH} 次以上",
    ),
    Definition(
        "没买过某品类", "not bought(category=$品类)", ("never_bought", "从没买过"), ("品类",), "从来没买过这个品类",
    ),
    Definition("看过没下单", "looked in 30d", ("looked_not_ordered", "问过没下单"), why="30 天内来问过，之后还没下单"),
    Definition(
        "买过上游品类", "bought(category=$上游) and not bought(category=$下游)", ("bought_upstream",), ("上游", "下游"),
        "买了上游（例如地板），还没买下游（例如沙发）",
    ),
    *(
        Definition(name, f"level = '{key}'", (f"{key}_relationship",))
        for key, name in zip(LEVELS, LEVEL_NAMES, strict=True)
    ),
    Definition("新会员", "joined in 30d", ("newcomers", "新人"), why="30 天内认识的"),
    Definition("复购过", "bought >= 2", ("repurchased",), why="买过不止一次"),
    Definition("超级用户", "candidate = 'accepted'", ("super_users",), why="已经接受邀请"),
)  # fmt: skip
