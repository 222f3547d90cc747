"""The surveys' own addresses: create, complete, list, get and delete."""

import json
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from surveys.tests.factories import SurveyFactory

pytestmark = pytest.mark.django_db

API = "/api/v1"
ANSWERS = {"experiencia_general": "excelente"}
QUESTIONS = ["¿Qué tal?", {"id": "facilidad", "opciones": [1, 2, 3]}, 4, None]
MAX_BYTES = 64 * 1024


@pytest.fixture
def session():
    return SessionFactory(estado=Estado.SURVEY_PENDING)


@pytest.fixture
def pending(session):
    return SurveyFactory(session=session, answers=None, questions=QUESTIONS)


def create(client, session, **fields):
    return client.post(f"{API}/surveys", {"session_id": session.pk, **fields})


def put(client, survey, **fields):
    return client.put(f"{API}/surveys/{survey.pk}", fields)


def state_of(session):
    session.refresh_from_db()
    return session.estado


def listed(client, query=""):
    return [row["id"] for row in client.get(f"{API}/surveys{query}").json()["results"]]


def created_at(day, hour=12):
    survey = SurveyFactory()
    moment = datetime(2026, 1, day, hour, tzinfo=UTC)
    Survey.objects.filter(pk=survey.pk).update(created_at=moment)
    return survey


def test_without_answers_a_survey_is_pending(as_analyst, analyst, session):
    answer = create(as_analyst, session, questions=QUESTIONS)

    body = answer.json()
    assert answer.status_code == 201
    assert body.pop("created_at").endswith("-05:00")
    assert body == {
        "id": Survey.objects.get().pk,
        "session_id": session.pk,
        "respuestas_json": {},
        "user_id": analyst.pk,
        "questions": QUESTIONS,
        "is_completed": False,
        "completed_at": None,
    }
    assert state_of(session) == Estado.SURVEY_PENDING


def test_a_session_alone_is_enough(as_analyst, session):
    body = create(as_analyst, session).json()

    assert (body["questions"], body["is_completed"]) == ([], False)


@pytest.mark.parametrize("name", ["respuestas_json", "responses"])
def test_with_answers_a_survey_is_complete(as_analyst, session, name):
    body = create(as_analyst, session, questions=QUESTIONS, **{name: ANSWERS}).json()

    assert (body["respuestas_json"], body["questions"]) == (ANSWERS, QUESTIONS)
    assert body["is_completed"] is True
    assert body["completed_at"].endswith("-05:00")
    assert "responses" not in body
    assert state_of(session) == Estado.COMPLETED


@pytest.mark.parametrize("name", ["respuestas_json", "responses"])
def test_empty_answers_are_answers(as_analyst, session, name):
    assert create(as_analyst, session, **{name: {}}).json()["is_completed"] is True
    assert state_of(session) == Estado.COMPLETED


@pytest.mark.parametrize("estado", [e for e in Estado if e != Estado.SURVEY_PENDING])
def test_a_completed_survey_leaves_any_other_state_alone(as_analyst, estado):
    session = SessionFactory(estado=estado)

    assert create(as_analyst, session, respuestas_json=ANSWERS).status_code == 201
    assert state_of(session) == estado


@pytest.mark.parametrize("name", ["respuestas_json", "responses"])
def test_put_completes_a_pending_survey(as_analyst, session, pending, name):
    answer = put(as_analyst, pending, **{name: ANSWERS})

    body = answer.json()
    assert answer.status_code == 200
    assert (body["id"], body["respuestas_json"]) == (pending.pk, ANSWERS)
    assert (body["is_completed"], body["questions"]) == (True, QUESTIONS)
    assert body["completed_at"].endswith("-05:00")
    assert state_of(session) == Estado.COMPLETED


def test_the_completion_is_logged_as_done_by_the_user(as_analyst, analyst, session, pending):
    put(as_analyst, pending, respuestas_json=ANSWERS)

    assert session.events.last().user == analyst


