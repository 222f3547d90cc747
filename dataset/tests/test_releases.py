"""Versions of the dataset, from the call that wants one to the ZIP that the store serves."""

import csv
import hashlib
import io
import json
import zipfile
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
import requests
from botocore.exceptions import ReadTimeoutError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory, FacilitatorFactory
from conftest import use_r2
from dataset import releases
from dataset.archive import archive
from dataset.identities import SPLIT_SHARES
from dataset.models import PseudonymKey, Release
from dataset.tests.archives import rows, table
from recordings import outages
from recordings.disk import SignedFileSystemStorage
from recordings.models import Recording
from recordings.outages import StoreUnavailable
from recordings.storages import R2Storage
from recordings.tests.factories import RecordingFactory
from sessions_app.models import Participant
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from surveys.tests.factories import SurveyFactory
from toastclub.locks import lock
from training.tests.factories import TextFactory

# One release is built on either database, from the admin.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

RELEASES = "/api/v1/dataset/releases"


@pytest.fixture(autouse=True)
def _in_a_test(monkeypatch):
    """A worker would close the connection that a test's transaction is on, and pause."""
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(outages, "PAUSE_SECONDS", 0)


def work():
    """Has a worker do what is to be done."""
    call_command("run_worker", batch=True, interval=0, startup_delay=False, verbosity=0)


def wanted():
    out = io.StringIO()
    call_command("create_release", stdout=out)
    return out.getvalue()


def released():
    """The next release, built."""
    wanted()
    work()
    return Release.objects.ready().first()


def bytes_of(release):
    with default_storage.open(release.key) as file:
        return file.read()


def archive_of(release):
    return zipfile.ZipFile(io.BytesIO(bytes_of(release)))


def manifest_of(release):
    return json.loads(archive_of(release).read("manifest.json"))


def changelog_of(release):
    text = archive_of(release).read("changelog.csv").decode()
    return [tuple(row) for row in csv.reader(io.StringIO(text))][1:]


def recorded_session(**participant):
    session = SessionFactory(participant={"nombre": "Juan Pérez", **participant})
    RecordingFactory(session=session)
    return session


def test_a_release_that_is_wanted_is_built_by_a_worker(any_store, as_analyst):
    recorded_session()

    said = wanted()
    before = as_analyst.get(RELEASES).json()
    work()

    assert "Versión 1: En espera" in said
    assert before["results"] == []
    (release,) = as_analyst.get(RELEASES).json()["results"]
    assert release["number"] == 1
    assert release["counts"] == {
        "sessions": 1,
        "recordings": 1,
        "audio_missing": 0,
        "surveys": 0,
    }


def test_what_a_release_says_of_its_file_is_so(any_store, as_analyst):
    recorded_session()
    release = released()

    content = bytes_of(release)

    assert release.file_size == len(content)
    assert release.sha256 == hashlib.sha256(content).hexdigest()
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    assert manifest_of(release)["release"]["number"] == 1


def test_the_store_itself_serves_a_release_and_any_part_of_it(seaweed, settings, as_analyst):
    use_r2(settings, seaweed)
    recorded_session()
    release = released()

    answer = as_analyst.get(f"{RELEASES}/1", {"expires_seconds": 60}).json()
    whole = requests.get(answer["download_url"], timeout=10)
    rest = requests.get(answer["download_url"], headers={"Range": "bytes=100-"}, timeout=10)

    assert answer["expires_in"] == 60
    assert hashlib.sha256(whole.content).hexdigest() == answer["sha256"] == release.sha256
    assert whole.headers["Content-Type"] == "application/zip"
    assert "toastclub_dataset_v1.zip" in whole.headers["Content-Disposition"]
    assert (rest.status_code, rest.content) == (206, whole.content[100:])


def test_a_release_on_local_disk_is_served_under_a_signed_address(as_analyst, nobody):
    recorded_session()
    released()
    path = as_analyst.get(f"{RELEASES}/1").json()["download_url"].partition("testserver")[2]

    whole = nobody.get(path)
    rest = nobody.get(path, HTTP_RANGE="bytes=100-")

    content = b"".join(whole)
    assert zipfile.is_zipfile(io.BytesIO(content))
    assert whole["Content-Type"] == "application/zip"
    assert whole["Content-Disposition"] == 'attachment; filename="toastclub_dataset_v1.zip"'
    assert (rest.status_code, b"".join(rest)) == (206, content[100:])


