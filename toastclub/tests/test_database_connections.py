"""Connections to PostgreSQL are shared by the threads of a process, one request after another."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BoundedSemaphore
from types import SimpleNamespace

import psycopg
import pytest
from django.db import close_old_connections, connection, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.utils import DatabaseError

from toastclub.environment import Environment
from toastclub.postgresql import base

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.one_database,
]


@pytest.fixture(autouse=True)
def _no_idle_connections():
    connection.close()
    connection.close_pool()
    yield
    connection.close()


def backend_pid():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def backend_pid_of_a_request(_number=0):
    try:
        return backend_pid()
    finally:
        close_old_connections()  # what Django does as a request ends


def terminate(pid):
    with psycopg.connect(Environment().database_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_request_after_the_server_has_closed_the_connection_gets_a_new_one():
    before = backend_pid_of_a_request()
    terminate(before)

    assert backend_pid_of_a_request() != before


def test_a_connection_that_still_works_is_used_again():
    assert backend_pid_of_a_request() == backend_pid_of_a_request()


def test_threads_that_take_turns_share_one_connection():
    here = backend_pid_of_a_request()

    with ThreadPoolExecutor(1) as other_thread:
        assert other_thread.submit(backend_pid_of_a_request).result() == here


def test_threads_that_work_at_once_have_one_each():
    here = backend_pid()

    with ThreadPoolExecutor(1) as other_thread:
        assert other_thread.submit(backend_pid_of_a_request).result() != here


def test_a_crowd_that_comes_at_once_opens_one_connection_at_a_time(monkeypatch):
    together = Barrier(20)
    opening = BoundedSemaphore(1)
    open_connection = DatabaseWrapper.get_new_connection

    def open_alone(wrapper, parameters):
        assert opening.acquire(blocking=False)
        try:
            return open_connection(wrapper, parameters)
        finally:
            opening.release()

    def request(_number):
        together.wait()
        return backend_pid_of_a_request()

    monkeypatch.setattr(DatabaseWrapper, "get_new_connection", open_alone)
    monkeypatch.setattr(base, "TURN_SECONDS", 60)

    with ThreadPoolExecutor(20) as crowd:
        assert len(list(crowd.map(request, range(20)))) == 20


def test_a_connection_with_a_broken_transaction_is_not_used_again():
    before = backend_pid()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        with pytest.raises(DatabaseError):
            cursor.execute("SELECT no_such_column")
    close_old_connections()

    assert backend_pid_of_a_request() != before


def test_a_transaction_that_was_rolled_back_leaves_a_connection_that_is_used_again():
    before = backend_pid()
    with transaction.atomic():
        transaction.set_rollback(True)
    close_old_connections()

    assert backend_pid_of_a_request() == before


def test_a_connection_that_lay_idle_for_long_is_not_trusted(monkeypatch):
    before = backend_pid_of_a_request()
    later = base.time.monotonic() + base.IDLE_SECONDS + 1
    monkeypatch.setattr(base, "time", SimpleNamespace(monotonic=lambda: later))

    assert backend_pid_of_a_request() != before


def test_no_more_than_some_idle_connections_are_kept(monkeypatch):
    monkeypatch.setattr(base, "KEPT", 2)
    in_use = [connection.copy(alias="default") for _number in range(4)]
    for wrapper in in_use:
        wrapper.ensure_connection()
    for wrapper in in_use:
        wrapper.close()

    assert len(connection._kept) == 2


def test_what_lay_idle_for_long_is_closed_when_another_is_given_back(monkeypatch):
    in_use = [connection.copy(alias="default") for _number in range(3)]
    for wrapper in in_use:
        wrapper.ensure_connection()
    in_use[0].close()
    in_use[1].close()
    later = base.time.monotonic() + base.IDLE_SECONDS + 1
    monkeypatch.setattr(base, "time", SimpleNamespace(monotonic=lambda: later))
    in_use[2].close()

    assert len(connection._kept) == 1
