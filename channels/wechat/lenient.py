"""Reading answers whose text is not UTF-8: half an emoji in a nickname or message must not cost the message.

Gateways written in JavaScript send cut emoji as they are; protobuf refuses the whole answer for it.
"""

from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types
FIXED = {FIXED64: 8, FIXED32: 4}


class LenientChannel:
    """A gRPC channel for a generated stub, whose answers are mended before they are given up."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def __getattr__(self, kind: str) -> Callable[..., Any]:  # unary_unary, unary_stream, stream_unary
        def method(path: str, **options: Any) -> Any:
            options["response_deserializer"] = lenient(options["response_deserializer"].__self__)
            return getattr(self._channel, kind)(path, **options)

        return method


def lenient(message: Any) -> Callable[[bytes], Any]:
    """Reads bytes as a message of this class. Raises DecodeError for what is no message at all."""

    def read(raw: bytes) -> Any:
        try:
            return message.FromString(raw)
        except DecodeError:
            return message.FromString(mended(raw, message.DESCRIPTOR))

    return read


def mended(raw: bytes, descriptor: Any) -> bytes:
    """The same message with well-formed text in all of its string fields. Raises DecodeError."""
    out, place = bytearray(), 0
    while place < len(raw):
        start = place
        key, place = _varint(raw, place)
        wire, field = key & 7, descriptor.fields_by_number.get(key >> 3)
        if wire == VARINT:
            _, place = _varint(raw, place)
        elif wire in FIXED:
            place += FIXED[wire]
        elif wire == BYTES:
            size, place = _varint(raw, place)
            value, place = raw[place : place + size], place + size
            if len(value) < size:
                raise DecodeError("cut short")
            if field is not None and field.type == FieldDescriptor.TYPE_STRING:
                value = _text(value)
            elif field is not None and field.type == FieldDescriptor.TYPE_MESSAGE:
                value = mended(value, field.message_type)
            out += _as_varint(key) + _as_varint(len(value)) + value
            continue
        else:
            raise DecodeError(f"wire type {wire}")
        out += raw[start:place]
    return bytes(out)


def _text(value: bytes) -> bytes:
    """Halves that stand side by side become their character again; a lone one becomes a mark."""
    try:
        halves = value.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace").encode()
    return halves.decode("utf-16-le", "replace").encode()


def _varint(raw: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(raw) and shift < 70:
        byte = raw[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7
    raise DecodeError("cut short")


def _as_varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
