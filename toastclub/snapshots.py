"""Reading much of the database as it was at one moment, while others go on writing."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """All that is read in here is the database at one moment. Nothing can be written.

    Within a transaction that somebody else has begun, it is whatever that one sees.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with _deferred_transaction():
            yield
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


@contextmanager
def _deferred_transaction() -> Iterator[None]:
    """Unlike those of `atomic`, which begin with a write lock here, it keeps nobody waiting."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            cursor.execute("PRAGMA query_only = ON")
            yield
        finally:
            cursor.execute("PRAGMA query_only = OFF")
            cursor.execute("ROLLBACK")
