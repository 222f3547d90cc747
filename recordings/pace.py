"""Telling a transfer that is slow from one that goes nowhere."""

import time
from typing import IO

from django.conf import settings

BLOCK_BYTES = 256 * 1024


class Pace:
    """Counts the bytes of a transfer, and loses patience with one that hardly moves.

    `TimeoutError` once it is `STORE_PATIENCE` seconds behind one that moves `STORE_SLOWEST` bytes
    a second; that it was quick before does not count. What moves is waited for: a classroom's
    speeches may share a thin line.
    """

    def __init__(self) -> None:
        self._mark = time.monotonic()
        self._seconds_behind = 0.0

    def count(self, size: int) -> None:
        now = time.monotonic()
        late = now - self._mark - size / settings.STORE_SLOWEST
        self._mark = now
        self._seconds_behind = max(0.0, self._seconds_behind + late)
        if self._seconds_behind > settings.STORE_PATIENCE:
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
