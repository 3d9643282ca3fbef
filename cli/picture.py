"""A picture to send when nobody has one at hand: a loaf on a table, as PNG."""

import struct
import zlib

WIDTH, HEIGHT = 240, 160
TABLE, LOAF, CRUST, CUT = (246, 236, 220), (214, 158, 92), (176, 116, 58), (240, 204, 150)


def sample_picture() -> bytes:
    rows = b"".join(b"\0" + bytes(value for x in range(WIDTH) for value in _colour(x, y)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _colour(x: int, y: int) -> tuple[int, int, int]:
    far = ((x - WIDTH / 2) / 95) ** 2 + ((y - HEIGHT / 2) / 55) ** 2
    if far > 1:
        return TABLE
    if far > 0.86:
        return CRUST
    return CUT if (x - y // 2) % 44 < 6 and far < 0.6 else LOAF
