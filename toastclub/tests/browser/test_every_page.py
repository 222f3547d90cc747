"""Every page that the admin has, in a real browser, with text in it that wants to be run.

Each desk fails its test for errors of scripts, dialogs, missing files and requests to other hosts.
"""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import AnalystFactory, FacilitatorFactory
from toastclub.testing.browser import assert_filters_accessible, assert_sound
from toastclub.testing.pages import all_pages, models, newest_rows, pages_among
from toastclub.tests.test_admin import one_of_each

pytestmark = pytest.mark.one_database

# Of every kind of place in which text may come to be run; as long as a name may be.
HOSTILE = (
    """<script>alert(1)</script>"'><img src=x onerror=alert(2) x-init="alert(3)">'+alert(4)+'"""
)


def name_of(model):
    return model.__name__ if model else "of no model"


@pytest.fixture
def pages_of(browser_of):
    """The addresses of the pages about those models, or about none, that a user may open."""

    def find(user, models):
        pages = [page for page in all_pages(newest_rows()) if page.model in models]
        return [page.address for page in pages_among(pages, browser_of(user))]

    return find


@pytest.mark.parametrize("model", [None, *models()], ids=name_of)
def test_an_analysts_pages_are_sound(desk_of, pages_of, model):
    analyst = AnalystFactory(name=HOSTILE)
    one_of_each(name=HOSTILE)
    desk = desk_of(analyst)

    pages = pages_of(analyst, [model])

    assert pages
    for page in pages:
        assert_sound(desk.open(page))
        assert_filters_accessible(desk.page)


def test_a_facilitators_pages_are_sound(desk_of, pages_of):
    facilitator = FacilitatorFactory(name=HOSTILE)
    one_of_each(name=HOSTILE)
    desk = desk_of(facilitator)

    pages = pages_of(facilitator, [None, *models()])

    assert "/admin/sessions_app/session/" in pages
    for page in pages:
        assert_sound(desk.open(page))
        assert_filters_accessible(desk.page)


def test_the_login_is_sound(desk_of):
    assert_sound(desk_of().open("/admin/login/"))


def test_the_navigation_leads_to_pages_that_are_there(desk_of):
    desk = desk_of(AnalystFactory())
    links = desk.open("/admin/").locator("#nav-sidebar-apps a")
    addresses = [link.get_attribute("href") for link in links.all()]

    assert len(addresses) >= 7
    for address in addresses:
        current = desk.open(address).locator("#nav-sidebar-apps a[aria-current]")
        expect(current).to_have_attribute("href", address)


@pytest.mark.django_db
def test_no_list_is_left_out():
    addresses = {page.address for page in all_pages(newest_rows())}

    for model in models():
        assert f"/admin/{model._meta.app_label}/{model._meta.model_name}/" in addresses
