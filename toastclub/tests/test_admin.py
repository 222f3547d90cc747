"""Every page of the admin, whatever models are registered in it."""

from itertools import product
from urllib.parse import parse_qsl, urlencode

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import RequestFactory
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
from toastclub.testing.pages import all_pages, newest_rows
from training.models import Text
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert('ñ')</script>"
# Each model, and words by which its row is found.
SEARCHES = {
    User: "Lucía",
    AccessRecord: "lucia@example.com",
    Text: "Embudo",
    Session: "nahui",
    Participant: "NAHUI lucía",
    SessionEvent: "lucia@example.com",
    Recording: "Nahui",
    RecordingReview: "lucia nahui",
    ResumableUpload: "huella",
    Survey: "excelente",
    Release: "lucia@example.com",
    Erasure: "lucia@example.com",
}
# The dates by which lists are filtered.
DATES = {
    User: "created_at",
    AccessRecord: "at",
    Session: "created_at",
    Recording: "uploaded_at",
    Survey: "created_at",
    Release: "requested_at",
    Erasure: "requested_at",
}
# What analysts may do to rows besides looking at them.
WRITTEN = {User: {"add", "change"}, Text: {"add", "change", "delete"}, Session: {"add"}}
READ_ONLY = pytest.mark.parametrize(
    "model", [model for model in SEARCHES if model not in WRITTEN], ids=lambda model: model.__name__
)
# The models whose rows are somebody's, and the number of the session that each belongs to.
PERSONAL = {
    Session: "pk",
    Participant: "pk",
    Recording: "session_id",
    RecordingReview: "recording__session_id",
    ResumableUpload: "session_id",
    Survey: "session_id",
}
FACILITATORS_OWN = {"/admin/", "/admin/logout/", "/admin/password_change/"}
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


def tasks_of(browser):
    index = opened(browser, "/admin/")
    (group,) = index.context["sidebar_navigation"]
    return [task["title"] for task in group["items"] if task["has_permission"]]


def test_an_analyst_finds_the_way_by_task(browser):
    assert tasks_of(browser) == [
        "Hoy",
        "Sesiones",
        "Grabaciones",
        "Encuestas",
        "Textos",
        "Dataset",
        "Personas",
    ]


def test_a_facilitator_finds_today_and_sessions(browser_of):
    assert tasks_of(browser_of(FacilitatorFactory())) == ["Hoy", "Sesiones"]


@MODELS
@STAFF
def test_a_list_and_its_rows_are_opened(browser_of, make_user, model):
    one_of_each()
    browser = browser_of(make_user())

    assert rows_in(opened(browser, page_of(model))) >= 1
    for instance in model.objects.exclude(pk=None):
        opened(browser, change_page_of(instance))


def is_refused(answer):
    """Not shown, or led to the first page because Django finds no such row for that user."""
    steps = [*getattr(answer, "redirect_chain", []), (answer.get("Location"), 302)]
    leads_away = any(address == "/admin/" for address, _status in steps)
    return answer.status_code in (403, 404, 405) or leads_away


@pytest.mark.one_database
@MODELS
def test_a_facilitator_sees_sessions_alone(browser_of, model):
    one_of_each()
    number = model.objects.last().pk
    browser = browser_of(FacilitatorFactory())

    for page in ("", "add/", f"{number}/change/", f"{number}/delete/", f"{number}/history/"):
        path = page_of(model, page)
        if model is Session and page in ("", "add/"):
            opened(browser, path)
        else:
            assert is_refused(browser.get(path, follow=True)), path
            assert is_refused(browser.post(path, {}, follow=True)), path


def test_a_facilitator_gets_no_page_that_is_not_theirs(browser_of):
    one_of_each()
    browser = browser_of(FacilitatorFactory())
    own = FACILITATORS_OWN | {page_of(Session), page_of(Session, "add/")}
    shared = ("/admin/jsi18n/", "/admin/search/", "/admin/password_change/done/")
    pages = [page.address for page in all_pages(newest_rows())]

    answered = {path for path in pages if not is_refused(browser.get(path, follow=True))}
    texts = {path for path in answered if path.startswith(page_of(Session, "text/"))}
    assert answered - own - texts - set(shared) == {"/admin/hoy/tablero/"}


