"""One account's link to its gateway: a gRPC channel, and an event stream that is kept open."""

import asyncio
import json
import logging
import random
import re
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

from channels.base import Link as State
from channels.wechat.errors import gateway_failure
from channels.wechat.lenient import LenientChannel
from channels.wechat.proto import puppet_pb2 as pb
from channels.wechat.proto.puppet_pb2_grpc import PuppetStub
from rules.errors import ChannelError

FIRST_EVENT = 10.0  # a gateway greets a new stream with a heartbeat at once
SILENCE = 45.0  # three heartbeats
CALL_TIMEOUT = 15.0
SHORTEST_REST, LONGEST_REST = 0.5, 30.0
REFUSED_REST = 60.0
TRIES = 3
PASSING = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.INTERNAL,
    }
)
LARGEST_ANSWER = 64 * 1024 * 1024
REASONS = {
    grpc.StatusCode.UNAUTHENTICATED: "网关不认这个口令（token）",
    grpc.StatusCode.ALREADY_EXISTS: "已有另一个程序连着这个账号的网关",
}

HALF = re.compile(r"\\u[dD][89a-fA-F]")

EOF: Any = grpc.aio.EOF  # type: ignore[attr-defined]

log = logging.getLogger(__name__)

OnEvent = Callable[[int, dict[str, Any]], Awaitable[None]]
OnState = Callable[[State, str], Awaitable[None]]


class Link:
    """Keeps the stream of one account open until cancelled. Never sends Stop: that would log the account out."""

    def __init__(
        self,
        endpoint: str,
        token: str,
        *,
        tls: bool = False,
        ca: bytes | None = None,
        silence: float = SILENCE,
        refused_rest: float = REFUSED_REST,
    ) -> None:
        """Make it inside the running loop. `silence`: seconds without an event after which the gateway is deaf."""
        self.metadata = (("authorization", f"Wechaty {token}"),)
        self.silence, self.refused_rest = silence, refused_rest
        self.up = False
        self.hushed = False  # nothing is to be read any more
        self.handing_over = False  # an event is read and not yet passed on: no moment to be cancelled in
        self._channel = _open(endpoint, token, tls, ca)
        self.stub: Any = PuppetStub(LenientChannel(self._channel))  # type: ignore[no-untyped-call]

    def begin(self, method: str, request: Any, timeout: float = CALL_TIMEOUT, *, patient: bool = False) -> Any:
        """Start a call without waiting for it; await what it returns. `patient`: wait for the gateway to be back."""
        return getattr(self.stub, method)(
            request, metadata=self.metadata, timeout=timeout, wait_for_ready=patient or None
        )

    async def call(self, method: str, request: Any, timeout: float = CALL_TIMEOUT) -> Any:
        """One call; raises ChannelError."""
        try:
            return _read(await self.begin(method, request, timeout))
        except grpc.aio.AioRpcError as error:
            raise gateway_failure(error) from None

    async def surely(self, method: str, request: Any, begun: Any = None) -> Any:
        """One call for what must not be missed: tried again while the gateway is away. Raises ChannelError."""
        for attempt in range(TRIES):
            try:
                return _read(await (begun or self.begin(method, request, patient=attempt > 0)))
            except grpc.aio.AioRpcError as error:
                begun = None
                if error.code() not in PASSING or attempt == TRIES - 1:
                    raise gateway_failure(error) from None
        raise AssertionError("unreachable")

    async def run(self, on_event: OnEvent, on_state: OnState) -> None:
        """Connect, hand over events in order, and connect again for as long as it takes."""
        rest = SHORTEST_REST
        told: tuple[State, str] | None = None
        while not self.hushed:
            code, heard = await self._listen(on_event)
            if self.hushed:
                return
            self.up = False
            if heard:
                rest, told = SHORTEST_REST, None
            if (news := _news(code)) != told:  # one loss is told once, however often it is tried again
                await on_state(*news)
                told = news
            if code is grpc.StatusCode.UNAUTHENTICATED:
                await asyncio.sleep(self.refused_rest)
                continue
            await self._pause(rest * random.uniform(0.7, 1.3))
            rest = min(rest * 2, LONGEST_REST)

    async def _listen(self, on_event: OnEvent) -> tuple[grpc.StatusCode | None, bool]:
        """One stream, from opening to end: why it ended (None: silence), and whether anything was heard."""
        stream = self.stub.Event(pb.Nothing(), metadata=self.metadata)
        limit = FIRST_EVENT
        try:
            while not self.hushed:
                async with asyncio.timeout(limit):
                    event = await stream.read()
                if event is EOF:
                    return await stream.code(), self.up
                if not self.up:
                    await self.begin("Start", pb.Nothing())
                    self.up, limit = True, self.silence
                if event is not None:  # grpc gives None for what it can't read
                    self.handing_over = True
                    try:
                        await _handed_over(on_event, event)
                    finally:
                        self.handing_over = False
            return None, self.up
        except TimeoutError:
            return None, self.up
        except grpc.aio.AioRpcError as error:
            return error.code(), self.up
        finally:
            stream.cancel()

    async def _pause(self, seconds: float) -> None:
        """Rest, but no longer than the gateway needs to be back."""
        await asyncio.sleep(min(seconds, SHORTEST_REST))
        if self._channel.get_state() is grpc.ChannelConnectivity.READY:
            await asyncio.sleep(seconds - min(seconds, SHORTEST_REST))
            return
        try:
            async with asyncio.timeout(seconds - min(seconds, SHORTEST_REST)):
                await self._channel.channel_ready()
        except TimeoutError:
            return

    async def close(self) -> None:
        await self._channel.close(None)


def _open(endpoint: str, token: str, tls: bool, ca: bytes | None) -> grpc.aio.Channel:
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", LARGEST_ANSWER),
        ("grpc.keepalive_time_ms", 20_000),
        ("grpc.keepalive_timeout_ms", 5_000),
        ("grpc.initial_reconnect_backoff_ms", 500),
        ("grpc.max_reconnect_backoff_ms", 5_000),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    if not tls:
        return grpc.aio.insecure_channel(endpoint, options)
    # the community certificate has no host name: it is issued to the token's part before its last "_"
    if name := token.rpartition("_")[0]:
        options.append(("grpc.ssl_target_name_override", name))
    return grpc.aio.secure_channel(endpoint, grpc.ssl_channel_credentials(ca), options)


async def _handed_over(on_event: OnEvent, event: Any) -> None:
    """One bad event must not cost the stream, and with it the account."""
    try:
        await on_event(event.type, _parsed(event.payload))
    except Exception:
        log.exception("an event of type %d was not handled", event.type)


def _read(answer: Any) -> Any:
    """An answer; grpc gives None for one that it can't read."""
    if answer is None:
        raise ChannelError("the gateway's answer can't be read", permanent=True)
    return answer


def _parsed(payload: str) -> dict[str, Any]:
    """A payload as a dict; junk is an empty one, which no event needs."""
    try:
        value = json.loads(payload or "{}")
    except (ValueError, RecursionError):
        log.warning("the gateway sent an event that is not JSON (%d characters)", len(payload))
        return {}
    if HALF.search(payload):  # half an emoji can't be sent back as an id, nor stored
        whole = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
        value = json.loads(whole.decode("utf-16-le", "replace"))
    return value if isinstance(value, dict) else {}


def _news(code: grpc.StatusCode | None) -> tuple[State, str]:
    if code is None:
        return State.LOST, "网关没有动静了"
    if code in REASONS:
        return State.REFUSED, REASONS[code]
    return State.LOST, f"和网关的连接断了（{code.name}）"
