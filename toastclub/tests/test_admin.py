"""Every page of the admin, whatever models are registered in it."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from accounts.choices import AccessKind
from accounts.models import AccessRecord, User
from accounts.tests.factories import AnalystFactory, FacilitatorFactory, SuperuserFactory
from dataset.models import Erasure, Release
from recordings.models import Recording, RecordingReview, ResumableUpload
from recordings.tests.factories import RecordingFactory
from sessions_app.choices import Estado
from sessions_app.models import Participant, Session, SessionEvent
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from surveys.tests.factories import SurveyFactory
from training.models import Text
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert('ñ')</script>"
# Each model, and a word by which its row is found.
SEARCHES = {
    User: "Lucía",
    AccessRecord: "lucia@example.com",
    Text: "Embudo",
    Session: "Ñahui",
    Participant: "Ñahui",
    SessionEvent: "lucia@example.com",
    Recording: "Ñahui",
    RecordingReview: "Ñahui",
    ResumableUpload: "huella",
    Survey: "excelente",
    Release: "lucia@example.com",
    Erasure: "lucia@example.com",
}
# The models whose lists have a date hierarchy, and by which date.
DATES = {
    User: "created_at",
    AccessRecord: "at",
    Session: "created_at",
    Survey: "created_at",
}
MODELS = pytest.mark.parametrize("model", SEARCHES, ids=lambda model: model.__name__)
STAFF = pytest.mark.parametrize("make_user", [AnalystFactory, SuperuserFactory])


def page_of(model, page=""):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{page}"


def change_page_of(instance):
    return page_of(type(instance), f"{instance.pk}/change/")


def one_of_each(name="Lucía Ñahui", number=0):
    """A row of each model, as one completed session leaves them."""
    analyst = AnalystFactory(name=name, email=f"{number or ''}lucia@example.com")
    text = TextFactory(title=f"El Embudo {name}", tags={"tema": name, "tono": name})
    session = SessionFactory(
        text=text,
        user=analyst,
        title=name,
        description=name,
        participant={"nombre": name, "email_opcional": f"{number or ''}lucia@example.com"},
        estado=Estado.COMPLETED,
    )
    session.events.update(user=analyst, user_email=analyst.email)
    key = f"recordings/voz-de-lucia-{number}.wav"
    recording = RecordingFactory(session=session, audio=key, metadata_carga={"nota": name})
    recording.review("rechazada", by=analyst, reason="otro", note=name)
    recording.hand_out_url(analyst, address="203.0.113.7", expires_in=600)
    ResumableUpload.objects.create(session=session, size=1, sha256=f"huella{number}")
    SurveyFactory(session=session, answers={"experiencia": "excelente", name: [name]})
    release = Release.objects.create(number=number + 1, requested_by=analyst.email, error=name)
    release.hand_out_url(analyst, address="203.0.113.7", expires_in=600)
    Erasure.objects.create(
        requested_by=analyst.email, session_numbers=[session.pk], data_since=session.created_at
    )
    filters = {"texto": name}
    AccessRecord.objects.note(AccessKind.EXPORT, by=analyst, address="", filters=filters)


@pytest.fixture
def browser(browser_of):
    return browser_of(AnalystFactory())


def opened(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer


def rows_in(answer):
    return answer.context["cl"].result_count


def test_every_registered_model_is_tested_here():
    assert set(admin.site._registry) == set(SEARCHES)


def test_the_first_page_leads_to_each_task_in_spanish(browser):
    index = opened(browser, "/admin/").content.decode()

    for name in ("Hoy", "Sesiones", "Grabaciones", "Encuestas", "Textos", "Dataset", "Personas"):
        assert name in index


@MODELS
@STAFF
def test_a_list_and_its_rows_are_opened(browser_of, make_user, model):
    one_of_each()
    browser = browser_of(make_user())

    assert rows_in(opened(browser, page_of(model))) >= 1
    for instance in model.objects.exclude(pk=None):
        opened(browser, change_page_of(instance))


@MODELS
def test_a_facilitator_is_sent_to_the_login(browser_of, model):
    answer = browser_of(FacilitatorFactory()).get(page_of(model))

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


@MODELS
def test_nobody_is_sent_to_the_login(client, model):
    answer = client.get(page_of(model))

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


@MODELS
def test_every_choice_of_every_filter_is_opened(browser, model):
    one_of_each()
    changelist = opened(browser, page_of(model)).context["cl"]
    choices = [
        choice["query_string"]
        for filter_ in changelist.filter_specs
        for choice in filter_.choices(changelist)
    ]

    assert choices
    for choice in choices:
        opened(browser, page_of(model) + choice)


def test_a_filter_shows_what_fits_it_alone(browser):
    SessionFactory(estado=Estado.RUNNING)
    SessionFactory()

    assert rows_in(opened(browser, f"{page_of(Session)}?estado__exact=running")) == 1


@MODELS
def test_a_search_finds_what_has_the_word_and_nothing_else(browser, model):
    one_of_each()

    assert rows_in(opened(browser, f"{page_of(model)}?q={SEARCHES[model]}")) >= 1
    assert rows_in(opened(browser, f"{page_of(model)}?q=nadie-lo-dijo")) == 0


@MODELS
@pytest.mark.parametrize("words", ["' OR 1=1 --", "%", "9" * 40, "ñ 😀", "a b c"])
def test_no_search_is_an_error(browser, model, words):
    one_of_each()

    opened(browser, f"{page_of(model)}?q={words}")


@pytest.mark.parametrize("model", DATES, ids=lambda model: model.__name__)
def test_a_list_is_walked_by_date(browser, model):
    one_of_each()
    path, date = page_of(model), DATES[model]
    moment = timezone.localtime(getattr(model.objects.last(), date))
    month = f"{date}__year={moment.year}&{date}__month={moment.month}"

    assert f"?{date}__" in opened(browser, path).content.decode()
    assert rows_in(opened(browser, f"{path}?{month}")) >= 1
    assert rows_in(opened(browser, f"{path}?{date}__year=1999")) == 0


@MODELS
@STAFF
def test_nothing_can_be_added_changed_or_deleted(browser_of, make_user, model):
    one_of_each()
    browser = browser_of(make_user())
    instance = model.objects.last()
    before = list(model.objects.values())
    add, change = page_of(model, "add/"), change_page_of(instance)
    delete = page_of(model, f"{instance.pk}/delete/")
    action = {"action": "delete_selected", "_selected_action": [instance.pk], "post": "yes"}

    assert [browser.get(path).status_code for path in (add, delete)] == [403, 403]
    assert [browser.post(path, {}).status_code for path in (add, change, delete)] == [403] * 3
    browser.post(page_of(model), action)
    assert list(model.objects.values()) == before
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("model", [each for each in SEARCHES if each is not Recording])
def test_no_page_offers_a_form_that_would_be_refused(browser, model):
    one_of_each()

    shown = opened(browser, page_of(model)).content.decode()
    shown += opened(browser, change_page_of(model.objects.last())).content.decode()

    for form in ("addlink", "deletelink", 'name="_save"', 'name="action"', "<textarea"):
        assert form not in shown


@MODELS
def test_five_rows_take_as_many_queries_as_one(browser, model):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            opened(browser, page_of(model))
        return len(captured)

    one_of_each()
    queries()  # what the first request of a process caches
    of_one = queries()
    for number in range(1, 5):
        one_of_each(number=number)

    assert queries() == of_one


@MODELS
def test_a_script_is_shown_and_never_run(browser, model):
    one_of_each(name=SCRIPT)

    shown = opened(browser, page_of(model)).content.decode()
    shown += opened(browser, change_page_of(model.objects.last())).content.decode()

    assert SCRIPT not in shown
    assert "<script>alert" not in shown


@pytest.mark.parametrize("model", [User, Text, Session, Participant, Survey])
def test_a_text_with_markup_is_shown_as_it_was_written(browser, model):
    one_of_each(name=SCRIPT)

    assert escape(SCRIPT) in opened(browser, change_page_of(model.objects.last())).content.decode()
