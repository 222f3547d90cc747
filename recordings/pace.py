"""Telling a transfer that is slow from one that goes nowhere."""

import time
from typing import IO

from django.conf import settings

BLOCK_BYTES = 128 * 1024


class Pace:
    """Counts the bytes of a transfer, and loses patience with one that hardly moves.

    `TimeoutError` once it has taken `STORE_PATIENCE` seconds and a second more for each
    `STORE_SLOWEST` bytes. What moves is waited for: a classroom's speeches may share a thin line.
    """

    def __init__(self) -> None:
        self._mark = time.monotonic()
        self._seconds = 0.0
        self._bytes = 0

    def count(self, size: int) -> None:
        now = time.monotonic()
        self._seconds += now - self._mark
        self._mark = now
        self._bytes += size
        if self._seconds > settings.STORE_PATIENCE + self._bytes / settings.STORE_SLOWEST:
            raise TimeoutError("The store is too slow")

    def resume(self) -> None:
        """Leaves out the time since the last count: it was not the store that took it."""
        self._mark = time.monotonic()


class PacedFile:
    """A file that is read at the pace at which the store takes it, or not to the end.

    It is read in blocks of at least `BLOCK_BYTES`, whatever is asked for: botocore would take
    16 KiB at a time, and wait for its turn among the other threads after each of them.
    """

    def __init__(self, file: IO[bytes], *, sha256: str | None = None) -> None:
        self.sha256 = sha256
        self._file = file
        self._pace = Pace()
        self.tell = file.tell

    def seek(self, offset: int, whence: int = 0) -> int:
        self._pace = Pace()
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(max(size, BLOCK_BYTES) if size >= 0 else size)
        self._pace.count(len(chunk))
        return chunk
