"""Listing, reading and changing sessions."""

import pytest
from django.utils import timezone

from accounts.tests.factories import FacilitatorFactory, SuperuserFactory
from recordings.tests.factories import RecordingFactory
from sessions_app.models import Session
from sessions_app.tests.factories import SessionFactory, age
from sessions_app.views import SessionAccess
from surveys.tests.factories import SurveyFactory

pytestmark = pytest.mark.django_db

PARTICIPANT = {"nombre": "Juan Pérez", "edad_aproximada": 25, "email_opcional": "juan@example.com"}


def url(session):
    return f"/api/v1/sessions/{session.pk}"


def listed(client, **filters):
    answer = client.get("/api/v1/sessions", filters)
    assert answer.status_code == 200, answer.content
    return [session["id"] for session in answer.json()["results"]]


# Lists


def test_a_facilitator_lists_the_own_sessions_alone(as_facilitator, facilitator):
    own = SessionFactory.create_batch(2, user=facilitator)
    SessionFactory()

    answer = as_facilitator.get("/api/v1/sessions").json()

    assert [session["id"] for session in answer["results"]] == [session.pk for session in own]
    assert (answer["count"], answer["next"], answer["previous"]) == (2, None, None)


def test_an_analyst_lists_all_sessions(as_analyst):
    sessions = SessionFactory.create_batch(3)

    assert listed(as_analyst) == [session.pk for session in sessions]


def test_a_superuser_lists_all_sessions(client_of):
    session = SessionFactory()

    assert listed(client_of(SuperuserFactory(role="IMPULSADOR"))) == [session.pk]


def test_a_session_in_a_list_has_all_but_the_pages(as_analyst):
    session = SessionFactory()
    alone = as_analyst.get(url(session)).json()

    (in_list,) = as_analyst.get("/api/v1/sessions").json()["results"]

    assert "Pages" in alone["texto_seleccionado"]
    del alone["texto_seleccionado"]["Pages"]
    assert in_list == alone


def test_the_list_is_paged(as_analyst):
    sessions = SessionFactory.create_batch(3)

    answer = as_analyst.get("/api/v1/sessions", {"limit": 2, "offset": 1}).json()

    assert [session["id"] for session in answer["results"]] == [s.pk for s in sessions[1:]]
    assert answer["count"] == 3
    assert "offset" not in answer["previous"]


def test_the_list_is_filtered_by_state(as_analyst):
    running = SessionFactory(estado="running")
    SessionFactory()

    assert listed(as_analyst, estado="running") == [running.pk]


def test_the_list_is_filtered_by_id(as_analyst):
    _other, wanted = SessionFactory.create_batch(2)

    assert listed(as_analyst, session_id=wanted.pk) == [wanted.pk]


def test_the_list_is_filtered_by_day(as_analyst):
    old, recent, today = SessionFactory.create_batch(3)
    age(old, created_days=20)
    age(recent, created_days=10)
    day_of_recent = timezone.localtime(recent.created_at).date().isoformat()

    assert listed(as_analyst, desde=day_of_recent) == [recent.pk, today.pk]
    assert listed(as_analyst, hasta=day_of_recent) == [old.pk, recent.pk]
    assert listed(as_analyst, desde=day_of_recent, hasta=day_of_recent) == [recent.pk]


def test_a_filter_never_shows_a_facilitator_the_sessions_of_others(as_facilitator):
    other = SessionFactory(estado="running")

    assert listed(as_facilitator, estado="running") == []
    assert listed(as_facilitator, session_id=other.pk) == []


@pytest.mark.parametrize(
    "name, value",
    [("estado", "volando"), ("session_id", "x"), ("desde", "ayer"), ("hasta", "2026-13-01")],
)
def test_a_filter_that_cannot_be_read_is_400(as_analyst, name, value):
    answer = as_analyst.get("/api/v1/sessions", {name: value})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [name]


def test_the_queries_of_the_list_do_not_grow_with_it(as_analyst, django_assert_num_queries):
    for sessions in (1, 4):
        for session in SessionFactory.create_batch(sessions):
            RecordingFactory(session=session)
            SurveyFactory(session=session)
        with django_assert_num_queries(3):  # the user, the count, the sessions
            listed(as_analyst)


# One session


def test_a_session_that_was_read_before_takes_one_query(as_facilitator, django_assert_num_queries):
    session = SessionFactory()
    as_facilitator.get(url(session))

    with django_assert_num_queries(1):
        assert as_facilitator.get(url(session)).status_code == 200


def test_the_first_read_of_a_session_takes_three_queries_at_most(
    as_facilitator, django_assert_max_num_queries
):
    session = SessionFactory()

    with django_assert_max_num_queries(3):
        assert as_facilitator.get(url(session)).json()["id"] == session.pk


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [("put", "", {"title": "Otro"}), ("patch", "/state", {"new_state": "ready_to_start"})],
)
def test_a_session_that_is_deleted_meanwhile_is_not_found(
    as_analyst, monkeypatch, method, suffix, body
):
    session = SessionFactory()
    find_session = SessionAccess.find_session

    def deleted_after(view, session_id):
        found = find_session(view, session_id)
        Session.objects.filter(pk=found.pk).delete()
        return found

    monkeypatch.setattr(SessionAccess, "find_session", deleted_after)

    answer = getattr(as_analyst, method)(url(session) + suffix, body)

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Session with id {session.pk} not found"}


