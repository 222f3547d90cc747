"""A session's own call on surveys: answers are submitted and read."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from sessions_app.choices import ActorKind, Estado
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from surveys.tests.factories import SurveyFactory

pytestmark = pytest.mark.django_db

API = "/api/v1"
MAX_BYTES = 64 * 1024
ANSWERS = {
    "experiencia_general": "excelente",
    "facilidad_uso": "muy_facil",
    "utilidad_entrenamiento": "muy_util",
    "volveria_usar": "si",
    "mejoras_sugeridas": "Agregar más textos de práctica",
}


@pytest.fixture
def session():
    return SessionFactory(estado=Estado.SURVEY_PENDING)


@pytest.fixture
def headset(headset_of, session):
    return headset_of(session)


def submit(client, session, answers):
    return client.post(f"{API}/sessions/{session.pk}/survey", {"respuestas_json": answers})


def surveys_of(client, session):
    return client.get(f"{API}/sessions/{session.pk}/survey").json()


def state_of(session):
    session.refresh_from_db()
    return session.estado


def answers_of_size(size, character="x"):
    """Answers that are that many bytes of compact JSON."""
    frame = len('{"k":""}')
    count, rest = divmod(size - frame, len(character.encode()))
    return {"k": character * count + "x" * rest}


def test_the_answer_describes_the_survey(headset, session):
    answer = submit(headset, session, ANSWERS)

    body = answer.json()
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}-05:00")
    assert answer.status_code == 201
    assert moment.fullmatch(body.pop("created_at"))
    assert moment.fullmatch(body.pop("completed_at"))
    assert body == {
        "id": Survey.objects.get().pk,
        "session_id": session.pk,
        "respuestas_json": ANSWERS,
        "user_id": None,
        "questions": [],
        "is_completed": True,
    }


def test_a_survey_that_a_user_submits_is_theirs(as_facilitator, facilitator, session):
    assert submit(as_facilitator, session, ANSWERS).json()["user_id"] == facilitator.pk


def test_a_survey_outlives_the_account_that_submitted_it(
    as_facilitator, facilitator, as_analyst, session
):
    submit(as_facilitator, session, ANSWERS)
    facilitator.delete()

    (body,) = surveys_of(as_analyst, session)
    assert (body["user_id"], body["respuestas_json"]) == (None, ANSWERS)


def test_a_survey_completes_a_session_that_waited_for_it(headset, session):
    submit(headset, session, ANSWERS)

    assert state_of(session) == Estado.COMPLETED
    assert session.completed_at is not None


def test_the_completion_is_logged_as_done_by_the_headset(headset, session):
    submit(headset, session, ANSWERS)

    event = session.events.last()
    assert (event.from_estado, event.to_estado) == (Estado.SURVEY_PENDING, Estado.COMPLETED)
    assert (event.actor_kind, event.user) == (ActorKind.HEADSET, None)


@pytest.mark.parametrize("estado", [e for e in Estado if e != Estado.SURVEY_PENDING])
def test_a_survey_is_stored_in_every_other_state_and_leaves_it_alone(headset_of, estado):
    session = SessionFactory(estado=estado)

    answer = submit(headset_of(session), session, ANSWERS)

    assert answer.status_code == 201
    assert answer.json()["is_completed"] is True
    assert state_of(session) == estado


def test_a_second_survey_completes_the_session_no_second_time(headset, session):
    submit(headset, session, ANSWERS)
    session.refresh_from_db()
    completed_at = session.completed_at

    assert submit(headset, session, ANSWERS).status_code == 201
    session.refresh_from_db()
    assert session.completed_at == completed_at
    assert session.events.filter(to_estado=Estado.COMPLETED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_simultaneous_surveys_complete_the_session_once(headset_of, session):
    def send(_number):
        try:
            return submit(headset_of(session), session, ANSWERS).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(send, range(6))) == [201] * 6

    assert Survey.objects.count() == 6
    assert session.events.filter(to_estado=Estado.COMPLETED).count() == 1


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"": "una clave vacía"},
        {"¿Qué te pareció? 🎤": "«bien», “muy” bien"},
        {"a.b": 1, "a[0]": 2, "$where": 3, "__proto__": 4, "id": 5},
        {"k" * 5000: "v"},
        {"entero": 3, "grande": 10**30, "decimal": 0.1, "sí": True, "no": False, "nada": None},
        {"lista": [1, [2, {"tres": []}]], "objeto": {"z": {"y": {}}}},
        {"control": "\t\n\x01", "html": "<script>", "fórmula": "=1+1"},
    ],
    ids=["none", "empty", "words", "odd names", "long", "types", "nested", "characters"],
)
def test_answers_have_any_keys_and_values(headset, session, answers):
    submitted = submit(headset, session, answers)

    assert submitted.status_code == 201
    assert submitted.json()["respuestas_json"] == answers
    assert surveys_of(headset, session)[0]["respuestas_json"] == answers


def test_the_order_of_keys_is_kept_as_sent(headset, as_analyst, session):
    sent = '{"zeta":1,"10":2,"9":{"z":1,"a":2},"Alfa":3,"alfa":[{"y":1,"b":2}],"ñ":4}'

    body = f'{{"respuestas_json":{sent}}}'
    answer = headset.post(
        f"{API}/sessions/{session.pk}/survey", body.encode(), content_type="application/json"
    )
    number = answer.json()["id"]

    for shown in (
        answer.content,
        headset.get(f"{API}/sessions/{session.pk}/survey").content,
        as_analyst.get(f"{API}/surveys/{number}").content,
        as_analyst.get(f"{API}/surveys").content,
    ):
        assert sent in shown.decode()


def test_the_dataset_keeps_the_order_of_keys_too(headset, as_analyst, session):
    submit(headset, session, {"zeta": 1, "alfa": 2})

    (entry,) = json.loads(as_analyst.get(f"{API}/dataset").getvalue())["dataset"]
    (answers,) = entry["survey_responses"]
    assert list(answers) == ["zeta", "alfa"]


@pytest.mark.parametrize("character", ["x", "ñ", "🎤"])
def test_answers_of_64_kib_are_stored(headset, session, character):
    answers = answers_of_size(MAX_BYTES, character)

    assert submit(headset, session, answers).status_code == 201
    assert surveys_of(headset, session)[0]["respuestas_json"] == answers


@pytest.mark.parametrize("character", ["x", "ñ", "🎤"])
def test_answers_of_one_byte_more_are_refused(headset, session, character):
    answer = submit(headset, session, answers_of_size(MAX_BYTES + 1, character))

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("respuestas_json: ")
    assert not Survey.objects.exists()
    assert state_of(session) == Estado.SURVEY_PENDING


def test_the_space_between_answers_does_not_count(headset, session):
    body = json.dumps({"respuestas_json": answers_of_size(MAX_BYTES)}, indent=1000)

    answer = headset.post(
        f"{API}/sessions/{session.pk}/survey", body.encode(), content_type="application/json"
    )

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"respuestas_json": None},
        {"respuestas_json": []},
        {"respuestas_json": [["a", 1]]},
        {"respuestas_json": "{}"},
        {"respuestas_json": 3},
        {"respuestas_json": True},
        {"respuestas": {"a": 1}},
    ],
    ids=str,
)
def test_answers_that_are_no_object_are_refused(headset, session, body):
    answer = headset.post(f"{API}/sessions/{session.pk}/survey", body)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["respuestas_json"]
    assert not Survey.objects.exists()
    assert state_of(session) == Estado.SURVEY_PENDING


@pytest.mark.parametrize(
    "body",
    [
        '{"respuestas_json": {"a": "\\u0000"}}',
        '{"respuestas_json": {"a\\u0000": 1}}',
        '{"respuestas_json": {"a": "\\ud800"}}',
        '{"respuestas_json": {"a": NaN}}',
        '{"respuestas_json": {"a": 1e400}}',
        '{"respuestas_json": ' + '{"a":' * 100_000,
        '{"respuestas_json": {"a": ' + "[" * 40 + "]" * 40 + "}}",
        '[{"respuestas_json": {}}]',
        '"respuestas_json"',
        '{"respuestas_json": {}',
        "",
    ],
    ids=[
        "NUL",
        "NUL in a key",
        "lone surrogate",
        "NaN",
        "infinity",
        "bottomless",
        "deep",
        "list",
        "text",
        "cut short",
        "empty",
    ],
)
def test_what_no_database_can_hold_is_refused(headset, session, body):
    answer = headset.post(
        f"{API}/sessions/{session.pk}/survey", body.encode(), content_type="application/json"
    )

    assert answer.status_code == 400
    assert isinstance(answer.json()["detail"], str)
    assert not Survey.objects.exists()


def test_what_a_caller_may_not_set_is_ignored(headset, session):
    other = SessionFactory()

    body = headset.post(
        f"{API}/sessions/{session.pk}/survey",
        {
            "respuestas_json": ANSWERS,
            "id": 10**9,
            "session_id": other.pk,
            "user_id": other.user_id,
            "is_completed": False,
            "completed_at": None,
            "created_at": "2001-01-01T00:00:00Z",
            "desconocido": 1,
        },
    ).json()

    assert body["id"] != 10**9
    assert (body["session_id"], body["user_id"]) == (session.pk, None)
    assert body["is_completed"] is True
    assert not body["created_at"].startswith("2001")


def test_the_list_is_oldest_first(headset, session):
    numbers = [SurveyFactory(session=session).pk for _ in range(3)]
    moved = Survey.objects.filter(pk=numbers[2])
    moved.update(created_at=timezone.now() - timedelta(days=1))

    listed = [survey["id"] for survey in surveys_of(headset, session)]

    assert listed == [numbers[2], numbers[0], numbers[1]]


def test_the_list_holds_pending_surveys_without_answers(headset, session):
    SurveyFactory(session=session)
    SurveyFactory(session=session, answers=None, questions=["¿Qué tal?"])

    _completed, pending = surveys_of(headset, session)
    assert (pending["respuestas_json"], pending["is_completed"]) == ({}, False)
    assert pending["completed_at"] is None


def test_the_list_holds_no_other_sessions_surveys(headset, session):
    SurveyFactory()

    assert surveys_of(headset, session) == []


def test_the_lists_queries_do_not_grow_with_its_rows(
    headset, session, django_assert_max_num_queries
):
    SurveyFactory.create_batch(5, session=session)

    with django_assert_max_num_queries(3):
        assert len(surveys_of(headset, session)) == 5


def test_the_session_names_its_newest_survey(headset, session):
    submit(headset, session, ANSWERS)
    newest = submit(headset, session, ANSWERS).json()

    assert headset.get(f"{API}/sessions/{session.pk}").json()["survey_id"] == newest["id"]
