"""The few pages that members see: plain, without scripts, and silent about whom they are for."""

from html import escape

from aiohttp import web

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


def page(title: str, text: str, status: int = 200, *, code: str = "") -> web.Response:
    """A page of a text's lines, with a code in large letters below them, if there is one."""
    lines = [f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip()]
    if code:
        lines.append(f"<p><b>{escape(code)}</b></p>")
    body = PAGE.format(title=escape(title), body="\n".join(lines))
    return web.Response(text=body, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)
