"""Every page that the admin has, in a real browser, with text in it that wants to be run.

Each desk fails its test for errors of scripts, dialogs, missing files and requests to other hosts.
"""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import AnalystFactory, FacilitatorFactory
from toastclub.testing.browser import assert_filters_accessible, assert_sound
from toastclub.testing.pages import all_pages, models, newest_rows, pages_among
from toastclub.tests.test_admin import one_of_each

pytestmark = [pytest.mark.one_database, pytest.mark.longest]

# Of every kind of place in which text may come to be run; as long as a name may be.
HOSTILE = (
    """<script>alert(1)</script>"'><img src=x onerror=alert(2) x-init="alert(3)">'+alert(4)+'"""
)


@pytest.fixture
def assert_pages_sound(desk_of, browser_of, subtests):
    """Opens all pages that a user may open, one after the other in one window, which is quick."""

    def walk(user):
        one_of_each(name=HOSTILE)
        desk = desk_of(user)
        pages = pages_among(all_pages(newest_rows()), browser_of(user))
        for page in pages:
            with subtests.test(page=page.address):
                assert_sound(desk.open(page.address))
                assert_filters_accessible(desk.page)
        return [page.address for page in pages]

    return walk


def test_an_analysts_pages_are_sound(assert_pages_sound):
    pages = assert_pages_sound(AnalystFactory(name=HOSTILE, may_erase_people=True))

    for model in models():
        assert f"/admin/{model._meta.app_label}/{model._meta.model_name}/" in pages


def test_a_facilitators_pages_are_sound(assert_pages_sound):
    pages = assert_pages_sound(FacilitatorFactory(name=HOSTILE))

    assert "/admin/sessions_app/session/" in pages


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