def test_a_second_put_corrects_the_answers_and_no_more(as_analyst, session, pending):
    first = put(as_analyst, pending, respuestas_json=ANSWERS).json()

    second = put(as_analyst, pending, respuestas_json={"otra": 1}).json()

    assert second == {**first, "respuestas_json": {"otra": 1}}
    assert session.events.filter(to_estado=Estado.COMPLETED).count() == 1


def test_put_of_questions_alone_completes_nothing(as_analyst, session, pending):
    body = put(as_analyst, pending, questions=["¿Y ahora?"]).json()

    assert (body["questions"], body["is_completed"]) == (["¿Y ahora?"], False)
    assert state_of(session) == Estado.SURVEY_PENDING


def test_put_of_nothing_changes_nothing(as_analyst, session, pending):
    before = as_analyst.get(f"{API}/surveys/{pending.pk}").json()

    answer = put(as_analyst, pending)

    assert (answer.status_code, answer.json()) == (200, before)
    assert state_of(session) == Estado.SURVEY_PENDING


def test_put_moves_a_survey_to_no_other_session(as_analyst, session, pending):
    other = SessionFactory()

    put(as_analyst, pending, session_id=other.pk, user_id=other.user_id, id=10**9)

    pending.refresh_from_db()
    assert (pending.session, pending.user) == (session, None)


def test_put_leaves_any_other_state_alone(as_analyst):
    session = SessionFactory(estado=Estado.RUNNING)
    pending = SurveyFactory(session=session, answers=None)

    assert put(as_analyst, pending, respuestas_json=ANSWERS).json()["is_completed"] is True
    assert state_of(session) == Estado.RUNNING


def test_put_keeps_the_order_of_keys(as_analyst, pending):
    put(as_analyst, pending, respuestas_json={"z": 1, "a": {"y": 1, "b": 2}})

    shown = as_analyst.get(f"{API}/surveys/{pending.pk}").content.decode()
    assert '{"z":1,"a":{"y":1,"b":2}}' in shown


WRONG = [
    {"respuestas_json": None},
    {"respuestas_json": []},
    {"respuestas_json": "{}"},
    {"responses": None},
    {"responses": [1]},
    {"responses": "x"},
    {"questions": None},
    {"questions": {}},
    {"questions": {"a": 1}},
    {"questions": "¿Qué tal?"},
    {"questions": 3},
    {"respuestas_json": {"k": "x" * MAX_BYTES}},
    {"responses": {"k": "x" * MAX_BYTES}},
    {"questions": ["x" * MAX_BYTES]},
]


@pytest.mark.parametrize("fields", WRONG, ids=lambda fields: str(fields)[:40])
def test_a_survey_of_wrong_types_or_size_is_refused(as_analyst, session, fields):
    answer = create(as_analyst, session, **fields)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(fields)
    assert not Survey.objects.exists()
    assert state_of(session) == Estado.SURVEY_PENDING


@pytest.mark.parametrize("fields", WRONG, ids=lambda fields: str(fields)[:40])
def test_a_change_of_wrong_types_or_size_changes_nothing(as_analyst, pending, fields):
    rest = {"questions": ["otra"], "respuestas_json": ANSWERS}
    before = as_analyst.get(f"{API}/surveys/{pending.pk}").json()

    answer = put(as_analyst, pending, **{**rest, **fields})

    assert answer.status_code == 400
    assert as_analyst.get(f"{API}/surveys/{pending.pk}").json() == before


def test_a_survey_needs_a_session(as_analyst):
    answer = as_analyst.post(f"{API}/surveys", {"respuestas_json": ANSWERS})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["session_id"]


@pytest.mark.parametrize("number", [999999, "999999", "x", -1, 10**30, 1.5, True])
def test_a_survey_of_an_unknown_session_is_not_found(as_analyst, number):
    answer = as_analyst.post(f"{API}/surveys", {"session_id": number})

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Session with id {number} not found"}


