"""Hoy: the board of the day's sessions, what is stuck, what awaits review."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory, FacilitatorFactory
from recordings.choices import Revision
from recordings.models import Recording
from recordings.tests.factories import RecordingFactory
from sessions_app.actors import SYSTEM
from sessions_app.choices import Estado
from sessions_app.models import Participant, Session
from sessions_app.tests.factories import SessionFactory
from toastclub.filters import first_instant
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

HOY, BOARD = "/admin/", "/admin/hoy/tablero/"
SCRIPT = "<script>alert('ñ')</script>"
HUNDREDS = [["Respira."], ["Título"], ["palabra " * 700]]  # five minutes of reading


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    """Sessions of some minutes ago are today's, whenever the tests run."""
    set_clock(monkeypatch, midnight() + timedelta(hours=12))


def set_clock(monkeypatch, moment):
    monkeypatch.setattr(timezone, "now", lambda: moment)


def midnight():
    return first_instant(timezone.localdate())


@pytest.fixture
def analyst():
    return AnalystFactory()


@pytest.fixture
def browser(browser_of, analyst):
    return browser_of(analyst)


def shown(browser, path=BOARD):
    answer = browser.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def part(page, heading):
    """The text of the card with that heading."""
    card = re.search(rf"<h2[^>]*>\s*<span>{heading}</span>.*?</section>", page, re.DOTALL)
    return " ".join(unescape(re.sub("<[^>]+>", " ", card[0])).split())


def session_of(name, *, minutes=0, days=0, created=None, **fields):
    """A session of that participant that has been in its state for so long."""
    session = SessionFactory(participant={"nombre": name}, **fields)
    moment = created or timezone.now() - timedelta(days=days, minutes=minutes)
    Session.objects.filter(pk=session.pk).update(created_at=moment, completed_at=None)
    if session.estado == Estado.COMPLETED:
        Session.objects.filter(pk=session.pk).update(completed_at=moment)
    session.events.update(at=moment)
    session.refresh_from_db()
    return session


# What is on the board


def test_the_index_shows_each_of_todays_sessions_with_all_that_is_known_of_it(browser):
    text = TextFactory(title="El Embudo")
    session = session_of("Luz Ñahui", text=text, estado=Estado.AUDIO_UPLOADED, minutes=3)
    RecordingFactory(session=session, avisos=["silencio"])
    RecordingFactory(session=session, avisos=["saturado", "silencio"])

    page = shown(browser, HOY)

    line = part(page, "Sesiones de hoy")
    for words in ("Luz Ñahui", session.session_code, "El Embudo", "Audio subido", "3 min"):
        assert words in line
    assert "2 tomas Silencio Saturada" in line
    assert f"/admin/sessions_app/session/{session.pk}/change/" in page


def test_a_session_without_a_recording_says_so_and_a_pending_one_is_none(browser):
    RecordingFactory(session=session_of("Ana"), uploaded_at=None)

    assert "Sin audio" in part(shown(browser), "Sesiones de hoy")


def test_the_states_are_counted(browser):
    for estado in (Estado.CREATED, Estado.CREATED, Estado.RUNNING, Estado.COMPLETED):
        SessionFactory(estado=estado)

    page = shown(browser)

    counts = re.findall(r"td-state td-(\w+)[^>]*><b>(\d+)</b>", page)
    assert dict(counts) == {
        "created": "2",
        "ready_to_start": "0",
        "running": "1",
        "audio_uploaded": "0",
        "survey_pending": "0",
        "completed": "1",
    }


def test_the_day_begins_at_midnight_in_the_projects_zone(browser):
    session_of("De hoy", created=midnight(), estado=Estado.COMPLETED)
    session_of("De ayer", created=midnight() - timedelta(seconds=1), estado=Estado.COMPLETED)

    page = shown(browser)

    assert "De hoy" in page
    assert "De ayer" not in page


@pytest.mark.parametrize("estado", [Estado.RUNNING, Estado.COMPLETED])
def test_a_session_made_earlier_that_moves_today_is_on_the_board(browser, estado):
    session = SessionFactory(participant={"nombre": "Preparada ayer"}, estado=estado)
    Session.objects.filter(pk=session.pk).update(created_at=midnight() - timedelta(days=2))

    assert "Preparada ayer" in part(shown(browser), "Sesiones de hoy")