def test_a_facilitator_lists_and_opens_their_own_sessions(browser_of):
    facilitator = FacilitatorFactory()
    own, foreign = SessionFactory(user=facilitator), SessionFactory()
    browser = browser_of(facilitator)

    shown = opened(browser, page_of(Session)).content.decode()

    assert own.session_code in shown
    assert foreign.session_code not in shown
    opened(browser, change_page_of(own))
    assert is_refused(browser.get(change_page_of(foreign)))


@pytest.mark.one_database
@MODELS
def test_nobody_is_sent_to_the_login(client, model):
    answer = client.get(page_of(model))

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


def asked_by(filter_, changelist):
    """Each query by which a filter can be used: its choices, or a sample where it is free."""
    for choice in filter_.choices(changelist):
        if "form" not in choice:
            yield dict(parse_qsl(choice["query_string"].removeprefix("?")))
            continue
        for name, field in choice["form"].fields.items():
            values = [value for value, _words in getattr(field, "choices", [])]
            for value in values or ["2026-11-20", "1"]:
                yield {name: value}


def test_what_narrows_a_list_is_named_above_it(browser):
    SessionFactory(estado=Estado.RUNNING)

    shown = opened(browser, f"{page_of(Session)}?estado__exact=running&q=Ñahui").content.decode()

    assert "estado: En curso" in shown
    assert "búsqueda: «Ñahui»" in shown
    assert "Quitar todo" not in opened(browser, page_of(Session)).content.decode()


@MODELS
def test_filters_that_the_list_does_not_have_are_said_to_be_none(browser, model):
    answer = browser.get(page_of(model), {"nada__exact": "1"}, follow=True)

    assert "se muestra la lista entera" in answer.content.decode()


@MODELS
def test_every_choice_of_every_filter_is_opened(browser, model):
    one_of_each()
    changelist = opened(browser, page_of(model)).context["cl"]
    queries = [
        query for filter_ in changelist.filter_specs for query in asked_by(filter_, changelist)
    ]

    assert queries
    for query in queries:
        opened(browser, f"{page_of(model)}?{urlencode(query)}")


@MODELS
def test_no_value_of_a_filter_is_an_error(browser, model):
    one_of_each()
    changelist = opened(browser, page_of(model)).context["cl"]
    names = [name for filter_ in changelist.filter_specs for name in filter_.expected_parameters()]

    for name, value in product(filter(None, names), ["no-es-nada", "9" * 40, "' OR 1=1 --"]):
        answer = browser.get(page_of(model), {name: value}, follow=True)
        assert answer.status_code == 200, f"{name}={value}: {answer.status_code}"


@MODELS
def test_every_action_is_done_for_those_who_may_and_refused_to_others(browser_of, model):
    one_of_each()
    analyst, chosen = AnalystFactory(), str(model.objects.last().pk)
    changelist = opened(browser_of(analyst), page_of(model)).context["cl"]
    actions = [
        name
        for name, _words in changelist.model_admin.get_action_choices(_request_of(analyst))
        if name
    ]

    for action in actions:
        form = {"action": action, "_selected_action": [chosen]}
        answer = browser_of(analyst).post(page_of(model), form)
        assert answer.status_code in (200, 302), f"{action}: {answer.status_code}"
        before = _all_rows()
        browser_of(FacilitatorFactory()).post(page_of(model), form)
        assert _all_rows() == before


