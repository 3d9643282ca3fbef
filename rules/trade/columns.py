"""Which column of a file fills which field: the headers that Chinese shops and member systems export, and one's own.

A header is known by its words alone: spaces, width, a unit behind it (金额(元)) and a star before it say nothing. When
several columns could fill a field, the one that stands first in the table below does; one's own mapping comes first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rules.errors import RefusedError
from rules.near import near_miss
from rules.text import squash

Kind = Literal["orders", "products", "members"]
IGNORED = "-"  # what a header is mapped to when it means nothing to us
HEADER_ROWS = 15  # above the headers some exports say who made them and when
WIDEST = 500  # columns

# field -> headers, the likeliest first. A money column that stands for one line of an order is a field of its own.
HEADERS: dict[Kind, dict[str, tuple[str, ...]]] = {
    "orders": {
        "order": (
            *("订单号", "订单编号", "主订单编号", "主订单号", "父订单号", "交易单号", "订单id", "单号", "order_id"),
            *("order", "order number", "平台订单号", "外部订单号"),
        ),
        "paid_at": (
            *("付款时间", "支付时间", "订单付款时间", "订单支付时间", "买家付款时间", "支付完成时间", "付款日期"),
            *("支付日期", "paid_at", "成交时间", "交易时间", "消费时间"),
        ),
        "amount": (
            *("实付金额", "实收金额", "订单实付金额", "订单实收金额", "买家实际支付金额", "买家实付金额"),
            *(
                "实际支付金额",
                "支付金额",
                "订单支付金额",
                "付款金额",
                "实付款",
                "订单应付金额",
                "应付金额",
                "订单金额",
                "订单总金额",
            ),
            *("总金额", "成交金额", "消费金额", "amount"),
        ),
        "line_amount": (
            *("商品实付金额", "商品实付", "子订单实付金额", "商品实际支付金额", "商品实收", "商品小计", "小计"),
            *("商品金额", "商品总价", "商品金额合计", "line_amount"),
        ),
        "sku": (
            *("商品编码", "商品id", "商品编号", "商家编码", "sku编码", "规格编码", "sku", "skuid", "货号", "商品货号"),
            *("外部系统编号", "课程id"),
        ),
        "product": (
            *("商品名称", "商品标题", "宝贝标题", "宝贝名称", "商品", "商品名", "选购商品", "课程名称", "产品名称"),
        ),
        "quantity": ("商品数量", "购买数量", "数量", "宝贝数量", "宝贝总数量", "件数", "quantity"),
        "category": ("商品类目", "商品分类", "类目", "分类", "商品类别", "一级类目", "category"),
        "brand": ("品牌", "商品品牌", "brand"),
        "phone": (
            *("买家手机号", "买家手机", "下单人手机号", "用户手机号", "会员手机号", "客户手机号", "手机号", "手机号码"),
            *("手机", "联系手机", "收货人手机号", "收货人手机", "收货手机", "收件人手机", "收件人手机号"),
            *("提货人手机号", "收货人手机号/提货人手机号", "联系电话", "收货人电话", "收件人电话", "电话", "phone"),
        ),
        "unionid": ("unionid", "微信unionid", "买家unionid"),
        "buyer": ("买家会员名", "买家账号", "买家id", "用户id", "会员id", "买家旺旺", "买家编号", "客户id", "buyer"),
        "invite": ("邀请码", "推广码", "推荐码", "invite"),
        "shop": ("店铺名称", "店铺", "门店", "门店名称", "shop"),
        "state": ("订单状态", "交易状态", "状态"),
        "refund": ("退款金额", "已退款金额", "订单退款金额", "退款总金额", "退款总额", "售后退款金额", "refund"),
        "line_refund": ("商品退款金额", "商品已退款金额", "子订单退款金额", "line_refund"),
        "refund_no": ("退款单号", "退款编号", "售后单号", "售后编号"),
        "refund_at": ("退款时间", "退款完成时间", "退款成功时间", "售后完结时间"),
        "closed_at": ("关闭时间", "订单关闭时间", "交易关闭时间", "取消时间"),
    },
    "products": {
        "sku": ("商品编码", "商品id", "商品编号", "商家编码", "sku编码", "规格编码", "sku", "skuid", "货号", "课程id"),
        "name": (
            *("商品名称", "商品标题", "宝贝标题", "宝贝名称", "商品名", "商品", "标题", "课程名称", "产品名称", "name"),
        ),
        "brand": ("品牌", "商品品牌", "brand"),
        "category": ("商品类目", "商品分类", "类目", "分类", "分组", "商品分组", "商品类别", "一级类目", "category"),
        "price": ("售价", "销售价", "商品价格", "价格", "单价", "现价", "店铺价", "price"),
        "url": ("商品链接", "链接", "网址", "商品地址", "url"),
        "shop": ("店铺名称", "店铺", "门店", "shop"),
        "stock": ("库存状态", "是否有货", "有货", "可售库存", "库存数量", "库存", "总库存", "available"),
        "on_sale": ("商品状态", "上架状态", "在售状态", "销售状态", "是否上架", "上下架", "状态"),
        "service_days": ("保养天数", "保养周期", "服务周期", "保养间隔", "service_days"),
    },
    "members": {
        "name": (
            *("会员姓名", "姓名", "客户姓名", "客户名称", "会员名称", "会员昵称", "微信昵称", "昵称", "客户昵称"),
            *("用户昵称", "称呼", "名字", "name"),
        ),
        "phone": (
            *("手机号", "手机号码", "会员手机号", "客户手机号", "用户手机号", "手机", "联系手机", "联系电话", "电话"),
            *("绑定手机号", "phone"),
        ),
        "unionid": ("unionid", "微信unionid"),
        "birthday": ("生日", "出生日期", "会员生日", "出生年月日", "birthday"),
        "tags": ("标签", "客户标签", "会员标签", "用户标签", "tags"),
        "points": ("积分", "可用积分", "当前积分", "剩余积分", "积分余额", "会员积分", "points"),
        "joined": (
            *("注册时间", "入会时间", "加入时间", "成为会员时间", "成为客户时间", "开卡时间", "领卡时间", "创建时间"),
            *("注册日期", "入会日期", "joined"),
        ),
    },
}
# Each group is needed: one field of it at least.
NEEDED: dict[Kind, tuple[tuple[str, ...], ...]] = {
    "orders": (("order",), ("paid_at",), ("amount", "line_amount")),
    "products": (("sku",), ("name",)),
    "members": (("phone", "unionid"),),
}
_UNIT = re.compile(r"[(\[](?:元|人民币|rmb|¥|件|个|分|必填|选填)[^)\]]*[)\]]$")
_NEAR = 0.75


@dataclass(frozen=True, slots=True)
class Columns:
    """`row`: where the headers stand, from 0. `places`: field -> column. `unused`: headers that fill nothing.

    `doubts`: (header, known header) pairs that look like a slip of the pen, for a field that nothing fills.
    """

    row: int
    headers: tuple[str, ...]
    places: Mapping[str, int]
    unused: tuple[str, ...]
    doubts: tuple[tuple[str, str], ...]


def plain(header: str) -> str:
    """A header in the form that the table is keyed by."""
    return _UNIT.sub("", squash(header).strip().strip("*\"'=").strip())


_KNOWN: dict[Kind, dict[str, tuple[str, int]]] = {
    kind: {plain(header): (field, rank) for field, headers in table.items() for rank, header in enumerate(headers)}
    for kind, table in HEADERS.items()
}


def check_mapping(kind: Kind, own: Mapping[str, str]) -> None:
    """Raises RefusedError when [imports] names a field that there is not."""
    fields = HEADERS[kind]
    for header, field in own.items():
        if field not in fields and field != IGNORED:
            near = near_miss(field, fields)
            hint = f"，是不是 {near}" if near else ""
            raise RefusedError(
                f'[imports] {kind} 里 "{header}" = "{field}"：没有 {field} 这个字段{hint}。可用：{"、".join(fields)}，'
                f'不要这一列就写 "{IGNORED}" (no such field)'
            )


def find_columns(kind: Kind, rows: Sequence[Sequence[str]], own: Mapping[str, str]) -> Columns:
    """The headers among the first rows of a file, and what they fill. Raises RefusedError naming what is missing.

    `own`: header -> field, from the configuration.
    """
    check_mapping(kind, own)
    wanted = {plain(header): field for header, field in own.items()}
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise RefusedError("文件里没有内容 (the file is empty)")
    scored = [len(_places(kind, row, wanted)) for row in rows[:HEADER_ROWS]]
    row = scored.index(max(scored))
    if not max(scored):
        row = next(number for number, one in enumerate(rows) if any(cell.strip() for cell in one))
    headers = tuple(cell.strip().lstrip("\ufeff") for cell in rows[row])
    if len(headers) > WIDEST:
        raise RefusedError(f"表头有 {len(headers)} 列，最多 {WIDEST} 列：分隔符不对吗？(too many columns)")
    places = _places(kind, headers, wanted)
    used = set(places.values())
    unused = tuple(one for place, one in enumerate(headers) if one and place not in used)
    _check_needed(kind, places, [one for one in unused if wanted.get(plain(one)) != IGNORED])
    return Columns(row, headers, places, unused, _doubts(kind, places, unused, wanted))


def _places(kind: Kind, headers: Sequence[str], own: Mapping[str, str]) -> dict[str, int]:
    """Field -> column: the best header wins, of equal ones the first."""
    best: dict[str, tuple[int, int]] = {}
    for place, header in enumerate(headers):
        key = plain(header)
        field, rank = (own[key], -1) if key in own else _KNOWN[kind].get(key, ("", 0))
        if field and field != IGNORED and (field not in best or (rank, place) < best[field]):
            best[field] = (rank, place)
    return {field: place for field, (_, place) in best.items()}


def _check_needed(kind: Kind, places: Mapping[str, int], unused: Sequence[str]) -> None:
    for group in NEEDED[kind]:
        if any(field in places for field in group):
            continue
        names = " 或 ".join(f"「{HEADERS[kind][field][0]}」（{field}）" for field in group)
        near = _nearest([header for field in group for header in HEADERS[kind][field]], unused)
        header = near or next(iter(unused), "表头")
        hint = f'，是不是 "{near}" 这一列？' if near else f"，文件里有：{'、'.join(unused[:12]) or '没有别的列'}。"
        raise RefusedError(
            f"没有{names}这一列{hint}在 config.toml 里写上对应关系，例如\n[imports]\n"
            f'{kind} = {{ "{header}" = "{group[0]}" }}\n(no column for {" or ".join(group)})'
        )


def _nearest(known: Sequence[str], headers: Sequence[str]) -> str | None:
    """The header of the file that looks most like one of these."""
    by_plain = {plain(header): header for header in headers}
    for one in known:
        if (found := near_miss(plain(one), by_plain, cutoff=0.5)) is not None:
            return by_plain[found]
    return None


def _doubts(
    kind: Kind, places: Mapping[str, int], unused: Sequence[str], own: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    free = [header for field, headers in HEADERS[kind].items() if field not in places for header in headers]
    known = _KNOWN[kind]
    found = []
    for header in unused:
        key = plain(header)
        if key not in known and key not in own and (near := near_miss(key, free, cutoff=_NEAR)):
            found.append((header, near))
    return tuple(found)
