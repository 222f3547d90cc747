"""Who may make the calls on sessions, and which credential decides."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.services import issue_token
from accounts.tests.factories import AnalystFactory, FacilitatorFactory, SuperuserFactory
from recordings.models import Recording
from sessions_app.choices import Estado
from sessions_app.models import Session, SessionEvent
from sessions_app.tests.factories import SessionFactory, age
from surveys.models import Survey
from training.tests.factories import TextFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

UNKNOWN_CODE = "cdefghjkm"
MISSING_ID = 999_999

ACTORS = {
    "nobody": lambda _session: {},
    "its headset": lambda session: code_of(session),
    "another headset": lambda _session: code_of(SessionFactory()),
    "its IMPULSADOR": lambda session: token_of(session.user),
    "another IMPULSADOR": lambda _session: token_of(FacilitatorFactory()),
    "ANALISTA": lambda _session: token_of(AnalystFactory()),
    "superuser": lambda _session: token_of(SuperuserFactory(role="IMPULSADOR")),
}
CALLS = {
    "POST /sessions": lambda client, _number: client.post(
        "/api/v1/sessions",
        {
            "datos_participante": {"nombre": "Ana"},
            "texto_seleccionado_id": TextFactory().pk,
        },
    ),
    "GET /sessions": lambda client, _number: client.get("/api/v1/sessions"),
    "GET /sessions/{id}": lambda client, number: client.get(f"/api/v1/sessions/{number}"),
    "PATCH /sessions/{id}/state": lambda client, number: client.patch(
        f"/api/v1/sessions/{number}/state", {"new_state": "audio_uploaded"}
    ),
    "PUT /sessions/{id}": lambda client, number: client.put(
        f"/api/v1/sessions/{number}", {"title": "Otro"}
    ),
    "DELETE /sessions/{id}": lambda client, number: client.delete(f"/api/v1/sessions/{number}"),
    "POST /sessions/{id}/upload": lambda client, number: client.post(
        f"/api/v1/sessions/{number}/upload",
        {"file": SimpleUploadedFile("voz.bin", b"\x01\x02\x03 una voz")},
        format="multipart",
    ),
    "POST /sessions/{id}/recording": lambda client, number: client.post(
        f"/api/v1/sessions/{number}/recording", {"audio_url": "recordings/voz.wav"}
    ),
    "POST /sessions/{id}/survey": lambda client, number: client.post(
        f"/api/v1/sessions/{number}/survey", {"respuestas_json": {"a": "b"}}
    ),
    "GET /sessions/{id}/survey": lambda client, number: client.get(
        f"/api/v1/sessions/{number}/survey"
    ),
}
# Decisions, "Who may call what": the answer to each actor, in the order of ACTORS.
ANSWERS = {
    "POST /sessions": (401, 403, 403, 201, 201, 201, 201),
    "GET /sessions": (401, 403, 403, 200, 200, 200, 200),
    "GET /sessions/{id}": (401, 200, 404, 200, 200, 200, 200),
    "PATCH /sessions/{id}/state": (401, 200, 404, 200, 200, 200, 200),
    "PUT /sessions/{id}": (401, 403, 403, 200, 403, 200, 200),
    "DELETE /sessions/{id}": (401, 403, 403, 403, 403, 204, 204),
    "POST /sessions/{id}/upload": (401, 201, 404, 201, 201, 201, 201),
    "POST /sessions/{id}/recording": (401, 201, 404, 201, 201, 201, 201),
    "POST /sessions/{id}/survey": (401, 201, 404, 201, 201, 201, 201),
    "GET /sessions/{id}/survey": (401, 200, 404, 200, 200, 200, 200),
}
# The right is checked before the object: the answers where there is no such session.
ANSWERS_WITHOUT_SESSION = {
    **{call: (401, 404, 404, 404, 404, 404, 404) for call in CALLS if "{id}" in call},
    "PUT /sessions/{id}": (401, 403, 403, 404, 404, 404, 404),
    "DELETE /sessions/{id}": (401, 403, 403, 403, 403, 404, 404),
}


def code_of(session):
    return {"HTTP_X_SESSION_CODE": session.session_code}


def cookie_of(session):
    return {"HTTP_COOKIE": f"session_code={session.session_code}"}


def token_of(user):
    return {"HTTP_AUTHORIZATION": f"Bearer {issue_token(user).token}"}


def table(answers):
    return [
        pytest.param(call, actor, answer, id=f"{call} by {actor}")
        for call, row in answers.items()
        for actor, answer in zip(ACTORS, row, strict=True)
    ]


@pytest.mark.parametrize("call, actor, expected", table(ANSWERS))
def test_each_call_is_open_to_those_that_may_make_it(call, actor, expected):
    session = SessionFactory(estado=Estado.RUNNING)

    answer = CALLS[call](APIClient(**ACTORS[actor](session)), session.pk)

    assert answer.status_code == expected
    assert (answer.get("WWW-Authenticate") == "Bearer") == (expected == 401)
    if expected == 404:
        assert answer.json() == {"detail": f"Session with id {session.pk} not found"}
    if expected >= 400:
        assert isinstance(answer.json()["detail"], str)


def all_there_is():
    return [list(model.objects.values()) for model in (Session, SessionEvent, Recording, Survey)]


@pytest.mark.parametrize(
    "call, actor, expected", [row for row in table(ANSWERS) if row.values[2] >= 400]
)
def test_a_refused_call_changes_nothing(call, actor, expected):
    session = SessionFactory(estado=Estado.RUNNING)
    client = APIClient(**ACTORS[actor](session))
    before = all_there_is()

    CALLS[call](client, session.pk)

    assert all_there_is() == before


@pytest.mark.parametrize("call, actor, expected", table(ANSWERS_WITHOUT_SESSION))
def test_the_right_is_checked_before_the_session(call, actor, expected):
    credentials = ACTORS[actor](SessionFactory())

    answer = CALLS[call](APIClient(**credentials), MISSING_ID)

    assert answer.status_code == expected
    if expected == 404:
        assert answer.json() == {"detail": f"Session with id {MISSING_ID} not found"}


@pytest.mark.parametrize("actor", ACTORS)
def test_by_code_is_open_to_all(actor):
    session = SessionFactory()
    client = APIClient(**ACTORS[actor](session))

    assert client.get(f"/api/v1/sessions/by-code/{session.session_code}").status_code == 200


def get(session, **credentials):
    return APIClient(**credentials).get(f"/api/v1/sessions/{session.pk}").status_code


@pytest.mark.parametrize("typed", [str.lower, str.upper, lambda code: f" {code} "])
def test_the_header_takes_the_code_however_it_was_typed(typed):
    session = SessionFactory()

    assert get(session, HTTP_X_SESSION_CODE=typed(session.session_code)) == 200


def test_the_cookie_opens_what_the_header_opens():
    session = SessionFactory(estado=Estado.RUNNING)

    for call, row in ANSWERS.items():
        if "{id}" in call:
            assert CALLS[call](APIClient(**cookie_of(session)), session.pk).status_code == row[1]


def test_the_cookie_of_another_session_is_404():
    session = SessionFactory()

    assert get(session, **cookie_of(SessionFactory())) == 404


def test_a_client_that_keeps_cookies_needs_nothing_but_the_code():
    session = SessionFactory(estado=Estado.READY_TO_START)
    headset = APIClient()
    joined = headset.get(f"/api/v1/sessions/by-code/{session.session_code}").json()

    answer = headset.patch(f"/api/v1/sessions/{joined['id']}/state", {"new_state": "running"})

    assert answer.status_code == 200


def test_joining_another_session_replaces_the_cookie():
    first, second = SessionFactory(), SessionFactory()
    headset = APIClient()
    for session in (first, second):
        headset.get(f"/api/v1/sessions/by-code/{session.session_code}")

    assert headset.get(f"/api/v1/sessions/{second.pk}").status_code == 200
    assert headset.get(f"/api/v1/sessions/{first.pk}").status_code == 404


@pytest.mark.parametrize("code", [UNKNOWN_CODE, "", " ", "x", "ñ", "'", "0" * 300])
@pytest.mark.parametrize("carry", ["header", "cookie"])
def test_an_unknown_code_is_401(carry, code):
    session = SessionFactory()
    client = APIClient()
    if carry == "header":
        client.credentials(HTTP_X_SESSION_CODE=code)
    else:
        client.cookies["session_code"] = code

    answer = client.get(f"/api/v1/sessions/{session.pk}")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("bad", ["Bearer roto", "Bearer", "Basic Og==", "roto", "", "Bearer a b"])
@pytest.mark.parametrize("beside", [code_of, cookie_of])
def test_a_bad_token_is_401_even_beside_a_good_code(bad, beside):
    session = SessionFactory()

    assert get(session, **beside(session), HTTP_AUTHORIZATION=bad) == 401


@pytest.mark.parametrize("beside", [code_of, cookie_of])
def test_a_good_token_decides_beside_the_code_of_another_session(beside):
    session = SessionFactory()

    assert get(session, **token_of(session.user), **beside(SessionFactory())) == 200


@pytest.mark.parametrize(
    "beside", [{"HTTP_X_SESSION_CODE": UNKNOWN_CODE}, {"HTTP_COOKIE": "session_code=nadie"}]
)
def test_a_good_token_decides_beside_a_bad_code(beside):
    session = SessionFactory()

    assert get(session, **token_of(session.user), **beside) == 200


def test_a_token_without_the_right_is_403_even_beside_a_code():
    session = SessionFactory()
    client = APIClient(**token_of(session.user), **code_of(session))

    assert client.delete(f"/api/v1/sessions/{session.pk}").status_code == 403


def test_the_header_decides_beside_the_cookie_of_another_session():
    session, other = SessionFactory(), SessionFactory()

    assert get(session, **code_of(session), **cookie_of(other)) == 200
    assert get(session, **code_of(other), **cookie_of(session)) == 404


def test_a_bad_header_is_401_even_beside_a_good_cookie():
    session = SessionFactory()

    assert get(session, HTTP_X_SESSION_CODE=UNKNOWN_CODE, **cookie_of(session)) == 401


def test_a_code_dies_with_its_session(as_analyst):
    session, other = SessionFactory(), SessionFactory()
    as_analyst.delete(f"/api/v1/sessions/{session.pk}")

    assert get(other, **code_of(session)) == 401


def test_a_headset_of_an_expired_session_cannot_act_on_it():
    session = SessionFactory(estado=Estado.RUNNING)
    age(session, created_days=30)

    for call in ("PATCH /sessions/{id}/state", "POST /sessions/{id}/upload"):
        assert CALLS[call](APIClient(**code_of(session)), session.pk).status_code == 401
    assert Session.objects.get(pk=session.pk).estado == "running"
