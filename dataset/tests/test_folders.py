"""Exports to a folder, in each format: interrupted anywhere, they go on and end the same."""

import hashlib
import io
import json
from getpass import getuser

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from dataset import formats
from dataset.folder import ExportKind, claimed
from recordings import outages
from recordings.outages import StoreUnavailable
from recordings.tests.factories import RecordingFactory
from surveys.tests.factories import SurveyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

each_format = pytest.mark.parametrize("form", ["dir", "parquet", "audiofolder"])
TABLES = {
    "dir": {"dataset.csv", "surveys.csv"},
    "parquet": {
        "sessions.parquet",
        "recordings.parquet",
        "surveys_long.parquet",
        "surveys_wide.parquet",
    },
    "audiofolder": {"metadata.csv", "croissant.json"},
}
DOCUMENTS = {"manifest.json", "data_dictionary.csv"}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(outages, "PAUSE_SECONDS", 0)


@pytest.fixture
def recordings():
    made = [RecordingFactory(content=f"voice {number}".encode()) for number in range(5)]
    SurveyFactory(session=made[0].session)
    return made


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "export"


def run(folder, form, **options):
    """What the command prints, and its progress."""
    out, progress = io.StringIO(), io.StringIO()
    call_command(
        "export_dataset", output=folder, format=form, stdout=out, stderr=progress, **options
    )
    return out.getvalue(), progress.getvalue()


def tree(folder):
    """Each file's bytes by its path; of the two files that say when they were made, the rest."""
    found = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    if "manifest.json" in found:
        manifest = json.loads(found["manifest.json"])
        manifest["files"] = [file for file in manifest["files"] if file["path"] != "croissant.json"]
        found["manifest.json"] = {**manifest, "snapshot": None}
    if "croissant.json" in found:
        found["croissant.json"] = {**json.loads(found["croissant.json"]), "datePublished": None}
    return found


def audio_in(folder):
    return {path.read_bytes() for path in (folder / "audios").iterdir()}


@each_format
def test_a_folder_holds_tables_audio_and_what_they_are(recordings, folder, form):
    out, progress = run(folder, form)

    named = "{0.pk}.wav" if form == "audiofolder" else "{0.download_name}"
    audio = {f"audios/{named.format(recording)}" for recording in recordings}
    assert set(tree(folder)) == TABLES[form] | DOCUMENTS | audio
    assert audio_in(folder) == {f"voice {number}".encode() for number in range(5)}
    assert "sesiones: 5" in out
    assert "100%" in progress


