"""Browsers of other origins: a browser hides an answer, and an error too, that lacks the header."""

import pytest
from django.db import OperationalError, connection

from toastclub.tests.calls import API

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

WEB_CLIENT = "http://localhost:5173"
ALLOW_ORIGIN = "Access-Control-Allow-Origin"
OUR_ERRORS = [
    (f"{API}/auth/me", 401),
    (f"{API}/nada", 404),
    (f"{API}/texts/%00", 404),
    (f"{API}/texts?tema=%00", 400),
    (f"{API}/sessions/by-code/xxx", 404),
]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("port", [3000, 4173, 5173])
def test_the_web_client_s_usual_origins_are_allowed_locally(nobody, host, port):
    origin = f"http://{host}:{port}"

    assert nobody.get(f"{API}/texts", HTTP_ORIGIN=origin)[ALLOW_ORIGIN] == origin


@pytest.mark.parametrize(
    "origin", ["http://localhost:9999", "https://localhost:5173", "https://evil.example", "null"]
)
def test_another_origin_is_not_allowed(nobody, origin):
    assert ALLOW_ORIGIN not in nobody.get(f"{API}/texts", HTTP_ORIGIN=origin)


@pytest.mark.parametrize(("path", "status"), OUR_ERRORS)
def test_errors_carry_the_header_too(nobody, path, status):
    answer = nobody.get(path, HTTP_ORIGIN=WEB_CLIENT)

    assert answer.status_code == status
    assert answer[ALLOW_ORIGIN] == WEB_CLIENT


@pytest.mark.parametrize(
    ("error", "status"), [(OperationalError("gone"), 503), (RuntimeError("unexpected"), 500)]
)
def test_failures_of_the_server_carry_the_header_too(nobody, error, status):
    def fail(execute, sql, params, many, context):
        raise error

    with connection.execute_wrapper(fail):
        answer = nobody.get(f"{API}/texts", HTTP_ORIGIN=WEB_CLIENT)

    assert answer.status_code == status
    assert answer[ALLOW_ORIGIN] == WEB_CLIENT


def test_a_refused_method_carries_the_header_too(nobody):
    answer = nobody.delete(f"{API}/texts", HTTP_ORIGIN=WEB_CLIENT)

    assert (answer.status_code, answer[ALLOW_ORIGIN]) == (405, WEB_CLIENT)


@pytest.mark.parametrize("path", [f"{API}/sessions", f"{API}/sessions/1/state/", f"{API}/nada"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_preflight_allows_the_methods_and_headers_of_the_contract(nobody, path, method):
    answer = nobody.options(
        path,
        HTTP_ORIGIN=WEB_CLIENT,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD=method,
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,content-type,x-session-code",
    )

    assert answer.status_code == 200
    assert answer[ALLOW_ORIGIN] == WEB_CLIENT
    assert method in answer["Access-Control-Allow-Methods"].split(", ")
    allowed = set(answer["Access-Control-Allow-Headers"].split(", "))
    assert allowed == {"authorization", "content-type", "x-session-code"}


def test_a_preflight_of_another_origin_allows_nothing(nobody):
    answer = nobody.options(
        f"{API}/sessions",
        HTTP_ORIGIN="https://evil.example",
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST",
    )

    assert ALLOW_ORIGIN not in answer


def test_the_origins_are_those_of_the_settings_and_no_others(nobody, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://panel.example.org"]

    allowed = nobody.get(f"{API}/texts", HTTP_ORIGIN="https://panel.example.org")
    refused = nobody.get(f"{API}/texts", HTTP_ORIGIN=WEB_CLIENT)

    assert allowed[ALLOW_ORIGIN] == "https://panel.example.org"
    assert ALLOW_ORIGIN not in refused


def test_no_cookie_crosses_origins(nobody):
    answer = nobody.get(f"{API}/texts", HTTP_ORIGIN=WEB_CLIENT)

    assert "Access-Control-Allow-Credentials" not in answer


def test_a_browser_may_read_how_long_to_wait_and_what_a_file_is_called(nobody):
    answer = nobody.get(f"{API}/texts", HTTP_ORIGIN=WEB_CLIENT)

    exposed = set(answer["Access-Control-Expose-Headers"].split(", "))
    assert exposed >= {"content-disposition", "retry-after"}