def test_who_got_the_address_of_a_release_is_recorded(as_analyst, analyst):
    released()

    as_analyst.head(f"{RELEASES}/1")  # which gives out nothing
    as_analyst.get(f"{RELEASES}/1")

    access = AccessRecord.objects.get()
    assert (access.kind, access.who, access.release_number) == ("release", analyst.email, 1)


@pytest.mark.parametrize("number", ["1", "0", "99", "nueve", "9" * 30])
def test_a_release_that_is_not_there_is_not_found(as_analyst, number):
    wanted()  # and not built

    answer = as_analyst.get(f"{RELEASES}/{number}")

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Release with id {number} not found"}


@pytest.mark.parametrize("path", [RELEASES, f"{RELEASES}/1"])
def test_releases_are_for_analysts(client_of, nobody, headset_of, path):
    released()

    assert client_of(AnalystFactory()).get(path).status_code == 200
    assert client_of(FacilitatorFactory()).get(path).status_code == 403
    assert headset_of(SessionFactory()).get(path).status_code == 403
    assert nobody.get(path).status_code == 401


def test_a_release_says_nothing_that_leads_to_a_person(any_store):
    participant = {"edad_aproximada": 97, "email_opcional": "juana@example.com"}
    session = SessionFactory(
        participant={"nombre": "Juana Ñahui", **participant},
        title="Sesión de Juana Ñahui",
        description="juana@example.com",
    )
    recording = RecordingFactory(
        session=session, metadata_carga={"quién": "Juana Ñahui"}, formato="audio/juana"
    )
    RecordingFactory(session=session, content=None)
    answers = {
        "nombre": "soy juana ñahui.",
        "Juana": "nahui",
        "más": ["JUANA@example.com", {"a": "tengo (97)"}],
        "edad": 97,
        "audio": f"{session.session_code}__5.wav",
    }
    SurveyFactory(session=session, answers=answers)

    archive = archive_of(released())

    everything = b"".join(archive.read(name) for name in archive.namelist())
    everything += "".join(archive.namelist()).encode()
    texts = everything.decode().lower()
    for identity in ("juana", "ñahui", "nahui", session.session_code, recording.audio_url):
        assert identity not in texts
    (row, _missing) = rows(archive, "dataset.csv")
    assert row["participant_age_band"] == "65+"
    assert "97" not in row.values()
    assert "97" not in archive.read("surveys.csv").decode().replace(session_times(archive), "")


def session_times(archive):
    """The one cell of the surveys that holds digits of its own."""
    return rows(archive, "surveys.csv")[0]["created_at"]


def test_rows_and_files_of_a_release_go_by_the_same_keys_in_each(as_analyst):
    session = recorded_session(email_opcional="juan@example.com")
    SurveyFactory(session=session)
    first = archive_of(released())
    second = archive_of(released())

    (row,) = rows(second, "dataset.csv")
    (survey,) = rows(second, "surveys.csv")

    assert [row] == rows(first, "dataset.csv")
    assert row["audio_file"] == f"audios/{row['recording_key']}.wav"
    assert row["audio_file"] in second.namelist()
    assert (survey["session_key"], survey["survey_key"]) == (row["session_key"], row["survey_key"])
    assert not {"session_id", "recording_id", "survey_id", "session_code"} & set(row)


def test_all_sessions_of_a_participant_go_to_the_same_part():
    text = TextFactory()
    for number in range(30):
        for _session in range(3):
            SessionFactory(
                text=text,
                participant={
                    "nombre": f"Ana {_session}",
                    "email_opcional": f"{'A' if _session else 'a'}{number}@example.com",
                },
            )

    found = rows(archive_of(released()), "dataset.csv")

    parts = {}
    for row in found:
        parts.setdefault(row["participant_id"], set()).add(row["split"])
    assert len(parts) == 30
    assert all(len(splits) == 1 for splits in parts.values())


