"""Files in which a voice waits, and what becomes of them when their process dies."""

import errno
import subprocess
import sys

import pytest

from recordings.models import Recording
from recordings.receiving import local_copy
from recordings.temporary import claim, sweep
from recordings.tests.calls import sample, send
from recordings.uploads import AudioUploadHandler

VOICE = sample("voz.mp3")
# Claims a file, says so, and waits until it is killed.
CLAIMING = """
import sys
from recordings.temporary import claim
with open(sys.argv[1], "wb") as file:
    claim(file)
    print("claimed", flush=True)
    sys.stdin.read()
"""


def test_what_nobody_has_claimed_is_swept(tmp_path):
    (tmp_path / "voz").write_bytes(VOICE)

    assert sweep(tmp_path) == 1
    assert not (tmp_path / "voz").exists()


def test_what_somebody_works_on_is_left(tmp_path):
    with (tmp_path / "voz").open("wb") as file:
        claim(file)

        assert sweep(tmp_path) == 0
        assert (tmp_path / "voz").exists()


def test_what_a_killed_process_worked_on_is_swept(tmp_path):
    path = tmp_path / "voz"
    with subprocess.Popen(  # noqa: S603  # this test's own program
        [sys.executable, "-c", CLAIMING, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"claimed\n"
        assert sweep(tmp_path) == 0
        process.kill()
        process.wait()

    assert sweep(tmp_path) == 1
    assert not path.exists()


def test_folders_are_left_and_those_that_are_not_there_yet_are_no_fault(tmp_path):
    (tmp_path / "folder").mkdir()

    assert sweep(tmp_path, tmp_path / "not there") == 0
    assert (tmp_path / "folder").exists()


@pytest.mark.django_db
def test_an_upload_that_is_being_received_is_not_swept(headset, session, upload_folder, during_put):
    swept = []
    during_put(lambda: swept.append(sweep(upload_folder)))

    assert send(headset, session, VOICE).status_code == 201
    assert swept == [0]


def test_a_copy_to_be_measured_is_not_swept_and_gone_afterwards(upload_folder):
    with local_copy([VOICE]) as (path, checksums):
        assert path.read_bytes() == VOICE
        assert checksums.size == len(VOICE)
        assert sweep(upload_folder) == 0

    assert list(upload_folder.iterdir()) == []


@pytest.mark.django_db
def test_a_full_disk_is_told_and_leaves_nothing(headset, session, upload_folder, monkeypatch):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(AudioUploadHandler.__mro__[1], "receive_data_chunk", full)

    answer = send(headset, session, VOICE)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "espacio" in answer.json()["detail"]
    assert not Recording.with_pending.exists()
    assert list(upload_folder.iterdir()) == []