def test_create_get_and_list_answer_the_same_body(as_analyst, session):
    body = create(as_analyst, session, respuestas_json=ANSWERS).json()

    assert as_analyst.get(f"{API}/surveys/{body['id']}").json() == body
    assert as_analyst.get(f"{API}/surveys").json()["results"] == [body]
    assert as_analyst.get(f"{API}/sessions/{session.pk}/survey").json() == [body]


def test_the_list_is_a_page_with_pending_surveys_too(as_analyst):
    completed, pending = SurveyFactory(), SurveyFactory(answers=None)

    answer = as_analyst.get(f"{API}/surveys").json()

    assert set(answer) == {"count", "next", "previous", "results"}
    assert [row["id"] for row in answer["results"]] == [completed.pk, pending.pk]


def test_the_list_comes_in_parts(as_analyst):
    surveys = SurveyFactory.create_batch(3)

    answer = as_analyst.get(f"{API}/surveys?limit=1&offset=1").json()

    assert (answer["count"], [row["id"] for row in answer["results"]]) == (3, [surveys[1].pk])


def test_the_list_can_be_of_one_session(as_analyst):
    survey, _other = SurveyFactory(), SurveyFactory()

    assert listed(as_analyst, f"?session_id={survey.session_id}") == [survey.pk]


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("?desde=2026-01-02", [2, 3]),
        ("?hasta=2026-01-02", [1, 2]),
        ("?desde=2026-01-02&hasta=2026-01-02", [2]),
        ("?desde=2026-01-02T12:00:01Z", [3]),
        ("?hasta=2026-01-02T06:59:59-05:00", [1]),
    ],
)
def test_the_list_can_be_of_some_days(as_analyst, query, days):
    ids = {created_at(day).pk: day for day in (1, 2, 3)}

    assert [ids[number] for number in listed(as_analyst, query)] == days


@pytest.mark.parametrize(
    "query", ["session_id=x", "session_id=1.5", "desde=ayer", "hasta=2026-02-30", "limit=x"]
)
def test_a_filter_that_cannot_be_read_is_refused(as_analyst, query):
    answer = as_analyst.get(f"{API}/surveys?{query}")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.split("=")[0]]


def test_the_lists_queries_do_not_grow_with_its_rows(as_analyst, django_assert_num_queries):
    SurveyFactory()
    with CaptureQueriesContext(connection) as of_one:
        as_analyst.get(f"{API}/surveys")
    SurveyFactory.create_batch(4)

    with django_assert_num_queries(len(of_one)):
        assert len(listed(as_analyst)) == 5


def test_a_deletion_is_done_once(as_analyst, pending):
    answer = as_analyst.delete(f"{API}/surveys/{pending.pk}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert as_analyst.delete(f"{API}/surveys/{pending.pk}").status_code == 404
    assert as_analyst.get(f"{API}/surveys/{pending.pk}").status_code == 404


def test_a_deletion_leaves_the_session_completed(as_analyst, session):
    number = create(as_analyst, session, respuestas_json=ANSWERS).json()["id"]

    as_analyst.delete(f"{API}/surveys/{number}")

    assert state_of(session) == Estado.COMPLETED
    assert as_analyst.get(f"{API}/sessions/{session.pk}").json()["survey_id"] is None


@pytest.mark.parametrize("method", ["get", "put", "delete"])
@pytest.mark.parametrize("number", ["999999", "0", "-1", "x", "1.0", "9" * 30])
def test_a_survey_that_is_not_there_is_not_found(as_analyst, method, number):
    answer = getattr(as_analyst, method)(f"{API}/surveys/{number}")

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Survey with id {number} not found"}


def test_the_dataset_knows_completed_surveys_only(as_analyst, session, pending):
    SurveyFactory(session=session, answers=ANSWERS)

    (entry,) = json.loads(as_analyst.get(f"{API}/dataset").getvalue())["dataset"]

    assert (entry["surveys_count"], entry["survey_responses"]) == (1, [ANSWERS])
