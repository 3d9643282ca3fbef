"""Whether a person opened a link, or a program that looks ahead: a preview, a prefetch, a scanner, a search robot."""

import re
from collections.abc import Mapping

PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_AHEAD = re.compile(r"prefetch|prerender|preview|instant", re.IGNORECASE)
_PROGRAM = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|prefetch|fetch|scan|monitor|validator|headless|phantom|lighthouse"
    r"|facebookexternalhit|embedly|whatsapp|cfnetwork|curl|wget|httpie|libwww|python|aiohttp|okhttp|go-http|java/"
    r"|ruby|perl|php|node|axios|guzzle|apache-http|qq-url-manager|shareextension",
    re.IGNORECASE,
)


def is_machine(method: str, headers: Mapping[str, str]) -> bool:
    """`headers` are looked up in small letters.

    WeChat's browser tells the network and the language that it runs in ("NetType/WIFI Language/zh_CN"). What calls
    itself MicroMessenger and doesn't is one of WeChat's own fetchers, which look at links before people do.
    """
    if method != "GET" or any(_AHEAD.search(headers.get(name, "")) for name in PURPOSES):
        return True
    agent = headers.get("user-agent", "")
    if not agent.strip() or _PROGRAM.search(agent):
        return True
    if "micromessenger" in agent.lower() and "nettype/" not in agent.lower():
        return True
    accepts = headers.get("accept", "*/*").lower()
    return "text/html" not in accepts and "*/*" not in accepts
