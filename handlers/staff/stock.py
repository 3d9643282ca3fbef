"""商品 缺货 全麦吐司 / 商品 有货 全麦吐司: nothing that offers what is sold out goes out."""

from actions import audit
from actions.content import stock
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import RefusedError

router = Router()

GONE = ("缺货", "售罄", "卖完", "没货", "下架")
_WORD = r"(?P<word>缺货|售罄|卖完|没货|下架|有货|到货|补货|上架)"


@router.command("商品", "商品缺货", "商品有货", staff=True, addressed=True)
async def how(ask: Ask) -> None:
    if await desk.who(ask, desk.WORK) is not None:
        raise RefusedError("哪一样？「商品 缺货 全麦吐司」先不发提到它的内容，「商品 有货 全麦吐司」恢复")


@router.pattern(rf"商品\s*{_WORD}了?[\s:]*(?P<name>\S.*)", staff=True)
@router.pattern(rf"商品\s+(?P<name>\S.*?)\s*{_WORD}了?", staff=True)
async def in_stock(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    available = int(ask.words["word"] not in GONE)
    row, undo = await stock.say(ask.tx, ask.words["name"].strip(), available)
    detail = "in stock" if available else "sold out"
    await audit.record(
        ask.tx, audit.actor_of(person.id), "product.stock", f"product:{row['id']}", detail, ask.now, undo
    )
    ask.say("content/stock", called=ask.called, name=row["name"], available=bool(available))
