"""What is around every page: menus that open by keyboard, on a phone, in both themes."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import AnalystFactory
from sessions_app.tests.factories import SessionFactory
from toastclub.testing.browser import DARK, PHONE, assert_accessible, assert_sound

pytestmark = pytest.mark.one_database

SESSIONS = "/admin/sessions_app/session/"


@pytest.fixture
def analyst(transactional_db):
    return AnalystFactory(name="Rosa Álvarez")


def test_filters_are_opened_used_and_closed_by_keyboard(desk_of, analyst):
    SessionFactory()
    page = desk_of(analyst).open(SESSIONS)
    button, panel = page.get_by_role("button", name="Filtros"), page.locator("#changelist-filter")

    button.press("Enter")
    expect(panel).to_be_visible()
    assert_sound(page)
    page.keyboard.press("Tab")
    assert panel.evaluate("panel => panel.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_the_menu_is_opened_and_closed_on_a_phone(desk_of, analyst):
    page = desk_of(analyst, viewport=PHONE).open("/admin/")
    menu = page.get_by_role("navigation", name="Tareas")
    expect(menu).to_be_hidden()

    page.get_by_role("button", name="Menú").click()
    assert_accessible(page)
    menu.get_by_role("button", name="Cerrar el menú").click()
    expect(menu).to_be_hidden()

    page.get_by_role("button", name="Menú").click()
    menu.get_by_role("link", name="Sesiones").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sesiones")


def test_a_theme_that_was_chosen_stays(desk_of, analyst):
    desk = desk_of(analyst)
    page = desk.open("/admin/")

    page.get_by_role("button", name="Rosa Álvarez").press("Enter")
    page.get_by_role("button", name="Oscuro").press("Enter")
    assert_accessible(page)

    expect(desk.open(SESSIONS).locator("html")).to_have_class(DARK)


def test_the_first_key_leads_past_the_navigation(desk_of, analyst):
    page = desk_of(analyst).open(SESSIONS)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ir al contenido")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#content")).to_be_focused()
