"""Bodies that no layer can hold: each is refused with 400, or 413, at every call that reads one."""

import pytest

from accounts.models import User
from accounts.tests.factories import FacilitatorFactory
from recordings.models import Recording
from sessions_app.models import Participant
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory
from training.tests.factories import TextFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

BAD_BODIES = {
    "NUL": b'{"name": "a\\u0000b"}',
    "NUL in a key": b'{"a\\u0000b": 1}',
    "NUL deep inside": b'{"respuestas_json": {"a": [{"b": "\\u0000"}]}}',
    "raw NUL": b'{"name": "a\x00b"}',
    "lone surrogate": b'{"name": "\\ud800"}',
    "lone surrogate in a key": b'{"\\udfff": 1}',
    "surrogates the wrong way round": b'{"name": "\\udc00\\ud800"}',
    "not UTF-8": b'{"name": "\xff"}',
    "surrogate in UTF-8": b'{"name": "\xed\xa0\x80"}',
    "Latin-1": '{"name": "Peña"}'.encode("latin-1"),
    "UTF-16": '{"name": "Ana"}'.encode("utf-16"),
    "100,000 [": b"[" * 100_000,
    "100,000 { within": b'{"a":' * 100_000,
    "balanced but too deep": b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}",
    "NaN": b'{"name": NaN}',
    "Infinity": b'{"respuestas_json": {"a": -Infinity}}',
    "1e400": b'{"respuestas_json": {"a": 1e400}}',
    "too many digits": b'{"name": ' + b"9" * 5000 + b"}",
    "a list": b"[1, 2]",
    "a string": b'"hola"',
    "a number": b"7",
    "null": b"null",
    "truncated": b'{"name": "Ana"',
    "two documents": b"{}{}",
    "single quotes": b"{'name': 'Ana'}",
    "byte-order mark": b"\xef\xbb\xbf{}",
    "nothing but space": b"  ",
}


@pytest.fixture
def json_calls():
    """Every call that reads a JSON body, on things that are there."""
    session = SessionFactory(estado="running")
    survey = SurveyFactory(session=session)
    user = FacilitatorFactory()
    return [
        ("POST", "/auth/login"),
        ("POST", "/auth/change-password"),
        ("POST", "/sessions"),
        ("PUT", f"/sessions/{session.pk}"),
        ("PATCH", f"/sessions/{session.pk}/state"),
        ("POST", f"/sessions/{session.pk}/recording"),
        ("POST", f"/sessions/{session.pk}/survey"),
        ("POST", "/recordings"),
        ("POST", "/surveys"),
        ("PUT", f"/surveys/{survey.pk}"),
        ("POST", "/users"),
        ("PUT", f"/users/{user.pk}"),
        ("POST", "/admin/users"),
        ("PATCH", f"/admin/users/{user.pk}"),
    ]


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_json_body_that_no_layer_can_hold_is_refused(as_analyst, json_calls, body):
    answers = {
        call: as_analyst.generic(call[0], f"/api/v1{call[1]}", body, "application/json")
        for call in json_calls
    }

    assert {call: answer.status_code for call, answer in answers.items()} == dict.fromkeys(
        answers, 400
    )
    assert all(isinstance(answer.json()["detail"], str) for answer in answers.values())


def test_a_json_body_over_the_limit_is_too_large(as_analyst, json_calls, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = b'{"name": "' + b"x" * 1000 + b'"}'

    statuses = {
        as_analyst.generic(method, f"/api/v1{path}", body, "application/json").status_code
        for method, path in json_calls
    }

    assert statuses == {413}


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "", "x"],
)
def test_a_body_of_another_type_is_not_read(as_analyst, json_calls, content_type):
    statuses = {
        as_analyst.generic(method, f"/api/v1{path}", b'{"name": "x"}', content_type).status_code
        for method, path in json_calls
    }

    assert statuses == {415}


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"]
)
def test_json_is_read_however_its_type_is_written(as_analyst, content_type):
    body = '{"email": "ana@example.com", "name": "Ána Ñ 🎙", "role": "ANALISTA"}'

    answer = as_analyst.generic("POST", "/api/v1/users", body, content_type)

    assert answer.json()["name"] == "Ána Ñ 🎙"


def test_escaped_characters_of_every_plane_are_kept(as_analyst):
    body = rb'{"email": "ana@example.com", "name": "\ud83c\udf99 \u00d1", "role": "ANALISTA"}'

    as_analyst.generic("POST", "/api/v1/users", body, "application/json")

    assert User.objects.get(email="ana@example.com").name == "🎙 Ñ"


def test_a_number_of_any_size_comes_back_as_it_was_sent(as_analyst):
    path = f"/api/v1/sessions/{SessionFactory().pk}/survey"
    answers = {"large": 10**40, "negative": -(2**70), "small": 1e-300}

    as_analyst.post(path, {"respuestas_json": answers})

    assert as_analyst.get(path).json()[0]["respuestas_json"] == answers


def test_a_missing_body_names_the_first_field_that_is_missing(nobody):
    answer = nobody.generic("POST", "/api/v1/auth/login", "", "application/json")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["email", "password"]
    assert answer.json()["detail"].startswith("email: ")


