"""Who may make which call on surveys."""

import pytest

from accounts.tests.factories import SuperuserFactory
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from surveys.tests.factories import SurveyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

API = "/api/v1"
MISSING = 999_999

SESSION_CALLS = [
    ("post", "/sessions/{session}/survey", 201),
    ("get", "/sessions/{session}/survey", 200),
]
ANALYST_CALLS = [
    ("post", "/surveys", 201),
    ("get", "/surveys", 200),
    ("get", "/surveys/{survey}", 200),
    ("put", "/surveys/{survey}", 200),
    ("delete", "/surveys/{survey}", 204),
]

session_calls = pytest.mark.parametrize(("method", "path", "success"), SESSION_CALLS)
analyst_calls = pytest.mark.parametrize(("method", "path", "success"), ANALYST_CALLS)
all_calls = pytest.mark.parametrize(("method", "path", "success"), SESSION_CALLS + ANALYST_CALLS)


@pytest.fixture
def session():
    return SessionFactory(estado=Estado.SURVEY_PENDING)


@pytest.fixture
def survey(session):
    return SurveyFactory(session=session, answers=None)


@pytest.fixture
def headset(headset_of, session):
    return headset_of(session)


def call(client, method, path, *, session, survey):
    """Makes the call with a body that would be accepted."""
    body = {"session_id": session, "respuestas_json": {"a": 1}}
    url = API + path.format(session=session, survey=survey)
    return getattr(client, method)(url, body if method in ("post", "put") else None)


def nothing_changed(survey):
    return list(Survey.objects.values_list("pk", "completed_at")) == [(survey.pk, None)]


@all_calls
@pytest.mark.parametrize("exists", [True, False])
def test_nobody_may(nobody, session, survey, method, path, success, exists):
    numbers = (session.pk, survey.pk) if exists else (MISSING, MISSING)

    answer = call(nobody, method, path, session=numbers[0], survey=numbers[1])

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert nothing_changed(survey)


@session_calls
def test_a_headset_may_with_its_own_session(headset, session, method, path, success):
    assert call(headset, method, path, session=session.pk, survey=None).status_code == success


@session_calls
def test_a_headset_may_do_so_by_its_cookie(nobody, session, method, path, success):
    nobody.get(f"{API}/sessions/by-code/{session.session_code}")

    assert call(nobody, method, path, session=session.pk, survey=None).status_code == success


@session_calls
@pytest.mark.parametrize("exists", [True, False])
def test_a_headset_finds_no_session_but_its_own(
    headset_of, session, survey, method, path, success, exists
):
    another = headset_of(SessionFactory())
    number = session.pk if exists else MISSING

    answer = call(another, method, path, session=number, survey=None)

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Session with id {number} not found"}
    assert nothing_changed(survey)


@analyst_calls
@pytest.mark.parametrize("exists", [True, False])
def test_a_headset_may_not_see_surveys(headset, session, survey, method, path, success, exists):
    numbers = (session.pk, survey.pk) if exists else (MISSING, MISSING)

    answer = call(headset, method, path, session=numbers[0], survey=numbers[1])

    assert answer.status_code == 403
    assert nothing_changed(survey)


@session_calls
def test_a_facilitator_may_with_anybodys_session(as_facilitator, session, method, path, success):
    answer = call(as_facilitator, method, path, session=session.pk, survey=None)

    assert answer.status_code == success


@analyst_calls
@pytest.mark.parametrize("exists", [True, False])
def test_a_facilitator_may_not_see_surveys(
    as_facilitator, session, survey, method, path, success, exists
):
    numbers = (session.pk, survey.pk) if exists else (MISSING, MISSING)

    answer = call(as_facilitator, method, path, session=numbers[0], survey=numbers[1])

    assert answer.status_code == 403
    assert nothing_changed(survey)


@all_calls
def test_an_analyst_may(as_analyst, session, survey, method, path, success):
    answer = call(as_analyst, method, path, session=session.pk, survey=survey.pk)

    assert answer.status_code == success


@all_calls
def test_a_superuser_counts_as_an_analyst(client_of, session, survey, method, path, success):
    superuser = client_of(SuperuserFactory())

    answer = call(superuser, method, path, session=session.pk, survey=survey.pk)

    assert answer.status_code == success


@session_calls
@pytest.mark.parametrize("number", ["999999", "0", "-1", "x", "9" * 30])
def test_a_session_that_is_not_there_is_not_found(as_facilitator, method, path, success, number):
    answer = call(as_facilitator, method, path, session=number, survey=None)

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Session with id {number} not found"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("put", "/sessions/{}/survey"),
        ("delete", "/sessions/{}/survey"),
        ("delete", "/surveys"),
        ("patch", "/surveys/{}"),
        ("post", "/surveys/{}"),
    ],
)
def test_a_method_that_a_call_does_not_have_is_refused(as_analyst, session, method, path):
    answer = getattr(as_analyst, method)(API + path.format(session.pk))

    assert answer.status_code == 405
    assert isinstance(answer.json()["detail"], str)
