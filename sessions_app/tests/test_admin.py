"""The back office's lists of sessions, participants and changes of state."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from accounts.tests.factories import FacilitatorFactory, SuperuserFactory
from recordings.models import Recording
from recordings.tests.factories import RecordingFactory
from sessions_app.choices import Estado
from sessions_app.models import Participant, Session
from sessions_app.tests.factories import SessionFactory, age
from surveys.models import Survey
from surveys.tests.factories import SurveyFactory
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

SESSIONS = "/admin/sessions_app/session/"
PARTICIPANTS = "/admin/sessions_app/participant/"
EVENTS = "/admin/sessions_app/sessionevent/"
SCRIPT = "<script>alert('ñ')</script>"


@pytest.fixture
def browser(browser_of, analyst):
    return browser_of(analyst)


@pytest.fixture
def facilitators_browser(browser_of, facilitator):
    return browser_of(facilitator)


def opened(browser, path, query=None):
    answer = browser.get(path, query)
    assert answer.status_code == 200
    return answer


def shown(browser, path, query=None):
    return opened(browser, path, query).content.decode()


def listed(browser, query=None, path=SESSIONS):
    return list(opened(browser, path, query).context["cl"].result_list)


def queries_of(browser, path):
    with CaptureQueriesContext(connection) as captured:
        opened(browser, path)
    return len(captured)


def lucias_session(**fields):
    participant = {"nombre": "Lucía Ñahui", "email_opcional": "lucia@example.com"}
    return SessionFactory(participant=participant, **fields)


def test_the_list_says_who_reads_what_and_how_far_it_has_come(browser):
    session = SessionFactory(text=TextFactory(title="El Embudo"), estado=Estado.RUNNING)
    Session.objects.update(created_at=timezone.now() - timedelta(minutes=7))

    page = shown(browser, SESSIONS)

    for piece in (session.session_code, "Juan Pérez", "El Embudo", "En curso", "7 min"):
        assert piece in page
    assert session.user.email in page


def test_an_analyst_lists_every_session_the_newest_first(browser):
    older, newer = SessionFactory(), SessionFactory()

    assert listed(browser) == [newer, older]


def test_a_facilitator_lists_the_own_sessions_alone(facilitators_browser, facilitator):
    SessionFactory()
    own = SessionFactory(user=facilitator)

    assert listed(facilitators_browser) == [own]


def test_a_facilitator_finds_no_session_of_another_by_its_code(facilitators_browser):
    code = SessionFactory().session_code

    assert listed(facilitators_browser, {"q": code}) == []


@pytest.mark.parametrize(
    "written",
    [
        lambda code: code,
        lambda code: code.upper(),
        lambda code: f" {code[:3]} {code[3:6]} {code[6:]} ",
        lambda code: code[:5],
    ],
    ids=["as it is", "in capitals", "in groups", "its beginning"],
)
def test_a_session_is_found_by_its_code_however_it_is_typed(browser, written):
    SessionFactory()
    session = SessionFactory()

    assert listed(browser, {"q": written(session.session_code)}) == [session]


@pytest.mark.parametrize("words", ["Ñahui", "lucia@EXAMPLE.com", "El Embudo", "Lucía Ñahui"])
def test_a_session_is_found_by_participant_and_by_text(browser, words):
    SessionFactory()
    session = lucias_session(text=TextFactory(title="El Embudo"))

    assert listed(browser, {"q": words}) == [session]


def test_a_session_is_found_by_its_number(browser):
    session = SessionFactory()

    assert session in listed(browser, {"q": session.pk})


@pytest.mark.parametrize("words", ["", "   "])
def test_a_search_for_nothing_finds_everything(browser, words):
    SessionFactory(estado=Estado.READY_TO_START)

    for path in (SESSIONS, PARTICIPANTS, EVENTS):
        assert len(listed(browser, {"q": words}, path)) == 1


@pytest.mark.parametrize("words", ["' OR 1=1 --", "%", "_", "9" * 40, "ñ 😀", "a b c"])
def test_no_search_is_an_error_or_a_pattern(browser, words):
    SessionFactory(estado=Estado.READY_TO_START)

    for path in (SESSIONS, PARTICIPANTS, EVENTS):
        assert listed(browser, {"q": words}, path) == []


def test_sessions_are_filtered_by_one_state_or_several(browser):
    SessionFactory()
    running = SessionFactory(estado=Estado.RUNNING)
    completed = SessionFactory(estado=Estado.COMPLETED)

    assert listed(browser, {"estado__exact": "running"}) == [running]
    assert listed(browser, {"estado__exact": ["running", "completed"]}) == [completed, running]


def test_sessions_are_filtered_by_the_days_on_which_they_were_created(browser):
    SessionFactory()
    old = SessionFactory()
    age(old, created_days=10)
    day = timezone.localdate(old.created_at).isoformat()

    assert listed(browser, {"created_at_desde": day, "created_at_hasta": day}) == [old]


def test_sessions_are_filtered_by_text(browser):
    SessionFactory()
    session = SessionFactory()

    assert listed(browser, {"texto": session.text_id}) == [session]


def test_sessions_are_filtered_by_all_of_several_tags(browser):
    both = SessionFactory(text=TextFactory(tags={"tema": "Ética", "tono": "serio"}))
    SessionFactory(text=TextFactory(tags={"tema": "Ética", "tono": "alegre"}))

    assert listed(browser, {"etiqueta": ["tema: Ética", "tono: serio"]}) == [both]
    assert len(listed(browser, {"etiqueta": "tema: Ética"})) == 2


def test_analysts_filter_sessions_by_who_created_them(browser):
    SessionFactory()
    session = SessionFactory()

    assert listed(browser, {"creada_por": session.user_id}) == [session]


def test_facilitators_are_shown_no_accounts(facilitators_browser, facilitator):
    SessionFactory(user=facilitator)
    other = FacilitatorFactory()

    page = shown(facilitators_browser, SESSIONS)

    assert other.email not in page
    assert "creada_por" not in page


def test_superusers_are_no_choice_of_an_analyst_s_filter(browser):
    superuser = SuperuserFactory()

    assert superuser.email not in shown(browser, SESSIONS)


def test_sessions_are_filtered_by_having_a_recording_that_is_stored(browser):
    with_recording, with_pending, without = SessionFactory(), SessionFactory(), SessionFactory()
    RecordingFactory(session=with_recording)
    pending = RecordingFactory(session=with_pending)
    Recording.objects.filter(pk=pending.pk).update(uploaded_at=None)

    assert listed(browser, {"grabacion": "si"}) == [with_recording]
    assert listed(browser, {"grabacion": "no"}) == [without, with_pending]


def test_sessions_are_filtered_by_having_a_survey_that_is_completed(browser):
    completed, pending, without = SessionFactory(), SessionFactory(), SessionFactory()
    SurveyFactory(session=completed)
    Survey.objects.create(session=pending)

    assert listed(browser, {"encuesta": "si"}) == [completed]
    assert listed(browser, {"encuesta": "no"}) == [without, pending]


def test_sessions_are_filtered_by_a_part_of_their_title(browser):
    SessionFactory(title="Aula 1")
    session = SessionFactory(title="Ensayo general")

    assert listed(browser, {"title_contiene": "ENSAYO"}) == [session]


@pytest.mark.parametrize(
    "query",
    [
        {"creada_por": "nadie"},
        {"creada_por": "9" * 40},
        {"grabacion": "quizá"},
        {"encuesta": "quizá"},
        {"etiqueta": "tema: ninguno"},
        {"texto": "ninguno"},
        {"estado__exact": "ninguno"},
        {"created_at_desde": "ayer"},
    ],
    ids=str,
)
def test_a_filter_that_cannot_be_read_finds_nothing(browser, query):
    SessionFactory()

    assert listed(browser, query) == []


@pytest.mark.parametrize("column", ["1", "-1", "6"])
def test_the_list_is_sorted_by_what_has_an_index(browser, column):
    SessionFactory()
    SessionFactory()

    assert len(listed(browser, {"o": column})) == 2


def test_whoever_opens_the_list_is_noted_with_the_sessions_that_were_shown(browser, analyst):
    session = SessionFactory()

    opened(browser, SESSIONS)

    record = AccessRecord.objects.get(kind=AccessKind.VIEW)
    assert record.who == analyst.email
    assert record.details["shown"] == [session.pk]
    assert "Juan" not in str(record.details)


@pytest.mark.parametrize("path", [SESSIONS, PARTICIPANTS, EVENTS])
def test_a_list_takes_few_queries_and_no_more_for_more_rows(browser, path):
    SessionFactory(estado=Estado.READY_TO_START)
    of_one = queries_of(browser, path)
    for _number in range(4):
        SessionFactory(estado=Estado.READY_TO_START)

    assert queries_of(browser, path) == of_one < 10


def test_the_list_without_participants_data_says_so(browser):
    session = SessionFactory()
    Participant.objects.all().delete()

    page = shown(browser, SESSIONS)

    assert session.session_code in page
    assert "datos borrados" in page


def test_markup_in_what_participants_and_facilitators_typed_is_shown_and_not_run(browser):
    text = TextFactory(title=SCRIPT, tags={SCRIPT: SCRIPT})
    participant = {"nombre": SCRIPT}
    SessionFactory(participant=participant, text=text, title=SCRIPT, description=SCRIPT)

    for path in (SESSIONS, PARTICIPANTS):
        page = shown(browser, path)
        assert SCRIPT not in page
        assert escape(SCRIPT) in page


def test_the_participants_are_listed_with_their_session_and_found(browser):
    SessionFactory()
    session = lucias_session()

    assert listed(browser, {"q": "Ñahui"}, PARTICIPANTS) == [session.participant]
    assert listed(browser, {"q": session.session_code}, PARTICIPANTS) == [session.participant]
    assert f"{SESSIONS}{session.pk}/change/" in shown(browser, PARTICIPANTS)


@pytest.mark.parametrize("path", [SESSIONS, PARTICIPANTS])
def test_a_name_that_could_be_a_code_is_found_as_a_name(browser, path):
    SessionFactory()
    session = SessionFactory(participant={"nombre": "Margarete"})

    found = listed(browser, {"q": "margarete"}, path)

    assert [row.pk for row in found] == [session.pk]


def test_the_participants_are_filtered_by_the_day_of_their_session(browser):
    SessionFactory()
    old = SessionFactory()
    age(old, created_days=10)
    day = timezone.localdate(old.created_at).isoformat()

    found = listed(browser, {"session__created_at_hasta": day}, PARTICIPANTS)

    assert found == [old.participant]


def test_a_participant_s_page_leads_to_the_session_and_is_noted(browser):
    session = SessionFactory()

    page = shown(browser, f"{PARTICIPANTS}{session.pk}/change/")

    assert "Juan Pérez" in page
    assert f"{SESSIONS}{session.pk}/change/" in page
    assert AccessRecord.objects.get(kind=AccessKind.VIEW).session_number == session.pk


def test_the_changes_of_state_say_when_of_what_and_by_whom(browser):
    session = SessionFactory(estado=Estado.READY_TO_START)
    session.events.update(user_email="lucia@example.com")
    event = session.events.get()

    for page in (shown(browser, EVENTS), shown(browser, f"{EVENTS}{event.pk}/change/")):
        for piece in ("Creada", "Lista para empezar", "Sistema", "lucia@example.com"):
            assert piece in page
        assert f"{SESSIONS}{session.pk}/change/" in page


@pytest.mark.parametrize(
    "query, found",
    [
        ({"to_estado__exact": "running"}, 1),
        ({"actor_kind__exact": "system"}, 2),
        ({"actor_kind__exact": "headset"}, 0),
        ({"at_desde": "2000-01-01"}, 2),
        ({"at_hasta": "2000-01-01"}, 0),
        ({"q": "lucia@EXAMPLE.com"}, 2),
        ({"q": "nadie@example.com"}, 0),
    ],
)
def test_the_changes_of_state_are_filtered_and_searched(browser, query, found):
    session = SessionFactory(estado=Estado.RUNNING)
    session.events.update(user=FacilitatorFactory(email="lucia@example.com"))

    assert len(listed(browser, query, EVENTS)) == found


def test_the_changes_of_a_session_are_found_by_its_code(browser):
    SessionFactory(estado=Estado.RUNNING)
    session = SessionFactory(estado=Estado.RUNNING)

    found = listed(browser, {"q": f" {session.session_code.upper()} "}, EVENTS)

    assert {event.session for event in found} == {session}


@pytest.mark.parametrize("path", [PARTICIPANTS, EVENTS])
def test_facilitators_get_neither_participants_nor_changes_of_state(
    facilitators_browser, facilitator, path
):
    session = SessionFactory(user=facilitator, estado=Estado.READY_TO_START)
    row = session.participant if path == PARTICIPANTS else session.events.get()

    assert facilitators_browser.get(path).status_code == 403
    # As of a row that is not there, nothing is shown of it.
    page = facilitators_browser.get(f"{path}{row.pk}/change/", follow=True).content.decode()
    assert "Juan Pérez" not in page


@pytest.mark.parametrize("path", [SESSIONS, PARTICIPANTS, EVENTS])
def test_nothing_of_a_list_is_deleted_or_written(browser, path):
    session = SessionFactory(estado=Estado.READY_TO_START)
    row = session.events.get() if path == EVENTS else session
    before = list(Session.objects.values())

    refused = [
        browser.post(f"{path}{row.pk}/{page}/", {"estado": "completed", "post": "yes"})
        for page in ("change", "delete")
    ]
    action = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    browser.post(path, action)

    assert [answer.status_code for answer in refused] == [403, 403]
    assert list(Session.objects.values()) == before
    assert Participant.objects.exists()
    assert session.events.count() == 1


@pytest.mark.parametrize("path", [PARTICIPANTS, EVENTS])
def test_participants_and_changes_of_state_are_not_added_by_hand(browser, path):
    assert browser.get(f"{path}add/").status_code == 403
    assert browser.post(f"{path}add/", {"nombre": "Ana"}).status_code == 403
