"""GET /s/CODE: a tracked link. It sends a browser on to a declared host, and nowhere else."""

from aiohttp import web

from actions.effects.opening import open_link
from rules.effects.visitors import is_machine
from rules.errors import StorageError
from web.pages import page
from web.route import Problem, Route, Site

HEADERS = {
    "Cache-Control": "no-store",  # or a browser would not ask a second time
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
}
WAYS = ("x-forwarded-for", "user-agent")  # what tells visitors apart, beside the address


async def follow(site: Site, request: web.Request) -> web.Response:
    """Whether a code is forged, unknown or leads nowhere any more looks the same from outside."""
    community = site.community
    headers = {name.lower(): value for name, value in request.headers.items()}
    visitor = hash((request.remote, *(headers.get(name) for name in WAYS)))
    machine = is_machine(request.method, headers)
    code, now = request.match_info["code"], community.clock.now()
    try:
        leads_to = await open_link(community, site.taps, code, machine=machine, visitor=visitor, now=now)
    except StorageError:
        raise Problem(503, "try again", "the database is away just now", headers={"Retry-After": "5"}) from None
    if leads_to:
        return web.Response(status=302, headers={**HEADERS, "Location": leads_to})
    brand = community.settings.community.name
    return page(brand, community.phrases.render("links/gone", 0, brand=brand), 404)


ANSWERS = {302: "On to the page", 404: "No such link, or it leads nowhere any more", 503: "The database is away"}
PARAMETERS = {"code": "The code of the link"}
ROUTES = (
    Route(
        "GET",
        "/s/{code}",
        follow,
        "followLink",
        "A tracked link: sends the browser on to a declared host",
        ANSWERS,
        gives="text/html",
        parameters=PARAMETERS,
    ),
    Route(
        "HEAD",
        "/s/{code}",
        follow,
        "lookAtLink",
        "The same, for programs that look ahead: it counts as no person's click",
        ANSWERS,
        gives="text/html",
        parameters=PARAMETERS,
    ),
)