def test_those_of_the_same_name_go_together_where_no_email_tells_them_apart():
    for number in range(20):
        for name in (f"Ana {number}", f"  ana   {number} "):
            SessionFactory(participant={"nombre": name})

    found = rows(archive_of(released()), "dataset.csv")

    assert len({row["participant_id"] for row in found}) == 40
    for first, second in zip(found[::2], found[1::2], strict=True):
        assert first["split"] == second["split"]


def test_the_parts_are_of_about_eighty_ten_and_ten_in_a_hundred():
    pseudonyms = PseudonymKey.objects.pseudonyms()
    text, count = TextFactory(), 400
    SessionFactory.create_batch(count, text=text, participant={"nombre": "Ana"})
    for participant in Participant.objects.all():
        participant.email_opcional = f"{participant.pk}@example.com"
        participant.save()

    release = released()

    assert pseudonyms == PseudonymKey.objects.pseudonyms()
    for split, share in SPLIT_SHARES:
        assert abs(release.splits[split]["sessions"] / count - share / 100) < 0.1  # five sigmas
    assert sum(part["sessions"] for part in release.splits.values()) == count
    assert manifest_of(release)["release"]["splits"]["seed"] == "toastclub-1"


def test_who_is_in_a_part_stays_in_it_when_others_come():
    for number in range(20):
        SessionFactory(participant={"nombre": "Ana", "email_opcional": f"{number}@example.com"})
    before = {
        row["participant_id"]: row["split"] for row in rows(archive_of(released()), "dataset.csv")
    }
    for number in range(20, 40):
        SessionFactory(participant={"nombre": "Ana", "email_opcional": f"{number}@example.com"})

    after = {
        row["participant_id"]: row["split"] for row in rows(archive_of(released()), "dataset.csv")
    }

    assert before.items() <= after.items()


def test_a_release_says_what_was_added_removed_and_changed():
    gone, kept, corrected = (recorded_session() for _session in range(3))
    survey = SurveyFactory(session=corrected, answers={"a": 1})
    first = released()
    key_of = PseudonymKey.objects.pseudonyms()
    removed = key_of.recording(gone.recordings.get().pk)
    gone.delete()
    survey.respuestas_json = {"a": 2}
    survey.save()
    Recording.objects.filter(session=kept).update(duracion_segundos=99)
    added = recorded_session()

    second = released()

    assert first.changes == {"added": 4, "removed": 0, "changed": 0}
    assert second.changes == {"added": 1, "removed": 1, "changed": 2}
    assert set(changelog_of(second)) == {
        ("dataset", key_of.recording(added.recordings.get().pk), "added"),
        ("dataset", removed, "removed"),
        ("dataset", key_of.recording(kept.recordings.get().pk), "changed"),
        ("surveys", key_of.survey(survey.pk), "changed"),
    }
    assert manifest_of(second)["release"]["changes"] == second.changes


def test_nothing_has_changed_where_nothing_has():
    recorded_session()
    released()

    assert changelog_of(released()) == []


def test_a_release_stays_as_it_is_when_the_data_change(any_store):
    session = recorded_session()
    first = released()
    before = bytes_of(first)
    session.delete()

    released()

    assert bytes_of(first) == before


def rebuilt(number):
    out = io.StringIO()
    call_command("create_release", rebuild=number, stdout=out)
    return out.getvalue()


def test_rebuilding_a_release_from_the_same_data_gives_the_same_bytes(any_store):
    SurveyFactory(session=recorded_session())
    release = released()
    before = bytes_of(release)
    default_storage.delete(release.key)

    said = rebuilt(1)

    assert release.sha256 in said
    assert "no estaba entera, y se ha repuesto" in said
    assert "en el almacén estaba entera\n" in rebuilt(1)
    assert bytes_of(release) == before


def test_a_release_is_not_rebuilt_from_other_data(any_store):
    recorded_session()
    release = released()
    before = bytes_of(release)
    recorded_session()

    with pytest.raises(CommandError, match="ya no son los mismos"):
        rebuilt(1)

    assert bytes_of(release) == before


