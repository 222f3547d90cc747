"""What makes a test in the browser fail besides its own assertions."""

import pytest

from toastclub.testing.browser import assert_accessible, assert_fits

pytestmark = pytest.mark.one_database


@pytest.fixture
def desk(desk_of):
    desk = desk_of()
    desk.open("/admin/login/")
    yield desk
    desk.faults.clear()


FAULTS = {
    "<img src=x: onerror=alert(1)>": "dialog: 1",
    "<img src=https://otro.example/a.png>": "request to another host: https://otro.example",
    "<img src=/no-esta.png>": "404 for http://127.0.0.1",
    "<img src=x: onerror='throw Error(7)'>": "error: 7",
    "<img src=x: onerror='console.error(8)'>": "console: 8",
}


def test_what_a_page_does_wrong_is_a_fault(desk, subtests):
    desk.assert_no_faults()
    for markup, fault in FAULTS.items():
        with subtests.test(markup):
            desk.faults.clear()
            desk.page.locator("main").evaluate("(main, markup) => main.innerHTML = markup", markup)
            desk.page.wait_for_load_state("networkidle")
            desk.page.wait_for_function("document.querySelector('main img').complete")

            assert any(fault in found for found in desk.faults), desk.faults


def test_a_field_without_a_name_is_not_accessible(desk):
    desk.page.locator("main").evaluate("main => main.innerHTML = '<input>'")

    with pytest.raises(AssertionError, match="critical: label"):
        assert_accessible(desk.page)


def test_a_page_that_is_wider_than_the_window_does_not_fit(desk):
    desk.page.locator("main").evaluate("main => main.style.minWidth = '2000px'")

    with pytest.raises(AssertionError, match="px wide in 1366 px"):
        assert_fits(desk.page)
