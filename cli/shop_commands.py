"""What one can buy at the sandbox's terminal: orders and refunds of a shop that is only played."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from actions.one_person import handles
from actions.trade import orders
from actions.voices import referrals
from channels.sandbox_state import Resident
from cli.commands import command, need
from cli.language import say
from cli.player import Player
from db.database import Row, Tx
from db.talk import people
from db.trade import ledger
from db.trade import orders as order_rows
from db.trade import products as product_rows
from rules.errors import RefusedError
from rules.one_person.handles import SHOP
from rules.trade.orders import LARGEST_FEN, Line, OrderPaid, OrderRefunded, ProductUpdated

SHOP_NAME = "到店"
INVITE = ("邀请:", "邀请：", "invite:")
ORDER_ZH, ORDER_EN = "/order 小美 128 吐司×2 #面包 生日蛋糕 #蛋糕", "/order 小美 128 toast×2 #bread cake #cakes"
STOCK_ZH, STOCK_EN = "/stock 全麦吐司 缺货", "/stock toast no"
STOCK = {"有货": 1, "yes": 1, "缺货": 0, "no": 0}
_TIMES = re.compile(r"(.+?)[×xX*＊](\d{1,6})")


@dataclass(frozen=True, slots=True)
class Basket:
    """What was bought. `amount`: of all of it, in fen."""

    amount: int
    lines: tuple[Line, ...]
    invite: str = ""


@command(
    "order",
    "下单",
    takes=("名字 金额 商品[×数量] [#分类] …", "NAME YUAN GOODS[×COUNT] [#CATEGORY] …"),
    helps=(
        "某人在店里付了款；邀请:名字（或邀请码）是谁介绍来的",
        "somebody paid in the shop; invite:NAME (or CODE) is who brought them",
    ),
)
async def order(player: Player, text: str) -> None:
    name, _, rest = need(text, ORDER_ZH, ORDER_EN).partition(" ")
    person, basket = player.person_named(name), basket_of(rest)
    community = player.stage.community
    now = community.clock.now()

    async def buy(tx: Tx) -> orders.Recorded:
        member_id = await _member(tx, player, person)
        if member_id:
            await handles.learn(tx, community, member_id, SHOP, f"{SHOP_NAME}:{person.id}", "order", now)
        invite = await _code(tx, player, basket.invite, now)
        number = f"S{await order_rows.newest_id(tx) + 1}"
        event = OrderPaid(
            SHOP_NAME, f"{number}:paid", now, number, now, basket.amount, basket.lines,
            buyer=person.id, invite=invite,
        )  # fmt: skip
        return await orders.record(tx, community, event, now)

    done = await community.db.write(buy)
    paid = say(f"{person.name}付了 {yuan(basket.amount)} 元", f"{person.name} paid {yuan(basket.amount)} yuan")
    player.tell(paid + await _and_points(player, done))


@command(
    "refund",
    "退款",
    takes=("名字 [金额]", "NAME [YUAN]"),
    helps=("退某人最近的一单，不写金额就全退", "refund somebody's latest order, all of it or a part"),
)
async def refund(player: Player, text: str) -> None:
    name, _, rest = need(text, "/refund 小美 30", "/refund 小美 30").partition(" ")
    person, amount = player.person_named(name), fen(rest) if rest.strip() else None
    community = player.stage.community
    now = community.clock.now()

    async def give_back(tx: Tx) -> tuple[orders.Recorded, int]:
        row = await _latest(tx, player, person)
        left = row["amount"] - row["refunded"]
        if amount is not None and amount > left:
            raise RefusedError(
                say(f"这一单只剩 {yuan(left)} 元可退", f"only {yuan(left)} yuan of that order are left to refund")
            )
        number = f"R{len(await order_rows.refunds(tx, row['id'])) + 1}"
        event = OrderRefunded(SHOP_NAME, f"{row['ext_id']}:{number}", now, row["ext_id"], number, amount)
        return await orders.record(tx, community, event, now), left if amount is None else amount

    done, gone = await community.db.write(give_back)
    player.tell(
        say(f"退给{person.name} {yuan(gone)} 元", f"{yuan(gone)} yuan went back to {person.name}")
        + await _and_points(player, done)
    )


@command(
    "stock",
    "库存",
    takes=("商品 有货|缺货 [保养天数]", "GOODS yes|no [SERVICE-DAYS]"),
    helps=(
        "店里说某样商品有没有货，卖后多少天该保养",
        "the shop says whether something is in stock, and when its service is due",
    ),
)
async def stock(player: Player, text: str) -> None:
    words = need(text, STOCK_ZH, STOCK_EN).split()
    service = int(words.pop()) if len(words) > 2 and words[-1].isdecimal() else None
    word = words.pop() if len(words) > 1 else ""
    if word not in STOCK:
        raise RefusedError(say(f"这样写：{STOCK_ZH}", f"like this: {STOCK_EN}"))
    name, community = " ".join(words), player.stage.community
    now = community.clock.now()

    async def tell(tx: Tx) -> None:
        named = [row for row in await product_rows.by_name(tx) if name in (row["name"], row["ext_id"])]
        sku = named[0]["ext_id"] if named else name
        event = ProductUpdated(
            SHOP_NAME, f"stock:{sku}:{now}", now, sku, "" if named else name, available=STOCK[word],
            service_days=service,
        )  # fmt: skip
        await orders.record(tx, community, event, now)

    await community.db.write(tell)
    player.tell(
        say(f"{name}：{'有货' if STOCK[word] else '缺货'}", f"{name}: {'in stock' if STOCK[word] else 'sold out'}")
    )


async def _latest(tx: Tx, player: Player, person: Resident) -> Row:
    """Their newest order of which something is left."""
    hash = await handles.hash_of(tx, SHOP, f"{SHOP_NAME}:{person.id}")
    row = await order_rows.newest_of(tx, SHOP_NAME, hash)
    if row is None:
        raise RefusedError(
            say(f"{person.name}没有可退的订单：先 {ORDER_ZH}", f"{person.name} has no order to refund: {ORDER_EN}")
        )
    return row


async def _code(tx: Tx, player: Player, invite: str, now: int) -> str:
    """A code as it is typed, or that of the person who is named instead of it."""
    person = player.find_person(invite) if invite else None
    member_id = await _member(tx, player, person) if person else 0
    return await referrals.code_for(tx, member_id, now) if member_id else invite


async def _member(tx: Tx, player: Player, person: Resident) -> int:
    """Who the bot takes them for, 0 for somebody it has not met."""
    for scope in (0, *player.stage.community.directory.accounts):
        row = await people.identity(tx, "sandbox", scope, person.id)
        if row is not None and row["member_id"]:
            return int(row["member_id"])
    return 0


async def _and_points(player: Player, done: orders.Recorded) -> str:
    if not done.member_id:
        return say(
            "；机器人还不认识 TA，订单先记着，认识后再 /order 就都归给 TA",
            "; the bot has not met them: the order waits until it has, and the next /order",
        )
    has = await ledger.balance(player.stage.community.db, done.member_id)
    return say(f"，积分 {done.points:+}，现有 {has}", f"; points {done.points:+}, {has} now")


def basket_of(text: str) -> Basket:
    """ "128 吐司×2 #面包 蛋糕" as a basket; the amount is shared out by quantity. Raises RefusedError."""
    amount, *words = need(text, ORDER_ZH, ORDER_EN).split()
    total = fen(amount)
    goods: list[tuple[str, int, str]] = []
    invite = ""
    for word in words:
        if word.startswith(INVITE):
            invite = word[word.find(":") + 1 :] if ":" in word else word.partition("：")[2]
        elif word[0] in "#＃":
            if not goods:
                raise RefusedError(say("#分类 写在商品后面", "a #CATEGORY stands behind its goods"))
            goods[-1] = (*goods[-1][:2], word[1:])
        else:
            found = _TIMES.fullmatch(word)
            goods.append((found[1], int(found[2]), "") if found else (word, 1, ""))
    if not goods or any(count < 1 for _, count, _ in goods):
        raise RefusedError(say(f"买了什么？例如 {ORDER_ZH}", f"what was bought? {ORDER_EN}"))
    pieces = sum(count for _, count, _ in goods)
    lines = [Line(name, name, category, "", count, total * count // pieces) for name, count, category in goods]
    rest = total - sum(line.amount for line in lines)
    lines[-1] = replace(lines[-1], amount=lines[-1].amount + rest)
    return Basket(total, tuple(lines), invite)


def fen(text: str) -> int:
    """ "128", "12.5元" or "¥1,200" in fen. Raises RefusedError."""
    plain = text.strip().lstrip("¥￥").removesuffix("元").replace(",", "")
    try:
        value = Decimal(plain) * 100 if re.fullmatch(r"\d+(\.\d+)?", plain, re.ASCII) else Decimal("NaN")
        if value == int(value) and 0 < value <= LARGEST_FEN:
            return int(value)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    raise RefusedError(
        say(f"“{text.strip()[:20]}”不是金额，写 128 或 12.50", f"“{text.strip()[:20]}” is no amount: 12.50")
    )


def yuan(amount: int) -> str:
    """Fen as one writes yuan: "128", "12.50"."""
    return f"{amount // 100}" if amount % 100 == 0 else f"{amount // 100}.{amount % 100:02}"
