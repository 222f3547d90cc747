"""Recordings on local disk, at the addresses that the application signs."""

import time
from types import SimpleNamespace

import pytest
from django.core import signing
from django.core.files.storage import default_storage

from recordings import disk
from recordings.tests.calls import API
from recordings.tests.factories import RecordingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

CONTENT = bytes(range(256)) * 400  # more than one piece of a streamed answer
SIZE = len(CONTENT)


@pytest.fixture
def recording():
    return RecordingFactory(content=CONTENT, formato="audio/flac")


@pytest.fixture
def url(as_analyst, recording):
    answer = as_analyst.get(f"{API}/recordings/{recording.pk}/download")
    return answer.json()["download_url"].removeprefix("http://testserver")


@pytest.fixture
def at(monkeypatch):
    """Moves the clock by which addresses are signed and judged, by seconds from now."""

    def move(seconds):
        now = time.time() + seconds
        monkeypatch.setattr(disk, "time", SimpleNamespace(time=lambda: now))

    return move


def test_whoever_has_the_address_gets_the_file(nobody, url):
    answer = nobody.get(url)

    assert answer.status_code == 200
    assert answer.getvalue() == CONTENT


def test_the_file_comes_as_a_download_of_its_own_type(nobody, recording, url):
    headers = nobody.get(url).headers

    assert headers["Content-Type"] == "audio/flac"
    assert headers["Content-Disposition"] == f'attachment; filename="{recording.download_name}"'
    assert headers["Content-Length"] == str(SIZE)
    assert headers["Accept-Ranges"] == "bytes"


def test_no_browser_guesses_at_it_and_no_cache_keeps_it(nobody, url):
    headers = nobody.get(url).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=100-70000", 100, 70_000),
        ("bytes=1000-", 1000, SIZE - 1),
        ("bytes=0-", 0, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        (f"bytes=0-{SIZE}", 0, SIZE - 1),
        (f"bytes=5-{10**17}", 5, SIZE - 1),
        ("bytes=-1", SIZE - 1, SIZE - 1),
        ("bytes=-500", SIZE - 500, SIZE - 1),
        (f"bytes=-{SIZE * 2}", 0, SIZE - 1),
    ],
)
def test_a_part_is_served_alone(nobody, url, wanted, first, last):
    answer = nobody.get(url, headers={"Range": wanted})

    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["Content-Length"] == str(last - first + 1)
    assert answer.headers["Content-Type"] == "audio/flac"
    assert answer.getvalue() == CONTENT[first : last + 1]


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 9}", "bytes=-0"])
def test_a_part_beyond_the_end_cannot_be_satisfied(nobody, url, wanted):
    answer = nobody.get(url, headers={"Range": wanted})

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"
    assert answer.content == b""


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=1",
        "bytes=5-2",
        "bytes=--5",
        "bytes=0x1-0x2",
        "bytes=0-1,5-6",
        "items=0-5",
        "bytes=0-" + "9" * 5000,
        "bytes=²-³",
    ],
)
def test_a_range_that_cannot_be_read_is_ignored(nobody, url, wanted):
    answer = nobody.get(url, headers={"Range": wanted})

    assert answer.status_code == 200
    assert answer.getvalue() == CONTENT


@pytest.mark.parametrize(("wanted", "status"), [("bytes=0-", 416), ("bytes=-5", 416), ("", 200)])
def test_an_empty_file_has_no_parts(nobody, as_analyst, wanted, status):
    empty = RecordingFactory(content=b"")
    url = as_analyst.get(f"{API}/recordings/{empty.pk}/download").json()["download_url"]

    answer = nobody.get(url, headers={"Range": wanted})

    assert (answer.status_code, answer.getvalue()) == (status, b"")


def test_head_answers_with_the_headers_alone(nobody, url):
    answer = nobody.head(url)

    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(SIZE)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.getvalue() == b""


