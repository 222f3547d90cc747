"""Letting few threads of a process do something at once, with a patience that ends."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore


@contextmanager
def turn(
    turns: BoundedSemaphore, *, seconds: float, moved_at: Callable[[], float] = lambda: 0.0
) -> Iterator[bool]:
    """Waits that long for a turn, and says whether it came; it is given back at the end.

    `moved_at` says when (`time.monotonic`) those that have a turn last went forward: who waits,
    waits for so long after that.
    """
    came = _comes(turns, seconds, moved_at)
    try:
        yield came
    finally:
        if came:
            turns.release()


def _comes(turns: BoundedSemaphore, seconds: float, moved_at: Callable[[], float]) -> bool:
    start = time.monotonic()
    while (left := max(start, moved_at()) + seconds - time.monotonic()) > 0:
        if turns.acquire(timeout=left):
            return True
    return turns.acquire(blocking=False)
