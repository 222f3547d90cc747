"""Who may make which call on recordings."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.tests.factories import SuperuserFactory
from recordings import resumable
from recordings.models import Recording
from recordings.tests.calls import API, sample, stored_keys
from recordings.tests.factories import RecordingFactory
from sessions_app.choices import Estado
from sessions_app.models import Session
from sessions_app.tests.factories import SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

VOICE = sample("voz.mp3")
MISSING = 999_999

SESSION_CALLS = [
    ("post", "/sessions/{session}/upload", 201),
    ("post", "/sessions/{session}/recording", 201),
    ("post", "/sessions/{session}/uploads", 201),
    ("get", "/sessions/{session}/uploads/{upload}", 200),
    ("post", "/sessions/{session}/uploads/{upload}/complete", 409),  # nothing has arrived
    ("delete", "/sessions/{session}/uploads/{upload}", 204),
]
ANALYST_CALLS = [
    ("post", "/recordings", 201),
    ("post", "/recordings/upload", 201),
    ("get", "/recordings", 200),
    ("get", "/recordings/{recording}", 200),
    ("delete", "/recordings/{recording}", 204),
    ("get", "/recordings/{recording}/download", 200),
]

session_calls = pytest.mark.parametrize(("method", "path", "success"), SESSION_CALLS)
analyst_calls = pytest.mark.parametrize(("method", "path", "success"), ANALYST_CALLS)
all_calls = pytest.mark.parametrize(("method", "path", "success"), SESSION_CALLS + ANALYST_CALLS)


@pytest.fixture
def recording(session):
    return RecordingFactory(session=session)


def begun_upload(session):
    """The id of an upload in parts; of none where the session is none either."""
    if not Session.objects.filter(pk=session).exists():
        return uuid.uuid4()
    return resumable.begin_upload(
        Session.objects.get(pk=session), size=1, sha256="1" * 64, content_type=""
    ).pk


def call(client, method, path, *, session, recording):
    """Makes the call with a body that would be accepted."""
    upload = begun_upload(session) if "{upload}" in path else None
    url = API + path.format(session=session, recording=recording, upload=upload)
    if path.endswith("upload"):
        form = {"file": SimpleUploadedFile("voz.mp3", VOICE), "session_id": session}
        return client.post(url, form, format="multipart")
    if path.endswith("uploads"):
        return client.post(url, {"size": 1, "sha256": "0" * 64})
    body = {"audio_url": "recordings/voz.wav", "session_id": session}
    return getattr(client, method)(url, body if method == "post" else None)


@all_calls
@pytest.mark.parametrize("exists", [True, False])
def test_nobody_may(nobody, session, recording, method, path, success, exists):
    numbers = (session.pk, recording.pk) if exists else (MISSING, MISSING)

    answer = call(nobody, method, path, session=numbers[0], recording=numbers[1])

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@session_calls
def test_a_headset_may_add_to_its_own_session(headset, session, method, path, success):
    answer = call(headset, method, path, session=session.pk, recording=None)

    assert answer.status_code == success


@session_calls
def test_a_headset_may_do_so_by_its_cookie(nobody, session, method, path, success):
    nobody.get(f"{API}/sessions/by-code/{session.session_code}")

    answer = call(nobody, method, path, session=session.pk, recording=None)

    assert answer.status_code == success


@session_calls
@pytest.mark.parametrize("exists", [True, False])
def test_a_headset_finds_no_session_but_its_own(headset, session, method, path, success, exists):
    number = SessionFactory(estado=Estado.RUNNING).pk if exists else MISSING

    answer = call(headset, method, path, session=number, recording=None)

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Session with id {number} not found"}
    assert (Recording.with_pending.count(), stored_keys()) == (0, [])


@analyst_calls
@pytest.mark.parametrize("exists", [True, False])
def test_a_headset_may_not_see_recordings(
    headset, session, recording, method, path, success, exists
):
    numbers = (session.pk, recording.pk) if exists else (MISSING, MISSING)

    answer = call(headset, method, path, session=numbers[0], recording=numbers[1])

    assert answer.status_code == 403
    assert Recording.with_pending.get() == recording


@session_calls
def test_a_facilitator_may_add_to_anybodys_session(as_facilitator, session, method, path, success):
    answer = call(as_facilitator, method, path, session=session.pk, recording=None)

    assert answer.status_code == success


@analyst_calls
@pytest.mark.parametrize("exists", [True, False])
def test_a_facilitator_may_not_see_recordings(
    as_facilitator, session, recording, method, path, success, exists
):
    numbers = (session.pk, recording.pk) if exists else (MISSING, MISSING)

    answer = call(as_facilitator, method, path, session=numbers[0], recording=numbers[1])

    assert answer.status_code == 403
    assert Recording.with_pending.get() == recording


@all_calls
def test_an_analyst_may(as_analyst, session, recording, method, path, success):
    answer = call(as_analyst, method, path, session=session.pk, recording=recording.pk)

    assert answer.status_code == success


@all_calls
def test_a_superuser_counts_as_an_analyst(client_of, session, recording, method, path, success):
    answer = call(
        client_of(SuperuserFactory()), method, path, session=session.pk, recording=recording.pk
    )

    assert answer.status_code == success


@session_calls
@pytest.mark.parametrize("code", ["aaaaaaaaa", "", "x"])
def test_a_code_that_is_no_sessions_may_not(nobody, session, method, path, success, code):
    nobody.credentials(HTTP_X_SESSION_CODE=code)

    answer = call(nobody, method, path, session=session.pk, recording=None)

    assert answer.status_code == 401
    assert stored_keys() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/sessions/{}/upload"),
        ("put", "/sessions/{}/upload"),
        ("get", "/sessions/{}/recording"),
        ("delete", "/recordings"),
        ("get", "/recordings/upload"),
        ("put", "/recordings/{}"),
        ("post", "/recordings/{}/download"),
    ],
)
def test_a_method_that_a_call_does_not_have_is_refused(as_analyst, session, method, path):
    answer = getattr(as_analyst, method)(API + path.format(session.pk))

    assert answer.status_code == 405
    assert isinstance(answer.json()["detail"], str)
