"""Every page that the admin has, in a real browser, with text in it that wants to be run.

Each desk fails its test for errors of scripts, dialogs, missing files and requests to other hosts.
"""

import pytest
from django.contrib import admin
from playwright.sync_api import expect

from accounts.tests.factories import AnalystFactory, FacilitatorFactory
from toastclub.testing.browser import PHONE, assert_accessible_in_both_themes, assert_fits
from toastclub.testing.pages import addresses_of, models, newest_rows, pages_among
from toastclub.tests.test_admin import one_of_each

pytestmark = pytest.mark.one_database

HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(2) x-init="alert(3)">'+alert(4)+'"""


def kind(model):
    return model.__name__ if model else "of no model"


@pytest.fixture
def pages_of(browser_of):
    """The pages about a model, or about none, that a user may open."""

    def find(user, model):
        return pages_among(addresses_of(model, newest_rows()), browser_of(user))

    return find


def assert_sound(desk, path):
    page = desk.open(path)
    assert_fits(page)
    assert_accessible_in_both_themes(page)


@pytest.mark.parametrize("model", [None, *models()], ids=kind)
def test_an_analysts_pages_are_sound_at_a_desk_and_on_a_phone(desk_of, pages_of, model):
    analyst = AnalystFactory(name=HOSTILE)
    one_of_each(name=HOSTILE)
    desk, phone = desk_of(analyst), desk_of(analyst, viewport=PHONE)

    pages = pages_of(analyst, model)

    assert pages
    for path in pages:
        assert_sound(desk, path)
        assert_sound(phone, path)


def test_a_facilitators_pages_are_sound_at_a_desk_and_on_a_phone(desk_of, pages_of):
    facilitator = FacilitatorFactory(name=HOSTILE)
    one_of_each(name=HOSTILE)
    desk, phone = desk_of(facilitator), desk_of(facilitator, viewport=PHONE)

    pages = [path for model in [None, *models()] for path in pages_of(facilitator, model)]

    assert pages
    for path in pages:
        assert_sound(desk, path)
        assert_sound(phone, path)


def test_the_login_is_sound_at_a_desk_and_on_a_phone(desk_of):
    assert_sound(desk_of(), "/admin/login/")
    assert_sound(desk_of(viewport=PHONE), "/admin/login/")


def test_the_navigation_leads_to_pages_that_are_there(desk_of):
    desk = desk_of(AnalystFactory())
    links = desk.open("/admin/").locator("#nav-sidebar-apps a")
    addresses = [link.get_attribute("href") for link in links.all()]

    assert len(addresses) >= 7
    for address in addresses:
        page = desk.open(address)
        expect(page.locator("#nav-sidebar-apps a.active")).to_have_attribute("href", address)


def test_every_list_of_the_admin_is_walked():
    lists = {path for model in models() for path in addresses_of(model, newest_rows_of_none())}

    for model in admin.site._registry:
        assert f"/admin/{model._meta.app_label}/{model._meta.model_name}/" in lists


def newest_rows_of_none():
    return dict.fromkeys(models())
