"""A recording's page on the review desk, and who may see and do what there."""

from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory, SuperuserFactory
from recordings.models import Recording
from recordings.tests.calls import send
from recordings.tests.desk import (
    LIST,
    opened,
    page_of,
    review,
    state_of,
    text_of,
)
from recordings.tests.factories import RecordingFactory
from sessions_app.choices import Estado
from sessions_app.models import Participant
from sessions_app.panels import panels_of
from sessions_app.tests.factories import SessionFactory
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

MARKUP = "<script>alert('ñ')</script>"


@pytest.fixture
def browser(browser_of, analyst):
    return browser_of(analyst)


@pytest.fixture
def recording():
    return RecordingFactory()


@pytest.mark.parametrize("make_user", [AnalystFactory, SuperuserFactory])
def test_the_page_shows_who_read_what_and_how_it_sounds(
    browser_of, make_user, headset, session, spoken_wav
):
    recording = Recording.objects.get(pk=send(headset, session, spoken_wav).json()["id"])

    shown = text_of(opened(browser_of(make_user()), page_of(recording)))

    assert "Juan Pérez" in shown
    assert session.text_title in shown
    assert session.session_code in shown
    assert "audio/wav (pcm_s16le)" in shown
    assert recording.sha256 in shown
    assert 'id="tc-outline" d="M0 0V-' in shown


def test_the_text_is_shown_page_by_page(browser):
    text = TextFactory(pages=[["Respira."], ["El Embudo"], ["Hay una frase", "cruel"]])
    recording = RecordingFactory(session=SessionFactory(text=text))

    shown = text_of(opened(browser, page_of(recording)))

    assert "Página 3 de 3" in shown
    assert "Hay una frase\ncruel" in shown


def test_warnings_are_explained(browser):
    recording = RecordingFactory(avisos=["saturado", "muy_corto"])

    shown = text_of(opened(browser, page_of(recording)))

    assert "<b>Saturada.</b> El sonido está saturado" in shown
    assert "<b>Muy corta.</b> La grabación es demasiado corta" in shown


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sha256": None}, "se registró sin audio"),
        ({"storage_fault": "missing"}, "El audio no está"),
        ({"storage_fault": "damaged"}, "El audio no es el que llegó"),
        ({"is_processed": False}, "todavía no se ha medido"),
        ({"avisos": ["no_decodificable"]}, "no hay onda que mostrar"),
    ],
)
def test_what_cannot_be_heard_or_drawn_says_so(browser, fields, words):
    assert words in text_of(opened(browser, page_of(RecordingFactory(**fields))))


def test_the_page_of_somebody_who_was_erased_is_still_a_page(browser, recording):
    Participant.objects.all().delete()

    assert "una persona cuyos datos se borraron" in text_of(opened(browser, page_of(recording)))


def test_the_other_recordings_of_the_session_are_a_click_away(browser, recording):
    other, stranger = RecordingFactory(session=recording.session), RecordingFactory()

    shown = text_of(opened(browser, page_of(recording)))

    assert page_of(other) in shown.partition("Otras grabaciones")[2]
    assert page_of(stranger) not in shown.partition("Otras grabaciones")[2]


def test_the_history_of_reviews_is_shown(browser, recording, analyst):
    recording.review("con_problemas", by=analyst, reason="otro", note="Se oye un gallo")

    shown = text_of(opened(browser, page_of(recording)))

    assert "Sin revisar → Con problemas: otro, explicado en la nota" in shown
    assert "Se oye un gallo" in shown
    assert analyst.email in shown.partition("Historial")[2]


def test_what_people_wrote_is_shown_and_never_run(browser, analyst):
    text = TextFactory(title=MARKUP, pages=[[MARKUP[:39]]])
    session = SessionFactory(text=text, participant={"nombre": MARKUP})
    recording = RecordingFactory(session=session, formato=MARKUP, avisos=["silencio"], codec=MARKUP)
    recording.review("rechazada", by=analyst, reason="otro", note=f"</textarea>{MARKUP}")

    for page in ("change", "take"):
        shown = opened(browser, page_of(recording, page)).content.decode()
        assert "<script>alert" not in shown
        assert "</textarea><script" not in shown
        assert escape(MARKUP) in shown


def test_a_recording_that_is_gone_has_no_page(browser, recording):
    Recording.objects.all().delete()

    assert browser.get(page_of(recording)).status_code == 302
    answer = browser.get(page_of(recording, "take"))
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (404, "text/plain")


