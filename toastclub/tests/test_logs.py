"""The log holds nothing that identifies a person or opens a door."""

import io
import logging

import pytest
from django.db import IntegrityError, OperationalError

from accounts.services import issue_token
from accounts.tests.factories import PASSWORD, UserFactory
from recordings.tests.factories import RecordingFactory
from sessions_app.tests.factories import SessionFactory
from toastclub.logs import BLOT, RedactingFormatter, redact
from toastclub.tests.calls import API

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

CODE = "acdefghjk"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiMSJ9.c2lnbmF0dXJl"

SECRETS = [
    (f"GET /api/v1/sessions/by-code/{CODE}", CODE),
    (f"GET /api/v1/sessions/by-code/{CODE}/ HTTP/1.1", CODE),
    (f'"GET /api/v1/sessions/by-code/{CODE}?x=1" 200', CODE),
    (f'"GET /api/v1/sessions/by-code/ {CODE} " 200 12 3ms', CODE),
    (f'"GET /api/v1/sessions/by-code/%20{CODE}%20" 200 12 3ms', CODE),
    (f'"GET /api/v1/sessions/by-code/acd {CODE[3:]}" 404 12 3ms', CODE[3:]),
    (f"Not Found: /api/v1/sessions/by-code/'{CODE}'", CODE),
    (f"X-Session-Code: {CODE}", CODE),
    (f"x-session-code={CODE}", CODE),
    (f"Cookie: theme=dark; session_code={CODE}; other=1", CODE),
    (f"{{'HTTP_X_SESSION_CODE': '{CODE}'}}", CODE),
    (f'{{"session_code": "{CODE}"}}', CODE),
    (f"session_code='{CODE}'", CODE),
    (f'WHERE "sessions"."session_code" = \'{CODE}\'', CODE),
    (f"Authorization: Bearer {TOKEN}", TOKEN),
    (f"authorization: bearer   {TOKEN}", TOKEN),
    (f'{{"access_token": "{TOKEN}"}}', TOKEN),
    ("Bearer not-even-a-jwt", "not-even-a-jwt"),
    ("GET /files/WyJyZWNvcmRpbmdz:1abc:def HTTP/1.1", "WyJyZWNvcmRpbmdz"),
    ("https://r2.example/k.wav?X-Amz-Expires=600&X-Amz-Signature=abc123", "abc123"),
    ("https://r2.example/k.wav?X-Amz-Credential=AKIA%2F2026&x=1", "AKIA"),
    ("https://r2.example/k.wav?AWSAccessKeyId=AKIA&Signature=abc%3D&Expires=1", "abc"),
    ("no account for ana.perez+vr@example.com.pe", "ana.perez"),
    ("GET /admin/accounts/user/?q=ana%40example.com", "ana"),
    ("GET /admin/sessions_app/session/?q=Rosa+Quispe", "Quispe"),
    ('"GET /admin/sessions_app/session/?q=O\'Brien" 200 12 3ms', "Brien"),
    ("duplicate key value\nDETAIL:  Key (session_code)=(xyz) already exists.", "xyz"),
    ("violates check\nDETAIL:  Failing row contains (7, Juan Pérez, 25).", "Juan"),
    ("violates check\nDETAIL:  Failing row contains (7, una línea\nJuan Pérez).", "Juan"),
    ("violates check\nDETAIL:  Failing row contains (7, una línea\n\nJuan Pérez).", "Juan"),
]


@pytest.mark.parametrize(("line", "secret"), SECRETS)
def test_what_identifies_or_opens_is_blotted_out(line, secret):
    redacted = redact(line)

    assert secret not in redacted
    assert BLOT in redacted


@pytest.mark.parametrize(
    "line",
    [
        "GET /api/v1/sessions/15/survey 201 512 12ms",
        "GET /api/v1/texts/20251225202648_0001 200",
        '"GET /api/v1/sessions/by-code/[…]" 404 512 12ms',
        "ERROR recordings.storages: the store did not answer within 8 s",
        "Key columns: session_id, estado",
    ],
)
def test_what_an_operator_needs_stays(line):
    assert redact(line) == line


