"""An export leaves whole or breaks off, and says beforehand what it will hold."""

import errno
import hashlib
import io
import json
import zipfile
from pathlib import Path
from threading import Barrier

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from moto import mock_aws

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory
from conftest import use_r2
from dataset import package, transfer
from dataset.tests.archives import EXPORT, export, give_up, rows
from dataset.transfer import AudioAltered
from recordings import outages
from recordings.choices import StorageFault
from recordings.disk import SignedFileSystemStorage
from recordings.models import Recording
from recordings.outages import StoreUnavailable
from recordings.tests.factories import RecordingFactory
from sessions_app.tests.factories import SessionFactory
from toastclub.testing.services import ObjectStore

pytestmark = pytest.mark.django_db

MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(outages, "PAUSE_SECONDS", 0)


def manifest_of(archive):
    return json.loads(archive.read("manifest.json"))


def replace_object(recording, content):
    """Puts other bytes in the place of those that came."""
    default_storage.delete(recording.audio_url)
    recording.sha256 = hashlib.sha256(content).hexdigest()
    recording.put(ContentFile(content))


def broken_off(answer, error):
    """What was sent before it broke off with that error."""
    received = io.BytesIO()
    with pytest.raises(error):
        received.writelines(answer)
    return received


def test_the_length_is_said_before_the_first_byte_and_kept(any_store, as_analyst, spoken_wav):
    for content in (spoken_wav, b"RIFF", bytes(5 * MEGABYTE), None):
        RecordingFactory(content=content)

    answer = as_analyst.get(EXPORT)

    assert int(answer["Content-Length"]) == len(b"".join(answer))