@pytest.mark.parametrize("number", ["0", "x", "9" * 30, "../1"])
def test_what_is_no_number_has_no_page(browser, number):
    assert browser.get(f"{LIST}{number}/change/").status_code in (302, 404)
    assert browser.get(f"{LIST}{number}/take/").status_code == 404


def test_a_pending_recording_has_no_page(browser):
    pending = RecordingFactory(uploaded_at=None)

    assert browser.get(page_of(pending, "take")).status_code == 404


def test_the_part_that_replaces_another_is_the_page_s_own(browser, recording):
    part = opened(browser, page_of(recording, "take", "o=1")).content.decode()

    assert part.strip().startswith("<article")
    # The token is masked anew each time.
    article = opened(browser, page_of(recording, filters="o=1")).content.decode()
    heading = part.partition("data-take-heading")[2].partition("csrfmiddlewaretoken")[0]
    assert heading in article


@pytest.mark.parametrize("page", ["change", "take"])
def test_each_look_is_noted_and_changes_nothing_else(browser, recording, analyst, page):
    before = list(Recording.objects.values())

    opened(browser, page_of(recording, page))

    access = AccessRecord.objects.get()
    assert (access.kind, access.who) == (AccessKind.VIEW, analyst.email)
    assert access.session_number == recording.session_id
    assert list(Recording.objects.values()) == before


@pytest.mark.parametrize("page", ["change", "take"])
def test_a_page_takes_less_than_ten_queries_however_much_there_is(
    browser, recording, analyst, page
):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            opened(browser, page_of(recording, page, quote("review_state__exact=sin_revisar")))
        return len(captured)

    queries()  # what the first request of a process caches
    of_one = queries()
    for state in ("aceptada", "sin_revisar") * 3:
        recording.review(state, by=analyst)
        RecordingFactory(session=recording.session)
        RecordingFactory()

    assert queries() == of_one < 10


@pytest.mark.parametrize("page", ["change", "take"])
def test_a_facilitator_sees_no_recording(browser_of, facilitator, recording, page):
    assert browser_of(facilitator).get(page_of(recording, page)).status_code == 403


@pytest.mark.parametrize("page", ["play", "review", "download"])
def test_a_facilitator_hears_and_decides_nothing(browser_of, facilitator, recording, page):
    answer = browser_of(facilitator).post(page_of(recording, page), {"state": "aceptada"})

    assert answer.status_code == 403
    assert state_of(recording) == "sin_revisar"
    assert not AccessRecord.objects.exists()


def test_who_may_see_and_not_review_has_no_form_and_is_refused(
    browser_of, analyst, recording, monkeypatch
):
    monkeypatch.setattr(
        "accounts.backends.is_granted", lambda _role, right: right != "recordings.review_recording"
    )
    browser = browser_of(analyst)

    assert "data-review" not in text_of(opened(browser, page_of(recording)))
    assert review(browser, recording, "aceptada").status_code == 403
    assert state_of(recording) == "sin_revisar"


@pytest.mark.parametrize("page", ["change", "take", "play", "review", "download"])
def test_nobody_is_sent_to_the_login(client, recording, page):
    answer = client.get(page_of(recording, page))

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


@pytest.mark.parametrize("page", ["play", "review", "download"])
def test_no_get_does_anything(browser, recording, page):
    answer = browser.get(f"{page_of(recording, page)}?state=aceptada")

    assert answer.status_code == 405
    assert state_of(recording) == "sin_revisar"
    assert not AccessRecord.objects.exists()


@pytest.mark.parametrize("page", ["play", "review", "download"])
def test_nothing_is_done_without_the_page_s_token(analyst, recording, page):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(analyst, backend="accounts.backends.RoleBackend")

    assert browser.post(page_of(recording, page), {"state": "aceptada"}).status_code == 403
    assert state_of(recording) == "sin_revisar"


def test_a_session_shows_its_recordings(analyst, rf):
    session = SessionFactory(estado=Estado.RUNNING)
    first, second = RecordingFactory.create_batch(2, session=session)
    RecordingFactory()
    request = rf.get("/")
    request.user = analyst

    with CaptureQueriesContext(connection) as queries:
        panel = next(panel for panel in panels_of(session, request) if panel.name == "grabaciones")

    assert panel.title == "Grabaciones"
    assert panel.html.count("data-player-toggle") == 2
    assert page_of(first, "play") in panel.html
    assert page_of(second, "play") in panel.html
    assert len([query for query in queries if '"recordings"' in query["sql"]]) == 1


def test_who_may_not_hear_recordings_has_no_panel(facilitator, rf):
    request = rf.get("/")
    request.user = facilitator

    panels = panels_of(RecordingFactory().session, request)

    assert "grabaciones" not in [panel.name for panel in panels]
