"""Locks that hold across processes and machines, and end with the process that holds them."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def lock(name: str) -> Iterator[bool]:
    """Whether it came, without waiting; if so, nobody else has it as long as this is open."""
    locking = _in_folder if connection.vendor == "sqlite" else _in_database
    with locking(name) as came:
        yield came


@contextmanager
def slot(name: str, *, of: int) -> Iterator[bool]:
    """Whether one of so many places came."""
    for number in range(of):
        with lock(f"{name} {number}") as came:
            if came:
                yield True
                return
    yield False


@contextmanager
def _in_database(name: str) -> Iterator[bool]:
    """By a connection of its own: the database frees what it holds as soon as it is gone."""
    digest = hashlib.sha256(name.encode()).digest()
    own = connection.copy(alias="locks")
    own.inc_thread_sharing()  # whoever ends an answer may do so in another thread
    try:
        with own.cursor() as cursor:
            key = int.from_bytes(digest[:8], signed=True)
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
            (came,) = cursor.fetchone()
        yield came
    finally:
        _give_back(own)


def _give_back(own: BaseDatabaseWrapper) -> None:
    """Frees what the connection holds, now and not when the database notices that it is closed."""
    with suppress(Error), own.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")
    own.close()


@contextmanager
def _in_folder(name: str) -> Iterator[bool]:
    """By a file: SQLite is on one machine, whose system frees what a process held."""
    folder = settings.DATA_DIR / "locks"
    folder.mkdir(mode=0o700, exist_ok=True)
    database = connection.settings_dict["NAME"]
    path = folder / hashlib.sha256(f"{database}\0{name}".encode()).hexdigest()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
