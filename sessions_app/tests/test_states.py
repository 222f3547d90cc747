"""The state machine: its five transitions, what it refuses, and the log that it leaves."""

from itertools import pairwise, product

import pytest

from accounts.tests.factories import FacilitatorFactory
from sessions_app.actors import SYSTEM
from sessions_app.models import Session, SessionEvent
from sessions_app.tests.factories import SessionFactory

pytestmark = pytest.mark.django_db

ORDER = ["created", "ready_to_start", "running", "audio_uploaded", "survey_pending", "completed"]
ALLOWED = list(pairwise(ORDER))
FORBIDDEN = [pair for pair in product(ORDER, ORDER) if pair not in ALLOWED]


def ask(client, session, new_state):
    return client.patch(f"/api/v1/sessions/{session.pk}/state", {"new_state": new_state})


@pytest.mark.parametrize("current, asked", ALLOWED)
def test_an_allowed_transition_is_made_and_answered(as_facilitator, current, asked):
    session = SessionFactory(estado=current)

    answer = ask(as_facilitator, session, asked)

    assert answer.status_code == 200
    assert answer.json()["estado"] == asked
    assert answer.json() == as_facilitator.get(f"/api/v1/sessions/{session.pk}").json()


@pytest.mark.parametrize("current, asked", FORBIDDEN)
def test_any_other_transition_is_400_and_changes_nothing(as_facilitator, current, asked):
    session = SessionFactory(estado=current)
    before = Session.objects.values().get(pk=session.pk)
    events = session.events.count()

    answer = ask(as_facilitator, session, asked)

    assert answer.status_code == 400
    assert Session.objects.values().get(pk=session.pk) == before
    assert session.events.count() == events


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("current, asked", FORBIDDEN)
def test_a_refusal_names_the_states(as_facilitator, current, asked, language):
    session = SessionFactory(estado=current)
    as_facilitator.defaults["HTTP_ACCEPT_LANGUAGE"] = language

    detail = ask(as_facilitator, session, asked).json()["detail"]

    for state in {current, asked, dict(ALLOWED).get(current, current)}:
        assert f"«{state}»" in detail or f"“{state}”" in detail


@pytest.mark.parametrize("value", ["volando", "", None, 7, ["running"], {"a": 1}, True])
def test_what_is_no_state_is_400_and_named(as_facilitator, value):
    answer = ask(as_facilitator, SessionFactory(estado="ready_to_start"), value)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["new_state"]


def test_the_state_is_required(as_facilitator):
    session = SessionFactory()

    answer = as_facilitator.patch(f"/api/v1/sessions/{session.pk}/state", {"estado": "running"})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["new_state"]


def test_fields_beside_the_state_are_ignored(as_facilitator):
    session = SessionFactory(title="Uno")

    answer = as_facilitator.patch(
        f"/api/v1/sessions/{session.pk}/state",
        {"new_state": "ready_to_start", "title": "Dos", "completed_at": "2020-01-01"},
    )

    assert answer.json()["title"] == "Uno"
    assert answer.json()["completed_at"] is None


def log_of(session):
    return list(
        session.events.values_list("from_estado", "to_estado", "actor_kind", "user", "user_email")
    )


def test_every_transition_leaves_a_row(as_facilitator, facilitator):
    session = SessionFactory()

    for state in ORDER[1:]:
        assert ask(as_facilitator, session, state).status_code == 200

    who = ("user", facilitator.pk, facilitator.email)
    assert log_of(session) == [(*pair, *who) for pair in ALLOWED]
    moments = [event.at for event in session.events.all()]
    assert moments == sorted(set(moments))


def test_the_row_says_that_it_was_a_headset(headset_of):
    session = SessionFactory()

    ask(headset_of(session), session, "ready_to_start")

    assert log_of(session) == [("created", "ready_to_start", "headset", None, "")]


def test_the_row_says_that_it_was_the_system():
    session = SessionFactory()

    session.transition_to("ready_to_start", by=SYSTEM)

    assert log_of(session) == [("created", "ready_to_start", "system", None, "")]


def test_the_row_names_who_asked_and_not_who_created_the_session(as_analyst, analyst):
    session = SessionFactory()

    ask(as_analyst, session, "ready_to_start")

    assert log_of(session) == [("created", "ready_to_start", "user", analyst.pk, analyst.email)]


def test_the_transition_of_an_upload_names_its_headset(headset_of):
    session = SessionFactory(estado="running")

    headset_of(session).post(f"/api/v1/sessions/{session.pk}/recording", {"audio_url": "voz.wav"})

    assert log_of(session)[-1] == ("running", "audio_uploaded", "headset", None, "")


def test_the_transition_of_a_survey_names_who_sent_it(as_facilitator, facilitator):
    session = SessionFactory(estado="survey_pending")

    as_facilitator.post(f"/api/v1/sessions/{session.pk}/survey", {"respuestas_json": {"a": "b"}})

    who = ("user", facilitator.pk, facilitator.email)
    assert log_of(session)[-1] == ("survey_pending", "completed", *who)


def test_the_email_stays_in_the_row_when_the_user_is_deleted(client_of, as_analyst):
    user = FacilitatorFactory(email="se.va@example.com")
    session = SessionFactory(user=user)
    ask(client_of(user), session, "ready_to_start")

    assert as_analyst.delete(f"/api/v1/users/{user.pk}").status_code == 204

    assert log_of(session) == [("created", "ready_to_start", "user", None, "se.va@example.com")]
    assert as_analyst.get(f"/api/v1/sessions/{session.pk}").json()["user_id"] is None


def test_the_rows_go_with_their_session(as_analyst):
    session = SessionFactory(estado="completed")

    as_analyst.delete(f"/api/v1/sessions/{session.pk}")

    assert not SessionEvent.objects.exists()


def times_along_the_way(client, field):
    """What `field` says in each state of a session."""
    session = SessionFactory()
    first = client.get(f"/api/v1/sessions/{session.pk}").json()
    later = [ask(client, session, state).json() for state in ORDER[1:]]
    return [body[field] for body in (first, *later)]


def test_started_at_is_when_it_entered_running(as_facilitator):
    times = times_along_the_way(as_facilitator, "started_at")

    assert times[:2] == [None, None]
    assert times[2] is not None
    assert times[2:] == [times[2]] * 4


def test_completed_at_is_when_it_was_completed(as_facilitator):
    times = times_along_the_way(as_facilitator, "completed_at")

    assert times[:5] == [None] * 5
    assert times[5] is not None


def test_updated_at_is_never_null_and_grows_with_each_transition(as_facilitator):
    times = times_along_the_way(as_facilitator, "updated_at")

    assert times == sorted(set(times))


def test_created_at_never_changes(as_facilitator):
    assert len(set(times_along_the_way(as_facilitator, "created_at"))) == 1
