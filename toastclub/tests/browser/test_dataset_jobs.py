"""The dataset leaves from a list, and as a version."""

import io
import re
import zipfile

import pytest
from playwright.sync_api import expect

from dataset.models import Release
from dataset.releases import build
from toastclub.testing.browser import assert_sound

pytestmark = pytest.mark.one_database


def names_in(download):
    with zipfile.ZipFile(io.BytesIO(download.path().read_bytes())) as archive:
        return archive.namelist()


def test_what_a_list_shows_is_exported_with_its_count_said_first(
    desk_of, analyst, take_of, spoken_wav
):
    accepted, other = take_of(spoken_wav), take_of(spoken_wav)
    accepted.review("aceptada", by=analyst)
    page = desk_of(analyst).open("/admin/recordings/recording/?review_state__exact=aceptada")

    page.get_by_role("link", name=re.compile("Exportar")).click()
    expect(page.get_by_text("1 con audio")).to_be_visible()
    assert_sound(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Descargar el ZIP").click()

    audio = [name for name in names_in(waiting.value) if name.startswith("audios/")]
    assert audio == [f"audios/{accepted.download_name}"]
    assert other.download_name not in audio


def test_a_version_is_wanted_watched_and_downloaded(desk_of, analyst, take_of, spoken_wav):
    take_of(spoken_wav)
    page = desk_of(analyst).open("/admin/dataset/release/")
    page.get_by_role("link", name=re.compile("Crear")).click()

    page.get_by_role("button", name="Crear la versión 1").click()
    expect(page.get_by_text("Está en la cola")).to_be_visible()
    build(1)
    expect(page.get_by_text("Está completa")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("Descargar")).click()

    assert waiting.value.suggested_filename == Release.objects.get().file_name
    assert "changelog.csv" in names_in(waiting.value)
