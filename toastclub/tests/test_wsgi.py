"""What a Content-Type may do before any middleware sees the request."""

import io
import json
import subprocess
import sys
from contextlib import closing
from unittest.mock import Mock

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from accounts.tests.factories import PASSWORD, UserFactory
from sessions_app.tests.factories import SessionFactory
from toastclub.environment import BASE_DIR
from toastclub.tests.calls import API
from toastclub.wsgi import application
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_connection():
    """Each request would close the connection that holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def served(path, content_type, *, query="", body=None, **headers):
    """Status and JSON of what the application answers to a server's request."""
    start_response = Mock()
    environ = {
        "REQUEST_METHOD": "GET" if body is None else "POST",
        "PATH_INFO": f"{API}{path}",
        "QUERY_STRING": query,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body or b"")),
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body or b""),
        "wsgi.errors": io.StringIO(),
        **headers,
    }
    with closing(application(environ, start_response)) as answer:
        body = json.loads(b"".join(answer))
    status = start_response.call_args.args[0]
    return int(status.split()[0]), body


@pytest.mark.parametrize(
    "parameters",
    [
        "charset=rot13",  # decodes to no text
        "charset=bogus",
        "charset*=bogus''utf-8",
        "charset*0=rot; charset*1=13",
        'charset="hex"',
        "x*=bogus''%ff",
        "charset=utf-16",
    ],
)
def test_no_charset_of_a_request_breaks_it(parameters):
    TextFactory(tags={"tema": "ética"})

    status, body = served("/texts", f"application/json; {parameters}", query="tema=%C3%A9tica")

    assert (status, body["total"]) == (200, 1)


@pytest.mark.parametrize(
    ("charset", "query"),
    [
        ("utf-7", "tema=%2BAAA-"),
        ("unicode_escape", "tema=%5Cx00"),
        ("unicode_escape", "%5Cud800=a"),
    ],
)
def test_no_charset_smuggles_in_what_no_layer_can_hold(charset, query):
    status, body = served("/texts", f"application/json; charset={charset}", query=query)

    assert (status, body["total"]) == (200, 0)


def test_json_is_utf8_whatever_its_charset_claims():
    UserFactory(email="ana@example.com", password=f"ñ{PASSWORD}")
    body = json.dumps(
        {"email": "ana@example.com", "password": f"ñ{PASSWORD}"}, ensure_ascii=False
    ).encode()

    status, _token = served("/auth/login", "application/json; charset=latin-1", body=body)

    assert status == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=limit",
        'multipart/form-data; boundary="limit"',
        "multipart/form-data; charset=rot13; BOUNDARY=limit; x=y",
        "Multipart/Form-Data;boundary=limit",
    ],
)
def test_a_form_is_read_by_its_boundary_whatever_stands_beside_it(content_type, spoken_wav):
    session = SessionFactory()
    head = b'--limit\r\nContent-Disposition: form-data; name="file"; filename="v.wav"\r\n\r\n'

    status, recording = served(
        f"/sessions/{session.pk}/upload",
        content_type,
        body=head + spoken_wav + b"\r\n--limit--\r\n",
        HTTP_X_SESSION_CODE=session.session_code,
    )

    assert (status, recording["file_size"]) == (201, len(spoken_wav))


def test_the_addresses_are_there_before_the_first_request(tmp_path):
    program = "import sys, toastclub.wsgi; print('toastclub.urls' in sys.modules)"

    loaded = subprocess.run(  # noqa: S603 - nothing in the command comes from outside
        [sys.executable, "-c", program],
        cwd=BASE_DIR,
        env={"TOASTCLUB_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert loaded.stdout == "True\n"
