"""Exports of a server in production mode whose clients, store and processes go away."""

import contextlib
import hashlib
import io
import time
import zipfile

import pytest
import requests

from dataset.tests.live.conftest import VOICE_BYTES, VOICES
from recordings.tests.live.scene import until
from toastclub.testing.server import run
from toastclub.testing.services import start_managing

pytestmark = pytest.mark.one_database

EXPORT = "/dataset/export"
FREED_SECONDS = 5
SLOW = 3_000_000  # bytes a second


def places_taken(scene):
    """How many exports the database knows to be running."""
    ((count,),) = scene.query(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
        "WHERE locktype = 'advisory' AND datname = current_database()"
    )
    return count


def is_free_in_time(scene):
    deadline = time.monotonic() + FREED_SECONDS
    while places_taken(scene) and time.monotonic() < deadline:
        pass
    return places_taken(scene) == 0


def test_an_export_comes_whole_and_as_long_as_it_says(analyst):
    answer = analyst.get(EXPORT)

    assert int(answer.headers["Content-Length"]) == len(answer.content)
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert len(archive.namelist()) == 4 + VOICES


def test_a_client_that_goes_away_frees_everything_soon(scene, analyst):
    for _client in range(3):
        answer = analyst.get(EXPORT, stream=True)
        assert answer.status_code == 200
        next(answer.iter_content(100_000))
        answer.close()
        assert is_free_in_time(scene)


def test_a_client_that_goes_away_while_the_store_is_slow_frees_everything_soon(scene, analyst):
    scene.proxy.slow_answers_down(bytes_a_second=50_000)
    answer = analyst.get(EXPORT, stream=True)
    next(answer.iter_content(1000))
    assert places_taken(scene) == 1

    answer.close()

    assert is_free_in_time(scene)


def test_a_client_that_goes_away_before_the_first_byte_frees_everything_soon(scene, analyst):
    scene.proxy.slow_answers_down(bytes_a_second=20_000)
    with contextlib.suppress(requests.RequestException):
        analyst.get(EXPORT, timeout=0.2)
    scene.proxy.pass_on()

    assert is_free_in_time(scene)


def test_a_server_process_that_is_killed_frees_its_places(scene, analyst):
    scene.proxy.slow_answers_down(bytes_a_second=SLOW)
    running = [analyst.get(EXPORT, stream=True) for _export in range(2)]
    assert analyst.get(EXPORT).status_code == 429

    scene.kill()

    assert is_free_in_time(scene)
    for answer in running:
        answer.close()


@pytest.mark.parametrize("fault", ["refuses", "is altered"])
def test_an_export_that_cannot_go_on_breaks_the_connection(scene, analyst, fault):
    scene.proxy.slow_answers_down(bytes_a_second=SLOW)
    answer = analyst.get(EXPORT, stream=True)
    received = io.BytesIO(next(answer.iter_content(100_000)))
    if fault == "refuses":
        scene.proxy.refuse()

    with altered(scene, fault == "is altered"), pytest.raises(requests.RequestException):
        received.writelines(answer.iter_content(100_000))

    assert not zipfile.is_zipfile(received)
    scene.proxy.pass_on()
    assert analyst.get(EXPORT).status_code == 200


@contextlib.contextmanager
def altered(scene, is_wanted):
    """While it is open, the object that is read last is another."""
    keys = [key for (key,) in scene.query("SELECT audio_url FROM recordings ORDER BY audio_url")]
    store, place = scene.store.client(), {"Bucket": scene.store.bucket, "Key": keys[-1]}
    if not is_wanted:
        yield
        return
    whole = store.get_object(**place)["Body"].read()
    store.put_object(**place, Body=b"x" * len(whole))
    try:
        yield
    finally:
        store.put_object(**place, Body=whole)


def killed(process):
    process.kill()
    process.communicate()


def audio_in(folder):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "audios").iterdir()
    }


@pytest.mark.parametrize("form", ["dir", "parquet", "audiofolder"])
def test_a_command_that_is_killed_goes_on_where_it_was(scene, tmp_path, form):
    folder, whole = tmp_path / "killed", tmp_path / "whole"
    scene.proxy.slow_answers_down(bytes_a_second=SLOW)
    command = start_managing(
        scene.server.environment, "export_dataset", f"--output={folder}", f"--format={form}"
    )
    until(lambda: (folder / "audios").is_dir() and len(list((folder / "audios").iterdir())) > 1)
    killed(command)
    before = scene.proxy.bytes_down
    kept = [path for path in (folder / "audios").iterdir() if path.suffix != ".part"]
    scene.proxy.pass_on()

    run(scene.server.environment, "export_dataset", f"--output={folder}", f"--format={form}")
    fetched = scene.proxy.bytes_down - before
    run(scene.server.environment, "export_dataset", f"--output={whole}", f"--format={form}")

    assert kept
    assert fetched < (VOICES - len(kept) + 0.5) * VOICE_BYTES
    assert len(audio_in(whole)) == VOICES
    assert audio_in(folder) == audio_in(whole)
    assert {path.name for path in folder.iterdir()} == {path.name for path in whole.iterdir()}


def unfinished_in(scene):
    found = scene.store.client().list_multipart_uploads(Bucket=scene.store.bucket)
    return [upload["Key"] for upload in found.get("Uploads", [])]


def test_a_worker_that_is_killed_leaves_no_release_and_the_next_starts_clean(scene, analyst):
    run(scene.server.environment, "create_release")
    scene.proxy.slow_answers_down(bytes_a_second=SLOW)
    worker = start_managing(scene.server.environment, "run_worker", "--no-startup-delay")
    until(lambda: unfinished_in(scene))
    killed(worker)
    scene.proxy.pass_on()

    assert analyst.get("/dataset/releases").json()["count"] == 0
    assert analyst.get("/dataset/releases/1").status_code == 404
    run(scene.server.environment, "run_worker", "--batch", "--no-startup-delay")

    release = analyst.get("/dataset/releases/1").json()
    content = requests.get(release["download_url"], timeout=30).content
    assert hashlib.sha256(content).hexdigest() == release["sha256"]
    assert unfinished_in(scene) == []
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert sum(name.startswith("audios/") for name in archive.namelist()) == VOICES
