"""A facilitator leads a session from its first page to the survey."""

import re

import pytest
from playwright.sync_api import expect

from sessions_app.actors import SYSTEM
from sessions_app.choices import Estado
from sessions_app.models import Session
from toastclub.testing.browser import DESKTOP, PHONE, assert_sound
from training.tests.factories import TextFactory

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def texts(db):
    TextFactory(id="T1", title="El Embudo", tags={"tema": "especialización", "tono": "combativo"})
    TextFactory(id="T2", title="La Firma", tags={"tema": "ética", "tono": "crítico"})


def started(page):
    page.get_by_label("Tema").select_option(label="ética")
    expect(page.get_by_role("radio", name=re.compile("El Embudo"))).to_be_hidden()
    page.get_by_role("radio", name=re.compile("La Firma")).check()
    page.get_by_label("Nombre").fill("Íñigo Bustamante")
    page.get_by_role("button", name="Crear sesión").click()
    expect(page.get_by_role("img", name="Código QR con el código de la sesión")).to_be_visible()
    return Session.objects.get()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_session_is_started_moved_on_and_its_survey_filled_in(desk_of, facilitator, size):
    page = desk_of(facilitator, viewport=size).open("/admin/")
    page.get_by_role("link", name="Nueva sesión").click()

    session = started(page)
    code = page.get_by_role("img", name=re.compile("Código de la sesión"))
    expect(code).to_have_text(session.session_code)
    for words in ("Lista para empezar", "Empezar el discurso"):
        page.get_by_role("button", name=words).click()
        expect(page.get_by_role("button", name=words)).to_have_count(0)
    page.get_by_text("Dar el audio por subido…").click()
    page.get_by_role("button", name="Dar el audio por subido de todos modos").click()
    page.get_by_role("button", name="Pasar a la encuesta").click()
    page.get_by_role("link", name="Rellenar la encuesta").click()
    for group in page.locator(".survey-choices").all():
        group.locator("label").first.click()
    page.locator(".survey-form textarea").first.fill("Más textos, por favor")
    page.get_by_role("button", name="Guardar la encuesta").click()
    expect(page.get_by_text("La sesión terminó")).to_be_visible()
    assert_sound(page)

    session.refresh_from_db()
    assert (session.user, session.estado) == (facilitator, Estado.COMPLETED)
    assert session.participant.nombre == "Íñigo Bustamante"
    (survey,) = session.surveys.all()
    assert "Más textos, por favor" in survey.respuestas_json.values()


def test_a_name_of_blanks_is_told_at_its_field_and_the_text_stays_chosen(desk_of, facilitator):
    page = desk_of(facilitator).open("/admin/sessions_app/session/add/")

    page.get_by_role("radio", name=re.compile("La Firma")).check()
    page.get_by_label("Nombre").fill("   ")
    page.get_by_role("button", name="Crear sesión").click()

    expect(page.get_by_role("alert").first).to_contain_text("No se creó ninguna sesión")
    expect(page.get_by_role("radio", name=re.compile("La Firma"))).to_be_checked()
    assert not Session.objects.exists()


def test_what_the_headset_does_is_seen_without_a_reload(desk_of, facilitator):
    page = desk_of(facilitator).open("/admin/sessions_app/session/add/")
    session = started(page)
    page.evaluate("window.isTheSamePage = true")

    session.transition_to(Estado.READY_TO_START, by=SYSTEM)

    expect(page.locator("[data-live=state]")).to_have_attribute("data-estado", "ready_to_start")
    assert page.evaluate("window.isTheSamePage")