@each_format
def test_a_folder_is_what_its_manifest_says(recordings, folder, form):
    run(folder, form)

    manifest = json.loads((folder / "manifest.json").read_text())
    for file in manifest["files"]:
        content = (folder / file["path"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["size"] == len(content)


def interrupted(folder, form, monkeypatch, *, after):
    """Has a run break off after that many recordings were read."""
    storage = type(default_storage._wrapped)
    part_of, reads = storage.part_of, iter(range(after))

    def failing(*block, **options):
        if next(reads, None) is None:
            raise StoreUnavailable
        return part_of(*block, **options)

    with monkeypatch.context() as outage:
        outage.setattr(storage, "part_of", failing)
        with pytest.raises(CommandError, match="almacén"):
            run(folder, form)


@each_format
@pytest.mark.parametrize("after", [0, 3])
def test_a_run_after_an_interruption_ends_with_the_same_tree(
    any_store, recordings, folder, tmp_path, monkeypatch, form, after
):
    interrupted(folder, form, monkeypatch, after=after)
    assert not (folder / "manifest.json").exists()

    run(folder, form)
    run(tmp_path / "uninterrupted", form)

    assert tree(folder) == tree(tmp_path / "uninterrupted")


@each_format
def test_only_what_is_missing_or_differs_is_fetched_again(recordings, folder, form):
    run(folder, form)
    lost, altered, kept = sorted((folder / "audios").iterdir())[:3]
    before = kept.stat()
    lost.unlink()
    altered.write_bytes(b"VOICE 0")
    exported = AccessRecord.objects.filter(kind=AccessKind.EXPORTED)
    before_that = exported.count()

    run(folder, form)

    assert audio_in(folder) == {f"voice {number}".encode() for number in range(5)}
    assert exported.count() == before_that + 2
    assert kept.stat().st_ino == before.st_ino


@each_format
def test_what_is_no_longer_in_the_dataset_goes_when_the_run_is_repeated(
    recordings, folder, tmp_path, form
):
    run(folder, form)
    recordings[0].session.delete_with_audio()
    half = min((folder / "audios").iterdir())
    half.with_name(f"{half.name}.part").write_bytes(b"half")

    run(folder, form)
    run(tmp_path / "new", form)

    assert tree(folder) == tree(tmp_path / "new")


@each_format
def test_files_of_somebody_else_s_in_the_folder_are_left_alone(recordings, folder, form):
    run(folder, form)
    theirs = [folder / "notas.txt", folder / "audios" / "notas.txt", folder / "a.part"]
    for path in theirs:
        path.write_text("mías")

    run(folder, form)

    assert [path.read_text() for path in theirs] == ["mías"] * 3


@each_format
@pytest.mark.parametrize("said", ['{"format": "csv"}', "[]", "no es JSON"])
def test_a_folder_with_another_program_s_manifest_is_left_alone(recordings, folder, form, said):
    (folder / "audios").mkdir(parents=True)
    (folder / "audios" / "55.wav").write_text("mía")
    (folder / "manifest.json").write_text(said)

    with pytest.raises(CommandError, match="no está vacía"):
        run(folder, form)

    assert (folder / "audios" / "55.wav").read_text() == "mía"


@each_format
def test_a_folder_whose_audio_is_a_link_elsewhere_is_left_alone(recordings, folder, tmp_path, form):
    run(folder, form)
    elsewhere = tmp_path / "elsewhere"
    (folder / "audios").rename(elsewhere)
    (folder / "audios").symlink_to(elsewhere)
    (elsewhere / "9.wav").write_text("mía")

    with pytest.raises(CommandError, match="es un enlace"):
        run(folder, form)

    assert (elsewhere / "9.wav").read_text() == "mía"


@each_format
@pytest.mark.parametrize("options", [{"identifiable": True}, {"estado": "created"}])
def test_a_folder_of_another_selection_is_left_alone(recordings, folder, form, options):
    run(folder, form)
    before = tree(folder)

    with pytest.raises(CommandError, match="otros filtros"):
        run(folder, form, **options)

    assert tree(folder) == before


@each_format
def test_an_interrupted_run_over_a_whole_folder_leaves_no_manifest_that_may_lie(
    recordings, folder, monkeypatch, form
):
    run(folder, form)
    for path in (folder / "audios").iterdir():
        path.unlink()

    interrupted(folder, form, monkeypatch, after=2)

    assert not (folder / "manifest.json").exists()


@each_format
def test_a_run_that_was_killed_in_its_first_moment_goes_on(recordings, folder, form):
    folder.mkdir()
    (folder / ".toastclub-export.json").touch()

    run(folder, form)

    assert len(audio_in(folder)) == 5


@each_format
def test_a_dry_run_counts_and_writes_nothing(recordings, folder, form):
    out, _progress = run(folder, form, dry_run=True)

    assert out.startswith("(simulación): ")
    assert "sesiones: 5" in out
    assert not folder.exists()
    assert not AccessRecord.objects.exists()


def test_two_exports_do_not_write_to_one_folder_at_once(recordings, folder):
    with (
        claimed(folder, ExportKind("csv", {}, is_identifiable=False)),
        pytest.raises(CommandError, match="Otra exportación"),
    ):
        run(folder, "dir")


@pytest.mark.parametrize("form", ["dir", "zip"])
def test_what_is_written_is_for_its_owner_alone(recordings, folder, tmp_path, form):
    target = folder if form == "dir" else tmp_path / "dataset.zip"

    run(target, form)

    written = [path for path in (target, *target.rglob("*")) if path.is_file()]
    assert written
    assert {path.stat().st_mode & 0o077 for path in (*written, target)} == {0}


@each_format
def test_a_folder_of_somebody_else_s_is_left_alone(recordings, folder, form):
    folder.mkdir()
    (folder / "tesis.txt").write_text("mía")

    with pytest.raises(CommandError, match="no está vacía"):
        run(folder, form)

    assert [path.name for path in folder.iterdir()] == ["tesis.txt"]


def test_a_folder_of_another_format_is_left_alone(recordings, folder):
    run(folder, "dir")
    before = tree(folder)

    with pytest.raises(CommandError, match="no está vacía"):
        run(folder, "audiofolder")

    assert tree(folder) == before


@each_format
def test_a_file_in_the_folder_s_place_is_a_command_error(recordings, folder, form):
    folder.write_text("a file")

    with pytest.raises(CommandError):
        run(folder, form)

    assert folder.read_text() == "a file"


@each_format
def test_an_object_that_was_altered_ends_the_run_and_is_named(recordings, folder, form):
    altered = recordings[2]
    default_storage.delete(altered.audio_url)
    altered.put(ContentFile(b"other 2"))

    with pytest.raises(CommandError, match=str(altered.pk)):
        run(folder, form)

    assert not (folder / "manifest.json").exists()
    assert b"other 2" not in audio_in(folder)


@each_format
def test_missing_audio_is_counted_and_the_rest_is_written(recordings, folder, form):
    RecordingFactory(content=None)

    out, _progress = run(folder, form)

    assert "Grabaciones sin su audio" in out
    assert len(audio_in(folder)) == 5


@each_format
def test_names_leave_only_when_they_are_asked_for(recordings, folder, tmp_path, form):
    run(folder, form)
    run(tmp_path / "identifiable", form, identifiable=True)

    def holds_name(content):
        return b"Juan P" in (content if isinstance(content, bytes) else b"")

    assert not any(map(holds_name, tree(folder).values()))
    assert any(map(holds_name, tree(tmp_path / "identifiable").values()))
    exports = AccessRecord.objects.exclude(kind=AccessKind.EXPORTED).order_by("pk")
    kinds = [(access.kind, access.who) for access in exports]
    assert kinds == [("export", getuser()), ("identifiable", getuser())]


def test_a_format_whose_library_is_missing_asks_for_it_by_name(folder, monkeypatch):
    def missing(_name):
        raise ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow")

    monkeypatch.setattr(formats, "import_module", missing)

    with pytest.raises(CommandError, match=r"pyarrow.*requirements-export\.txt"):
        run(folder, "parquet")

    assert not folder.exists()


def test_a_format_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(CommandError, match="audiofolder"):
        call_command("export_dataset", "--format", "excel")
