"""Pictures and files: what comes in is fetched when it is asked for, what goes out is uploaded in pieces."""

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc.aio

from channels.wechat.errors import gateway_failure
from channels.wechat.fetch import fetch
from channels.wechat.link import EOF, Link
from channels.wechat.proto import puppet_pb2 as pb
from rules.errors import ChannelError

CHUNK = 64 * 1024
BASE64, URL, UUID = 1, 2, 7  # the types of a file box
ARTWORK = 3  # the image as it was sent, not a thumbnail
BOX_TIMEOUT = 60.0  # a gateway may fetch the file from the network before it answers
PIECE_TIMEOUT = 30.0
SLOWEST = 100_000  # bytes a second


class FileMissingError(Exception):
    """A file to be sent is not there, empty or too large."""


def handle(message: str, name: str, *, image: bool) -> str:
    """What `Event.data["media"]` says of a file: enough to ask the gateway for it later."""
    return json.dumps({"id": message, "name": name, "image": image}, ensure_ascii=False)


async def download(link: Link, media: str, to: Path, limit: int, trusted: str) -> int:
    """Fetch what a handle stands for into a file; its size. `trusted`: the gateway's host, which may serve URLs.

    Raises ChannelError; then there is no file.
    """
    box = await _box(link, media)
    part = to.with_name(to.name + ".part")
    try:
        size = await _save(link, box, part, limit, trusted)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return size


async def _box(link: Link, media: str) -> dict[str, Any]:
    asked = json.loads(media)
    request = pb.IdRequest(id=asked["id"])
    try:
        if asked["image"]:
            image = pb.MessageImageRequest(id=asked["id"], type=ARTWORK)
            answer = await link.call("MessageImage", image, BOX_TIMEOUT)
        else:
            answer = await link.call("MessageFile", request, BOX_TIMEOUT)
    except ChannelError:
        if not asked["image"]:
            raise
        answer = await link.call("MessageFile", request, BOX_TIMEOUT)  # some puppets know images as files only
    box: dict[str, Any] = json.loads(answer.file_box)
    return box


async def _save(link: Link, box: dict[str, Any], to: Path, limit: int, trusted: str) -> int:
    kind = box.get("type") or box.get("boxType")
    if kind == BASE64:
        return _save_inline(box, to, limit)
    if kind == URL:
        return await fetch(str(box.get("url") or box.get("remoteUrl")), to, limit, trusted)
    if kind == UUID:
        return await _save_stream(link, str(box["uuid"]), to, limit)
    raise ChannelError(f"the gateway gives a file of a kind that is not known here: {kind}", permanent=True)


def _save_inline(box: dict[str, Any], to: Path, limit: int) -> int:
    try:
        content = base64.b64decode(box["base64"])
    except (binascii.Error, KeyError, TypeError, ValueError):
        raise ChannelError("the gateway gives a file that can't be decoded", permanent=True) from None
    if len(content) > limit:
        raise too_large(limit)
    return to.write_bytes(content)


async def _save_stream(link: Link, uuid: str, to: Path, limit: int) -> int:
    stream = link.stub.Download(pb.IdRequest(id=uuid), metadata=link.metadata)
    size = 0
    try:
        with await asyncio.to_thread(to.open, "wb") as file:
            while True:
                async with asyncio.timeout(PIECE_TIMEOUT):
                    piece = await stream.read()
                if piece is EOF:
                    return size
                size += len(piece.chunk)
                if size > limit:
                    raise too_large(limit)
                await asyncio.to_thread(file.write, piece.chunk)
    except TimeoutError:
        raise ChannelError("the gateway stopped in the middle of a file") from None
    except grpc.aio.AioRpcError as error:
        raise gateway_failure(error) from None
    finally:
        stream.cancel()


def too_large(limit: int) -> ChannelError:
    return ChannelError(f"the file is larger than {limit} bytes", permanent=True)


async def upload(link: Link, path: Path, limit: int) -> str:
    """Give a file to the gateway; the file box to send it by. Raises FileMissingError, AioRpcError."""
    size = await asyncio.to_thread(_size, path)
    if not 0 < size <= limit:
        raise FileMissingError(f"{path.name}: there is no such file, or it is empty or above {limit} bytes")
    timeout = PIECE_TIMEOUT + size / SLOWEST
    answer = await link.stub.Upload(_pieces(path), metadata=link.metadata, timeout=timeout)
    return json.dumps({"type": UUID, "uuid": answer.id, "name": path.name, "size": size}, ensure_ascii=False)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


async def _pieces(path: Path) -> AsyncIterator[pb.Chunk]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, CHUNK):
            yield pb.Chunk(chunk=piece)
