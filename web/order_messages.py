"""What a shop may post: the messages, as models that refuse whatever they don't know, and the events they become."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)

from rules.near import hint
from rules.text import clean_text
from rules.times import DAY
from rules.trade.orders import (
    KINDS,
    LARGEST_FEN,
    MOST_LINES,
    Line,
    OrderClosed,
    OrderPaid,
    OrderRefunded,
    ProductUpdated,
    ShopEvent,
)

EARLIEST = 946_684_800_000  # 2000-01-01: what lies before is a mistake
MOST_QUANTITY = 1_000_000
MOST_ERRORS = 20

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def _moment(text: Any, info: ValidationInfo) -> int:
    """RFC 3339 as UTC milliseconds."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError('not a time with its zone, such as "2026-11-22T10:00:00+08:00" (RFC 3339)')
    try:
        value = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise ValueError(f"not a time: {error}") from None
    at = (value - _EPOCH) // _MILLISECOND
    if at < EARLIEST:
        raise ValueError("before the year 2000")
    if info.context is not None and at > info.context["now"] + DAY:
        raise ValueError("more than a day ahead of the time here")
    return at


def _number(text: str) -> str:
    if _UNSEEN.search(text) or text != text.strip():
        raise ValueError("must have no control characters, and no spaces at its ends")
    return clean_text(text)


def _words(text: str) -> str:
    return _UNSEEN.sub(" ", clean_text(text)).strip()


def _address(text: str) -> str:
    if text and not re.match(r"https?://[^\s/]+", text):
        raise ValueError("must begin with https:// or http://")
    return _number(text)


Moment = Annotated[
    int,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T10:00:00+08:00"]}),
]
Number = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_number)]
Fen = Annotated[int, Field(ge=0, le=LARGEST_FEN)]
Name = Annotated[str, Field(max_length=200), AfterValidator(_words)]
ShortName = Annotated[str, Field(max_length=60), AfterValidator(_words)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LineMessage(Strict):
    """What was bought. Empty texts leave what is known of the goods as it is."""

    sku: Number = Field(description="The product's number at the shop")
    name: Name = ""
    category: ShortName = ""
    brand: ShortName = ""
    quantity: int = Field(1, ge=1, le=MOST_QUANTITY)
    amount_fen: Fen = Field(0, description="Of the whole line, in fen")


class Buyer(Strict):
    """Who bought: whatever the shop knows. Kept as keyed hashes only."""

    phone: str = Field("", max_length=40, description="A mainland mobile number; any other is not used")
    unionid: Annotated[str, Field(max_length=100), AfterValidator(_words)] = ""
    account: Annotated[str, Field(max_length=100, description="At the shop"), AfterValidator(_words)] = ""


class PaidData(Strict):
    """All of an order as it is paid. A later message about the same order replaces the whole of it."""

    order: Number
    paid_at: Moment
    amount_fen: Fen = Field(description="What was paid, in fen: 12.50 yuan is 1250")
    lines: list[LineMessage] = Field([], max_length=MOST_LINES)
    buyer: Buyer = Buyer()
    invite: Annotated[
        str, Field(max_length=20, description="The invitation code given with the order"), AfterValidator(_words)
    ] = ""


class RefundedData(Strict):
    """A refund; several of one order add up."""

    order: Number
    refund: Number = Field(description="The refund's number at the shop")
    amount_fen: Fen | None = Field(description="In fen; null for all of the order")
    skus: list[Number] = Field([], max_length=MOST_LINES, description="The goods that were sent back")


class ClosedData(Strict):
    order: Number


class ProductData(Strict):
    """Empty texts and null leave what is known as it is."""

    sku: Number
    name: Name = ""
    brand: ShortName = ""
    category: ShortName = ""
    price_fen: Fen | None = None
    url: Annotated[str, Field(max_length=500), AfterValidator(_address)] = ""
    available: bool | None = Field(None, description="false when it is sold out: nothing that offers it goes out")
    service_days: int | None = Field(None, ge=1, le=3650, description="Its service is due so long after a purchase")


class OrderPaidMessage(Strict):
    type: Literal["order.paid"]
    timestamp: Moment = Field(description="When this was so: of two messages about one order the later one counts")
    data: PaidData


class OrderRefundedMessage(Strict):
    type: Literal["order.refunded"]
    timestamp: Moment
    data: RefundedData


class OrderClosedMessage(Strict):
    """The order is off: nothing of it counts any more."""

    type: Literal["order.closed"]
    timestamp: Moment
    data: ClosedData


class ProductUpdatedMessage(Strict):
    type: Literal["product.updated"]
    timestamp: Moment
    data: ProductData


Message = Annotated[
    OrderPaidMessage | OrderRefundedMessage | OrderClosedMessage | ProductUpdatedMessage, Field(discriminator="type")
]
MESSAGES = (OrderPaidMessage, OrderRefundedMessage, OrderClosedMessage, ProductUpdatedMessage)
_PARTS = (*MESSAGES, PaidData, RefundedData, ClosedData, ProductData, LineMessage, Buyer)
_FIELDS = sorted({name for part in _PARTS for name in part.model_fields})
_adapter: TypeAdapter[Any] = TypeAdapter(Message)


class WrongShapeError(Exception):
    """`errors`: {"at": the place, "what": the mend} for each."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = errors


def read(value: Any, shop: str, event_id: str, now: int) -> ShopEvent:
    """The event that a message tells of. Raises WrongShapeError."""
    try:
        message = _adapter.validate_python(value, context={"now": now})
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise WrongShapeError([_explained(one) for one in found[:MOST_ERRORS]]) from None
    return _event(message, shop, event_id)


def _event(message: Any, shop: str, event_id: str) -> ShopEvent:
    at, data = message.timestamp, message.data
    if isinstance(data, PaidData):
        lines = tuple(
            Line(one.sku, one.name, one.category, one.brand, one.quantity, one.amount_fen) for one in data.lines
        )
        buyer = data.buyer
        return OrderPaid(
            shop, event_id, at, data.order, data.paid_at, data.amount_fen, lines,
            buyer.phone, buyer.unionid, buyer.account, data.invite,
        )  # fmt: skip
    if isinstance(data, RefundedData):
        return OrderRefunded(shop, event_id, at, data.order, data.refund, data.amount_fen, tuple(data.skus))
    if isinstance(data, ClosedData):
        return OrderClosed(shop, event_id, at, data.order)
    available = None if data.available is None else int(data.available)
    return ProductUpdated(
        shop, event_id, at, data.sku, data.name, data.brand, data.category, data.price_fen, data.url,
        available, data.service_days,
    )  # fmt: skip


def _explained(error: Any) -> dict[str, str]:
    """One error in words; what was sent is not repeated."""
    where = [part for part in error["loc"] if part not in KINDS.values()]
    at = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".")
    what = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        what = f"there is no such field{hint(str(where[-1])[:60], _FIELDS)}"
    elif error["type"] in ("int_type", "int_from_float") and at.endswith("_fen"):
        what = "must be a whole number of fen: 12.50 yuan is 1250"
    return {"at": at[:200] or "the body", "what": what}
