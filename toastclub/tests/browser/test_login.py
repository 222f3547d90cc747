"""Who gets in, and how soon somebody is out again."""

import re

import pytest
from playwright.sync_api import expect

from accounts.choices import Role
from accounts.tests.factories import PASSWORD, AnalystFactory, FacilitatorFactory
from toastclub.testing.browser import assert_sound

pytestmark = pytest.mark.one_database

NEW_PASSWORD = "otra-clave-de-prueba-8"


def log_in(page, email, password=PASSWORD):
    page.get_by_label("Correo electrónico").fill(email)
    page.get_by_label("Contraseña").fill(password)
    page.get_by_role("button", name="Iniciar sesión").click()


def change_password(page, old, new):
    page.get_by_label("Contraseña antigua").fill(old)
    page.get_by_label("Contraseña nueva", exact=False).first.fill(new)
    page.get_by_label("Contraseña nueva (confirmación)").fill(new)
    page.get_by_role("button", name=re.compile("Cambiar")).click()


def heading(page, words):
    return expect(page.get_by_role("heading", level=1)).to_contain_text(words)


@pytest.mark.parametrize("make_user", [AnalystFactory, FacilitatorFactory])
def test_each_role_gets_in_and_out_by_keyboard(desk_of, make_user):
    user = make_user(name="Rosa Álvarez")
    page = desk_of().open("/admin/")

    page.get_by_label("Correo electrónico").focus()
    page.keyboard.type(user.email.upper())
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    heading(page, "Hoy")

    page.get_by_role("button", name="Rosa Álvarez").press("Enter")
    page.get_by_role("button", name="Cerrar sesión").press("Enter")
    expect(page.get_by_role("link", name="Iniciar sesión")).to_be_visible()


def test_a_wrong_password_is_told(desk_of):
    user = AnalystFactory()
    page = desk_of().open("/admin/")

    log_in(page, user.email, "no-es-esta")

    expect(page.get_by_text("contraseña no son correctos")).to_be_visible()
    expect(page.get_by_label("Correo electrónico")).to_have_value(user.email)
    assert_sound(page)


def test_somebody_with_a_temporary_password_chooses_another_first(desk_of):
    user = FacilitatorFactory(must_change_password=True)
    desk = desk_of()
    page = desk.open("/admin/sessions_app/session/")
    log_in(page, user.email)
    heading(page, "Cambio de contraseña")

    desk.open("/admin/sessions_app/session/")
    heading(page, "Cambio de contraseña")
    change_password(page, PASSWORD, NEW_PASSWORD)

    desk.open("/admin/sessions_app/session/")
    heading(page, "Sesiones")


def test_a_locked_account_is_out_on_the_next_click(desk_of):
    user = AnalystFactory()
    page = desk_of(user).open("/admin/")

    user.is_active = False
    user.save()
    page.get_by_role("navigation", name="Tareas").get_by_role("link", name="Sesiones").click()

    expect(page.get_by_label("Correo electrónico")).to_be_visible()


def test_a_changed_password_ends_what_is_open_elsewhere(desk_of):
    user = AnalystFactory()
    page = desk_of(user).open("/admin/")

    user.change_password(NEW_PASSWORD)
    page.get_by_role("navigation", name="Tareas").get_by_role("link", name="Sesiones").click()

    expect(page.get_by_label("Correo electrónico")).to_be_visible()


def test_a_changed_role_takes_effect_on_the_next_click(desk_of):
    user = AnalystFactory()
    page = desk_of(user).open("/admin/")
    expect(page.get_by_role("link", name="Grabaciones").first).to_be_visible()

    user.role = Role.IMPULSADOR
    user.save()
    page.get_by_role("navigation", name="Tareas").get_by_role("link", name="Sesiones").click()

    heading(page, "Sesiones")
    expect(page.get_by_role("link", name="Grabaciones")).to_have_count(0)
