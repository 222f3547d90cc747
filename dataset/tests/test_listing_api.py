import json
from datetime import datetime

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory, FacilitatorFactory, SuperuserFactory
from dataset import responses
from recordings.tests.factories import RecordingFactory
from sessions_app.choices import Estado
from sessions_app.models import Participant
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

LISTING = "/api/v1/dataset"
PATHS = [LISTING, "/api/v1/dataset/export"]


def listing(client):
    answer = client.get(LISTING)
    assert answer.status_code == 200, answer.content
    return json.loads(b"".join(answer))


def only_entry(client):
    (entry,) = listing(client)["dataset"]
    return entry


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("make_user", [AnalystFactory, SuperuserFactory])
def test_analysts_read_the_dataset(client_of, make_user, path, slash):
    assert client_of(make_user()).get(path + slash).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_facilitator_is_refused_the_dataset(client_of, path):
    answer = client_of(FacilitatorFactory()).get(path)

    assert answer.status_code == 403
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("path", PATHS)
def test_a_headset_is_refused_the_dataset(headset_of, path):
    assert headset_of(SessionFactory()).get(path).status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_nobody_is_refused_the_dataset(nobody, path):
    answer = nobody.get(path)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_dataset_is_only_read(as_analyst, method, path):
    assert getattr(as_analyst, method)(path).status_code == 405


def test_an_empty_dataset_is_a_list_of_none(as_analyst):
    assert listing(as_analyst) == {"dataset": [], "total_sessions": 0}


def test_the_listing_is_json(as_analyst):
    assert as_analyst.get(LISTING)["Content-Type"] == "application/json"


def test_who_asks_for_the_listing_is_recorded_with_the_filters(as_analyst, analyst):
    as_analyst.get(LISTING, {"estado": "created", "texto": ""}, REMOTE_ADDR="203.0.113.7")

    access = AccessRecord.objects.get()
    assert (access.kind, access.address) == (AccessKind.LISTING, "203.0.113.7")
    assert (access.who, access.user_number) == (analyst.email, analyst.pk)
    assert access.details == {"filters": {"estado": "created"}}


def test_the_listing_is_recorded_before_its_first_byte(as_analyst, monkeypatch):
    def fail(selection):
        raise OperationalError
        yield

    monkeypatch.setattr(responses, "listing_json", fail)

    assert as_analyst.get(LISTING).status_code == 503
    assert AccessRecord.objects.get().kind == AccessKind.LISTING


@pytest.mark.parametrize(
    "asked",
    [{"estado": "Juan Pérez"}, {"texto": "Juan Pérez"}, {"tag.tema": "Juan Pérez"}, {"q": "Juan"}],
)
def test_what_is_no_filter_s_value_is_refused_and_never_recorded(as_analyst, asked):
    assert as_analyst.get(LISTING, asked).status_code == 400
    assert not AccessRecord.objects.exists()


def test_to_ask_for_the_head_of_the_listing_records_nothing(as_analyst):
    assert as_analyst.head(LISTING).status_code == 200
    assert not AccessRecord.objects.exists()


def test_whoever_is_refused_the_listing_is_not_in_the_log(as_facilitator):
    as_facilitator.get(LISTING)

    assert not AccessRecord.objects.exists()


def test_an_entry_says_all_of_a_session(as_analyst):
    text = TextFactory(pages=[["Respira."], ["Título"], ["Uno", "dos"]], tags={"tema": "ética"})
    session = SessionFactory(text=text, estado=Estado.COMPLETED)
    recording = RecordingFactory(session=session)
    SurveyFactory(session=session, answers={"experiencia_general": "excelente"})

    assert only_entry(as_analyst) == {
        "session_id": session.pk,
        "session_code": session.session_code,
        "participant_name": "Juan Pérez",
        "participant_age": 25,
        "participant_email": "juan@example.com",
        "texto_seleccionado": {
            "Id": text.pk,
            "Title": text.title,
            "Tags": {"tema": "ética"},
            "Pages": [["Respira."], ["Título"], ["Uno", "dos"]],
        },
        "estado": "completed",
        "created_at": timezone.localtime(session.created_at).isoformat(timespec="microseconds"),
        "recordings_count": 1,
        "recordings": [
            {
                "id": recording.pk,
                "audio_url": recording.audio_url,
                "created_at": timezone.localtime(recording.created_at).isoformat(
                    timespec="microseconds"
                ),
            }
        ],
        "surveys_count": 1,
        "survey_responses": [{"experiencia_general": "excelente"}],
    }