def test_a_release_that_was_never_made_is_not_rebuilt():
    with pytest.raises(CommandError, match="No hay ninguna versión 7"):
        rebuilt(7)


def test_a_dry_run_says_which_release_would_be_next_and_wants_none():
    recorded_session()
    released()
    out = io.StringIO()

    call_command("create_release", dry_run=True, stdout=out)

    assert out.getvalue() == "(simulación) Versión 2: sería la siguiente\n"
    assert Release.objects.count() == 1


def test_a_dry_run_of_a_rebuild_compares_and_stores_nothing():
    recorded_session()
    release = released()
    default_storage.delete(release.key)
    out = io.StringIO()

    call_command("create_release", rebuild=1, dry_run=True, stdout=out)

    assert "no estaba entera\n" in out.getvalue()
    assert not default_storage.exists(release.key)


class Killed(BaseException):
    """What ends a process."""


def killed_halfway(death):
    """Has the next worker die when most of the ZIP has been read."""

    def dying(*arguments, **options):
        yield from list(archive(*arguments, **options))[:-2]
        raise Killed

    death.setattr("dataset.releases.archive", dying)
    death.setattr(db_worker.DBTaskResult, "set_failed", lambda *_arguments: None)
    death.setattr(type(default_storage._wrapped), "discard_parts", lambda *_arguments: None)
    work()


def test_a_worker_that_is_killed_leaves_no_release_and_the_next_starts_clean(
    any_store, as_analyst, monkeypatch, settings
):
    recorded_session()
    wanted()
    with monkeypatch.context() as death:
        killed_halfway(death)

    assert as_analyst.get(RELEASES).json()["results"] == []
    assert not default_storage.exists(Release.objects.get().key)
    work()

    (release,) = Release.objects.ready()
    assert release.number == 1
    assert hashlib.sha256(bytes_of(release)).hexdigest() == release.sha256
    assert list(default_storage.unfinished_parts("releases/")) == []


def test_a_release_that_is_wanted_twice_is_built_once():
    recorded_session()
    wanted()
    wanted()

    work()

    assert [release.number for release in Release.objects.all()] == [1]


def unavailable(*_arguments, **_options):
    raise StoreUnavailable


def test_a_release_that_cannot_be_built_says_why_and_is_tried_again(
    as_analyst, monkeypatch, analyst
):
    recorded_session()
    wanted()
    with monkeypatch.context() as outage:
        outage.setattr(SignedFileSystemStorage, "part_of", unavailable)
        work()

    failed = Release.objects.get()
    assert (failed.state, "almacén" in failed.error) == ("failed", True)
    assert as_analyst.get(RELEASES).json()["results"] == []
    again = released()
    assert (again.number, again.error) == (1, "")


def test_an_object_that_was_altered_makes_no_release():
    recording = recorded_session().recordings.get()
    default_storage.delete(recording.audio_url)
    recording.sha256 = None  # which local disk compares nothing with
    recording.put(ContentFile(b"other"))
    wanted()

    work()

    failed = Release.objects.get()
    assert failed.state == "failed"
    assert str(recording.pk) in failed.error
    assert not default_storage.exists(failed.key)


def test_a_missing_object_is_named_by_its_key_in_the_release():
    recording = RecordingFactory(content=None)

    release = released()

    key = PseudonymKey.objects.pseudonyms().recording(recording.pk)
    assert manifest_of(release)["missing"] == [{"recording": key, "reason": "missing"}]
    assert release.counts["audio_missing"] == 1
    (row,) = rows(archive_of(release), "dataset.csv")
    assert (row["recording_key"], row["audio_missing"]) == (key, "True")


def test_a_release_holds_the_text_that_was_read():
    pages = [["Respira."], ["Título"], ["Colegas:", "", "Empecemos", "ya."]]
    RecordingFactory(session=SessionFactory(text=TextFactory(pages=pages)))

    (row,) = rows(archive_of(released()), "dataset.csv")

    assert row["texto_leido"] == "Colegas:\n\nEmpecemos ya."