def test_every_file_is_the_one_that_the_manifest_names(any_store, as_analyst, spoken_wav):
    for content in (spoken_wav, b"RIFF", bytes(5 * MEGABYTE)):
        RecordingFactory(content=content)

    archive = export(as_analyst)

    named = {file["path"]: file for file in manifest_of(archive)["files"]}
    assert set(named) == set(archive.namelist()) - {"manifest.json"}
    for path, file in named.items():
        content = archive.read(path)
        assert (file["size"], file["sha256"]) == (
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
    for row in rows(archive, "dataset.csv"):
        assert named[row["audio_file"]]["sha256"] == row["sha256"]


def test_the_manifest_counts_and_names_what_is_missing(any_store, as_analyst):
    RecordingFactory()
    gone = RecordingFactory(content=None)

    manifest = manifest_of(export(as_analyst))

    assert manifest["counts"] == {
        "sessions": 2,
        "recordings": 2,
        "audio_missing": 1,
        "surveys": 0,
    }
    assert manifest["missing"] == [{"recording": gone.pk, "reason": "missing"}]


def test_an_object_that_is_known_to_be_damaged_is_left_out_and_named(any_store, as_analyst):
    damaged = RecordingFactory(storage_fault=StorageFault.DAMAGED)

    archive = export(as_analyst)

    assert manifest_of(archive)["missing"] == [{"recording": damaged.pk, "reason": "damaged"}]
    (row,) = rows(archive, "dataset.csv")
    assert (row["audio_missing"], row["audio_file"]) == ("True", "")


@pytest.mark.parametrize(
    "other", [b"other", b"longer than it was", b"x"], ids=["same length", "longer", "shorter"]
)
def test_an_object_that_was_altered_breaks_the_transfer(any_store, as_analyst, other):
    RecordingFactory(content=b"whole")
    altered = RecordingFactory(content=b"voice")
    replace_object(altered, other)

    received = broken_off(as_analyst.get(EXPORT), AudioAltered)

    assert not zipfile.is_zipfile(received)


def test_a_large_object_that_was_altered_at_its_beginning_breaks_the_transfer(
    any_store, as_analyst
):
    altered = RecordingFactory(content=bytes(5 * MEGABYTE))
    replace_object(altered, b"1" + bytes(5 * MEGABYTE - 1))

    assert not zipfile.is_zipfile(broken_off(as_analyst.get(EXPORT), AudioAltered))


def test_an_object_that_goes_away_during_the_transfer_breaks_it(any_store, as_analyst):
    recordings = [RecordingFactory(content=bytes(3 * MEGABYTE)) for _recording in range(5)]
    answer = as_analyst.get(EXPORT)
    for recording in recordings:
        default_storage.delete(recording.audio_url)

    assert not zipfile.is_zipfile(broken_off(answer, AudioAltered))


def test_a_store_that_stumbles_does_not_break_a_long_transfer(any_store, as_analyst, monkeypatch):
    RecordingFactory(content=b"voice")
    kind = type(default_storage._wrapped)
    part_of, refusals = kind.part_of, iter(range(2))

    def stumbling(*block, **options):
        if next(refusals, None) is not None:
            raise StoreUnavailable
        return part_of(*block, **options)

    monkeypatch.setattr(kind, "part_of", stumbling)

    assert export(as_analyst).testzip() is None
    assert next(refusals, None) is None


def mocked(client, session, key):
    """The id of a mock recording of that session that names that object."""
    path = f"/api/v1/sessions/{session.pk}/recording"
    return str(client.post(path, {"audio_url": key}).json()["id"])


def test_a_mock_that_names_an_object_of_its_session_is_exported_and_checked(any_store, as_analyst):
    stored = SessionFactory()
    key = f"recordings/session_{stored.pk}/voz.wav"
    RecordingFactory(session=stored, content=b"voice", audio=key)
    mock = mocked(as_analyst, stored, key)

    archive = export(as_analyst)

    audio = {row["recording_id"]: row["audio_file"] for row in rows(archive, "dataset.csv")}
    assert len(set(audio.values())) == 2
    assert archive.read(audio[mock]) == b"voice"


def test_a_mock_brings_no_voice_of_others_and_no_earlier_release(any_store, as_analyst):
    stored = RecordingFactory(content=b"voice")
    other = SessionFactory()
    default_storage.save("releases/x/v1.zip", ContentFile(b"release"))
    mocks = [mocked(as_analyst, other, key) for key in (stored.audio_url, "releases/x/v1.zip")]

    archive = export(as_analyst)

    audio = {row["recording_id"]: row["audio_file"] for row in rows(archive, "dataset.csv")}
    assert [audio[mock] for mock in mocks] == ["", ""]
    assert manifest_of(archive)["missing"] == [
        {"recording": int(mock), "reason": "foreign"} for mock in mocks
    ]


def test_to_ask_for_the_head_of_an_export_sends_and_notes_nothing(as_analyst):
    RecordingFactory()

    answer = as_analyst.head(EXPORT)

    assert answer.status_code == 200
    assert not AccessRecord.objects.exists()
    assert answer["Content-Length"] == as_analyst.get(EXPORT)["Content-Length"]


@pytest.fixture
def many_objects(settings):
    """1,200 objects, more than a store lists in one answer, and some with odd names."""
    with mock_aws():
        store = ObjectStore(endpoint_url="https://s3.amazonaws.com", region="us-east-1")
        client = store.client()
        client.create_bucket(Bucket=store.bucket)
        use_r2(settings, store)
        keys = [f"many/{number:04}.wav" for number in range(1200)]
        keys += ["many", "many/0001.wa", "many/0001.wav2", "mañana/ñ.wav", "z/😀 +%.wav"]
        for key in keys:
            client.put_object(Bucket=store.bucket, Key=key, Body=b"x")
        yield sorted(keys, key=str.encode)


@pytest.mark.one_database
def test_a_store_finds_those_of_many_objects_that_are_there(many_objects):
    for every in (1, 7, 1100):
        there = many_objects[::every]
        gone = [f"{key}x" for key in there] + ["a", "many/", "zz/nothing", "ñ" * 600]

        wanted = sorted([*there, *gone], key=str.encode)

        assert default_storage.which_exist(wanted) == set(there)


def test_a_folder_that_cannot_be_looked_into_is_an_outage_and_no_loss(as_analyst, monkeypatch):
    RecordingFactory()

    def refuse(_path):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as denied:
        denied.setattr(Path, "is_file", refuse)
        answer = as_analyst.get(EXPORT)

    assert answer.status_code == 503


def test_a_disk_that_is_not_there_is_an_outage_and_no_loss(as_analyst, settings, tmp_path):
    RecordingFactory()
    (tmp_path / "audio").rename(tmp_path / "elsewhere")

    assert as_analyst.get(EXPORT).status_code == 503
    with pytest.raises(StoreUnavailable):
        default_storage.save("recordings/new.wav", ContentFile(b"voice"))
    with pytest.raises(StoreUnavailable):
        list(default_storage.keys("recordings/"))
    assert not (tmp_path / "audio").exists()


def test_several_pages_of_the_stores_listing_are_asked_for_at_once(as_analyst, monkeypatch):
    monkeypatch.setattr(package, "KEYS_AT_A_TIME", 1)
    together = Barrier(4, timeout=30)
    which_exist = SignedFileSystemStorage.which_exist

    def wait_for_others(storage, keys):
        together.wait()
        return which_exist(storage, keys)

    RecordingFactory.create_batch(4)
    monkeypatch.setattr(SignedFileSystemStorage, "which_exist", wait_for_others)

    assert manifest_of(export(as_analyst))["counts"]["audio_missing"] == 0


def test_each_recording_is_noted_before_it_is_sent_and_once(as_analyst, analyst):
    sent, gone = RecordingFactory(), RecordingFactory(content=None)

    export(as_analyst)

    noted = AccessRecord.objects.filter(kind=AccessKind.EXPORTED)
    assert list(noted.values_list("recording_number", "who")) == [(sent.pk, analyst.email)]
    assert Recording.objects.get(pk=gone.pk)


def test_no_more_than_two_exports_run_at_once_for_an_analyst(as_analyst, client_of):
    RecordingFactory(content=bytes(MEGABYTE))
    running = [as_analyst.get(EXPORT), as_analyst.get(EXPORT)]

    third = as_analyst.get(EXPORT)
    measured = as_analyst.head(EXPORT)
    of_another = client_of(AnalystFactory()).get(EXPORT)

    assert (third.status_code, measured.status_code) == (429, 429)
    assert int(third["Retry-After"]) > 0
    assert of_another.status_code == 200
    for answer in (*running, of_another):
        give_up(answer)


@pytest.mark.parametrize("end", ["read to its end", "given up", "broken off"])
def test_an_export_that_ends_however_it_ends_makes_room_for_another(as_analyst, monkeypatch, end):
    recording = RecordingFactory(content=bytes(MEGABYTE))
    for _attempt in range(3):
        answer = as_analyst.get(EXPORT)
        assert answer.status_code == 200
        if end == "given up":
            give_up(answer)
        elif end == "broken off":
            default_storage.delete(recording.audio_url)
            with monkeypatch.context() as gone:
                gone.setattr(transfer, "persevering", _fail)
                with pytest.raises(StoreUnavailable):
                    b"".join(answer)
            recording.put(ContentFile(bytes(MEGABYTE)))
        else:
            b"".join(answer)


def _fail(_call, **_options):
    raise StoreUnavailable


def test_an_export_that_is_refused_takes_no_place(as_analyst):
    for _attempt in range(3):
        assert as_analyst.get(EXPORT, {"estado": "terminada"}).status_code == 400

    assert as_analyst.get(EXPORT).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/dataset", EXPORT])
def test_no_proxy_is_to_keep_what_is_sent(as_analyst, path):
    answer = as_analyst.get(path)

    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Accel-Buffering"] == "no"