def test_what_follows_a_detail_stays_readable():
    log = (
        "psycopg.errors.UniqueViolation: duplicate key\n"
        "DETAIL:  Key (email)=(xyz) already exists.\n\n"
        "The above exception was the direct cause of the following exception:\n\n"
        'Traceback (most recent call last):\n  File "views.py", line 12, in post\n'
        "django.db.utils.IntegrityError: duplicate key\n"
        "DETAIL:  Key (email)=(xyz) already exists."
    )

    redacted = redact(log)

    assert "xyz" not in redacted
    assert "UniqueViolation: duplicate key" in redacted
    assert 'File "views.py", line 12, in post' in redacted
    assert "IntegrityError: duplicate key" in redacted


def test_a_traceback_is_redacted_with_its_message():
    try:
        raise ValueError(f"no session for session_code={CODE}") from KeyError("a@b.co")
    except ValueError as error:
        raised = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "for %s", ("ana@example.com",), raised)

    text = RedactingFormatter("{message}", style="{").format(record)

    assert "Traceback" in text
    for secret in (CODE, "ana@example.com", "a@b.co"):
        assert secret not in text


@pytest.fixture
def log():
    """What the configured handlers write while the test runs."""
    (console,) = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, RedactingFormatter)
    ]
    written = io.StringIO()
    stream = console.setStream(written)
    yield written
    console.setStream(stream)


def test_nothing_is_written_past_the_formatter_that_redacts(settings):
    handlers = settings.LOGGING["handlers"].values()

    assert {handler["formatter"] for handler in handlers} == {"redacted"}
    assert logging.getLogger("django").handlers == []
    assert logging.getLogger("django.server").handlers == []


def test_a_headset_s_request_that_fails_leaves_no_code_in_the_log(
    nobody, headset_of, log, failing_database
):
    session = SessionFactory()
    with failing_database(OperationalError("the server closed the connection")):
        nobody.get(f"{API}/sessions/by-code/{session.session_code}")
        headset_of(session).get(f"{API}/sessions/{session.pk}")
        nobody.cookies["session_code"] = session.session_code
        nobody.get(f"{API}/sessions/{session.pk}")

    assert "The database is unavailable" in log.getvalue()
    assert session.session_code not in log.getvalue()


def test_a_login_that_fails_leaves_neither_email_nor_password_in_the_log(
    nobody, log, failing_database
):
    user = UserFactory(email="ana.perez@example.com")
    with failing_database(RuntimeError(f"unexpected for {user.email}")):
        nobody.post(f"{API}/auth/login", {"email": user.email, "password": PASSWORD})

    assert "Unexpected error" in log.getvalue()
    assert "ana.perez" not in log.getvalue()
    assert PASSWORD not in log.getvalue()


def test_a_request_with_a_token_that_fails_leaves_no_token_in_the_log(
    nobody, facilitator, log, failing_database
):
    token = issue_token(facilitator).token
    with failing_database(RuntimeError(f"unexpected for Bearer {token}")):
        nobody.get(f"{API}/auth/me", HTTP_AUTHORIZATION=f"Bearer {token}")

    assert "Unexpected error" in log.getvalue()
    assert token not in log.getvalue()
    assert token.split(".")[2] not in log.getvalue()


def test_a_download_that_fails_leaves_no_signed_address_in_the_log(
    client, as_analyst, log, failing_database
):
    recording = RecordingFactory()
    url = as_analyst.get(f"{API}/recordings/{recording.pk}/download").json()["download_url"]
    client.raise_request_exception = False
    with failing_database(RuntimeError("unexpected")):
        answer = client.get(url)

    assert answer.status_code == 500
    assert "/files/" in log.getvalue()
    assert url.rpartition("/")[2] not in log.getvalue()


def test_a_collision_in_the_database_leaves_no_values_in_the_log(as_analyst, log, failing_database):
    error = IntegrityError(
        'violates check constraint\nDETAIL:  Failing row contains (7, "Juan Pérez", 25).'
    )
    session = SessionFactory()
    with failing_database(error):
        answer = as_analyst.put(f"{API}/sessions/{session.pk}", {"title": "Otra"})

    assert answer.status_code == 409
    assert "Two requests collided" in log.getvalue()
    assert "Juan" not in log.getvalue()


def test_a_client_s_own_mistakes_are_not_logged(nobody, log):
    for path in ("/nada", "/auth/me", "/sessions/by-code/xxx", "/texts?tema=%00"):
        nobody.get(f"{API}{path}")
    nobody.post(f"{API}/auth/login", {"email": "ana@example.com", "password": "x"})

    assert log.getvalue() == ""