def test_an_earlier_session_that_was_erased_is_no_longer_to_be_seen_to(browser):
    session = session_of("Luz Ñahui", estado=Estado.RUNNING)
    Session.objects.filter(pk=session.pk).update(
        created_at=timezone.now() - timedelta(days=2), erased_at=timezone.now()
    )

    assert session.session_code not in shown(browser)


def test_of_erased_participants_the_session_remains(browser):
    session = session_of("Luz Ñahui")
    Participant.objects.all().delete()

    page = shown(browser)

    assert "Luz" not in page
    assert "Datos borrados" in page
    assert session.session_code in page


def test_a_day_without_sessions_says_that_there_are_none_yet(browser):
    page = shown(browser, HOY)

    assert "Aún no hay sesiones hoy." in page
    assert "Ninguna: todo avanza" in page
    assert "Nada: todas las tomas están revisadas." in page


def test_of_more_sessions_than_are_shown_all_are_counted(browser, monkeypatch):
    monkeypatch.setattr("dataset.today.board.SHOWN", 2)
    for _number in range(2):
        SessionFactory(estado=Estado.COMPLETED)
    for name in ("La primera", "La segunda", "La tercera"):
        session_of(name)

    page = shown(browser)

    assert 'td-created"><b>3</b>' in page
    assert 'td-completed"><b>2</b>' in page
    assert "La tercera" in page
    assert "La primera" not in page
    assert "las demás están en la lista" in page


def test_what_participants_and_texts_are_called_is_shown_and_never_run(browser):
    session = session_of(SCRIPT, text=TextFactory(title=SCRIPT), estado=Estado.RUNNING, minutes=600)
    RecordingFactory(session=session)

    for path in (HOY, BOARD):
        page = shown(browser, path)
        assert SCRIPT not in page
        assert page.count("&lt;script&gt;alert(&#x27;ñ&#x27;)&lt;/script&gt;") >= 4


# What is stuck


@pytest.mark.parametrize(
    "estado, minutes, is_stuck",
    [
        (Estado.CREATED, 29, False),
        (Estado.CREATED, 31, True),
        (Estado.READY_TO_START, 9, False),
        (Estado.READY_TO_START, 11, True),
        (Estado.RUNNING, 6, False),
        (Estado.RUNNING, 8, True),
        (Estado.AUDIO_UPLOADED, 4, False),
        (Estado.AUDIO_UPLOADED, 6, True),
        (Estado.SURVEY_PENDING, 14, False),
        (Estado.SURVEY_PENDING, 16, True),
        (Estado.COMPLETED, 600, False),
    ],
)
def test_a_session_is_stuck_once_it_has_been_longer_in_a_state_than_that_may_take(
    browser, estado, minutes, is_stuck
):
    session_of("Luz", estado=estado, minutes=minutes, text=TextFactory(pages=HUNDREDS))

    assert ("Luz" in part(shown(browser), "Atascadas")) is is_stuck


def test_who_reads_a_longer_text_may_take_longer(browser):
    long = [["a"], ["b"], ["palabra " * 2800]]
    session_of("Largo", estado=Estado.RUNNING, minutes=20, text=TextFactory(pages=long))
    session_of("Corto", estado=Estado.RUNNING, minutes=20, text=TextFactory(pages=HUNDREDS))

    stuck = part(shown(browser), "Atascadas")

    assert "Corto" in stuck
    assert "Largo" not in stuck


def test_what_counts_is_the_copy_of_the_text_that_the_session_reads(browser):
    text = TextFactory(pages=HUNDREDS)
    session_of("Luz", estado=Estado.RUNNING, minutes=6, text=text)
    text.pages = [["a"], ["b"], ["Ahora es corto."]]
    text.store()

    assert "Luz" not in part(shown(browser), "Atascadas")


@pytest.mark.parametrize(
    "estado, days, is_stuck",
    [
        (Estado.READY_TO_START, 2, True),
        (Estado.RUNNING, 6, True),
        (Estado.SURVEY_PENDING, 1, True),
        (Estado.RUNNING, 9, False),  # given up
        (Estado.CREATED, 2, False),  # not begun
        (Estado.COMPLETED, 2, False),
    ],
)
def test_sessions_that_stopped_halfway_in_the_last_days_are_stuck(browser, estado, days, is_stuck):
    session_of("De antes", estado=estado, days=days)

    page = shown(browser)

    assert ("De antes" in part(page, "Atascadas")) is is_stuck
    assert "De antes" not in part(page, "Sesiones de hoy")


