import contextlib
import os
import select
import time
from collections import deque
from threading import BoundedSemaphore
from typing import Any, ClassVar

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from toastclub.turns import turn

TURN_SECONDS = 1  # others do not wait for longer while one is opened
KEPT = 32  # idle connections a process
IDLE_SECONDS = 60  # what lies idle for longer is not needed, and may have been cut on its way


class DatabaseWrapper(base.DatabaseWrapper):
    """Gives its connection back when a request ends or has long to wait, for others to take.

    A server has many threads, most of which wait for a client; few work with the database at
    the same moment. psycopg's own pool would do as much, but after an outage it may wait for
    minutes before it tries to connect again.

    Before a connection is used again, its socket is looked at instead of asking the server: an
    idle connection has nothing to read; one that the server has closed, by a restart for
    instance, has. Asking costs every request a round trip (`make bench`).
    """

    _opening: ClassVar = BoundedSemaphore(1)
    _idle: ClassVar[dict[str, deque[tuple[Any, float]]]] = {}  # by database, newest last

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        return self._take_idle() or self._open_in_turn(conn_params)

    def _open_in_turn(self, conn_params: dict[str, Any]) -> Any:
        """Opens one at a time: meanwhile others come back, and opening takes longer than most work.

        A classroom that starts at once would else open thirty.
        """
        with turn(self._opening, seconds=TURN_SECONDS):
            return self._take_idle() or super().get_new_connection(conn_params)

    def _take_idle(self) -> Any:
        while self._shares:
            try:
                connection, since = self._kept.pop()
            except IndexError:
                return None
            if not (_is_old(since) or _has_something_to_read(connection)):
                return connection
            connection.close()
        return None

    def _close(self) -> None:
        if self.connection is not None and self._is_worth_keeping():
            self._kept.append((self.connection, time.monotonic()))
            self._close_old()
        else:
            super()._close()  # type: ignore[misc]  # the stubs leave it out

    def _is_worth_keeping(self) -> bool:
        return (
            self._shares
            and not self.errors_occurred
            and not self.connection.closed
            and self.connection.info.transaction_status == TransactionStatus.IDLE
            and len(self._kept) < KEPT
        )

    def _close_old(self) -> None:
        with contextlib.suppress(IndexError):  # another thread has taken the last
            while _is_old(self._kept[0][1]):
                self._kept.popleft()[0].close()

    @property
    def _shares(self) -> bool:
        """Not so for a copy of it under another name, which wants a connection of its own."""
        return self.alias == DEFAULT_DB_ALIAS

    @property
    def _kept(self) -> deque[tuple[Any, float]]:
        return self._idle.setdefault(self.settings_dict["NAME"], deque())

    def close_pool(self) -> None:
        """Closes what is idle; Django calls this before it drops a test's database."""
        while self._kept:
            self._kept.pop()[0].close()


def _is_old(since: float) -> bool:
    return time.monotonic() - since > IDLE_SECONDS


def _has_something_to_read(connection: Any) -> bool:
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _begin_anew() -> None:
    """A process that is forked off must not talk on its parent's connections."""
    DatabaseWrapper._idle.clear()
    DatabaseWrapper._opening = BoundedSemaphore(1)


os.register_at_fork(after_in_child=_begin_anew)