@pytest.mark.parametrize("session_id", ["x", "-1", "1.0", "9" * 30, "0x1", "1e3", "ñ", "1 "])
@pytest.mark.parametrize("suffix", ["", "/state", "/survey"])
def test_what_is_no_id_is_404(as_analyst, session_id, suffix):
    method = as_analyst.patch if suffix == "/state" else as_analyst.get

    answer = method(f"/api/v1/sessions/{session_id}{suffix}", {})

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Session with id {session_id} not found"}


def test_recording_and_survey_are_the_newest(as_analyst):
    session = SessionFactory()
    recordings = RecordingFactory.create_batch(2, session=session)
    surveys = SurveyFactory.create_batch(2, session=session)
    RecordingFactory()
    SurveyFactory()

    body = as_analyst.get(url(session)).json()

    assert body["recording_id"] == recordings[1].pk
    assert body["survey_id"] == surveys[1].pk


def test_a_recording_whose_bytes_are_not_stored_yet_is_not_named(as_analyst):
    session = SessionFactory()
    RecordingFactory(session=session, uploaded_at=None)

    assert as_analyst.get(url(session)).json()["recording_id"] is None


def test_times_keep_their_microseconds_where_there_are_none(as_analyst):
    session = SessionFactory()
    Session.objects.update(created_at=timezone.now().replace(microsecond=0))

    assert as_analyst.get(url(session)).json()["created_at"].endswith(".000000-05:00")


# Changes


def test_a_session_is_changed_where_something_is_given(as_analyst):
    session = SessionFactory(title="Uno", description="Primera")
    before = as_analyst.get(url(session)).json()

    answer = as_analyst.put(url(session), {"title": "  Dos "})

    assert answer.status_code == 200
    changed = answer.json()
    assert changed.pop("updated_at") > before.pop("updated_at")
    assert changed == {**before, "title": "Dos"}


@pytest.mark.parametrize(
    "change",
    [
        {"nombre": "Ana"},
        {"edad_aproximada": 30},
        {"email_opcional": "ana@example.com"},
        {"edad_aproximada": None, "email_opcional": ""},
        {"nombre": " Ana ", "edad_aproximada": ""},
        {},
    ],
)
def test_the_participant_is_changed_field_by_field(as_analyst, change):
    session = SessionFactory(participant=PARTICIPANT)

    body = as_analyst.put(url(session), {"datos_participante": change}).json()

    stored = {
        name: value.strip() or None if isinstance(value, str) else value
        for name, value in change.items()
    }
    assert body["datos_participante"] == {**PARTICIPANT, **stored}
    assert as_analyst.get(url(session)).json() == body


def test_an_empty_change_is_none(as_analyst):
    session = SessionFactory(title="Uno", description="Primera")
    before = as_analyst.get(url(session)).json()

    after = as_analyst.put(url(session), {}).json()

    assert {**after, "updated_at": None} == {**before, "updated_at": None}


def test_title_and_description_can_be_emptied(as_analyst):
    session = SessionFactory(title="Uno", description="Primera")

    body = as_analyst.put(url(session), {"title": "", "description": ""}).json()

    assert (body["title"], body["description"]) == ("", "")


def test_state_code_and_text_are_never_changed(as_analyst):
    session = SessionFactory(title="Uno")
    before = as_analyst.get(url(session)).json()

    body = as_analyst.put(
        url(session),
        {
            "title": "Dos",
            "estado": "running",
            "new_state": "running",
            "session_code": "cdefghjkm",
            "texto_seleccionado_id": "otro",
            "texto_seleccionado": {"Id": "otro", "Pages": []},
            "id": 7,
            "user_id": None,
            "created_at": "2020-01-01T00:00:00Z",
            "datos_participante": {"session": 7, "desconocido": 1},
        },
    ).json()

    assert {**body, "updated_at": None} == {**before, "title": "Dos", "updated_at": None}


@pytest.mark.parametrize(
    "body, field",
    [
        ({"title": "a" * 201}, "title"),
        ({"title": 7}, "title"),
        ({"description": []}, "description"),
        ({"datos_participante": {"nombre": " "}}, "datos_participante.nombre"),
        ({"datos_participante": {"nombre": None}}, "datos_participante.nombre"),
        ({"datos_participante": {"edad_aproximada": 121}}, "datos_participante.edad_aproximada"),
        ({"datos_participante": {"email_opcional": "x"}}, "datos_participante.email_opcional"),
        ({"datos_participante": "Ana"}, "datos_participante"),
    ],
)
def test_a_faulty_change_is_400_and_changes_nothing(as_analyst, body, field):
    session = SessionFactory(title="Uno", participant=PARTICIPANT)
    before = as_analyst.get(url(session)).json()

    answer = as_analyst.put(url(session), {"description": "Otra", **body})

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(field)
    assert as_analyst.get(url(session)).json() == before


def test_a_facilitator_changes_the_own_session(as_facilitator, facilitator):
    session = SessionFactory(user=facilitator)

    assert as_facilitator.put(url(session), {"title": "Dos"}).json()["title"] == "Dos"


def test_a_facilitator_cannot_change_anothers_session_nor_learn_what_is_wrong(as_facilitator):
    session = SessionFactory(user=FacilitatorFactory())

    assert as_facilitator.put(url(session), {"title": 7}).status_code == 403


def test_nobody_owns_a_session_whose_creator_is_gone(as_facilitator):
    session = SessionFactory()
    session.user.delete()

    assert as_facilitator.put(url(session), {"title": "Dos"}).status_code == 403
