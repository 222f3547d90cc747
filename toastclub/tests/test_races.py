"""What happens when many ask for the same thing at the same moment.

Each client is a thread with a database connection of its own, on PostgreSQL and on SQLite.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections, transaction
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import issue_token
from accounts.tests.factories import AnalystFactory
from recordings.models import Recording
from recordings.tests.factories import RecordingFactory
from sessions_app.models import Session
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from training.models import Text
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 12
ROUNDS = 8
ORDER = ["created", "ready_to_start", "running", "audio_uploaded", "survey_pending", "completed"]


@pytest.fixture
def analyst():
    """The headers of an analyst, for the client that each thread makes of its own."""
    return {"HTTP_AUTHORIZATION": f"Bearer {issue_token(AnalystFactory()).token}"}


@pytest.fixture
def crowd():
    """Makes `call(number)` in twelve threads at once; the answers, by their number."""
    gate = Barrier(CLIENTS, timeout=60)
    with ThreadPoolExecutor(CLIENTS) as pool:

        def at_once(call):
            def client(number):
                try:
                    connection.ensure_connection()
                    gate.wait()
                    return call(number)
                finally:
                    connections.close_all()

            return list(pool.map(client, range(CLIENTS)))

        yield at_once


def statuses(answers):
    return sorted(answer.status_code for answer in answers)


def transitions(session):
    return list(session.events.values_list("from_estado", "to_estado"))


def upload(credentials, session, content):
    return APIClient(**credentials).post(
        f"/api/v1/sessions/{session.pk}/upload",
        {"file": SimpleUploadedFile("voz.bin", content)},
        format="multipart",
    )


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_of_simultaneous_identical_transitions_exactly_one_wins(crowd, analyst, round_number):
    step = round_number % (len(ORDER) - 1)
    current, asked = ORDER[step : step + 2]
    session = SessionFactory(estado=current)
    url = f"/api/v1/sessions/{session.pk}/state"

    answers = crowd(lambda _: APIClient(**analyst).patch(url, {"new_state": asked}))

    assert statuses(answers) == [200] + [400] * (CLIENTS - 1)
    assert transitions(session) == list(pairwise(ORDER))[: step + 1]


def test_simultaneous_transitions_of_different_sessions_all_succeed(crowd):
    """Each waits its turn: none fails because the database is locked."""
    sessions = SessionFactory.create_batch(CLIENTS)

    def lead_to_the_end(number):
        headset = APIClient(HTTP_X_SESSION_CODE=sessions[number].session_code)
        url = f"/api/v1/sessions/{sessions[number].pk}/state"
        return [headset.patch(url, {"new_state": state}) for state in ORDER[1:]]

    answers = crowd(lead_to_the_end)

    assert {answer.status_code for each in answers for answer in each} == {200}


def test_simultaneous_creations_make_a_session_and_a_code_each(crowd, analyst):
    body = {"datos_participante": {"nombre": "Ana"}, "texto_seleccionado_id": TextFactory().pk}

    answers = crowd(lambda _: APIClient(**analyst).post("/api/v1/sessions", body))

    assert statuses(answers) == [201] * CLIENTS
    assert len({answer.json()["session_code"] for answer in answers}) == CLIENTS


@pytest.mark.parametrize(
    "path",
    [
        "/sessions/{session.pk}",
        "/sessions",
        "/sessions/by-code/{session.session_code}",
        "/sessions/{session.pk}/survey",
        "/texts",
        "/texts/{session.text_id}",
        "/auth/me",
        "/users",
        "/recordings",
        "/surveys",
        # Not the dataset: that somebody asks for it is written down before its first byte.
    ],
)
def test_reads_during_a_write_neither_fail_nor_see_half_of_it(crowd, analyst, path):
    session = SessionFactory(title="Uno")
    url = f"/api/v1{path.format(session=session)}"
    before = read(APIClient(**analyst), url)

    with transaction.atomic():
        Session.objects.update(title="Dos", estado="running")
        Text.objects.update(title="Dos")
        User.objects.update(name="Dos")
        Survey.objects.create(session=session)
        answers = crowd(lambda _: read(APIClient(**analyst), url))

    assert answers == [before] * CLIENTS


def read(client, url):
    answer = client.get(url)
    return answer.status_code, b"".join(answer)


def test_simultaneous_surveys_complete_their_session_once(crowd):
    session = SessionFactory(estado="survey_pending")
    headset = {"HTTP_X_SESSION_CODE": session.session_code}

    answers = crowd(
        lambda number: APIClient(**headset).post(
            f"/api/v1/sessions/{session.pk}/survey", {"respuestas_json": {"número": number}}
        )
    )

    assert statuses(answers) == [201] * CLIENTS
    assert Survey.objects.completed().count() == CLIENTS
    assert transitions(session).count(("survey_pending", "completed")) == 1
    assert Session.objects.get().estado == "completed"


def test_simultaneous_answers_to_one_pending_survey_complete_the_session_once(crowd, analyst):
    session = SessionFactory(estado="survey_pending")
    survey = Survey.objects.create(session=session)

    answers = crowd(
        lambda _: APIClient(**analyst).put(
            f"/api/v1/surveys/{survey.pk}", {"respuestas_json": {"a": "b"}}
        )
    )

    assert statuses(answers) == [200] * CLIENTS
    assert transitions(session).count(("survey_pending", "completed")) == 1


def test_simultaneous_uploads_of_the_same_bytes_make_one_recording(crowd):
    session = SessionFactory(estado="running")
    headset = {"HTTP_X_SESSION_CODE": session.session_code}

    answers = crowd(lambda _: upload(headset, session, b"\x01\x02 una voz"))

    assert statuses(answers) == [200] * (CLIENTS - 1) + [201]
    recording = Recording.with_pending.get()
    assert {answer.json()["id"] for answer in answers} == {recording.pk}
    folder, name = recording.audio_url.rsplit("/", 1)
    assert default_storage.listdir(folder)[1] == [name]
    assert transitions(session).count(("running", "audio_uploaded")) == 1
    assert Session.objects.get().estado == "audio_uploaded"


def test_simultaneous_uploads_do_not_exceed_the_recordings_of_a_session(crowd, settings):
    settings.MAX_RECORDINGS_PER_SESSION = 5
    session = SessionFactory(estado="running")
    headset = {"HTTP_X_SESSION_CODE": session.session_code}

    answers = crowd(lambda number: upload(headset, session, f"voz {number}".encode()))

    assert statuses(answers) == [201] * 5 + [409] * (CLIENTS - 5)
    assert Recording.with_pending.count() == 5
    assert len(default_storage.listdir(f"recordings/session_{session.pk}")[1]) == 5
    assert transitions(session).count(("running", "audio_uploaded")) == 1


@pytest.mark.parametrize("path", ["/users", "/admin/users"])
def test_simultaneous_creations_of_one_email_make_one_user(crowd, analyst, path):
    def create(number):
        email = "Nueva@example.com" if number % 2 else "nueva@EXAMPLE.com"
        body = {"email": email, "name": "Nueva", "role": "IMPULSADOR"}
        return APIClient(**analyst).post(f"/api/v1{path}", body)

    answers = crowd(create)

    assert statuses(answers) == [201] + [409] * (CLIENTS - 1)
    assert User.objects.filter(email="nueva@example.com").count() == 1


def test_simultaneous_deletions_of_one_session_leave_nothing_of_it(crowd, analyst):
    session = SessionFactory()
    RecordingFactory(session=session)

    answers = crowd(lambda _: APIClient(**analyst).delete(f"/api/v1/sessions/{session.pk}"))

    assert set(statuses(answers)) <= {204, 404}
    assert 204 in statuses(answers)
    assert not Session.objects.exists()
    assert not Recording.with_pending.exists()


def test_of_several_that_review_at_once_each_leaves_a_row_and_the_last_one_counts(crowd):
    recording, reviewers = RecordingFactory(), AnalystFactory.create_batch(CLIENTS)

    def decide(number):
        read_before = Recording.objects.get(pk=recording.pk)
        return read_before.review(
            "rechazada", by=reviewers[number], reason="otro", note=f"n{number}"
        )

    assert all(crowd(decide))

    reviews = list(recording.reviews.order_by("id"))
    assert {review.user for review in reviews} == set(reviewers)
    assert [review.from_state for review in reviews] == ["sin_revisar"] + ["rechazada"] * (
        CLIENTS - 1
    )
    assert Recording.objects.get().review_note == reviews[-1].note
