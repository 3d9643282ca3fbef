"""POST /webhooks/orders/{shop}: what shops tell of orders and goods, signed, taken once, answered after the commit."""

import asyncio

import structlog
from aiohttp import web

from actions.trade import orders
from actions.trade.orders import EventReusedError
from rules import strict_json
from rules.errors import RefusedError, StorageError
from rules.one_person.handles import phone_of
from rules.strict_json import NotJsonError
from rules.trade.orders import OrderPaid, ShopEvent
from rules.trade.webhooks import NotSignedError, check
from web.order_messages import MESSAGES, WrongShapeError, read
from web.route import ANSWERED, Problem, Route, Site, answer

PATIENCE = 10.0  # seconds for the database: a shop does not wait for ever, and posts again
RETRY_AFTER = "5"

log = structlog.get_logger()


async def post_order(site: Site, request: web.Request) -> web.Response:
    """Size, signature and age, shape; then one transaction."""
    shop = request.match_info["shop"]
    keys = site.keys.get(shop)
    if not keys:
        raise Problem(404, "no such shop", "the shops are the tables [shops.NAME] of config.toml: NAME ends the path")
    _check_headers(request)
    body = await request.read()
    now = site.community.clock.now()
    event_id = request.headers.get("webhook-id", "")
    try:
        check(
            keys,
            event_id,
            request.headers.get("webhook-timestamp", ""),
            request.headers.get("webhook-signature", ""),
            body,
            now,
        )
        event = read(strict_json.read(body), shop, event_id, now)
    except NotSignedError as error:
        raise Problem(401, "not signed", str(error)) from None
    except NotJsonError as error:
        raise Problem(400, "not JSON", str(error)) from None
    except WrongShapeError as error:
        detail = "the signature is right, but not the message: see errors, and /openapi.json for its shape"
        raise Problem(422, "not a message we know", detail, errors=error.errors) from None
    done = await _record(site, event, now)
    request[ANSWERED] = done.what
    notes = _notes(event)
    return answer({"status": done.what, "notes": notes} if notes else {"status": done.what})


def _check_headers(request: web.Request) -> None:
    if request.content_type != "application/json":
        raise Problem(415, "not JSON", "send the header content-type: application/json")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Problem(415, "compressed", "send the body as it is, without content-encoding")


async def _record(site: Site, event: ShopEvent, now: int) -> orders.Recorded:
    community = site.community
    try:
        async with asyncio.timeout(PATIENCE):
            return await community.db.write(lambda tx: orders.record(tx, community, event, now))
    except EventReusedError:
        detail = "this webhook-id came before with another content: send a new message under a new id"
        raise Problem(409, "id used before", detail) from None
    except RefusedError as error:
        raise Problem(422, "refused", str(error)) from None
    except (StorageError, TimeoutError) as error:  # it may have been kept: the same id again does no harm
        log.error("webhook", shop=event.shop, error=error)
        detail = "the database is away just now: send the same message again in a while, under the same id"
        raise Problem(503, "try again", detail, headers={"Retry-After": RETRY_AFTER}) from None


def _notes(event: ShopEvent) -> list[str]:
    """What was taken, but not used."""
    if isinstance(event, OrderPaid) and event.phone and not phone_of(event.phone):
        return ["data.buyer.phone is no mainland mobile number, and was not used"]
    return []


ROUTES = (
    Route(
        "POST",
        "/webhooks/orders/{shop}",
        post_order,
        "postOrderEvent",
        "An order was paid, refunded or closed, or goods changed. Signed as Standard Webhooks. The same id and body"
        " may be sent again as often as one likes, and messages may come in any order.",
        {
            200: "Taken and kept. status: new, changed (the order was known) or same (nothing new in it)",
            400: "Not JSON, or JSON that two readers could understand differently",
            401: "Not signed by this shop, or not within 5 minutes",
            404: "No such shop",
            405: "Another method than POST",
            409: "The id came before with another body",
            413: "Longer than 1 MiB",
            415: "Not application/json, or compressed",
            422: "Not a message of this shape; errors says what to mend",
            503: "The database is away: send the same again after Retry-After seconds",
        },
        bodies=MESSAGES,
        headers={
            "webhook-id": "The event's number at the shop: the same for each try",
            "webhook-timestamp": "When this try was sent, in seconds since 1970-01-01 UTC",
            "webhook-signature": "v1,BASE64 of HMAC-SHA256 over id.timestamp.body; several are separated by spaces",
        },
        parameters={"shop": "The name of a table [shops.NAME]"},
    ),
)