def test_surveys_of_a_release_are_wide_where_all_have_the_same_questions():
    SurveyFactory(answers={"a": "uno", "b": 2})

    assert table(archive_of(released()), "surveys.csv")[0] == [
        "survey_key",
        "session_key",
        "created_at",
        "a",
        "b",
    ]
    assert Survey.objects.get().respuestas_json == {"a": "uno", "b": 2}


@contextmanager
def always_free(_name):
    yield True


def test_a_build_that_was_overtaken_leaves_the_release_of_the_other_as_it_is(
    any_store, monkeypatch
):
    recorded_session()
    wanted()
    builds = []

    def overtaken(package):
        """While the first build is sent to the store, a second one begins and ends."""
        builds.append(package)
        if len(builds) == 1:
            releases.build(1)
        yield from archive(package)

    monkeypatch.setattr(releases, "lock", always_free)
    monkeypatch.setattr(releases, "archive", overtaken)

    releases.build(1)

    release = Release.objects.ready().get()
    assert len(builds) == 2
    assert hashlib.sha256(bytes_of(release)).hexdigest() == release.sha256
    assert list(default_storage.keys("releases/")) == [release.key]


def end_connection():
    """Does what a database does that is restarted."""
    other = connection.copy()
    with closing(other), other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])


@pytest.mark.django_db(transaction=True)
def test_a_build_that_the_database_left_is_begun_again(monkeypatch):
    recorded_session()
    wanted()
    finish = Release.finish

    def left(release, **facts):
        end_connection()
        return finish(release, **facts)

    with monkeypatch.context() as outage:
        outage.setattr(Release, "finish", left)
        work()

    later = DBTaskResult.objects.filter(status="READY")
    soon = timezone.now() + timedelta(minutes=2)
    assert all(timezone.now() < task.run_after < soon for task in later)
    assert later.update(run_after=timezone.now())
    call_command("db_worker", batch=True, interval=0, startup_delay=False, verbosity=0)
    assert Release.objects.ready().count() == 1


def test_a_build_that_another_has_finished_leaves_it_ready_with_its_rows():
    recorded_session()
    wanted()
    late = Release.objects.get()
    work()

    assert not late.begin()

    release = Release.objects.ready().get()
    assert release.items.count() == 1
    assert hashlib.sha256(bytes_of(release)).hexdigest() == release.sha256


def test_the_next_build_leaves_a_release_alone_of_which_an_upload_was_left_open(any_store):
    recorded_session()
    first = released()
    default_storage.begin_parts(first.key)

    released()

    assert hashlib.sha256(bytes_of(first)).hexdigest() == first.sha256
    assert list(default_storage.unfinished_parts("releases/")) == []


def test_a_release_is_not_rebuilt_while_another_is_built():
    recorded_session()
    released()

    with lock(releases.LOCK), pytest.raises(CommandError, match="Se está creando"):
        rebuilt(1)


@pytest.mark.parametrize("any_store", ["moto", "seaweedfs"], indirect=True)
def test_a_store_that_joined_a_release_without_saying_so_has_it(any_store, monkeypatch):
    recorded_session()
    join = R2Storage._join
    attempts = []

    def without_an_answer(*arguments):
        join(*arguments)
        attempts.append(arguments)
        if len(attempts) == 1:
            raise ReadTimeoutError(endpoint_url="")

    monkeypatch.setattr(R2Storage, "_join", without_an_answer)

    release = released()

    assert attempts
    assert hashlib.sha256(bytes_of(release)).hexdigest() == release.sha256


def test_a_release_whose_object_was_damaged_is_mended(any_store):
    recorded_session()
    release = released()
    before = bytes_of(release)
    default_storage.delete(release.key)
    default_storage.save(release.key, ContentFile(bytes(len(before))))

    rebuilt(1)

    assert bytes_of(release) == before


def test_the_dictionary_of_a_release_tells_of_its_changelog():
    recorded_session()

    described = rows(archive_of(released()), "data_dictionary.csv")

    columns = [row["columna"] for row in described if row["tabla"] == "changelog.csv"]
    assert columns == ["tabla", "clave", "cambio"]
