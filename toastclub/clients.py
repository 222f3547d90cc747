"""Whether the client still waits for the answer that is being made for it."""

import errno
import select
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from django.http import HttpRequest

LOOK_SECONDS = 0.5

Item = TypeVar("Item")


class ClientGone(OSError):
    """Nobody waits for the answer any more; to the server it is as if sending had failed."""

    def __init__(self) -> None:
        super().__init__(errno.EPIPE, "The client has gone")


class Waiting:
    """The client of a request. Long work asks it now and then whether to go on.

    gunicorn hands on the connection; where it does not, or for work that nobody waits for, the
    answer is always yes.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        self._connection: Any = request.META.get("gunicorn.socket") if request else None
        self._looked_at = 0.0

    def check(self) -> None:
        """Raises `ClientGone` if the client has; looks no more than twice a second."""
        now = time.monotonic()
        if self._connection is not None and now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            if _is_closed(self._connection):
                raise ClientGone

    def watched(self, items: Iterable[Item]) -> Iterator[Item]:
        """The same items, for as long as the client waits."""
        for item in items:
            self.check()
            yield item


def _is_closed(connection: Any) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    return bool(poll.poll(0))
