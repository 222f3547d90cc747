import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Looks at the connection's socket before a request uses it, instead of asking the server.

    An idle connection has nothing to read; one that the server has closed, by a restart for
    instance, has. Asking costs every request a round trip, which is as long as the query of a
    headset that looks up its session (`make bench`).
    """

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        if self.errors_occurred or self._has_something_to_read():
            return super().is_usable()
        return True

    def _has_something_to_read(self) -> bool:
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return bool(poll.poll(0))
