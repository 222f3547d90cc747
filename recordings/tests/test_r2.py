"""Recordings in a bucket: on moto, and on an S3 store that checks signatures and expiry."""

import datetime
import re
import tracemalloc
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import replace

import botocore.auth
import pytest
from django.core.files.base import File
from django.core.files.storage import default_storage
from moto import mock_aws

from conftest import use_r2
from recordings.models import Recording
from recordings.outages import StoreUnavailable
from recordings.tests.calls import API, send
from recordings.tests.factories import RecordingFactory
from toastclub.testing.services import ObjectStore

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MEGABYTE = 1024 * 1024


@pytest.fixture(params=["moto", "seaweedfs"])
def bucket(request, settings):
    """A bucket that recordings are stored in, as its own store shows it."""
    if request.param == "seaweedfs":
        store = request.getfixturevalue("seaweed")
        use_r2(settings, store)
        yield store
    else:
        with mock_aws():
            store = ObjectStore(endpoint_url="https://s3.amazonaws.com", region="us-east-1")
            store.client().create_bucket(Bucket=store.bucket)
            use_r2(settings, store)
            yield store


@pytest.fixture
def in_seaweed(settings, seaweed):
    use_r2(settings, seaweed)
    return seaweed


@pytest.fixture
def recording(in_seaweed):
    return RecordingFactory(content=bytes(range(256)) * 40, formato="audio/flac")


@pytest.fixture
def url(as_analyst, recording):
    return as_analyst.get(f"{API}/recordings/{recording.pk}/download").json()["download_url"]


def fetch(url, method="GET", **headers):
    """Status, headers and body, by a client that knows nothing of S3."""
    request = urllib.request.Request(url, headers=headers, method=method)  # noqa: S310  # loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # loopback
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def with_parameter(url, name, value):
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query)) | {name: value}
    return parts._replace(query=urllib.parse.urlencode(query)).geturl()


def test_the_object_says_how_it_is_to_be_downloaded(bucket, headset, session, spoken_wav):
    body = send(headset, session, spoken_wav, name="foto.png", content_type="image/png").json()

    head = bucket.client().head_object(Bucket=bucket.bucket, Key=body["audio_url"])
    name = f"{session.session_code}__{body['id']}.wav"
    assert head["ContentType"] == "audio/wav"
    assert head["ContentDisposition"] == f'attachment; filename="{name}"'
    assert head["ContentLength"] == len(spoken_wav)
    assert "ContentEncoding" not in head


def test_the_object_is_the_bytes_and_nothing_around_them(bucket, headset, session, spoken_wav):
    key = send(headset, session, spoken_wav).json()["audio_url"]

    stored = bucket.client().get_object(Bucket=bucket.bucket, Key=key)["Body"].read()
    assert stored == spoken_wav


def test_the_address_is_signed_with_version_4(bucket, as_analyst):
    recording = RecordingFactory()

    answer = as_analyst.get(f"{API}/recordings/{recording.pk}/download?expires_seconds=604800")

    parts = urllib.parse.urlsplit(answer.json()["download_url"])
    query = dict(urllib.parse.parse_qsl(parts.query))
    assert parts.path == f"/{bucket.bucket}/{recording.audio_url}"
    assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert query["X-Amz-Expires"] == "604800"
    assert f"/{bucket.region}/s3/" in query["X-Amz-Credential"]
    assert "Signature" not in query


def test_whoever_has_the_address_gets_the_file(recording, url):
    status, headers, body = fetch(url)

    assert (status, body) == (200, bytes(range(256)) * 40)
    assert headers["Content-Type"] == "audio/flac"
    assert headers["Content-Disposition"] == f'attachment; filename="{recording.download_name}"'


def test_a_player_can_seek_in_it(url):
    status, headers, body = fetch(url, Range="bytes=256-511")

    assert (status, body) == (206, bytes(range(256)))
    assert headers["Content-Range"] == "bytes 256-511/10240"


def test_without_its_signature_the_address_opens_nothing(url):
    assert fetch(url.partition("?")[0])[0] == 403


def test_a_tampered_signature_is_refused(url):
    signature = re.search("X-Amz-Signature=([0-9a-f]+)", url)[1]
    forged = ("0" if signature[0] != "0" else "1") + signature[1:]

    assert fetch(url.replace(signature, forged))[0] == 403


def test_a_longer_life_than_was_signed_is_refused(url):
    assert fetch(with_parameter(url, "X-Amz-Expires", "604800"))[0] == 403


def test_the_signature_of_one_file_opens_no_other(recording, url):
    other = RecordingFactory()

    assert fetch(url.replace(recording.audio_url, other.audio_url))[0] == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_the_address_changes_nothing(recording, url, method):
    assert fetch(url, method)[0] == 403
    assert default_storage.exists(recording.audio_url)


@pytest.mark.parametrize(("age", "status"), [(30, 200), (61, 403), (86_400, 403)])
def test_the_address_dies_when_its_time_is_over(as_analyst, recording, monkeypatch, age, status):
    signed_at = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=age)
    monkeypatch.setattr(
        botocore.auth, "get_current_datetime", lambda *_, **__: signed_at.replace(tzinfo=None)
    )
    body = as_analyst.get(f"{API}/recordings/{recording.pk}/download?expires_seconds=60").json()

    assert fetch(body["download_url"])[0] == status


def test_the_file_of_a_deleted_recording_is_not_found(as_analyst, recording, url):
    as_analyst.delete(f"{API}/recordings/{recording.pk}")

    assert fetch(url)[0] == 404


@pytest.mark.parametrize(
    "wrong",
    [{"bucket": "no-hay"}, {"secret_key": "another-secret"}, {"access_key": "nobody"}],
    ids=["no such bucket", "wrong secret", "unknown key"],
)
def test_a_store_that_refuses_us_is_unavailable(settings, seaweed, headset, session, wrong):
    use_r2(settings, replace(seaweed, **wrong))

    answer = send(headset, session, b"una voz")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert not Recording.with_pending.exists()


def test_an_object_that_is_gone_is_not_an_outage(bucket):
    with pytest.raises(FileNotFoundError):
        default_storage.open("recordings/no/hay.wav")


@pytest.mark.parametrize("call", ["open", "exists", "delete"])
def test_every_fault_of_the_store_is_an_outage(settings, call):
    use_r2(settings, ObjectStore("http://127.0.0.1:1"))

    with pytest.raises(StoreUnavailable):
        getattr(default_storage, call)("recordings/voz.wav")


@contextmanager
def memory_grows_by_less_than(size):
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < size


def test_a_large_recording_passes_through_little_memory(in_seaweed, tmp_path):
    size = 60 * MEGABYTE
    path = tmp_path / "voz.wav"
    with path.open("wb") as sparse:
        sparse.truncate(size)

    with path.open("rb") as file, memory_grows_by_less_than(30 * MEGABYTE):
        default_storage.save("recordings/larga.wav", File(file))

    with (
        memory_grows_by_less_than(30 * MEGABYTE),
        default_storage.open("recordings/larga.wav") as stored,
    ):
        assert sum(len(chunk) for chunk in stored.chunks()) == size


def test_an_upload_whose_bucket_is_missing_is_told_and_leaves_nothing(
    settings, bucket, headset, session, spoken_wav
):
    use_r2(settings, replace(bucket, bucket="no-such-bucket"))

    answer = send(headset, session, spoken_wav)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert not Recording.with_pending.exists()
