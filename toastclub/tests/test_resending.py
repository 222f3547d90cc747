"""What somebody wrote is not lost when the login ends before it is sent."""

import re
from html import unescape

import pytest
from django.test import Client

from accounts.tests.factories import AnalystFactory
from training.models import Text
from training.tests.factories import TextFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

BROWSER = {"HTTP_ACCEPT": "text/html,application/xhtml+xml", "HTTP_ORIGIN": "http://testserver"}
FIELDS = {
    "title": "Título «nuevo»",
    "pages": ["\nuna\nlínea", "otra"],
    "tags_key": "",
    "tags_value": "",
}


@pytest.fixture
def text():
    return TextFactory(title="Título viejo")


@pytest.fixture
def fields(text):
    return {**FIELDS, "opened": text.fingerprint}


def page_of(text):
    return f"/admin/training/text/{text.pk}/change/"


def given_back(answer):
    """The fields of the form in the answer, as a browser would send them."""
    found = re.findall(
        r'<textarea hidden name="([^"]+)">\n(.*?)</textarea>', answer.content.decode(), re.DOTALL
    )
    sent = {}
    for name, value in found:
        sent.setdefault(unescape(name), []).append(unescape(value))
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.content.decode())
    return {**sent, "csrfmiddlewaretoken": token[1]}


def logged_in(**options):
    browser = Client(**options)
    browser.force_login(AnalystFactory(), backend="accounts.backends.RoleBackend")
    return browser


def test_a_form_that_comes_after_the_login_has_ended_is_given_back_whole(text, fields):
    answer = Client().post(page_of(text), fields, **BROWSER)

    assert answer.status_code == 403
    assert "Tu sesión terminó" in answer.content.decode()
    assert Text.objects.get().title == "Título viejo"
    logged_in().post(page_of(text), given_back(answer), **BROWSER)
    assert Text.objects.get().title == "Título «nuevo»"
    assert Text.objects.get().pages[0] == ["", "una", "línea"]


def test_a_form_of_an_older_login_is_given_back_and_stored_when_it_is_sent_again(text, fields):
    browser = logged_in(enforce_csrf_checks=True)

    answer = browser.post(page_of(text), fields, **BROWSER)

    assert answer.status_code == 403
    assert browser.post(page_of(text), given_back(answer), **BROWSER).status_code == 302
    assert Text.objects.get().title == "Título «nuevo»"


@pytest.mark.parametrize("origin", ["https://otra.example", "null", ""])
def test_another_site_gets_nothing_back(text, fields, origin):
    browser = logged_in(enforce_csrf_checks=True)

    answer = browser.post(page_of(text), fields, **{**BROWSER, "HTTP_ORIGIN": origin})

    assert answer.status_code == 403
    assert "Título" not in answer.content.decode()
    assert "<form" not in answer.content.decode()


def test_a_password_is_never_written_into_a_page():
    fields = {"old_password": "clave-vieja-1", "new_password1": "x", "new_password2": "x"}

    answer = Client().post("/admin/password_change/", fields, **BROWSER)

    assert answer.status_code == 302


def test_a_browser_is_told_what_is_not_there_on_a_page_with_a_way_back():
    answer = logged_in().get("/admin/nada/", **BROWSER)

    assert answer.status_code == 404
    assert "No encontrado" in answer.content.decode()
    assert 'href="/admin/"' in answer.content.decode()
