"""Answers that are sent while they are being made."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from zlib_ng import zlib_ng

PIECE_BYTES = 64 * 1024
GZIP_LEVEL = 1
GZIP_FORMAT = 31  # zlib's number for it, with the largest window

Piece = TypeVar("Piece")


class Begun(Generic[Piece]):
    """The same pieces, the first already made: what fails by then is a clean error.

    Closing it, which Django does however the answer ends, ends what makes the pieces.
    """

    def __init__(self, pieces: Iterator[Piece]) -> None:
        self._pieces = pieces
        self._first = next(pieces)

    def __iter__(self) -> Iterator[Piece]:
        yield self._first
        yield from self._pieces

    def close(self) -> None:
        close = getattr(self._pieces, "close", None)
        if close:
            close()


def in_pieces(parts: Iterable[bytes], *, size: int = PIECE_BYTES) -> Iterator[bytes]:
    """The same bytes in pieces of that size, but the last: each costs a server work of its own."""
    held = bytearray()
    for part in parts:
        held += part
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes compressed, quickly rather than well: Python's own gzip is far slower."""
    compressor = zlib_ng.compressobj(GZIP_LEVEL, wbits=GZIP_FORMAT)
    for piece in pieces:
        if compressed := compressor.compress(piece):
            yield compressed
    yield compressor.flush()