def test_times_carry_microseconds_and_the_offset_of_lima(as_analyst):
    session = SessionFactory()
    type(session).objects.update(created_at=datetime.fromisoformat("2026-01-09T03:05:00+00:00"))

    assert only_entry(as_analyst)["created_at"] == "2026-01-08T22:05:00.000000-05:00"


def test_the_text_is_the_one_that_was_read_not_what_became_of_it(as_analyst):
    session = SessionFactory()
    session.text.title, session.text.pages = "Otro", [["Otra página"]]
    session.text.store()

    text = only_entry(as_analyst)["texto_seleccionado"]

    assert text["Title"] == session.text_title
    assert text["Pages"] == session.text_pages


def test_what_a_participant_left_out_is_null(as_analyst):
    SessionFactory(participant={"nombre": "Ana"})

    entry = only_entry(as_analyst)

    assert (entry["participant_age"], entry["participant_email"]) == (None, None)


def test_a_session_whose_participant_was_erased_stays(as_analyst):
    session = SessionFactory()
    Participant.objects.all().delete()

    entry = only_entry(as_analyst)

    assert entry["session_id"] == session.pk
    assert entry["participant_name"] == ""


def test_sessions_of_all_facilitators_come_in_the_order_of_their_ids(as_analyst):
    made = [SessionFactory().pk for _session in range(3)]

    found = listing(as_analyst)

    assert [entry["session_id"] for entry in found["dataset"]] == sorted(made)
    assert found["total_sessions"] == 3


def test_each_session_has_its_own_recordings_and_answers(as_analyst):
    first, without, third = SessionFactory(), SessionFactory(), SessionFactory()
    of_third = [RecordingFactory(session=third).pk, RecordingFactory(session=third).pk]
    of_first = [RecordingFactory(session=first).pk]
    SurveyFactory(session=third, answers={"orden": 1})
    SurveyFactory(session=first, answers={"orden": 2})
    SurveyFactory(session=third, answers={"orden": 3})

    entries = listing(as_analyst)["dataset"]

    assert [[recording["id"] for recording in entry["recordings"]] for entry in entries] == [
        of_first,
        [],
        of_third,
    ]
    assert [entry["survey_responses"] for entry in entries] == [
        [{"orden": 2}],
        [],
        [{"orden": 1}, {"orden": 3}],
    ]
    assert [(entry["recordings_count"], entry["surveys_count"]) for entry in entries] == [
        (1, 1),
        (0, 0),
        (2, 2),
    ]
    assert without.pk == entries[1]["session_id"]


def test_a_recording_whose_bytes_are_not_stored_yet_is_invisible(as_analyst):
    RecordingFactory(uploaded_at=None)

    entry = only_entry(as_analyst)

    assert (entry["recordings"], entry["recordings_count"]) == ([], 0)


def test_a_pending_survey_is_invisible(as_analyst):
    session = SessionFactory()
    SurveyFactory(session=session, answers=None)
    SurveyFactory(session=session, answers={"a": 1})

    entry = only_entry(as_analyst)

    assert (entry["survey_responses"], entry["surveys_count"]) == ([{"a": 1}], 1)


def test_answers_come_as_they_were_sent_in_their_order(as_analyst):
    answers = {"zeta": {"ñ": [1, 2.5, None, True]}, "alfa": "«sí»\n😀", "": ""}
    SurveyFactory(answers=answers)

    (found,) = only_entry(as_analyst)["survey_responses"]

    assert json.dumps(found) == json.dumps(answers)
