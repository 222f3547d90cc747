"""`GET /sessions/by-code/{code}`: open to all, for as long as the code is valid."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import FailedAttempt
from accounts.tests.factories import FacilitatorFactory
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory, age
from toastclub.testing.services import manage

pytestmark = pytest.mark.django_db

UNKNOWN_CODE = "cdefghjkm"
NOT_FOUND = {"detail": "Invalid session_code"}


def by_code(client, code, **extra):
    return client.get(f"/api/v1/sessions/by-code/{quote(code)}", **extra)


def get_with_code(session, code):
    return APIClient().get(f"/api/v1/sessions/{session.pk}", HTTP_X_SESSION_CODE=code)


def test_a_code_leads_to_its_session(nobody, as_facilitator):
    session = SessionFactory()

    answer = by_code(nobody, session.session_code)

    assert answer.status_code == 200
    assert answer.json() == as_facilitator.get(f"/api/v1/sessions/{session.pk}").json()
    assert answer.json()["id"] == session.pk
    assert answer.json()["texto_seleccionado"]["Pages"]


@pytest.mark.parametrize(
    "typed", [str.upper, str.title, lambda code: f"  {code}\t", lambda code: f" {code.upper()}\n"]
)
def test_a_code_is_found_however_it_was_typed(nobody, typed):
    session = SessionFactory()

    assert by_code(nobody, typed(session.session_code)).json()["id"] == session.pk


@pytest.mark.parametrize(
    "code", [UNKNOWN_CODE, "x", "cdefghjkmn", "acd ef ghj", "ñ", "%", "0" * 500, " ", "'", "..x"]
)
def test_a_code_that_fits_no_session_is_404_in_the_contracts_words(nobody, code):
    SessionFactory()

    answer = by_code(nobody, code)

    assert answer.status_code == 404
    assert answer.json() == NOT_FOUND


def test_the_id_of_a_session_is_no_code(nobody):
    assert by_code(nobody, str(SessionFactory().pk)).status_code == 404


def test_it_takes_two_queries_at_most(nobody, django_assert_max_num_queries):
    session = SessionFactory()

    with django_assert_max_num_queries(2):
        by_code(nobody, session.session_code)


def test_it_sets_the_code_as_a_cookie(nobody):
    session = SessionFactory()

    cookie = by_code(nobody, session.session_code.upper()).cookies["session_code"]

    assert cookie.value == session.session_code
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_is_secure_where_the_settings_say_so(nobody, settings, secure):
    settings.SESSION_CODE_COOKIE_SECURE = secure

    cookie = by_code(nobody, SessionFactory().session_code).cookies["session_code"]

    assert bool(cookie["secure"]) is secure


@pytest.mark.one_database
@pytest.mark.parametrize("mode, secure", [("production", "True"), ("local", "False")])
def test_in_production_the_settings_make_the_cookie_secure(tmp_path, mode, secure):
    environment = {
        "TOASTCLUB_ENV": mode,
        "TOASTCLUB_DATA_DIR": str(tmp_path),
        "SECRET_KEY": "k3y-of-a-test-that-is-long-enough-0123456789",
        "ALLOWED_HOSTS": "example.com",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing",
        "R2_ENDPOINT_URL": "https://127.0.0.1:9",
        "R2_ACCESS_KEY_ID": "a",
        "R2_SECRET_ACCESS_KEY": "b",
        "R2_BUCKET": "c",
        "R2_REGION": "auto",
    }
    script = "from django.conf import settings as s; print(s.SESSION_CODE_COOKIE_SECURE)"

    shell = manage(environment, "shell", "--no-imports", "-c", script)

    assert shell.stdout.strip() == secure, shell.stderr


def test_the_cookie_ends_with_the_code(nobody):
    session = SessionFactory()
    age(session, created_days=29.5)

    cookie = by_code(nobody, session.session_code).cookies["session_code"]

    assert 0 < cookie["max-age"] <= timedelta(hours=12).total_seconds()


def test_the_cookie_of_a_completed_session_ends_within_a_day(nobody):
    session = SessionFactory(estado=Estado.COMPLETED)

    cookie = by_code(nobody, session.session_code).cookies["session_code"]

    assert 0 < cookie["max-age"] <= timedelta(days=1).total_seconds()


def test_a_miss_sets_no_cookie(nobody):
    assert not by_code(nobody, UNKNOWN_CODE).cookies


VALID = [
    pytest.param(Estado.CREATED, {"created_days": 29.9}, id="created less than 30 days ago"),
    pytest.param(Estado.COMPLETED, {"completed_days": 0.9}, id="completed less than a day ago"),
]
EXPIRED = [
    pytest.param(Estado.CREATED, {"created_days": 30}, id="created 30 days ago"),
    pytest.param(Estado.SURVEY_PENDING, {"created_days": 30}, id="never completed"),
    pytest.param(Estado.COMPLETED, {"completed_days": 1}, id="completed a day ago"),
    pytest.param(Estado.COMPLETED, {"created_days": 30.5, "completed_days": 0.5}, id="both"),
]


@pytest.mark.parametrize("estado, ages", VALID)
def test_a_code_is_a_credential_while_it_is_valid(nobody, estado, ages):
    session = SessionFactory(estado=estado)
    age(session, **ages)

    assert by_code(nobody, session.session_code).status_code == 200
    assert get_with_code(session, session.session_code).status_code == 200


@pytest.mark.parametrize("estado, ages", EXPIRED)
def test_an_expired_code_is_404_by_code_and_401_as_a_credential(nobody, estado, ages):
    session = SessionFactory(estado=estado)
    age(session, **ages)

    answer = by_code(nobody, session.session_code)

    assert answer.status_code == 404
    assert answer.json() == NOT_FOUND
    assert not answer.cookies
    assert get_with_code(session, session.session_code).status_code == 401


def test_the_days_of_a_code_are_configured(nobody, settings):
    settings.SESSION_CODE_TTL = timedelta(days=2)
    session = SessionFactory()
    age(session, created_days=2)

    assert by_code(nobody, session.session_code).status_code == 404


@pytest.mark.parametrize("estado, ages", EXPIRED)
@pytest.mark.parametrize("staff", ["as_facilitator", "as_analyst"])
def test_staff_find_a_session_by_its_expired_code(request, staff, estado, ages):
    session = SessionFactory(estado=estado)
    age(session, **ages)

    answer = by_code(request.getfixturevalue(staff), session.session_code)

    assert answer.status_code == 200
    assert answer.json()["id"] == session.pk
    assert not answer.cookies


def bad_token_clients(client_of):
    locked = FacilitatorFactory()
    client_of_locked = client_of(locked)
    locked.is_active = False
    locked.save()
    return [
        APIClient(HTTP_AUTHORIZATION="Bearer roto"),
        APIClient(HTTP_AUTHORIZATION="Basic Og=="),
        APIClient(HTTP_AUTHORIZATION=""),
        client_of_locked,
        client_of(FacilitatorFactory(must_change_password=True)),
    ]


def test_a_bad_token_is_nobodys_to_an_expired_code(client_of):
    session = SessionFactory()
    age(session, created_days=30)

    answers = [by_code(client, session.session_code) for client in bad_token_clients(client_of)]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert answers[0].json() == NOT_FOUND


def test_a_bad_token_does_not_keep_anybody_from_a_valid_code(client_of):
    session = SessionFactory()

    answers = [by_code(client, session.session_code) for client in bad_token_clients(client_of)]

    assert [answer.status_code for answer in answers] == [200] * 5


def test_misses_past_the_limit_are_429(nobody, settings):
    settings.CODE_MISSES_ALLOWED = 3

    answers = [by_code(nobody, UNKNOWN_CODE) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 429, 429]
    refused = answers[-1]
    assert 1 <= int(refused["Retry-After"]) <= settings.CODE_MISSES_WINDOW.total_seconds() + 1
    assert isinstance(refused.json()["detail"], str)


def test_hits_are_never_throttled(nobody, headset_of, settings):
    settings.CODE_MISSES_ALLOWED = 3
    session = SessionFactory()

    assert {by_code(nobody, session.session_code).status_code for _ in range(10)} == {200}
    assert not FailedAttempt.objects.exists()


def test_hits_pass_while_misses_of_the_same_address_are_refused(nobody, headset_of, settings):
    settings.CODE_MISSES_ALLOWED = 1
    session = SessionFactory()
    for _ in range(3):
        by_code(nobody, UNKNOWN_CODE)

    assert by_code(nobody, session.session_code).status_code == 200
    assert headset_of(session).get(f"/api/v1/sessions/{session.pk}").status_code == 200
    assert by_code(nobody, UNKNOWN_CODE).status_code == 429


def test_another_address_is_not_refused(nobody, settings):
    settings.CODE_MISSES_ALLOWED = 1
    for _ in range(3):
        by_code(nobody, UNKNOWN_CODE)

    assert by_code(nobody, UNKNOWN_CODE, REMOTE_ADDR="10.0.0.2").status_code == 404


def test_misses_count_no_more_once_the_window_has_passed(nobody, settings):
    settings.CODE_MISSES_ALLOWED = 1
    for _ in range(2):
        by_code(nobody, UNKNOWN_CODE)

    FailedAttempt.objects.update(counts_until=timezone.now())

    assert by_code(nobody, UNKNOWN_CODE).status_code == 404


def test_expired_codes_count_as_misses(nobody, settings):
    settings.CODE_MISSES_ALLOWED = 1
    session = SessionFactory()
    age(session, created_days=30)

    answers = [by_code(nobody, session.session_code) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [404, 429]


@pytest.mark.parametrize(
    "credential",
    [{"HTTP_X_SESSION_CODE": UNKNOWN_CODE}, {"HTTP_COOKIE": f"session_code={UNKNOWN_CODE}"}],
    ids=["header", "cookie"],
)
def test_misses_by_header_and_by_cookie_count_too(settings, credential):
    settings.CODE_MISSES_ALLOWED = 2
    session = SessionFactory()
    client = APIClient(**credential)

    answers = [client.get(f"/api/v1/sessions/{session.pk}") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert int(answers[-1]["Retry-After"]) >= 1


def test_misses_of_every_kind_add_up(nobody, settings):
    settings.CODE_MISSES_ALLOWED = 2
    session = SessionFactory()
    get_with_code(session, UNKNOWN_CODE)
    by_code(nobody, UNKNOWN_CODE)

    assert get_with_code(session, UNKNOWN_CODE).status_code == 429
