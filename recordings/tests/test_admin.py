"""The list of recordings in the back office: what it shows, narrows and reviews together."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory, SuperuserFactory
from recordings import review_actions
from recordings.models import Recording, RecordingReview
from recordings.tests.desk import LIST, REVIEWS, in_order, numbers_in, opened, state_of, text_of
from recordings.tests.factories import RecordingFactory
from sessions_app.choices import Estado
from sessions_app.models import Participant
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

MARKUP = "<script>alert('ñ')</script>"


@pytest.fixture
def browser(browser_of, analyst):
    return browser_of(analyst)


def listed(browser, query=""):
    return numbers_in(opened(browser, f"{LIST}?{query}"))


def act(browser, action, recordings, path=LIST, **fields):
    chosen = [recording.pk for recording in recordings]
    return browser.post(path, {"action": action, "_selected_action": chosen, **fields}, follow=True)


# What it shows


@pytest.mark.parametrize("make_user", [AnalystFactory, SuperuserFactory])
def test_a_row_says_who_read_what_and_what_is_known_of_it(browser_of, make_user):
    session = SessionFactory(text=TextFactory(title="El Embudo"))
    recording = RecordingFactory(
        session=session, duracion_segundos=83.9, avisos=["saturado"], storage_fault="damaged"
    )
    recording.review("con_problemas", by=make_user(), reason="ruido")

    shown = text_of(opened(browser_of(make_user()), LIST))

    for words in (
        "Juan Pérez",
        session.session_code,
        "El Embudo",
        "1:23",
        "Saturada",
        "El sonido está saturado: aleja el micrófono",
        "El audio no es el que llegó",
        "Con problemas",
        "Ruido de fondo",
    ):
        assert words in shown
    assert f"{LIST}{recording.pk}/play/" in shown


def test_the_last_that_came_is_first(browser):
    recordings = in_order(3)

    assert listed(browser) == [recording.pk for recording in recordings]


def test_a_mock_has_no_player(browser):
    RecordingFactory(sha256=None)

    shown = text_of(opened(browser, LIST))

    assert "De prueba, sin audio" in shown
    assert "data-player-toggle" not in shown


def test_whoever_was_erased_is_still_a_row(browser):
    recording = RecordingFactory()
    Participant.objects.all().delete()

    assert listed(browser) == [recording.pk]


def test_pending_recordings_are_not_listed(browser):
    RecordingFactory(uploaded_at=None)

    assert listed(browser) == []


def test_what_people_wrote_is_shown_and_never_run(browser, analyst):
    session = SessionFactory(participant={"nombre": MARKUP}, text=TextFactory(title=MARKUP))
    recording = RecordingFactory(session=session, formato=MARKUP)
    recording.review("rechazada", by=analyst, reason="otro", note=f'">{MARKUP}')

    for path in (LIST, REVIEWS):
        shown = opened(browser, path).content.decode()
        assert "<script>alert" not in shown
        assert escape(MARKUP) in shown


def test_looking_at_the_list_is_noted_with_whom_it_showed(browser, analyst):
    recording = RecordingFactory()

    opened(browser, LIST)

    access = AccessRecord.objects.get()
    assert (access.kind, access.who) == (AccessKind.VIEW, analyst.email)
    assert access.details["shown"] == [recording.session_id]


@pytest.mark.parametrize("path", [LIST, REVIEWS])
def test_a_list_takes_less_than_ten_queries_however_long(browser, analyst, path):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            opened(browser, path)
        return len(captured)

    RecordingFactory().review("aceptada", by=analyst)
    queries()  # what the first request of a process caches
    of_one = queries()
    for _number in range(6):
        RecordingFactory().review("rechazada", by=analyst, reason="ruido")

    assert queries() == of_one < 10


# What it is narrowed by


@pytest.fixture
def wanted(analyst):
    """A recording that each of the filters finds."""
    session = SessionFactory(
        text=TextFactory(id="t-9", title="Ñandú", tags={"tema": "Ética"}),
        participant={"nombre": "Ñahui", "email_opcional": "nahui@example.com"},
        estado=Estado.SURVEY_PENDING,
    )
    SurveyFactory(session=session, answers={"a": 1})
    recording = RecordingFactory(
        session=session,
        avisos=["silencio", "truncado"],
        storage_fault="missing",
        is_processed=False,
        formato="audio/flac",
        duracion_segundos=100,
        rms_dbfs=-60.0,
        proporcion_silencio=0.99,
        proporcion_saturada=0.5,
        uploaded_at=timezone.now() - timedelta(days=40),
    )
    recording.review("rechazada", by=analyst, reason="silencio")
    return recording


@pytest.fixture
def another():
    """A recording that none of them finds."""
    return RecordingFactory(
        session=SessionFactory(text=TextFactory(tags={"tema": "Embudo"}), estado=Estado.RUNNING),
        rms_dbfs=-20.0,
        proporcion_silencio=0.1,
        proporcion_saturada=0.0,
    )


def days_ago(days):
    return (timezone.localdate() - timedelta(days=days)).isoformat()


FILTERS = [
    "review_state__exact=rechazada",
    "review_reason__exact=silencio",
    "avisos=con",
    "avisos=truncado",
    "storage_fault__exact=missing",
    "is_processed__exact=0",
    "texto=t-9",
    f"etiqueta={quote('tema:ética')}",
    "session__estado__exact=completed",
    "encuesta=con",
    "formato=audio/flac",
    f"uploaded_at_desde={days_ago(50)}&uploaded_at_hasta={days_ago(30)}",
    f"uploaded_at_hasta={days_ago(30)}",
    "duracion_segundos_min=99.5",
    "rms_dbfs_max=-40",
    "proporcion_silencio_min=0.9&proporcion_silencio_max=1",
    "proporcion_saturada_min=0.4",
]


@pytest.mark.parametrize("query", FILTERS)
def test_a_filter_shows_what_fits_it_alone(browser, wanted, another, query):
    assert listed(browser, query) == [wanted.pk]


@pytest.mark.parametrize("query", ["avisos=sin", "encuesta=sin", "duracion_segundos_max=50"])
def test_a_filter_s_opposite_shows_the_others(browser, wanted, another, query):
    assert listed(browser, query) == [another.pk]


def test_filters_are_met_together(browser, wanted, another):
    both = "&".join([*FILTERS, "q=nahui"])

    assert listed(browser, both) == [wanted.pk]
    assert listed(browser, f"{both}&avisos=saturado") == []


def test_what_a_filter_offers_is_what_there_is(browser, wanted):
    shown = text_of(opened(browser, LIST))

    for choice in ('value="t-9"', 'value="tema:ética"', 'value="otra_voz"', 'value="audio/webm"'):
        assert choice in shown


@pytest.mark.parametrize("query", ["avisos=nada", "texto=x", "etiqueta=x", "formato=x", "q=%25"])
def test_what_nobody_offers_is_no_error(browser, wanted, query):
    opened(browser, f"{LIST}?{query}")


@pytest.mark.parametrize("query", ["duracion_segundos_min=x", "uploaded_at_desde=ayer"])
def test_what_cannot_be_read_is_named_and_shows_nothing(browser, wanted, query):
    answer = opened(browser, f"{LIST}?{query}")

    assert numbers_in(answer) == []
    assert "messages" in answer.context


@pytest.mark.parametrize("few", [0, 5000])
def test_a_search_finds_code_name_e_mail_number_and_hash(
    browser, wanted, another, monkeypatch, few
):
    monkeypatch.setattr("recordings.search.FEW", few)
    code = wanted.session.session_code

    hash_ = wanted.sha256
    number = str(wanted.pk)
    for words in (code, code[:5].upper(), "Ñahui", " nahui@ Ñahui", hash_, hash_[:12], number):
        assert listed(browser, f"q={quote(words)}") == [wanted.pk]
    assert listed(browser, "q=Ñahui+Pérez") == []
    assert listed(browser, "q=nadie") == []


def test_the_shortcuts_lead_to_what_they_say(browser, wanted, another):
    shown = text_of(opened(browser, f"{LIST}?review_state__exact=sin_revisar"))

    assert '<a href="?review_state__exact=sin_revisar" aria-current="page">Sin revisar</a>' in shown
    assert listed(browser, "review_state__exact=sin_revisar") == [another.pk]


# What is done together


def test_several_are_accepted_together(browser, analyst):
    recordings = RecordingFactory.create_batch(3)
    recordings[0].review("aceptada", by=analyst)

    answer = act(browser, "accept", recordings)

    assert {state_of(recording) for recording in recordings} == {"aceptada"}
    assert "Ahora «aceptada»: 2 grabaciones." in text_of(answer)
    assert "Sin cambios, ya «aceptada»: 1 grabación." in text_of(answer)
    assert RecordingReview.objects.count() == 3
    assert AccessRecord.objects.filter(kind=AccessKind.REVIEW).count() == 2


@pytest.mark.parametrize(
    ("action", "state"), [("mark_with_problems", "con_problemas"), ("reject", "rechazada")]
)
def test_why_they_are_not_accepted_is_asked_first(browser, action, state):
    recordings = RecordingFactory.create_batch(2)

    page = act(browser, action, recordings)
    assert "Se revisan 2 grabaciones" in text_of(page)
    assert {state_of(recording) for recording in recordings} == {"sin_revisar"}

    act(browser, action, recordings, reason="ruido", note="toda la sala")
    for recording in Recording.objects.all():
        assert recording.verdict == (state, "ruido", "toda la sala")


def test_a_reason_that_is_missing_is_asked_for_again(browser):
    recording = RecordingFactory()

    page = act(browser, "reject", [recording], reason="", note="ladra un perro")

    assert "Elige el motivo" in text_of(page)
    assert "ladra un perro</textarea>" in text_of(page)
    assert state_of(recording) == "sin_revisar"


def test_reviews_are_taken_back_together(browser, analyst):
    recording = RecordingFactory()
    recording.review("rechazada", by=analyst, reason="ruido")

    act(browser, "reopen", [recording])

    assert state_of(recording) == "sin_revisar"
    assert RecordingReview.objects.count() == 2


def test_all_that_fits_the_filters_is_reviewed_and_nothing_else(browser, wanted, another):
    path = f"{LIST}?avisos=sin"

    act(browser, "accept", [another], path=path, select_across="1")

    assert (state_of(another), state_of(wanted)) == ("aceptada", "rechazada")


@pytest.mark.parametrize("action", ["accept", "reject", "reopen"])
def test_too_many_are_not_reviewed_and_the_limit_is_said(browser, monkeypatch, action):
    monkeypatch.setattr(review_actions, "REVIEWED_AT_ONCE", 2)
    recordings = RecordingFactory.create_batch(3)

    answer = act(browser, action, recordings)

    assert "Son más de 2 grabaciones y no se revisó ninguna" in text_of(answer)
    assert not RecordingReview.objects.exists()


def test_no_get_reviews_anything(browser):
    recording = RecordingFactory()

    opened(browser, f"{LIST}?q=")
    browser.get(LIST, {"action": "accept", "_selected_action": recording.pk})

    assert state_of(recording) == "sin_revisar"


def test_nothing_is_reviewed_without_the_page_s_token(analyst):
    recording = RecordingFactory()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(analyst, backend="accounts.backends.RoleBackend")

    assert act(browser, "accept", [recording]).status_code == 403
    assert state_of(recording) == "sin_revisar"


# Who may


@pytest.mark.parametrize("path", [LIST, REVIEWS])
def test_a_facilitator_sees_no_list(browser_of, facilitator, path):
    assert browser_of(facilitator).get(path).status_code == 403


@pytest.mark.parametrize("action", ["accept", "mark_with_problems", "reject", "reopen"])
def test_a_facilitator_reviews_nothing(browser_of, facilitator, action):
    recording = RecordingFactory()

    answer = act(browser_of(facilitator), action, [recording], reason="ruido")

    assert answer.status_code == 403
    assert state_of(recording) == "sin_revisar"


def test_who_may_not_review_is_offered_no_action(browser_of, analyst, monkeypatch):
    monkeypatch.setattr(
        "accounts.backends.is_granted", lambda _role, right: right != "recordings.review_recording"
    )
    recording = RecordingFactory()
    browser = browser_of(analyst)

    shown = text_of(opened(browser, LIST))
    for action in ("accept", "mark_with_problems", "reject", "reopen"):
        assert f'<option value="{action}"' not in shown
    act(browser, "accept", [recording])
    assert state_of(recording) == "sin_revisar"


def test_nothing_is_added_changed_or_deleted_by_hand(browser, analyst):
    recording = RecordingFactory()
    recording.review("aceptada", by=analyst)

    for path in (LIST, REVIEWS):
        number = recording.pk if path == LIST else RecordingReview.objects.get().pk
        assert browser.get(f"{path}add/").status_code == 403
        assert browser.post(f"{path}{number}/change/", {}).status_code == 403
        assert browser.post(f"{path}{number}/delete/", {"post": "yes"}).status_code == 403


# The list of reviews


def test_the_reviews_of_all_are_a_list_of_their_own(browser, analyst):
    recording = RecordingFactory()
    recording.review("rechazada", by=analyst, reason="otro", note="Canta un gallo")
    RecordingFactory().review("aceptada", by=analyst)

    shown = text_of(opened(browser, f"{REVIEWS}?to_state__exact=rechazada"))

    assert "Sin revisar → Rechazada" in shown
    assert "Canta un gallo" in shown
    assert f"{LIST}{recording.pk}/change/" in shown
    assert "Aceptada</a>" not in shown
    opened(browser, f"{REVIEWS}{recording.reviews.get().pk}/change/")
