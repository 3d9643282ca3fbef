"""GET /i/CODE: the page behind a member's link of invitation. It says what to send to whom, and knows nobody."""

from aiohttp import web

from rules.voices.invites import invite_in
from templates import Plain
from web.pages import page
from web.route import Route, Site


async def invitation(site: Site, request: web.Request) -> web.Response:
    """A code is looked at for its check character only: whose it is, or whether anybody's, is not told."""
    community = site.community
    brand = community.settings.community.name
    code = invite_in(request.match_info["code"])
    accounts: list[Plain] = [account.name for account in community.settings.accounts]
    template = "referral/page" if code else "referral/page_wrong"
    text = community.phrases.render(template, 0, brand=brand, code=code or "", accounts=accounts)
    return page(brand, text, 200 if code else 404, code=code or "")


ROUTES = (
    Route(
        "GET",
        "/i/{code}",
        invitation,
        "getInvitation",
        "The page behind a link of invitation: what a friend sends to whom",
        {200: "The page", 404: "The code has a slip in it"},
        gives="text/html",
        parameters={"code": "The code of invitation, such as YK7Q3ZD"},
    ),
)