def test_more_that_are_stuck_are_folded_away(browser):
    for number in range(7):
        session_of(f"Persona {number}", minutes=60)

    assert "2 más" in part(shown(browser), "Atascadas")


# What awaits review


def waiting_take(name, **time):
    return RecordingFactory(
        session=session_of(name), uploaded_at=timezone.now() - timedelta(**time)
    )


def test_the_takes_that_have_waited_longest_for_review_are_named(browser, analyst):
    for number in range(6):
        waiting_take(f"Persona {number}", hours=number)
    reviewed = waiting_take("Ya revisada", days=3)
    reviewed.review(Revision.ACEPTADA, by=analyst)

    page = shown(browser)

    waiting = part(page, "Por revisar")
    assert waiting.startswith("Por revisar 6 Persona 5")
    assert "Persona 1" in waiting
    assert "Persona 0" not in waiting
    assert "Ya revisada" not in waiting
    assert "/admin/recordings/recording/?review_state__exact=sin_revisar" in page


def test_many_that_await_review_are_not_all_counted(browser, monkeypatch):
    monkeypatch.setattr("dataset.today.waiting.COUNTED", 2)
    for number in range(3):
        waiting_take(f"Persona {number}", hours=number)

    assert part(shown(browser), "Por revisar").startswith("Por revisar más de 2")


def test_the_link_to_the_queue_shows_what_awaits_review(browser, analyst):
    waiting_take("Espera", hours=1)
    waiting_take("Ya revisada", hours=2).review(Revision.ACEPTADA, by=analyst)
    link = re.search(r'"(/admin/recordings/recording/\?[^"]+)"', shown(browser))[1]

    queue = browser.get(unescape(link))

    assert [recording.pk for recording in queue.context["cl"].result_list] == [
        Recording.objects.awaiting_review().get().pk
    ]


# Facilitators


def test_a_facilitator_sees_the_own_sessions_without_what_was_heard(browser_of):
    facilitator = FacilitatorFactory()
    own = session_of("Mía", user=facilitator, estado=Estado.AUDIO_UPLOADED)
    RecordingFactory(session=own, avisos=["silencio"])
    session_of("De otra", estado=Estado.RUNNING, days=1)
    browser = browser_of(facilitator)

    for path in (HOY, BOARD):
        page = shown(browser, path)
        assert "Mía" in page
        assert "1 toma" in page
        for hidden in ("De otra", "Silencio", "Por revisar", "Cifras"):
            assert hidden not in page


@pytest.mark.parametrize("path", [HOY, BOARD])
def test_who_is_not_logged_in_is_sent_to_the_login(path):
    answer = Client().get(path)

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


def test_a_locked_account_gets_no_more_of_the_board(browser, analyst):
    etag = browser.get(BOARD)["ETag"]
    analyst.is_active = False
    analyst.save()

    assert browser.get(BOARD, headers={"if-none-match": etag}).status_code == 302


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_board_is_only_read(browser, method):
    assert getattr(browser, method)(BOARD).status_code == 405


# Refreshing


def test_a_board_that_is_as_it_was_is_not_sent_again(browser):
    RecordingFactory(session=session_of("Luz"))
    etag = browser.get(BOARD)["ETag"]

    answer = browser.get(BOARD, headers={"if-none-match": etag})

    assert (answer.status_code, answer.content) == (304, b"")


def test_the_page_knows_the_version_of_its_board(browser):
    session_of("Luz")

    etag = unescape(re.search(r'data-etag="([^"]+)"', shown(browser, HOY))[1])

    assert browser.get(BOARD, headers={"if-none-match": etag}).status_code == 304


def rename(session):
    session.update_details(fields={}, participant={"nombre": "Lucía"})


def change_avisos(session):
    Recording.objects.filter(session=session).update(avisos=["saturado"], is_processed=True)


def review(session):
    Recording.objects.get(session=session).review(Revision.ACEPTADA, by=AnalystFactory())


