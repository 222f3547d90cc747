"""Slow work done by threads, a few steps ahead of whoever needs what it makes."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

from toastclub.clients import LOOK_SECONDS, Waiting

Item = TypeVar("Item")
Made = TypeVar("Made")


def worked_ahead(
    items: Iterable[Item],
    work: Callable[[Item, Event], Made],
    *,
    threads: int,
    ahead: int,
    waiting: Waiting,
) -> Generator[tuple[Item, Made], None, None]:
    """Each item with what the work makes of it, in their order.

    So many further ones are being worked on, or done. The work is told by the event that nobody
    wants what it makes any more. Raises what the work raises, and `ClientGone`.
    """
    stopped = Event()
    pool = ThreadPoolExecutor(threads)
    pending: deque[tuple[Item, Future[Made]]] = deque()
    try:
        for item in items:
            pending.append((item, pool.submit(work, item, stopped)))
            if len(pending) > ahead:
                yield _next(pending, waiting)
        while pending:
            yield _next(pending, waiting)
    finally:
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _next(pending: deque[tuple[Item, Future[Made]]], waiting: Waiting) -> tuple[Item, Made]:
    item, made = pending.popleft()
    while not wait([made], timeout=LOOK_SECONDS).done:
        waiting.check()
    return item, made.result()
