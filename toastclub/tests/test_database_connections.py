"""A server that closed the connection between two requests costs neither of them an error."""

import psycopg
import pytest
from django.conf import settings
from django.db import close_old_connections, connection

from toastclub.environment import Environment

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.one_database,
]


def backend_pid():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def terminate(pid):
    with psycopg.connect(Environment().database_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_request_after_the_server_has_closed_the_connection_gets_a_new_one():
    before = backend_pid()
    terminate(before)

    close_old_connections()  # what Django does as a request begins

    assert backend_pid() != before


def test_a_connection_that_still_works_is_kept():
    before = backend_pid()

    close_old_connections()

    assert backend_pid() == before


def test_connections_are_persistent_and_checked():
    assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] is True
    assert settings.DATABASES["default"]["CONN_MAX_AGE"] > 0
