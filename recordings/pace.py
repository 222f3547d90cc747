"""Telling a store that is slow from one that goes nowhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import IO

from django.conf import settings

BLOCK_BYTES = 256 * 1024

_moved_at = 0.0


def moved_at() -> float:
    """When (`time.monotonic`) this process last sent bytes to the store or got some."""
    return _moved_at


class Pace:
    """Counts bytes and waiting, and loses patience with a store that hardly moves.

    `TimeoutError` once it is `STORE_PATIENCE` seconds behind one that moves `STORE_SLOWEST` bytes
    a second; that it was quick before does not count. What moves is waited for: a classroom's
    speeches may share a thin line. Where no bytes can move, it is behind by all the time that is
    waited, and no transfer makes up for that.
    """

    def __init__(self) -> None:
        self._mark = time.monotonic()
        self._seconds_behind = 0.0
        self._waited = 0.0  # seconds in which no bytes could move

    def count(self, size: int) -> None:
        global _moved_at
        now = _moved_at = time.monotonic()
        late = now - self._mark - size / settings.STORE_SLOWEST
        self._mark = now
        self._seconds_behind = max(self._waited, self._seconds_behind + late)
        self._check()

    def resume(self) -> None:
        """Leaves out the time since the last count: it was not the store that took it."""
        self._mark = time.monotonic()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Counts the time in here, unless patience is lost already."""
        self._check()
        start = time.monotonic()
        try:
            yield
        finally:
            seconds = time.monotonic() - start
            self._waited += seconds
            self._seconds_behind += seconds

    def _check(self) -> None:
        if self._seconds_behind > settings.STORE_PATIENCE:
            raise TimeoutError("The store is too slow")


_shared: ContextVar[Pace | None] = ContextVar("pace of all that one answer takes", default=None)


@contextmanager
def one_answer() -> Iterator[None]:
    """All that is asked of the store in here has one patience: the same client waits for it."""
    token = _shared.set(Pace())
    try:
        yield
    finally:
        _shared.reset(token)


def pace_of_answer() -> Pace:
    """The one of `one_answer`, or a new one."""
    pace = _shared.get() or Pace()
    pace.resume()
    return pace


class PacedFile:
    """A file that is read at the pace at which the store takes it, or not to the end.

    It is read in blocks of at least `BLOCK_BYTES`, whatever is asked for: botocore would take
    16 KiB at a time, and wait for its turn among the other threads after each of them.
    """

    def __init__(self, file: IO[bytes], *, sha256: str | None = None) -> None:
        self.sha256 = sha256
        self._file = file
        self._pace = pace_of_answer()
        self.tell = file.tell

    def seek(self, offset: int, whence: int = 0) -> int:
        self._pace.resume()
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(max(size, BLOCK_BYTES) if size >= 0 else size)
        self._pace.count(len(chunk))
        return chunk