def _request_of(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


def _all_rows():
    """All that the back office shows, but for the log of who looked at it and the accounts."""
    models = [model for model in SEARCHES if model not in (AccessRecord, User)]
    return {model: list(model._default_manager.order_by("pk").values()) for model in models}


def test_looking_at_every_page_changes_nothing_but_the_log(browser):
    one_of_each()
    before = _all_rows()

    for page in all_pages(newest_rows()):
        browser.get(page.address)

    assert _all_rows() == before


@pytest.mark.parametrize("model", PERSONAL, ids=lambda model: model.__name__)
def test_every_look_at_somebody_s_data_is_in_the_log(browser_of, model):
    one_of_each()
    analyst = AnalystFactory(email="quien-mira@example.com")
    browser = browser_of(analyst)
    row = model.objects.last()
    number = model.objects.values_list(PERSONAL[model], flat=True).get(pk=row.pk)

    opened(browser, page_of(model))
    opened(browser, change_page_of(row))

    looks = AccessRecord.objects.filter(kind=AccessKind.VIEW, who=analyst.email).order_by("pk")
    in_list, of_page = looks
    assert in_list.details["shown"] == [number]
    assert of_page.session_number == number


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
def test_no_search_is_an_error(browser, model):
    one_of_each()

    for words in ("' OR 1=1 --", "%25", "9" * 40, "ñ 😀", "a b c", "[(", "ß" * 3000):
        opened(browser, f"{page_of(model)}?q={words}")


@pytest.mark.parametrize("model", DATES, ids=lambda model: model.__name__)
def test_a_list_is_filtered_by_days(browser, model):
    one_of_each()
    path, date = page_of(model), DATES[model]
    day = timezone.localdate(getattr(model.objects.last(), date))
    everything = rows_in(opened(browser, path))

    that_day = {f"{date}_desde": day, f"{date}_hasta": day}
    assert rows_in(opened(browser, f"{path}?{urlencode(that_day)}")) == everything
    assert rows_in(opened(browser, f"{path}?{date}_hasta=1999-12-31")) == 0


@pytest.mark.parametrize("model", DATES, ids=lambda model: model.__name__)
def test_a_day_that_can_t_be_read_is_named_and_shows_nothing(browser, model):
    one_of_each()

    answer = opened(browser, f"{page_of(model)}?{DATES[model]}_desde=ayer")

    assert rows_in(answer) == 0
    assert "Debe ser una fecha" in answer.content.decode()


@MODELS
@STAFF
def test_nothing_is_added_changed_or_deleted_but_where_it_may_be(browser_of, make_user, model):
    one_of_each()
    browser = browser_of(make_user())
    instance = model.objects.last()
    before = list(model.objects.values())
    pages = {
        "add": page_of(model, "add/"),
        "change": change_page_of(instance),
        "delete": page_of(model, f"{instance.pk}/delete/"),
    }
    delete_all = {"action": "delete_selected", "_selected_action": [instance.pk], "post": "yes"}

    for what, path in pages.items():
        if what not in WRITTEN.get(model, ()):
            assert browser.post(path, {}).status_code == 403, path
    browser.post(page_of(model), delete_all)
    assert list(model.objects.values()) == before
    assert not LogEntry.objects.exists()


@pytest.mark.one_database
@READ_ONLY
def test_no_page_offers_a_form_that_would_be_refused(browser, model):
    one_of_each()

    shown = opened(browser, page_of(model)).content.decode()
    shown += opened(browser, change_page_of(model.objects.last())).content.decode()

    for form in ("addlink", "deletelink", 'name="_save"'):
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


@pytest.mark.one_database
@MODELS
def test_a_script_is_shown_and_never_run(browser, model):
    one_of_each(name=SCRIPT)

    shown = opened(browser, page_of(model)).content.decode()
    shown += opened(browser, change_page_of(model.objects.last())).content.decode()

    assert SCRIPT not in shown
    assert "<script>alert" not in shown


@pytest.mark.one_database
@pytest.mark.parametrize("model", [User, Text, Session, Participant, Survey])
def test_a_text_with_markup_is_shown_as_it_was_written(browser, model):
    one_of_each(name=SCRIPT)

    assert escape(SCRIPT) in opened(browser, change_page_of(model.objects.last())).content.decode()
