"""Every error is JSON with a `detail`, whatever raised it."""

import pytest
from django.db import InterfaceError, OperationalError

from accounts.tests.factories import PASSWORD, UserFactory
from sessions_app.tests.factories import SessionFactory
from toastclub.middleware import ApiLocaleMiddleware
from toastclub.tests.calls import API, METHODS, api_calls

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

WITHOUT_DATABASE = {
    ("POST", f"{API}/auth/login"),  # an empty body is refused before the database is asked
    ("POST", f"{API}/auth/logout"),
}


def is_json_error(answer):
    return answer["Content-Type"] == "application/json" and isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("call", api_calls(), ids=" ".join)
@pytest.mark.parametrize("make", [OperationalError, InterfaceError])
def test_without_a_database_every_call_that_needs_it_is_unavailable(
    as_analyst, failing_database, call, make
):
    with failing_database(make("the server closed the connection")):
        answer = as_analyst.generic(*call, "{}", "application/json")

    assert (answer.status_code == 503) == (call not in WITHOUT_DATABASE)
    if answer.status_code == 503:
        assert int(answer["Retry-After"]) > 0
        assert is_json_error(answer)


def test_without_a_database_a_login_is_unavailable_and_not_refused(nobody, failing_database):
    user = UserFactory()
    with failing_database(OperationalError("the server closed the connection")):
        answer = nobody.post(f"{API}/auth/login", {"email": user.email, "password": PASSWORD})

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_without_a_database_a_headset_is_unavailable_and_not_refused(headset_of, failing_database):
    session = SessionFactory()
    with failing_database(OperationalError("the server closed the connection")):
        answer = headset_of(session).get(f"{API}/sessions/{session.pk}")

    assert answer.status_code == 503


@pytest.mark.parametrize("debug", [False, True])
def test_an_unexpected_error_is_json_and_says_nothing_of_its_cause(
    nobody, failing_database, settings, debug
):
    settings.DEBUG = debug
    with failing_database(RuntimeError("clave-secreta")):
        answer = nobody.get(f"{API}/texts")

    assert answer.status_code == 500
    assert is_json_error(answer)
    assert "clave-secreta" not in answer.content.decode()


def test_an_error_outside_the_views_is_json_too(client, monkeypatch):
    def fail(self, request):
        raise RuntimeError("clave-secreta")

    monkeypatch.setattr(ApiLocaleMiddleware, "process_request", fail)
    client.raise_request_exception = False

    answer = client.get(f"{API}/texts")

    assert answer.status_code == 500
    assert is_json_error(answer)
    assert "clave-secreta" not in answer.content.decode()


def test_a_request_for_a_host_that_is_not_ours_is_refused_in_json(nobody, settings):
    settings.ALLOWED_HOSTS = ["toastclub.example.org"]

    answer = nobody.get(f"{API}/texts", HTTP_HOST="otro.example.org")

    assert answer.status_code == 400
    assert is_json_error(answer)


METHODS_OF = {}
for _method, _path in api_calls():
    METHODS_OF.setdefault(_path, set()).add(_method)


@pytest.mark.parametrize("path", METHODS_OF)
def test_a_method_that_a_call_does_not_know_is_405(as_analyst, path):
    for method in {*METHODS, "OPTIONS", "TRACE", "INVENTED"} - METHODS_OF[path]:
        answer = as_analyst.generic(method, path, "{}", "application/json")

        assert answer.status_code == 405, method
        assert is_json_error(answer)
        assert METHODS_OF[path] <= set(answer["Allow"].split(", "))


