"""What is sent to Cloudflare R2, read from the requests themselves: none leaves the machine.

boto3 adds its checksum trailers over HTTPS alone, so no store on plain HTTP meets them.
"""

import io
import re
import urllib.parse

import pytest
from botocore.awsrequest import AWSResponse
from django.core.files.storage import default_storage

from conftest import use_r2
from recordings.outages import StoreUnavailable
from recordings.storages import AudioContent
from recordings.tests.calls import send
from recordings.tests.factories import RecordingFactory
from toastclub.testing.services import ObjectStore

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MEGABYTE = 1024 * 1024
R2 = ObjectStore("https://account.r2.cloudflarestorage.com")
UPLOAD_STARTED = (
    b"<InitiateMultipartUploadResult><UploadId>7</UploadId></InitiateMultipartUploadResult>"
)
FORBIDDEN_HEADERS = re.compile(
    "x-amz-(checksum|sdk-checksum|trailer|decoded-content|acl|tagging)", re.IGNORECASE
)


class Body(io.BytesIO):
    """A raw answer, as botocore reads it."""

    def stream(self, amount=None, **_options):
        while chunk := self.read(amount):
            yield chunk


class FakeR2:
    """Answers every request with success, and keeps it."""

    def __init__(self):
        self.requests = []
        self.sizes = []
        self.answer = b""

    def __call__(self, request, **_event):
        self.requests.append(request)
        body = request.body or b""
        self.sizes.append(len(body.read() if hasattr(body, "read") else body))
        answer = self.answer if request.method == "GET" else b""
        if request.method == "POST" and request.url.endswith("uploads"):
            answer = UPLOAD_STARTED
        headers = {"ETag": '"0"', "Content-Length": str(len(answer))}
        return AWSResponse(request.url, 200, headers, Body(answer))

    def headers(self):
        return [
            {name: _text(value) for name, value in request.headers.items()}
            for request in self.requests
        ]


def _text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


@pytest.fixture
def r2(settings):
    use_r2(settings, R2)
    fake = FakeR2()
    default_storage.client.meta.events.register("before-send.s3", fake)
    return fake


def save(size):
    content = AudioContent(
        io.BytesIO(bytes(size)), content_type="audio/wav", content_disposition="attachment"
    )
    default_storage.save("recordings/voz.wav", content)


def test_an_upload_is_one_plain_put_to_the_bucket(r2, headset, session, spoken_wav):
    key = send(headset, session, spoken_wav).json()["audio_url"]

    (request,) = r2.requests
    assert (request.method, request.url) == ("PUT", f"{R2.endpoint_url}/{R2.bucket}/{key}")
    assert r2.sizes == [len(spoken_wav)]
    assert r2.headers()[0]["Content-Length"] == str(len(spoken_wav))


@pytest.mark.parametrize("size", [1000, 20 * MEGABYTE], ids=["small", "large"])
def test_no_request_carries_what_r2_has_refused(r2, size):
    save(size)

    for headers in r2.headers():
        assert not any(FORBIDDEN_HEADERS.match(name) for name in headers)
        assert "aws-chunked" not in headers.get("Content-Encoding", "")
        assert "chunked" not in headers.get("Transfer-Encoding", "")
        assert "STREAMING" not in headers["X-Amz-Content-SHA256"]


def test_what_a_download_is_to_say_is_set_with_the_object(r2):
    save(1000)

    (headers,) = r2.headers()
    assert (headers["Content-Type"], headers["Content-Disposition"]) == ("audio/wav", "attachment")


def test_a_large_object_is_one_put_too(r2):
    save(20 * MEGABYTE)

    assert [request.method for request in r2.requests] == ["PUT"]
    assert r2.sizes == [20 * MEGABYTE]


def test_every_request_is_signed_with_version_4_for_the_region(r2):
    save(20 * MEGABYTE)

    for headers in r2.headers():
        assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 ")
        assert f"/{R2.region}/s3/aws4_request" in headers["Authorization"]


def test_a_read_asks_for_no_checksum(r2):
    r2.answer = b"una voz"

    assert b"".join(default_storage.chunks_of("recordings/voz.wav")) == b"una voz"

    assert [request.method for request in r2.requests] == ["GET"]
    for headers in r2.headers():
        assert not any("checksum" in name.lower() for name in headers)


def test_an_address_is_presigned_without_asking_r2(r2, as_analyst):
    recording = RecordingFactory(content=None)

    answer = as_analyst.get(f"/api/v1/recordings/{recording.pk}/download?expires_seconds=60")

    parts = urllib.parse.urlsplit(answer.json()["download_url"])
    query = dict(urllib.parse.parse_qsl(parts.query))
    assert f"{parts.scheme}://{parts.netloc}" == R2.endpoint_url
    assert parts.path == f"/{R2.bucket}/{recording.audio_url}"
    assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert query["X-Amz-Expires"] == "60"
    assert query["X-Amz-SignedHeaders"] == "host"
    assert set(query) == {
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    }
    assert r2.requests == []


def test_a_deletion_is_one_request(r2, as_analyst):
    recording = RecordingFactory(content=None)

    as_analyst.delete(f"/api/v1/recordings/{recording.pk}")

    (request,) = r2.requests
    assert request.method == "DELETE"
    assert request.url == f"{R2.endpoint_url}/{R2.bucket}/{recording.audio_url}"


def test_a_failed_request_is_not_repeated_while_the_client_waits(r2):
    """The client is asked to retry: a second attempt here would double the time it waits."""
    refused = []

    def refuse(request, **_event):
        refused.append(request)
        return AWSResponse(request.url, 500, {}, Body(b""))

    default_storage.client.meta.events.register_first("before-send.s3", refuse)

    with pytest.raises(StoreUnavailable):
        save(1000)
    assert len(refused) == 1
