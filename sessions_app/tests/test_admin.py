import pytest

from accounts.tests.factories import AnalystFactory
from sessions_app.choices import Estado
from sessions_app.models import Participant, Session
from sessions_app.tests.factories import SessionFactory
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

SESSIONS = "/admin/sessions_app/session/"


@pytest.fixture
def browser(client):
    client.force_login(AnalystFactory(), backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_of_a_session_shows_who_read_what(browser):
    text = TextFactory(title="El Embudo", pages=[["Respira."], ["Título"], ["Hay una frase cruel"]])
    session = SessionFactory(text=text)

    page = shown(browser, f"{SESSIONS}{session.pk}/change/")

    for piece in (session.session_code, "El Embudo", "Juan Pérez", "Hay una frase cruel", "Creada"):
        assert piece in page


def test_the_page_of_a_session_shows_each_of_its_transitions(browser):
    session = SessionFactory(estado=Estado.RUNNING)

    page = shown(browser, f"{SESSIONS}{session.pk}/change/")

    assert page.count("Sistema") == 2
    assert "Lista para empezar" in page


def test_the_state_of_a_session_cannot_be_edited(browser):
    session = SessionFactory()

    answer = browser.post(f"{SESSIONS}{session.pk}/change/", {"estado": "completed"})

    assert answer.status_code == 403
    assert Session.objects.get(pk=session.pk).estado == Estado.CREATED
    assert 'name="estado"' not in shown(browser, f"{SESSIONS}{session.pk}/change/")


def test_a_session_whose_participant_was_erased_is_listed_and_opened(browser):
    session = SessionFactory()
    Participant.objects.all().delete()

    assert session.session_code in shown(browser, SESSIONS)
    assert session.session_code in shown(browser, f"{SESSIONS}{session.pk}/change/")
