"""A person calls: found, handed what is held, and erased."""

import io
import re
import zipfile

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import AnalystFactory
from recordings.models import Recording
from sessions_app.choices import Estado
from sessions_app.models import Participant
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory
from toastclub.testing.browser import assert_sound

pytestmark = pytest.mark.one_database

NAME, EMAIL = "Ximena Güembes", "ximena@example.com"


@pytest.fixture
def take(take_of, spoken_wav):
    session = SessionFactory(
        estado=Estado.RUNNING, participant={"nombre": NAME, "email_opcional": EMAIL}
    )
    SurveyFactory(session=session, answers={"experiencia": "excelente"})
    return take_of(spoken_wav, session)


def found(page, typed):
    page.get_by_label("Nombre, correo o código").fill(typed)
    page.get_by_role("button", name="Buscar").click()
    page.get_by_role("button", name="Ver lo que se guarda").first.click()


def test_who_calls_is_handed_everything_and_then_erased(desk_of, take):
    page = desk_of(AnalystFactory(may_erase_people=True)).open("/admin/personas/")

    found(page, EMAIL)
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    assert_sound(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Entregar todo en un ZIP").click()
    with zipfile.ZipFile(io.BytesIO(waiting.value.path().read_bytes())) as archive:
        assert any(name.startswith("audios/") for name in archive.namelist())

    page.get_by_role("link", name=re.compile("Borrar para siempre")).click()
    page.get_by_label("Escríbelo para confirmar").fill("otra persona")
    page.get_by_role("button", name="Borrar para siempre").click()
    expect(page.get_by_text("No se ha borrado nada")).to_be_visible()
    assert Participant.objects.exists()
    page.get_by_label("Escríbelo para confirmar").fill(NAME)
    page.get_by_role("button", name="Borrar para siempre").click()
    expect(page.get_by_role("heading", name=re.compile("Recibo del borrado"))).to_be_visible()
    expect(page.get_by_text(NAME)).to_have_count(0)
    assert_sound(page)

    assert not Participant.objects.exists()
    assert not Recording.with_pending.exists()
    assert not take.audio.storage.exists(take.audio_url)


def test_whoever_lacks_the_right_is_not_offered_to_erase(desk_of, analyst, take):
    page = desk_of(analyst).open("/admin/personas/")

    found(page, take.session.session_code)

    expect(page.get_by_role("button", name="Entregar todo en un ZIP")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Borrar"))).to_have_count(0)
