"""GET /i/CODE: the page behind a member's link of invitation. It says what to send to whom, and knows nobody."""

from html import escape

from aiohttp import web

from rules.voices.invites import invite_in
from templates import Plain
from web.route import Route, Site

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
PAGE = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body{{font:18px/1.7 sans-serif;max-width:30em;margin:3em auto;padding:0 1em}}b{{font-size:1.6em}}</style>
{body}
</html>
"""


async def page(site: Site, request: web.Request) -> web.Response:
    """A code is looked at for its check character only: whose it is, or whether anybody's, is not told."""
    community = site.community
    brand = community.settings.community.name
    code = invite_in(request.match_info["code"])
    accounts: list[Plain] = [account.name for account in community.settings.accounts]
    template = "referral/page" if code else "referral/page_wrong"
    text = community.phrases.render(template, 0, brand=brand, code=code or "", accounts=accounts)
    lines = [f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip()]
    if code:
        lines.append(f"<p><b>{escape(code)}</b></p>")
    body = PAGE.format(title=escape(brand), body="\n".join(lines))
    return web.Response(
        text=body, status=200 if code else 404, content_type="text/html", charset="utf-8", headers=HEADERS
    )


ROUTES = (
    Route(
        "GET",
        "/i/{code}",
        page,
        "getInvitation",
        "The page behind a link of invitation: what a friend sends to whom",
        {200: "The page", 404: "The code has a slip in it"},
        gives="text/html",
        parameters={"code": "The code of invitation, such as YK7Q3ZD"},
    ),
)