@pytest.mark.parametrize("method", ["post", "patch", "delete", "options"])
def test_the_address_takes_no_other_method(nobody, recording, url, method):
    assert getattr(nobody, method)(url).status_code == 405
    assert default_storage.exists(recording.audio_url)


def test_the_address_lets_nothing_be_written(nobody, recording, url):
    assert nobody.put(url, CONTENT, content_type="audio/wav").status_code == 403


def test_the_address_lives_as_long_as_was_granted(nobody, url, at):
    at(seconds=598)

    assert nobody.get(url).status_code == 200


@pytest.mark.parametrize("seconds", [601, 86_400])
def test_the_address_dies_when_its_time_is_over(nobody, url, at, seconds):
    at(seconds)

    assert nobody.get(url).status_code == 403


def test_an_address_of_a_second_lives_no_longer(nobody, as_analyst, recording, at):
    at(seconds=-2)
    body = as_analyst.get(f"{API}/recordings/{recording.pk}/download?expires_seconds=1").json()
    at(seconds=0)

    assert nobody.get(body["download_url"]).status_code == 403


@pytest.mark.parametrize("position", [8, 20, -1, -20])
def test_a_tampered_address_is_refused(nobody, url, position):
    characters = list(url)
    characters[position] = "A" if characters[position] != "A" else "B"

    assert nobody.get("".join(characters)).status_code == 403


def test_an_address_signed_for_one_file_serves_no_other(nobody, as_analyst, recording, url):
    other = RecordingFactory(content=b"another voice")
    others = as_analyst.get(f"{API}/recordings/{other.pk}/download").json()["download_url"]
    payload, _rest = others.rsplit("/", 1)[1].split(":", 1)
    _payload, signature = url.rsplit("/", 1)[1].split(":", 1)

    assert nobody.get(f"/files/{payload}:{signature}").status_code == 403


@pytest.mark.parametrize("salt", ["", "django.core.signing", "recordings.file"])
def test_what_was_signed_for_something_else_opens_no_file(nobody, recording, salt):
    token = signing.dumps([recording.audio_url, int(time.time()) + 600], salt=salt)

    assert nobody.get(f"/files/{token}").status_code == 403


def test_what_was_signed_with_another_key_opens_no_file(nobody, settings, url):
    settings.SECRET_KEY = "another-key-than-the-one-the-address-was-signed-with"

    assert nobody.get(url).status_code == 403


@pytest.mark.parametrize("token", ["x", ":", "a:b:c", "W10:1:x", "%F0%9F%8E%A4", "." * 2000])
def test_what_is_no_token_at_all_opens_no_file(nobody, token):
    assert nobody.get(f"/files/{token}").status_code == 403


def test_a_files_own_path_is_no_address(nobody, recording):
    assert nobody.get(f"/files/{recording.audio_url}").status_code == 404


def test_a_file_that_is_gone_is_not_found(nobody, recording, url):
    default_storage.delete(recording.audio_url)

    assert nobody.get(url).status_code == 404


def test_the_file_of_a_deleted_recording_is_not_found(nobody, as_analyst, recording, url):
    as_analyst.delete(f"{API}/recordings/{recording.pk}")

    assert nobody.get(url).status_code == 404


def test_a_file_that_is_no_recording_is_not_found(nobody, tmp_path):
    (tmp_path / "audio").mkdir(exist_ok=True)
    (tmp_path / "audio" / "nota.txt").write_text("no es una grabación")

    url = default_storage.address_of("nota.txt", expires_in=600, download_id=0)
    assert nobody.get(url).status_code == 404


def test_a_file_outside_the_folder_is_never_served(nobody, tmp_path):
    (tmp_path / "secreto.txt").write_text("secreto")
    RecordingFactory(audio="../secreto.txt", content=None)

    url = default_storage.address_of("../secreto.txt", expires_in=600, download_id=0)
    assert nobody.get(url).status_code == 400
