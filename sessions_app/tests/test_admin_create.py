"""Starting a session in the back office."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from accounts.models import AccessRecord, User
from accounts.tests.factories import FacilitatorFactory
from sessions_app.models import Session
from sessions_app.tests.factories import SessionFactory
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

SESSIONS = "/admin/sessions_app/session/"
ADD = f"{SESSIONS}add/"
SCRIPT = "<script>alert('ñ')</script>"
BACKEND = "accounts.backends.RoleBackend"
BOTH = pytest.mark.parametrize("role", ["analyst", "facilitator"])


@pytest.fixture
def text():
    return TextFactory(title="El Embudo")


@pytest.fixture
def browser(browser_of, facilitator):
    return browser_of(facilitator)


def token_in(page):
    return re.search(r'name="form_token" value="([^"]*)"', page)[1]


def filled(text, **fields):
    return {
        "form_token": str(uuid4()),
        "texto_seleccionado_id": text.pk,
        "nombre": "Lucía Ñahui",
        "edad_aproximada": "23",
        "email_opcional": "lucia@example.com",
        **fields,
    }


def opened(browser, query=None):
    answer = browser.get(ADD, query)
    assert answer.status_code == 200
    return answer.content.decode()


def faults_of(answer):
    assert answer.status_code == 200
    return answer.context["form"].errors


def shown_texts(page):
    """The titles of the texts that are not hidden."""
    cards = re.findall(r'<li class="sa-text"( hidden)?.*?<strong>(.*?)</strong>', page, re.DOTALL)
    return [unescape(title) for hidden, title in cards if not hidden]


@BOTH
def test_a_session_is_started_with_its_text_and_participant(browser_of, request, text, role):
    user = request.getfixturevalue(role)
    browser = browser_of(user)
    form = filled(text, title="Aula 3", description="Ensayo")

    answer = browser.post(ADD, {**form, "form_token": token_in(opened(browser))}, follow=True)

    session = Session.objects.get()
    assert answer.redirect_chain == [(f"{SESSIONS}{session.pk}/change/", 302)]
    assert (session.user, session.text, session.estado) == (user, text, "created")
    assert (session.title, session.description) == ("Aula 3", "Ensayo")
    assert session.datos_participante == {
        "nombre": "Lucía Ñahui",
        "edad_aproximada": 23,
        "email_opcional": "lucia@example.com",
    }
    assert session.session_code in answer.content.decode()
    assert ADD in answer.content.decode()


def test_age_and_email_may_be_left_empty(browser, text):
    browser.post(ADD, filled(text, edad_aproximada="", email_opcional=""))

    participant = Session.objects.get().participant
    assert (participant.edad_aproximada, participant.email_opcional) == (None, None)


@pytest.mark.parametrize(
    "field, value",
    [
        ("nombre", ""),
        ("nombre", "   "),
        ("nombre", "x" * 101),
        ("nombre", "a\x00b"),
        ("edad_aproximada", "0"),
        ("edad_aproximada", "121"),
        ("edad_aproximada", "veinte"),
        ("edad_aproximada", "2.5"),
        ("edad_aproximada", "9" * 5000),
        ("email_opcional", "no-es-correo"),
        ("title", "x" * 201),
        ("description", "x" * 5001),
        ("texto_seleccionado_id", ""),
        ("texto_seleccionado_id", "ninguno"),
        ("texto_seleccionado_id", "a\x00b"),
        ("form_token", ""),
        ("form_token", "no-es-uuid"),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field_and_starts_nothing(browser, text, field, value):
    answer = browser.post(ADD, filled(text, **{field: value}))

    assert list(faults_of(answer)) == [field]
    assert escape(faults_of(answer)[field][0]) in answer.content.decode()
    assert not Session.objects.exists()


@pytest.mark.parametrize("field, value", [("nombre", ""), ("edad_aproximada", "121")])
def test_the_form_says_what_the_api_says(browser, client_of, facilitator, text, field, value):
    form = filled(text, **{field: value})
    participant = {
        "nombre": form["nombre"],
        "edad_aproximada": int(form["edad_aproximada"]),
        "email_opcional": form["email_opcional"],
    }
    api = client_of(facilitator).post(
        "/api/v1/sessions",
        {"datos_participante": participant, "texto_seleccionado_id": text.pk},
    )

    answer = browser.post(ADD, form)

    assert faults_of(answer)[field] == api.json()["errors"]["datos_participante"][field]


def test_a_form_with_a_fault_keeps_what_was_typed_and_its_token(browser, text):
    form = filled(text, edad_aproximada="veinte", title="Aula 3", description="Ensayo")

    page = browser.post(ADD, form).content.decode()

    for typed in ("Lucía Ñahui", "lucia@example.com", "veinte", "Aula 3", "Ensayo"):
        assert typed in page
    assert re.search(rf'value="{text.pk}" checked', page)
    assert token_in(page) == form["form_token"]


def test_each_opening_of_the_form_has_a_token_of_its_own(browser):
    assert token_in(opened(browser)) != token_in(opened(browser))


def test_a_form_that_is_sent_again_leads_to_the_session_that_it_started(browser, text):
    form = filled(text)

    first = browser.post(ADD, form)
    second = browser.post(ADD, form, follow=True)

    session = Session.objects.get()
    assert first["Location"] == second.redirect_chain[0][0] == f"{SESSIONS}{session.pk}/change/"
    assert "Este formulario ya se había enviado" in second.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_twice_at_once_starts_one_session(facilitator, text):
    form = filled(text)
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(facilitator, backend=BACKEND)
    together = Barrier(2)

    def send(browser):
        try:
            together.wait(timeout=20)
            return browser.post(ADD, form)["Location"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        led_to = set(pool.map(send, browsers))

    assert led_to == {f"{SESSIONS}{Session.objects.get().pk}/change/"}


def test_another_person_s_token_leads_to_no_session_of_theirs(browser, browser_of, text):
    form = filled(text)
    browser.post(ADD, form)

    answer = browser_of(FacilitatorFactory()).post(ADD, form)

    assert answer.status_code == 302
    assert Session.objects.count() == 2


def test_sessions_of_the_api_carry_no_token_and_do_not_collide(text):
    SessionFactory(text=text)
    SessionFactory(text=text)

    assert Session.objects.filter(form_token=None).count() == 2


def test_opening_the_form_starts_nothing_however_it_is_filled(browser, text):
    opened(browser, filled(text))

    assert not Session.objects.exists()


def test_a_form_from_another_site_is_refused(facilitator, text):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(facilitator, backend=BACKEND)

    assert browser.post(ADD, filled(text)).status_code == 403
    assert not Session.objects.exists()


@pytest.mark.parametrize("page", ["add/", "text/{}/"])
def test_nobody_is_sent_to_the_login(client, text, page):
    answer = client.post(SESSIONS + page.format(text.pk), filled(text))

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")
    assert not Session.objects.exists()


def test_whoever_must_not_start_sessions_is_refused(browser, text, monkeypatch):
    granted = User.has_perm

    def without_adding(user, permission, obj=None):
        return permission != "sessions_app.add_session" and granted(user, permission, obj)

    monkeypatch.setattr(User, "has_perm", without_adding)

    refused = [
        browser.get(ADD),
        browser.post(ADD, filled(text)),
        browser.get(f"{SESSIONS}text/{text.pk}/"),
    ]

    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert not Session.objects.exists()
    assert "Nueva sesión" not in browser.get(SESSIONS).content.decode()


def test_the_list_leads_to_the_form(browser):
    assert f'href="{ADD}"' in browser.get(SESSIONS).content.decode()


def test_each_text_is_offered_with_tags_pages_and_reading_time(browser):
    pages = [["Respira."], ["Título"], *[["palabra " * 4] * 7] * 10]  # 280 words, 2 minutes
    TextFactory(title="El Embudo", tags={"duracion_aprox": "2 min"}, pages=pages)

    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", opened(browser)))

    assert "El Embudo 12 páginas · unos 2 min de lectura" in page
    assert "duracion aprox: 2 min" in page


def test_the_texts_are_narrowed_by_their_tags_without_scripts_too(browser):
    TextFactory(title="Uno", tags={"tema": "Ética", "tono": "serio"})
    TextFactory(title="Dos", tags={"tema": "ética ", "tono": "alegre"})
    TextFactory(title="Tres", tags={"tema": "Mérito", "tono": "serio"})

    assert shown_texts(opened(browser)) == ["Uno", "Dos", "Tres"]
    assert shown_texts(opened(browser, {"tag.tema": "ÉTICA"})) == ["Uno", "Dos"]
    assert shown_texts(opened(browser, {"tag.tema": "ética", "tag.tono": "serio"})) == ["Uno"]
    assert shown_texts(opened(browser, {"tag.tema": "mérito", "tag.tono": "alegre"})) == []


def test_the_narrowed_form_keeps_its_choice_of_tags(browser):
    TextFactory(tags={"tema": "Ética"})

    page = opened(browser, {"tag.tema": "ética"})

    assert '<option value="ética" selected>Ética</option>' in page


def test_a_text_can_be_chosen_by_the_address(browser, text):
    TextFactory()

    page = opened(browser, {"texto": text.pk})

    assert re.findall(r'value="([^"]+)" checked', page) == [text.pk]


def test_the_form_without_texts_says_who_may_bring_some(browser):
    assert "Todavía no hay textos" in opened(browser)


@BOTH
def test_the_pages_of_a_text_are_shown_as_the_headset_shows_them(browser_of, request, role):
    text = TextFactory(title="El Embudo", pages=[["Respira."], ["Título"], ["x " * 30]])

    answer = browser_of(request.getfixturevalue(role)).get(f"{SESSIONS}text/{text.pk}/")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Página 3 de 3" in page
    assert f"{'x ' * 19}x\n" in page.replace("x \n", "x\n")
    assert not AccessRecord.objects.exists()


def test_the_pages_of_a_text_that_is_not_there_are_404(browser):
    assert browser.get(f"{SESSIONS}text/ninguno/").status_code == 404


def test_the_pages_of_a_text_are_only_read(browser, text):
    assert browser.post(f"{SESSIONS}text/{text.pk}/").status_code == 405


def test_markup_in_texts_and_in_what_was_typed_is_not_run(browser):
    hostile = f'">{SCRIPT}'
    text = TextFactory(title=hostile, tags={hostile: hostile}, pages=[[hostile]] * 3)
    form = filled(text, **dict.fromkeys(("nombre", "title", "description"), hostile))

    pages = [
        opened(browser),
        opened(browser, {"tag.tema": hostile, "texto": hostile}),
        browser.get(f"{SESSIONS}text/{text.pk}/").content.decode(),
        browser.post(ADD, {**form, "edad_aproximada": hostile}).content.decode(),
    ]

    for page in pages:
        assert SCRIPT not in page
        assert escape(SCRIPT) in page


def test_the_form_takes_few_queries_and_no_more_for_more_texts(browser, text):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            opened(browser, {"tag.tema": "especialización"})
        return len(captured)

    of_one = queries()
    TextFactory.create_batch(4)

    assert queries() == of_one < 10
