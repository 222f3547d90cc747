"""Versions of the dataset in the back office: asked for, watched, looked at and fetched."""

import html
import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.management.commands import db_worker

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory, FacilitatorFactory, SuperuserFactory
from dataset import releases
from dataset.models import Release
from dataset.tests.archives import rows
from recordings.disk import SignedFileSystemStorage
from recordings.outages import StoreUnavailable
from recordings.tests.factories import RecordingFactory
from surveys.tests.factories import SurveyFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/dataset/release/"
CREATE, STATE, DOWNLOAD = f"{LIST}create/", f"{LIST}1/state/", f"{LIST}1/download/"
SCRIPT = "<script>alert('ñ')</script>"


@pytest.fixture
def browser(browser_of, analyst):
    return browser_of(analyst)


@pytest.fixture
def work(monkeypatch):
    """Has a worker do what is to be done; it would close the connection that a test is on."""
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)

    def run():
        call_command("run_worker", batch=True, interval=0, startup_delay=False, verbosity=0)

    return run


def shown(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def page_of(release):
    return f"{LIST}{release.pk}/change/"


def unavailable(*_arguments, **_options):
    raise StoreUnavailable


def cells(page, words):
    """The numbers of a table's row that begins with those words."""
    (row,) = re.findall(rf"<tr>\s*<th scope=\"row\">{words}\s*<.*?</tr>", page, re.DOTALL)
    return [int(number) for number in re.findall(r'class="tc-number">([+-]?\d+)<', row)]


# Asking for one


def test_it_is_said_what_a_version_will_hold_before_it_is_created(browser):
    SurveyFactory(session=RecordingFactory().session)
    RecordingFactory(storage_fault="missing")

    page = shown(browser, CREATE)

    assert "Qué llevará la versión 1" in page
    assert re.findall(r"<dd>\s*(\d+)", page) == ["2", "2", "1"]
    assert "1 con audio" in page
    assert "siempre sin datos personales" in page
    assert not Release.objects.exists()


@pytest.mark.parametrize("make_user", [AnalystFactory, SuperuserFactory])
def test_a_version_is_created_watched_and_downloaded(browser_of, work, make_user):
    browser = browser_of(make_user())
    RecordingFactory()

    created = browser.post(CREATE)
    release = Release.objects.get()
    waiting = shown(browser, page_of(release))
    work()
    ready = shown(browser, page_of(release))
    address = browser.post(DOWNLOAD)["Location"]

    assert created["Location"] == page_of(release)
    assert "En espera" in waiting
    assert "Lista" in ready
    assert cells(ready, "Sesiones") == cells(ready, "Grabaciones") == [1]
    archive = zipfile.ZipFile(io.BytesIO(browser.get(address).getvalue()))
    assert len(rows(archive, "dataset.csv")) == 1
    note = AccessRecord.objects.exclude(kind=AccessKind.VIEW).get()
    assert (note.kind, note.release_number) == (AccessKind.RELEASE, 1)


def test_as_long_as_one_is_not_ready_there_is_no_other(browser):
    RecordingFactory()
    browser.post(CREATE)

    for answer in (browser.get(CREATE, follow=True), browser.post(CREATE, follow=True)):
        assert answer.redirect_chain == [(page_of(Release.objects.get()), 302)]
        assert "La versión 1 ya está pedida." in answer.content.decode()


def test_an_empty_dataset_is_not_offered_as_a_version(browser):
    page = shown(browser, CREATE)

    assert "no hay nada que publicar" in page
    assert "Crear la versión" not in page


# Watching it


def test_a_version_that_waits_no_longer_than_a_minute_is_said_to_begin_soon(browser):
    browser.post(CREATE)

    page = shown(browser, STATE)

    assert "data-unfinished" in page
    assert "run_worker" not in page


def test_a_version_that_waits_longer_asks_whether_the_worker_runs(browser):
    browser.post(CREATE)
    Release.objects.update(requested_at=timezone.now() - timedelta(seconds=61))

    assert "¿Está en marcha <code>run_worker</code>?" in shown(browser, STATE)


def test_a_version_that_is_tried_again_has_not_waited_since_the_first_time(browser):
    long_ago = timezone.now() - timedelta(days=1)
    Release.objects.create(number=1, state="failed", error="No.", requested_at=long_ago)

    browser.post(CREATE)

    assert "¿Está en marcha" not in shown(browser, STATE)


def test_it_is_said_how_far_a_version_is_of_how_much(browser, work, monkeypatch):
    monkeypatch.setattr(releases, "PROGRESS_BYTES", 1000)
    RecordingFactory(content=bytes(100_000))
    browser.post(CREATE)
    seen = []
    say = releases._say

    def say_and_look(*facts):
        say(*facts)
        seen.append(shown(browser, STATE))

    monkeypatch.setattr(releases, "_say", say_and_look)
    work()

    parts = [re.search(r'max="(\d+)" value="(\d+)"', page) for page in seen]
    assert len(parts) > 1
    assert {int(part[1]) for part in parts} == {Release.objects.get().file_size}
    stored = [int(part[2]) for part in parts]
    assert stored == sorted(set(stored))
    assert all("data-unfinished" in page for page in seen)


def test_a_page_that_has_not_changed_is_not_sent_again(browser, work):
    RecordingFactory()
    browser.post(CREATE)
    first = browser.get(STATE)
    headers = {"If-None-Match": first["ETag"]}

    unchanged = browser.get(STATE, headers=headers)
    Release.objects.update(stored_bytes=5)
    further = browser.get(STATE, headers=headers)
    work()
    ready = browser.get(STATE, headers={"If-None-Match": further["ETag"]})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert further.status_code == ready.status_code == 200
    assert "data-unfinished" not in ready.content.decode()


def test_a_page_that_has_not_changed_costs_next_to_nothing(browser):
    browser.post(CREATE)
    headers = {"If-None-Match": browser.get(STATE)["ETag"]}

    with CaptureQueriesContext(connection) as captured:
        browser.get(STATE, headers=headers)

    assert len(captured) <= 3


def test_the_page_asks_again_only_as_long_as_the_version_is_not_ready(browser, work):
    RecordingFactory()
    browser.post(CREATE)
    release = Release.objects.get()

    waiting = shown(browser, page_of(release))
    work()
    ready = shown(browser, page_of(release))

    assert f'data-address="{STATE}"' in waiting
    assert ("data-unfinished" in waiting, "data-unfinished" in ready) == (True, False)


# What has failed


def test_a_version_that_failed_says_why_and_is_tried_again(browser, work, monkeypatch):
    RecordingFactory()
    browser.post(CREATE)
    with monkeypatch.context() as outage:
        outage.setattr(SignedFileSystemStorage, "part_of", unavailable)
        work()
    release = Release.objects.get()

    failed = shown(browser, page_of(release))
    (address,) = re.findall(r'<form method="post" action="([^"]*)">', failed)
    again = browser.post(address)
    work()

    assert "El almacén de audio no está disponible." in failed
    assert "Intentarlo otra vez" in failed
    assert again["Location"] == page_of(release)
    assert "Lista" in shown(browser, page_of(release))


# Looking at one


def test_it_is_said_what_changed_since_the_version_before(browser, work):
    first, second = RecordingFactory(), RecordingFactory()
    browser.post(CREATE)
    work()
    first.remove()
    second.avisos = ["saturado"]
    second.save(update_fields=["avisos"])
    RecordingFactory.create_batch(2)
    browser.post(CREATE)
    work()

    page = shown(browser, page_of(Release.objects.get(number=2)))

    assert "Qué cambió desde la versión 1" in page
    assert cells(page, "Grabaciones") == [3, 2, 1]
    assert cells(page, "Sesiones") == [4, 2, 2]
    # The session of the recording that was removed is now a row of its own.
    changes = {word: cells(page, word) for word in ("Añadidas", "Quitadas", "Cambiadas")}
    assert changes == {"Añadidas": [3], "Quitadas": [1], "Cambiadas": [1]}


def test_the_parts_of_a_version_are_all_of_it(browser, work):
    RecordingFactory.create_batch(3)
    browser.post(CREATE)
    work()

    page = shown(browser, page_of(Release.objects.get()))

    parts = [cells(page, word) for word in ("Entrenamiento", "Validación", "Prueba")]
    assert [sum(column) for column in zip(*parts, strict=True)] == [3, 3]


def test_the_digest_of_a_version_can_be_copied_whole(browser, work):
    RecordingFactory()
    browser.post(CREATE)
    work()
    release = Release.objects.get()

    page = shown(browser, page_of(release))

    assert f'id="release-sha256">{release.sha256}</code>' in page
    assert 'data-copies="release-sha256"' in page
    assert f"sha256sum {release.file_name}" in page


def test_the_list_shows_each_version_and_leads_to_export_and_creation(browser, work):
    RecordingFactory()
    browser.post(CREATE)
    work()

    page = shown(browser, LIST)

    assert "Sesiones: 1; grabaciones: 1" in page
    assert "1 añadidas, 0 quitadas, 0 cambiadas" in page
    assert 'href="/admin/dataset/export/"' in page
    assert CREATE in page


@pytest.mark.parametrize(("query", "found"), [("state__exact=failed", 1), ("q=2", 1), ("q=77", 0)])
def test_the_list_finds_versions_by_state_and_number(browser, query, found):
    Release.objects.create(number=1, state="failed")
    Release.objects.create(number=2)

    assert browser.get(f"{LIST}?{query}").context["cl"].result_count == found


@pytest.mark.parametrize("state", ["waiting", "building", "failed"])
def test_a_version_that_is_not_ready_offers_no_download(browser, state):
    release = Release.objects.create(number=1, state=state)

    assert "Descargar" not in shown(browser, page_of(release))
    assert browser.post(DOWNLOAD).status_code == 404
    assert not AccessRecord.objects.filter(kind=AccessKind.RELEASE).exists()


@pytest.mark.parametrize("number", [0, 7, 10**30])
def test_a_version_that_there_is_not_is_not_found(browser, number):
    assert browser.get(f"{LIST}{number}/state/").status_code == 404
    assert browser.post(f"{LIST}{number}/download/").status_code == 404


def test_the_page_of_a_version_takes_few_queries(browser, work):
    RecordingFactory()
    browser.post(CREATE)
    work()
    page = page_of(Release.objects.get())
    shown(browser, page)

    with CaptureQueriesContext(connection) as captured:
        shown(browser, page)

    assert len(captured) < 10


def test_a_script_in_what_is_said_of_a_version_is_shown_and_never_run(browser):
    release = Release.objects.create(number=1, state="failed", error=SCRIPT, requested_by=SCRIPT)

    for path in (LIST, page_of(release), STATE):
        page = shown(browser, path)
        assert "<script>alert" not in page
    assert html.escape(SCRIPT) in page


# Who may


@pytest.mark.parametrize("path", [CREATE, DOWNLOAD])
def test_looking_at_an_address_that_does_something_does_nothing(browser, path):
    Release.objects.create(number=1)
    before = list(Release.objects.values())

    browser.get(path)
    browser.head(path)

    assert list(Release.objects.values()) == before
    assert not AccessRecord.objects.exists()


@pytest.mark.parametrize("path", [LIST, CREATE, STATE, DOWNLOAD])
def test_whoever_is_not_logged_in_is_sent_to_the_login(client, path):
    for answer in (client.get(path), client.post(path)):
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


@pytest.mark.parametrize("path", [LIST, CREATE, STATE, DOWNLOAD])
def test_a_facilitator_is_refused(browser_of, path):
    browser = browser_of(FacilitatorFactory())

    assert [browser.get(path).status_code, browser.post(path).status_code] == [403, 403]
    assert not Release.objects.exists()


@pytest.mark.parametrize("path", [CREATE, DOWNLOAD])
def test_nothing_is_done_without_the_page_s_own_token(analyst, path):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(analyst, backend="accounts.backends.RoleBackend")

    assert browser.post(path).status_code == 403
    assert not Release.objects.exists()