CHANGES = {
    "participant": rename,
    "erasure": lambda session: session.participant.delete(),
    "state": lambda session: session.transition_to(Estado.READY_TO_START, by=SYSTEM),
    "recording": lambda session: RecordingFactory(session=session),
    "recording_gone": lambda session: Recording.objects.get(session=session).remove(),
    "avisos": change_avisos,
    "review": review,
    "another_session": lambda _session: SessionFactory(),
    "session_gone": lambda session: session.delete_with_audio(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_shown_makes_another_version_when_it_changes(browser, change):
    session = session_of("Luz")
    RecordingFactory(session=session)
    etag = browser.get(BOARD)["ETag"]

    CHANGES[change](session)

    answer = browser.get(BOARD, headers={"if-none-match": etag})
    assert answer.status_code == 200
    assert answer["ETag"] != etag


def test_what_is_not_shown_makes_no_other_version(browser):
    session = session_of("Luz")
    etag = browser.get(BOARD)["ETag"]

    session.update_details(fields={"description": "Otra cosa"}, participant={})

    assert browser.get(BOARD, headers={"if-none-match": etag}).status_code == 304


def test_a_session_becomes_stuck_by_the_passing_of_time_alone(browser, monkeypatch):
    session_of("Luz", estado=Estado.AUDIO_UPLOADED)
    etag = browser.get(BOARD)["ETag"]

    set_clock(monkeypatch, timezone.now() + timedelta(minutes=4))
    assert browser.get(BOARD, headers={"if-none-match": etag}).status_code == 304
    set_clock(monkeypatch, timezone.now() + timedelta(minutes=2))
    answer = browser.get(BOARD, headers={"if-none-match": etag})

    assert answer.status_code == 200
    assert "Luz" in part(answer.content.decode(), "Atascadas")


def test_a_new_day_makes_another_version(browser, monkeypatch):
    session_of("Luz", estado=Estado.COMPLETED)
    etag = browser.get(BOARD)["ETag"]

    set_clock(monkeypatch, midnight() + timedelta(days=1, seconds=1))

    answer = browser.get(BOARD, headers={"if-none-match": etag})
    assert "Aún no hay sesiones hoy." in answer.content.decode()


def test_one_users_version_is_not_anothers(browser_of):
    etag = browser_of(AnalystFactory()).get(BOARD)["ETag"]

    answer = browser_of(AnalystFactory()).get(BOARD, headers={"if-none-match": etag})

    assert answer.status_code == 200


# The log


def views():
    looks = AccessRecord.objects.filter(kind=AccessKind.VIEW).order_by("pk")
    return list(looks.values_list("details", flat=True))


def test_whose_data_the_page_shows_is_noted(browser, analyst):
    stuck = session_of("Atascada", days=1, estado=Estado.RUNNING)
    waiting = waiting_take("Espera", days=20).session
    Session.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(days=20))

    shown(browser, HOY)

    record = AccessRecord.objects.get()
    assert (record.kind, record.who) == (AccessKind.VIEW, analyst.email)
    assert record.details == {"page": "Hoy", "shown": [stuck.pk, waiting.pk]}


def test_refreshing_notes_only_the_sessions_that_have_come_since(browser):
    first = session_of("Luz")
    shown(browser, HOY)
    shown(browser)
    rename(first)
    shown(browser)
    second = session_of("Ana")
    shown(browser)
    shown(browser)

    assert [view["shown"] for view in views()] == [[first.pk], [second.pk]]


def test_a_board_that_was_fetched_without_the_page_is_noted(browser):
    session = session_of("Luz")

    shown(browser)

    assert [view["shown"] for view in views()] == [[session.pk]]


def test_who_opens_the_page_again_is_noted_again(browser):
    session = session_of("Luz")

    shown(browser, HOY)
    shown(browser, HOY)

    assert [view["shown"] for view in views()] == [[session.pk]] * 2


def test_a_board_that_is_not_sent_notes_nothing(browser):
    etag = browser.get(BOARD)["ETag"]
    before = AccessRecord.objects.count()

    browser.get(BOARD, headers={"if-none-match": etag})

    assert AccessRecord.objects.count() == before


# What it costs


def queries_of(browser, path, **headers):
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(path, headers=headers)
    assert answer.status_code in (200, 304)
    return len(queries)


def classroom(number):
    session = session_of(f"Persona {number}", estado=Estado.AUDIO_UPLOADED, minutes=30)
    RecordingFactory(session=session, avisos=["silencio"])


def test_the_page_takes_as_many_queries_for_five_sessions_as_for_one(browser):
    classroom(0)
    queries_of(browser, HOY)  # what a process asks for once
    of_one = queries_of(browser, HOY)
    for number in range(4):
        classroom(number)

    assert queries_of(browser, HOY) == of_one < 10


def test_a_board_that_is_as_it_was_takes_four_queries(browser):
    for number in range(3):
        classroom(number)
    etag = browser.get(BOARD)["ETag"]

    assert queries_of(browser, BOARD, **{"if-none-match": etag}) <= 4
