"""What a failed gateway call means for the one who asked: sent or not, try again or not, too much or not."""

import re
from typing import Literal

import grpc
import grpc.aio

from rules.errors import ChannelError, SendError

Code = grpc.StatusCode

THROTTLED = re.compile(
    r"操作(过于|太)?频繁|(发送|操作|请求|访问|添加)[^，。]{0,6}(频繁|过快|太快)|频率(限制|过高|过快)|稍后再试|"
    r"too (frequent|fast|many)|frequen(t|cy) limit|rate.?limit|throttl|flood",
    re.IGNORECASE,
)
LOGGED_OUT = re.compile(r"not log(ged|in|on)|logged out|logonoff|未登录|已退出登录", re.IGNORECASE)
NEVER_LEFT = re.compile(r"failed to connect|DNS resolution|name resolution|empty address list|handshake", re.IGNORECASE)
GAVE_UP = re.compile(r"time.?out|timed out|ETIMEDOUT|ECONNRESET|EPIPE|hang up|socket closed|超时", re.IGNORECASE)
TOO_LARGE = re.compile(r"message larger than max|max_(send|receive)", re.IGNORECASE)

PERMANENT = frozenset({Code.INVALID_ARGUMENT, Code.NOT_FOUND, Code.PERMISSION_DENIED, Code.UNIMPLEMENTED})
NOT_DONE = PERMANENT | {Code.UNAUTHENTICATED, Code.RESOURCE_EXHAUSTED, Code.FAILED_PRECONDITION, Code.OUT_OF_RANGE}


def send_failure(error: grpc.aio.AioRpcError) -> SendError:
    """What became of a send. Doubt is `unknown`: what may have been delivered is not sent again blindly."""
    code, details = error.code(), error.details() or ""
    if TOO_LARGE.search(details):
        return SendError(_said(error), permanent=True)
    if code is Code.RESOURCE_EXHAUSTED or THROTTLED.search(details):
        return SendError(_said(error), throttled=True)
    if LOGGED_OUT.search(details):
        return SendError(_said(error))
    return SendError(_said(error), permanent=code in PERMANENT, delivered=_delivered(code, details))


def gateway_failure(error: grpc.aio.AioRpcError) -> ChannelError:
    """A failed call that sends nothing."""
    return ChannelError(_said(error), permanent=error.code() in PERMANENT)


def _delivered(code: grpc.StatusCode, details: str) -> Literal["no", "unknown"]:
    if code in NOT_DONE:
        return "no"
    if code is Code.UNAVAILABLE:
        return "no" if NEVER_LEFT.search(details) else "unknown"
    if code is Code.UNKNOWN:  # the gateway's puppet answered that it failed; if it waited in vain, nobody knows
        return "unknown" if GAVE_UP.search(details) else "no"
    return "unknown"


def _said(error: grpc.aio.AioRpcError) -> str:
    """The code and the gateway's first line; not on a refused token, which the gateway repeats in its answer."""
    code = error.code()
    if code is Code.UNAUTHENTICATED:
        return "the gateway refuses the token of this account: check `token` in the configuration"
    first = (error.details() or "").strip().partition("\n")[0][:200]
    return f"the gateway answered {code.name}: {first}"
