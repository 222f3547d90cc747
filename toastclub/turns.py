"""Letting few threads of a process do something at once, with a patience that ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore


@contextmanager
def turn(turns: BoundedSemaphore, *, seconds: float) -> Iterator[bool]:
    """Waits that long for a turn, and says whether it came; it is given back at the end."""
    came = turns.acquire(timeout=seconds)
    try:
        yield came
    finally:
        if came:
            turns.release()