def test_a_wrong_content_type_is_415(nobody):
    answer = nobody.generic("POST", f"{API}/auth/login", "a=b", "application/x-www-form-urlencoded")

    assert answer.status_code == 415
    assert is_json_error(answer)


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", "*/*;q=0", ""])
def test_answers_are_json_whatever_is_accepted(nobody, accept):
    answer = nobody.get(f"{API}/texts", HTTP_ACCEPT=accept)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


def test_a_format_in_the_query_changes_no_format(as_analyst):
    answer = as_analyst.get(f"{API}/users", {"format": "xml"})

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("path", [path for method, path in api_calls() if method == "GET"])
def test_a_head_is_answered_like_the_get_without_its_body(as_analyst, path):
    answer = as_analyst.head(path)

    assert answer.status_code == as_analyst.get(path).status_code


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/texts/xxx", "Text with Id 'xxx' not found"),
        ("/sessions/by-code/xxx", "Invalid session_code"),
        ("/sessions/9", "Session with id 9 not found"),
        ("/recordings/9", "Recording with id 9 not found"),
        ("/recordings/9/download", "Recording with id 9 not found"),
        ("/surveys/9", "Survey with id 9 not found"),
        ("/users/9", "User with id 9 not found"),
        ("/sessions/9/survey", "Session with id 9 not found"),
    ],
)
@pytest.mark.parametrize("language", ["es", "en", ""])
def test_the_exact_texts_of_the_contract_are_in_every_language_the_same(
    client_of, path, detail, language
):
    # Ids go on counting from test to test.
    client = client_of(UserFactory(pk=10_000, role="ANALISTA"))

    answer = client.get(f"{API}{path}", HTTP_ACCEPT_LANGUAGE=language)

    assert answer.status_code == 404
    assert answer.json() == {"detail": detail}


def spanish_and_english(client, method, path, body=None, **headers):
    """The details of the same answer by default, in Spanish and in English."""
    return [
        client.generic(
            method, path, body or "{}", "application/json", **headers, **language
        ).json()["detail"]
        for language in (
            {},
            {"HTTP_ACCEPT_LANGUAGE": "es-PE,es;q=0.9"},
            {"HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.9"},
        )
    ]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"{API}/nada", None),
        ("GET", f"{API}/texts?tema=%00", None),
        ("GET", f"{API}/texts/%00", None),
        ("GET", f"{API}/auth/me", None),
        ("PUT", f"{API}/auth/me", None),
        ("POST", f"{API}/auth/login", None),
        ("POST", f"{API}/auth/login", "["),
        ("POST", f"{API}/auth/login", '{"email": "a@b.co", "password": "x"}'),
    ],
)
def test_messages_are_spanish_by_default_and_english_where_wanted(nobody, method, path, body):
    default, spanish, english = spanish_and_english(nobody, method, path, body)

    assert default == spanish != english


def test_a_form_that_cannot_be_read_is_refused_in_the_language_wanted(as_analyst):
    path = f"{API}/sessions/{SessionFactory().pk}/upload"

    def refusal(**headers):
        answer = as_analyst.generic("POST", path, "x", "multipart/form-data", **headers)
        return answer.json()["detail"]

    assert refusal() == "El formulario está mal formado."
    assert refusal(HTTP_ACCEPT_LANGUAGE="en") == "The form is malformed."


@pytest.mark.parametrize("language", ["fr", "x" * 5000, "\xff", "en;q=abc", "*"])
def test_any_other_language_is_answered_in_spanish(nobody, language):
    answer = nobody.get(f"{API}/nada", HTTP_ACCEPT_LANGUAGE=language)

    assert answer.json() == {"detail": "No encontrado."}


def test_the_language_of_one_request_does_not_stick_to_the_next(nobody):
    nobody.get(f"{API}/nada", HTTP_ACCEPT_LANGUAGE="en")

    assert nobody.get(f"{API}/nada").json() == {"detail": "No encontrado."}


def test_pages_are_spanish_whatever_the_browser_wants(client):
    page = client.get("/admin/login/", HTTP_ACCEPT_LANGUAGE="en").content.decode()

    assert "Contraseña" in page


IDS = [f"{API}/users/9999", f"{API}/recordings/9999", f"{API}/surveys/9999", f"{API}/users/abc"]


@pytest.mark.parametrize("path", IDS)
def test_the_credential_is_checked_before_the_object(nobody, path):
    answer = nobody.get(path)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", IDS)
def test_the_right_is_checked_before_the_object(as_facilitator, path):
    assert as_facilitator.get(path).status_code == 403


def test_the_right_is_checked_before_the_body(as_facilitator):
    assert as_facilitator.generic("POST", f"{API}/users", "[", "text/plain").status_code == 403