def test_the_detail_names_a_nested_field_by_its_path(as_analyst):
    text = TextFactory()
    body = {"datos_participante": {"nombre": ""}, "texto_seleccionado_id": text.pk}

    answer = as_analyst.post("/api/v1/sessions", body).json()

    assert list(answer["errors"]["datos_participante"]) == ["nombre"]
    assert answer["detail"] == (
        f"datos_participante.nombre: {answer['errors']['datos_participante']['nombre'][0]}"
    )


def test_all_faults_are_in_errors_and_the_first_in_detail(as_analyst):
    body = {"email": "ana", "name": "", "role": "JEFE"}

    answer = as_analyst.post("/api/v1/users", body).json()

    assert list(answer["errors"]) == ["email", "name", "role"]
    assert all(isinstance(messages, list) for messages in answer["errors"].values())
    assert answer["detail"] == f"email: {answer['errors']['email'][0]}"


@pytest.mark.parametrize("path", ["/surveys", "/recordings"])
@pytest.mark.parametrize(
    "session_id", [99999, "99999", -1, 10**30, "abc", "1_0", 1.5, True, [], {}]
)
def test_an_unknown_session_id_in_a_body_is_not_found(as_analyst, path, session_id):
    SessionFactory()
    body = {"session_id": session_id, "audio_url": "pruebas/voz.wav"}

    answer = as_analyst.post(f"/api/v1{path}", body)

    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("Session with id ")


@pytest.mark.parametrize("path", ["/surveys", "/recordings"])
def test_a_missing_session_id_in_a_body_is_a_fault(as_analyst, path):
    answer = as_analyst.post(f"/api/v1{path}", {"audio_url": "pruebas/voz.wav"})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["session_id"]


def part(name, content, filename=None):
    disposition = b'Content-Disposition: form-data; name="' + name + b'"'
    if filename:
        disposition += b'; filename="' + filename + b'"'
    return b"--b\r\n" + disposition + b"\r\n\r\n" + content + b"\r\n"


FORM = "multipart/form-data; boundary=b"
BAD_BASE64 = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="v.wav"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n--b--\r\n"
)
BAD_CHARSET = b"--b\r\nContent-Disposition: form-data; name*=bogus''%ff\r\n\r\n1\r\n--b--\r\n"
BAD_FORMS = {
    "no boundary": ("multipart/form-data", b"--b--\r\n"),
    "an empty boundary": ("multipart/form-data; boundary=", b"--b--\r\n"),
    "nothing": (FORM, b""),
    "no form at all": (FORM, b'{"session_id": 1}'),
    "cut in a header": (FORM, b"--b\r\nContent-Dispo"),
    "NUL": (FORM, part(b"session_id", b"1\x00") + b"--b--\r\n"),
    "NUL in a name": (FORM, part(b"a\x00", b"1") + b"--b--\r\n"),
    "not UTF-8": (FORM, part(b"session_id", b"\xff") + b"--b--\r\n"),
    "bad base64": (FORM, BAD_BASE64),
    "an unknown charset": (FORM, BAD_CHARSET),
    "1001 fields": (FORM, b"".join(part(b"f", b"1") for _field in range(1001)) + b"--b--\r\n"),
}


@pytest.mark.parametrize("form", BAD_FORMS.values(), ids=BAD_FORMS)
@pytest.mark.parametrize("path", ["/sessions/{}/upload", "/recordings/upload"])
def test_a_form_that_cannot_be_read_is_refused(as_analyst, form, path):
    content_type, body = form
    session = SessionFactory(estado="running")

    answer = as_analyst.generic("POST", f"/api/v1{path.format(session.pk)}", body, content_type)

    assert answer.status_code == 400
    assert isinstance(answer.json()["detail"], str)
    assert not Recording.with_pending.exists()


def test_a_form_whose_fields_are_too_large_is_refused(as_analyst, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    session = SessionFactory()
    body = part(b"note", b"x" * 2000) + part(b"file", b"RIFF", b"v.wav") + b"--b--\r\n"

    answer = as_analyst.generic(
        "POST",
        f"/api/v1/sessions/{session.pk}/upload",
        body,
        FORM,
    )

    assert answer.status_code == 413
    assert isinstance(answer.json()["detail"], str)


def test_json_is_no_upload(as_analyst):
    session = SessionFactory()

    answer = as_analyst.post(f"/api/v1/sessions/{session.pk}/upload", {"file": "voz"})

    assert answer.status_code == 415


def test_what_was_refused_left_nothing_behind(as_analyst):
    """On SQLite a lone surrogate would be stored, and every list of it fail from then on."""
    session = SessionFactory()
    as_analyst.generic(
        "PUT",
        f"/api/v1/sessions/{session.pk}",
        b'{"datos_participante": {"nombre": "\\ud800"}}',
        "application/json",
    )

    assert Participant.objects.get(session=session).nombre == "Juan Pérez"
    assert as_analyst.get("/api/v1/sessions").status_code == 200
