import errno
import io
import json
import os
import re
import zipfile

import pytest
from django.core.management import CommandError, call_command

from conftest import use_r2
from dataset.folder import whole_file
from dataset.spool import Spool
from dataset.tests.archives import export
from recordings.disk import SignedFileSystemStorage
from recordings.outages import StoreUnavailable
from recordings.tests.factories import RecordingFactory
from surveys.tests.factories import SurveyFactory
from toastclub.testing.services import ObjectStore

pytestmark = pytest.mark.django_db

NAME = re.compile(r"dataset_export_\d{8}_\d{4}\.zip")


@pytest.fixture
def recording():
    return SurveyFactory(session=RecordingFactory().session).session.recordings.get()


def run(**options):
    """What the command prints, and its progress."""
    out, progress = io.StringIO(), io.StringIO()
    call_command("export_dataset", stdout=out, stderr=progress, **options)
    return out.getvalue(), progress.getvalue()


def contents(archive):
    """All that it holds, but the moment at which it was made."""
    names = [name for name in archive.namelist() if name != "manifest.json"]
    manifest = json.loads(archive.read("manifest.json"))
    return {"manifest.json": {**manifest, "snapshot": None}} | {
        name: archive.read(name) for name in names
    }


def test_the_command_writes_what_the_api_sends(any_store, as_analyst, recording, tmp_path):
    path = tmp_path / "dataset.zip"

    run(output=path)

    assert contents(zipfile.ZipFile(path)) == contents(export(as_analyst))
    assert any(name.startswith("audios/") for name in zipfile.ZipFile(path).namelist())


def test_a_folder_gets_a_file_named_like_the_api_s(recording, tmp_path):
    out, _progress = run(output=tmp_path)

    (path,) = tmp_path.glob("*.zip")
    assert NAME.fullmatch(path.name)
    assert str(path) in out


def test_without_an_output_the_file_is_written_where_one_is(recording, tmp_path, monkeypatch):
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    run()

    (path,) = folder.iterdir()
    assert NAME.fullmatch(path.name)


def test_the_command_says_how_far_it_is_and_how_much_it_wrote(recording, tmp_path):
    path = tmp_path / "dataset.zip"

    out, progress = run(output=path)

    assert re.search(r"\d+%", progress)
    assert str(path.stat().st_size) in out


def test_an_earlier_file_is_replaced(recording, tmp_path):
    path = tmp_path / "dataset.zip"
    path.write_bytes(b"old")

    run(output=path)

    assert zipfile.is_zipfile(path)


@pytest.mark.parametrize(
    "output",
    ["missing/dataset.zip", "file/dataset.zip", "a" * 300],
    ids=["missing folder", "file as folder", "name too long"],
)
def test_a_path_that_cannot_be_written_is_a_command_error(recording, tmp_path, output):
    (tmp_path / "file").write_text("a file, not a folder")

    with pytest.raises(CommandError, match="no se puede escribir"):
        run(output=tmp_path / output)


def test_a_device_is_no_place_for_an_archive(recording, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    with pytest.raises(CommandError, match="no es un archivo"):
        run(output=pipe)

    assert pipe.is_fifo()


def fail(storage, key, start, size, **_options):
    raise StoreUnavailable


def test_a_store_that_fails_halfway_leaves_no_file_and_the_earlier_one_whole(
    recording, tmp_path, monkeypatch
):
    path = tmp_path / "dataset.zip"
    path.write_bytes(b"old")
    monkeypatch.setattr(SignedFileSystemStorage, "part_of", fail)

    with pytest.raises(CommandError, match="almacén"):
        run(output=path)

    assert [left.name for left in tmp_path.glob("*.*")] == ["dataset.zip"]
    assert path.read_bytes() == b"old"


def test_two_exports_do_not_write_to_one_file_at_once(recording, tmp_path):
    path = tmp_path / "dataset.zip"

    with whole_file(path) as file:
        file.write(b"the first")
        with pytest.raises(CommandError, match="Otra exportación"):
            run(output=path)

    assert path.read_bytes() == b"the first"


def test_a_file_that_a_killed_run_has_left_is_replaced(recording, tmp_path):
    left = tmp_path / "dataset.zip.part"
    left.write_bytes(bytes(100_000))

    run(output=tmp_path / "dataset.zip")

    assert zipfile.ZipFile(tmp_path / "dataset.zip").testzip() is None
    assert not left.exists()


def test_a_dry_run_counts_and_writes_nothing(recording, tmp_path):
    out, _progress = run(output=tmp_path / "dataset.zip", dry_run=True)

    assert "sesiones: 1" in out
    assert list(tmp_path.glob("*.zip*")) == []


def no_space(_spool, _data):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_server_without_space_is_a_command_error_that_says_so(recording, tmp_path, monkeypatch):
    monkeypatch.setattr(Spool, "write", no_space)

    with pytest.raises(CommandError, match="sin espacio"):
        run(output=tmp_path / "dataset.zip")


def test_a_store_that_is_down_is_a_command_error(recording, tmp_path, settings):
    use_r2(settings, ObjectStore(endpoint_url="http://127.0.0.1:9"))

    with pytest.raises(CommandError, match="almacén"):
        run(output=tmp_path / "dataset.zip")

    assert list(tmp_path.glob("*.zip*")) == []
