"""A session's page in the back office: what it shows, follows and moves on."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from recordings.tests.factories import RecordingFactory
from sessions_app import panels
from sessions_app.actors import SYSTEM, Actor
from sessions_app.choices import MOVE_WORDS, NEXT_ESTADO, ActorKind, Estado
from sessions_app.models import Participant, Session
from sessions_app.progress import NO_RECORDING, NO_SURVEY
from sessions_app.tests.factories import SessionFactory, age
from surveys.tests.factories import SurveyFactory
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

SESSIONS = "/admin/sessions_app/session/"
SCRIPT = "<script>alert('ñ')</script>"
BACKEND = "accounts.backends.RoleBackend"
BOTH = pytest.mark.parametrize("role", ["analyst", "facilitator"])


@pytest.fixture
def own_session(facilitator):
    return SessionFactory(user=facilitator)


@pytest.fixture
def browser(browser_of, facilitator):
    return browser_of(facilitator)


@pytest.fixture
def browser_as(browser_of, request):
    return lambda role: browser_of(request.getfixturevalue(role))


def page_of(session, page="change"):
    return f"{SESSIONS}{session.pk}/{page}/"


def shown(browser, session, page="change"):
    answer = browser.get(page_of(session, page))
    assert answer.status_code == 200
    return answer.content.decode()


def move(browser, session, wanted, **headers):
    return browser.post(page_of(session, "move"), {"new_state": wanted}, headers=headers)


def estado_of(session):
    return Session.objects.get(pk=session.pk).estado


def offered_moves(page):
    return re.findall(r'name="new_state" value="(\w+)"', page)


@BOTH
def test_the_page_shows_who_read_what_with_code_text_and_tags(browser_as, facilitator, role):
    text = TextFactory(
        title="El Embudo", tags={"tema": "ética"}, pages=[["Respira."], ["Título"], ["Una frase"]]
    )
    session = SessionFactory(text=text, user=facilitator, title="Aula 3", description="Ensayo")

    page = shown(browser_as(role), session)

    for piece in (
        *(session.session_code, "El Embudo", "ética", "Respira.", "Una frase"),
        *("Juan Pérez", "25", "juan@example.com", "Aula 3", "Ensayo", facilitator.email),
    ):
        assert piece in page


@pytest.mark.parametrize("wanted", ["change", "live", "move"])
def test_another_s_session_is_not_there_for_a_facilitator(browser, wanted):
    session = SessionFactory()

    answer = (
        move(browser, session, Estado.READY_TO_START)
        if wanted == "move"
        else browser.get(page_of(session, wanted), follow=True)
    )

    missing = browser.get(f"{SESSIONS}999999/{wanted}/", follow=True)
    if wanted == "change":
        assert answer.redirect_chain == missing.redirect_chain == [("/admin/", 302)]
    else:
        assert answer.status_code == 404
    assert "Juan Pérez" not in answer.content.decode()
    assert session.session_code not in answer.content.decode()
    assert estado_of(session) == Estado.CREATED


@pytest.mark.parametrize("page", ["change", "live", "move"])
def test_nobody_is_sent_to_the_login(client, own_session, page):
    answer = client.post(page_of(own_session, page), {"new_state": "ready_to_start"})

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")
    assert estado_of(own_session) == Estado.CREATED


def test_the_code_is_large_while_it_is_wanted_and_folded_up_afterwards(browser, own_session):
    code = own_session.session_code
    groups = "".join(f"<span>{code[start : start + 3]}</span>" for start in (0, 3, 6))

    at_first = shown(browser, own_session)
    move(browser, own_session, Estado.READY_TO_START)
    move(browser, own_session, Estado.RUNNING)
    afterwards = shown(browser, own_session)

    assert groups in at_first
    assert 'id="code" open>' in at_first
    assert 'id="code">' in afterwards
    assert code in afterwards


def test_the_qr_code_is_drawn_in_the_page_and_described(browser, own_session):
    page = shown(browser, own_session)

    assert '<svg viewBox="0 0 29 29" class="segno">' in page
    assert "Código QR con el mismo código" in page


def test_a_code_that_is_no_longer_valid_says_so(browser, own_session):
    assert "Vale hasta el" in shown(browser, own_session)

    age(own_session, created_days=31)

    assert "Ya no vale" in shown(browser, own_session)


@pytest.mark.parametrize("estado", Estado)
def test_the_page_offers_the_only_step_that_is_allowed(browser, facilitator, estado):
    session = SessionFactory(user=facilitator, estado=estado)

    page = shown(browser, session)

    allowed = NEXT_ESTADO.get(estado)
    assert offered_moves(page) == ([allowed] if allowed else [])
    assert all((words in page) == (step == allowed) for step, words in _words_of_its_own())
    assert page.count('aria-current="step"') == 1


def _words_of_its_own():
    """What the buttons say that no state is called."""
    labels = {estado.label for estado in Estado}
    return [(step, words) for step, words in MOVE_WORDS.items() if words not in labels]


@BOTH
def test_the_button_moves_the_session_on_and_the_log_names_who_pressed_it(
    browser_as, own_session, request, role
):
    answer = move(browser_as(role), own_session, Estado.READY_TO_START)

    assert (answer.status_code, answer["Location"]) == (302, page_of(own_session))
    assert estado_of(own_session) == Estado.READY_TO_START
    event = own_session.events.get()
    assert (event.actor_kind, event.user) == (ActorKind.USER, request.getfixturevalue(role))


def test_a_session_is_led_through_all_of_its_states(browser, own_session):
    for wanted in NEXT_ESTADO.values():
        assert offered_moves(shown(browser, own_session)) == [wanted]
        move(browser, own_session, wanted)

    assert estado_of(own_session) == Estado.COMPLETED
    assert "La sesión terminó" in shown(browser, own_session)


@pytest.mark.parametrize(
    "wanted", ["created", "running", "completed", "", "no-es-un-estado", SCRIPT, "ready\x00"]
)
def test_a_step_that_is_not_the_next_is_refused_with_the_state_it_is_in(
    browser, own_session, wanted
):
    answer = browser.post(page_of(own_session, "move"), {"new_state": wanted}, follow=True)

    page = answer.content.decode()
    assert "No se hizo ningún cambio: la sesión ya estaba en «Creada»" in page
    assert SCRIPT not in page
    assert estado_of(own_session) == Estado.CREATED
    assert not own_session.events.exists()


def test_the_second_of_two_who_saw_the_same_button_is_told_what_happened(browser, own_session):
    move(browser, own_session, Estado.READY_TO_START)

    answer = browser.post(
        page_of(own_session, "move"), {"new_state": "ready_to_start"}, follow=True
    )

    assert "la sesión ya estaba en «Lista para empezar»" in answer.content.decode()
    assert own_session.events.count() == 1


def test_a_completed_session_is_moved_nowhere(browser, facilitator):
    session = SessionFactory(user=facilitator, estado=Estado.COMPLETED)

    for wanted in Estado:
        move(browser, session, wanted)

    assert estado_of(session) == Estado.COMPLETED
    assert session.events.count() == 5


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_a_session_is_moved_by_post_alone(browser, own_session, method):
    path = f"{page_of(own_session, 'move')}?new_state=ready_to_start"

    assert getattr(browser, method)(path).status_code == 405
    assert estado_of(own_session) == Estado.CREATED


def test_a_move_from_another_site_is_refused(own_session, facilitator):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(facilitator, backend=BACKEND)

    assert move(browser, own_session, Estado.READY_TO_START).status_code == 403
    assert estado_of(own_session) == Estado.CREATED


@BOTH
def test_the_state_cannot_be_written_by_hand(browser_as, own_session, role):
    browser = browser_as(role)

    answer = browser.post(page_of(own_session), {"estado": "completed"})

    assert answer.status_code == 403
    assert estado_of(own_session) == Estado.CREATED
    assert 'name="estado"' not in shown(browser, own_session)


@pytest.mark.django_db(transaction=True)
def test_of_all_who_press_the_button_at_once_exactly_one_moves_the_session(facilitator, analyst):
    session = SessionFactory(user=facilitator)
    users = [facilitator, analyst] * 4
    together = Barrier(len(users))

    def press(user):
        browser = Client()
        browser.force_login(user, backend=BACKEND)
        try:
            browser.get(page_of(session, "live"))  # so that all are connected
            together.wait(timeout=20)
            return move(browser, session, Estado.READY_TO_START, **{"X-Fragment": "1"})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(users)) as pool:
        answers = list(pool.map(press, users))

    refused = ["No se hizo ningún cambio" in answer.content.decode() for answer in answers]
    assert session.events.count() == refused.count(False) == 1


def test_a_step_without_the_recording_or_the_survey_it_is_about_is_warned_of(browser, own_session):
    session = Session.objects.get(pk=own_session.pk)
    warned = {}
    while session.estado != Estado.COMPLETED:
        page = shown(browser, session)
        warned[session.estado] = (NO_RECORDING in page, NO_SURVEY in page)
        session.transition_to(NEXT_ESTADO[session.estado], by=SYSTEM)

    assert [estado for estado, (recording, _survey) in warned.items() if recording] == ["running"]
    assert [estado for estado, (_rec, survey) in warned.items() if survey] == ["survey_pending"]


def test_there_is_no_warning_once_recording_and_survey_are_there(browser, facilitator):
    running = SessionFactory(user=facilitator, estado=Estado.RUNNING)
    waiting = SessionFactory(user=facilitator, estado=Estado.SURVEY_PENDING)
    RecordingFactory(session=running)
    SurveyFactory(session=waiting)
    Session.objects.filter(pk=waiting.pk).update(estado=Estado.SURVEY_PENDING)

    assert NO_RECORDING not in shown(browser, running)
    assert NO_SURVEY not in shown(browser, waiting)


def test_the_history_says_of_each_state_when_how_long_and_by_whom(browser, own_session, analyst):
    for estado, actor in (
        (Estado.READY_TO_START, Actor(ActorKind.USER, analyst)),
        (Estado.RUNNING, Actor(ActorKind.HEADSET)),
        (Estado.AUDIO_UPLOADED, SYSTEM),
    ):
        own_session.transition_to(estado, by=actor)
    start = timezone.now() - timedelta(hours=2)
    Session.objects.update(created_at=start)
    for event, minutes in zip(own_session.events.all(), (1, 3, 75), strict=True):
        own_session.events.filter(pk=event.pk).update(at=start + timedelta(minutes=minutes))

    history = re.search(r'<ol class="tc-timeline".*?</ol>', shown(browser, own_session), re.DOTALL)[
        0
    ]

    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", history))
    for piece in (
        f"{own_session.user.email} · duró 1 min 0 s",
        f"{analyst.email} · duró 2 min 0 s",
        "Visor · duró 1 h 12 min",
        "Sistema · sigue desde hace 45 min",
    ):
        assert piece in said
    assert timezone.localtime(start).strftime("%d/%m/%Y %H:%M:%S") in history


def test_the_page_of_a_session_whose_participant_was_erased_says_so(browser, own_session):
    Participant.objects.all().delete()

    page = shown(browser, own_session)

    assert "Sus datos personales se borraron" in page
    assert own_session.session_code in page


def test_the_page_of_a_session_whose_creator_is_gone_is_shown(browser_of, analyst, own_session):
    own_session.user.delete()

    assert "una cuenta eliminada" in shown(browser_of(analyst), own_session)


def test_markup_in_everything_that_is_shown_is_not_run(browser, facilitator):
    text = TextFactory(title=SCRIPT, tags={SCRIPT: SCRIPT}, pages=[[SCRIPT], [SCRIPT], ["<b>x"]])
    session = SessionFactory(
        text=text,
        user=facilitator,
        title=SCRIPT,
        description=SCRIPT,
        participant={"nombre": SCRIPT, "email_opcional": f"{SCRIPT}@x.pe"},
    )
    session.transition_to(Estado.READY_TO_START, by=SYSTEM)
    session.events.update(user_email=SCRIPT)

    page = shown(browser, session)

    assert SCRIPT not in page
    assert "<b>x" not in page
    assert page.count(escape(SCRIPT)) >= 8


def test_whoever_opens_the_page_is_noted(browser, own_session, facilitator):
    shown(browser, own_session)

    record = AccessRecord.objects.get()
    assert (record.kind, record.who, record.session_number) == (
        AccessKind.VIEW,
        facilitator.email,
        own_session.pk,
    )


@BOTH
def test_the_page_takes_few_queries_however_much_belongs_to_the_session(
    browser_as, own_session, role
):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            shown(browser, own_session)
        return len(captured)

    browser = browser_as(role)
    RecordingFactory(session=own_session)
    SurveyFactory(session=own_session)
    queries()  # what the first request of a process caches
    of_one = queries()
    for _number in range(4):
        RecordingFactory(session=own_session)
        SurveyFactory(session=own_session)
    while own_session.estado != Estado.COMPLETED:
        own_session.transition_to(NEXT_ESTADO[own_session.estado], by=SYSTEM)

    assert queries() == of_one < 10


def test_a_panel_is_shown_to_who_holds_its_permission_alone(
    browser_of, facilitator, analyst, own_session, monkeypatch
):
    panel = panels.Panel(
        name="cuentas",
        title="Las cuentas",
        template="admin/sessions_app/session/tags.html",
        context=lambda _request, _session: {"tags": {"clave": "secreta"}},
        permission="accounts.view_user",
        order=15,
    )
    monkeypatch.setattr(panels, "_PANELS", [*panels._PANELS, panel])

    assert "Las cuentas" not in shown(browser_of(facilitator), own_session)
    assert "secreta" in shown(browser_of(analyst), own_session)


def test_the_live_part_shows_state_steps_button_and_history(browser, own_session):
    own_session.transition_to(Estado.READY_TO_START, by=SYSTEM)

    part = shown(browser, own_session, "live")

    assert 'data-estado="ready_to_start"' in part
    assert offered_moves(part) == ["running"]
    assert part.count("data-event=") == 2
    assert "csrfmiddlewaretoken" in part


def test_the_live_part_names_nobody_and_so_needs_no_note(browser, own_session, analyst):
    own_session.transition_to(Estado.READY_TO_START, by=Actor(ActorKind.USER, analyst))

    part = shown(browser, own_session, "live")

    for secret in ("Juan", "@", own_session.session_code, own_session.text_title):
        assert secret not in part
    assert not AccessRecord.objects.exists()


def test_the_live_part_is_sent_again_only_once_something_changed(browser, own_session):
    path = page_of(own_session, "live")
    first = browser.get(path)
    mark = {"If-None-Match": first["ETag"]}

    assert f'data-mark="{escape(first["ETag"])}"' in shown(browser, own_session)
    unchanged = browser.get(path, headers=mark)
    assert (unchanged.status_code, unchanged.content) == (304, b"")

    own_session.transition_to(Estado.READY_TO_START, by=SYSTEM)
    changed = browser.get(path, headers=mark)
    assert changed.status_code == 200
    mark = {"If-None-Match": changed["ETag"]}

    RecordingFactory(session=own_session)
    assert browser.get(path, headers=mark).status_code == 200


def test_asking_for_the_live_part_costs_three_queries_when_nothing_changed(browser, own_session):
    path = page_of(own_session, "live")
    mark = {"If-None-Match": browser.get(path)["ETag"]}

    with CaptureQueriesContext(connection) as captured:
        browser.get(path, headers=mark)

    assert len(captured) == 3  # the login, the account, the session


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_live_part_is_only_read(browser, own_session, method):
    assert getattr(browser, method)(page_of(own_session, "live")).status_code == 405


def test_a_page_that_goes_on_gets_the_changed_part_of_a_move(browser, own_session):
    moved = move(browser, own_session, Estado.READY_TO_START, **{"X-Fragment": "1"})
    refused = move(browser, own_session, Estado.READY_TO_START, **{"X-Fragment": "1"})

    for answer in (moved, refused):
        assert answer.status_code == 200
        assert offered_moves(answer.content.decode()) == ["running"]
    assert "No se hizo ningún cambio" not in moved.content.decode()
    assert "No se hizo ningún cambio" in refused.content.decode()
    assert moved["ETag"] == refused["ETag"] == browser.get(page_of(own_session, "live"))["ETag"]


def test_no_refusal_waits_for_the_next_page_once_it_has_been_shown(browser, own_session):
    move(browser, own_session, "completed", **{"X-Fragment": "1"})

    assert "No se hizo ningún cambio" not in shown(browser, own_session)


@pytest.mark.parametrize("number", ["0", "999999", "9" * 40])
@pytest.mark.parametrize("page", ["live", "move"])
def test_a_session_that_is_not_there_is_404(browser, number, page):
    path = f"{SESSIONS}{number}/{page}/"

    answer = browser.post(path) if page == "move" else browser.get(path)

    assert answer.status_code == 404
