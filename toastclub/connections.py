"""Holding connections to the database no longer than they are needed."""

from django.db import connection


def release_connection() -> None:
    """Gives the database connection back, before something that may take long."""
    if not connection.in_atomic_block:
        connection.close()
