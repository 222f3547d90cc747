"""What analysts do with the dataset in the admin: export it, and freeze and fetch versions."""

import io
import zipfile

import pytest
from django.core.management import call_command
from django.test import Client
from django_tasks_db.management.commands import db_worker

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory, FacilitatorFactory, SuperuserFactory
from dataset.models import Release
from dataset.tests.archives import rows
from recordings.tests.factories import RecordingFactory
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/dataset/release/"
CREATE, EXPORT, DOWNLOAD = f"{LIST}create/", f"{LIST}export/", f"{LIST}1/download/"


@pytest.fixture
def browser(browser_of):
    return browser_of(AnalystFactory())


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


@pytest.mark.parametrize("make_user", [AnalystFactory, SuperuserFactory])
def test_a_version_is_created_by_a_button_and_downloaded(browser_of, work, make_user):
    browser = browser_of(make_user())
    RecordingFactory()

    said = browser.post(CREATE, follow=True).content.decode()
    work()
    page = shown(browser, f"{LIST}{Release.objects.get().pk}/change/")
    address = browser.post(DOWNLOAD)["Location"]

    assert "Versión 1: en espera." in said
    assert "Lista" in page
    assert "1 sesiones, 1 grabaciones" in page
    archive = zipfile.ZipFile(io.BytesIO(browser.get(address).getvalue()))
    assert len(rows(archive, "dataset.csv")) == 1
    assert AccessRecord.objects.get().kind == AccessKind.RELEASE


def test_a_version_that_is_not_ready_offers_no_download(browser):
    browser.post(CREATE)

    page = shown(browser, f"{LIST}{Release.objects.get().pk}/change/")

    assert "Descargar" not in page
    assert browser.post(DOWNLOAD).status_code == 404


@pytest.mark.parametrize("path", [CREATE, DOWNLOAD])
def test_looking_at_an_address_that_does_something_does_nothing(browser, path):
    assert browser.get(path).status_code == 405
    assert not Release.objects.exists()


@pytest.mark.parametrize("path", [CREATE, EXPORT, DOWNLOAD])
def test_whoever_is_no_analyst_is_sent_to_the_login(browser_of, path):
    for visitor in (Client(), browser_of(FacilitatorFactory())):
        answer = visitor.post(path)

        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")
    assert not Release.objects.exists()


def test_the_list_leads_to_the_export_and_offers_a_new_version(browser):
    page = shown(browser, LIST)

    assert EXPORT in page
    assert CREATE in page


def test_the_export_offers_every_filter_and_the_tags_that_texts_have(browser):
    TextFactory(id="T7", title="El Embudo", tags={"tema": "Ética"})

    page = shown(browser, EXPORT)

    names = ("estado", "desde", "hasta", "texto", "con_audio", "avisos", "tag.tema")
    for name in (*names, "identificables"):
        assert f'name="{name}"' in page
    assert 'value="T7"' in page
    assert "Ética" in page


def test_an_export_from_the_admin_is_recorded_with_who_got_it(browser_of, analyst):
    browser = browser_of(analyst)
    RecordingFactory()

    answer = browser.post(EXPORT, {"estado": "created", "identificables": "true"})

    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    assert "participant_name" in rows(archive, "dataset.csv")[0]
    access = AccessRecord.objects.exclude(kind=AccessKind.EXPORTED).get()
    assert (access.kind, access.who) == (AccessKind.IDENTIFIABLE, analyst.email)
    assert access.details["filters"] == {"estado": "created"}
