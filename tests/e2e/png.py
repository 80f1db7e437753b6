"""Pictures of pages as small files: a page has few colours, so 256 of them and a good packer do."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
Colour = tuple[int, int, int]


def smaller(png: bytes) -> bytes:
    """The same picture (8 bits a channel, not interlaced, as browsers make it) with a palette of 256 colours."""
    width, height, channels, body = _opened(png)
    rows = [_pixels(row, channels) for row in _unfiltered(body, width, height, channels)]
    counts = Counter(pixel for row in rows for pixel in row)
    places = _palette(counts)
    colours = sorted({place: colour for colour, place in places[1].items()}.items())
    data = b"".join(b"\0" + bytes(map(places[0].__getitem__, row)) for row in rows)
    palette = b"".join(bytes(colour) for _, colour in colours)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", zlib.compress(data, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(*each) for each in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        (size,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += 12 + size


def _opened(png: bytes) -> tuple[int, int, int, bytes]:
    chunks = list(_chunks(png))
    width, height, depth, kind, *_, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if depth != 8 or kind not in (2, 6) or interlaced:
        raise ValueError(f"cannot read a PNG of depth {depth}, kind {kind}")
    return (
        width,
        height,
        3 if kind == 2 else 4,
        zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT")),
    )


def _unfiltered(body: bytes, width: int, height: int, channels: int) -> Iterator[bytearray]:
    size, above = width * channels, bytearray(width * channels)
    for y in range(height):
        at = y * (size + 1)
        row = bytearray(body[at + 1 : at + 1 + size])
        _UNFILTER[body[at]](row, above, channels)
        yield row
        above = row


def _sub(row: bytearray, above: bytearray, step: int) -> None:
    for i in range(step, len(row)):
        row[i] = (row[i] + row[i - step]) & 255


def _up(row: bytearray, above: bytearray, step: int) -> None:
    row[:] = bytes((here + there) & 255 for here, there in zip(row, above, strict=True))


def _average(row: bytearray, above: bytearray, step: int) -> None:
    for i in range(len(row)):
        left = row[i - step] if i >= step else 0
        row[i] = (row[i] + (left + above[i]) // 2) & 255


def _paeth(row: bytearray, above: bytearray, step: int) -> None:
    for i in range(len(row)):
        left, corner = (row[i - step], above[i - step]) if i >= step else (0, 0)
        guess = left + above[i] - corner
        distances = (abs(guess - left), abs(guess - above[i]), abs(guess - corner))
        nearest = (left, above[i], corner)[distances.index(min(distances))]
        row[i] = (row[i] + nearest) & 255


_UNFILTER = (lambda row, above, step: None, _sub, _up, _average, _paeth)


def _pixels(row: bytearray, channels: int) -> list[Colour]:
    return list(zip(row[0::channels], row[1::channels], row[2::channels], strict=True))


def _palette(counts: Counter[Colour]) -> tuple[dict[Colour, int], dict[Colour, int]]:
    """(colour of the picture → place in the palette, colour of the palette → its place)."""
    kept = _chosen([colour for colour, _ in counts.most_common()])
    places = {colour: place for place, colour in enumerate(kept)}
    nearest = dict(places)
    for colour in counts:
        if colour not in nearest:
            nearest[colour] = places[min(kept, key=lambda known: _distance(known, colour))]
    return nearest, places


def _chosen(colours: list[Colour]) -> list[Colour]:
    """The commonest, and of the rest those least like any chosen one: a red star is few pixels."""
    kept, rest = colours[:200], colours[200:]
    far = [min(_distance(each, known) for known in kept) for each in rest]
    while rest and len(kept) < 256:
        at = far.index(max(far))
        kept.append(rest[at])
        far = [min(before, _distance(each, kept[-1])) for each, before in zip(rest, far, strict=True)]
    return kept


def _distance(one: Colour, other: Colour) -> int:
    return 2 * (one[0] - other[0]) ** 2 + 4 * (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2
