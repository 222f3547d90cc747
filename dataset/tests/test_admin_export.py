"""Taking the dataset from the back office: all of it, by filters, or what a list shows."""

import html
import io
import json
import re
import zipfile
from urllib.parse import urlencode

import pytest
from django import forms
from django.conf import settings
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from accounts.tests.factories import FacilitatorFactory, SuperuserFactory
from conftest import use_r2
from dataset.tests.archives import give_up, rows
from recordings.models import Recording
from recordings.tests.factories import RecordingFactory
from sessions_app.choices import Estado
from sessions_app.models import Participant, Session
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from surveys.tests.factories import SurveyFactory
from toastclub.filters import MomentField
from toastclub.testing.services import ObjectStore
from training.models import Text
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

WHOLE = "/admin/dataset/export/"
LISTS = {
    Session: "/admin/sessions_app/session/",
    Recording: "/admin/recordings/recording/",
    Survey: "/admin/surveys/survey/",
    Participant: "/admin/sessions_app/participant/",
}
each_list = pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
TRAINING_TEXTS = settings.BASE_DIR / "fixtures" / "training_texts.json"
SCRIPT = "<script>alert('ñ')</script>"


def page_of(model):
    return f"{WHOLE}{model._meta.model_name}/"


EVERY_PAGE = [WHOLE, *map(page_of, LISTS)]
each_page = pytest.mark.parametrize("path", EVERY_PAGE)


@pytest.fixture
def browser(browser_of, analyst):
    return browser_of(analyst)


@pytest.fixture
def sessions():
    """Three sessions; the second and third have recordings, of which one has a warning."""
    made = [
        SessionFactory(
            estado=estado,
            text=TextFactory(id=f"T{number}", title=f"Texto {number}"),
            participant={"nombre": name, "email_opcional": f"{number}@example.com"},
        )
        for number, (name, estado) in enumerate(
            [
                ("Ana Ñahui", Estado.CREATED),
                ("Luz Quispe", Estado.RUNNING),
                ("Ana Rojas", Estado.COMPLETED),
            ]
        )
    ]
    RecordingFactory(session=made[1])
    RecordingFactory(session=made[1], avisos=["saturado"])
    RecordingFactory(session=made[2])
    SurveyFactory(session=made[0])
    SurveyFactory(session=made[2])
    SurveyFactory(session=made[2], answers=None)
    return made


def shown(answer, status=200):
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def numbers_on(page):
    """Sessions, recordings, with audio, surveys, as the page says them."""
    found = re.findall(r"<dd>\s*([\d\xa0.]+)(?:\s*<small>([\d\xa0.]+) con audio)?", page)
    (sessions, _), (recordings, with_audio), (surveys, _) = found
    return tuple(map(int, (sessions, recordings, with_audio, surveys)))


def archive_in(answer):
    assert answer.status_code == 200, answer.content
    return zipfile.ZipFile(io.BytesIO(b"".join(answer)))


def exported(archive):
    """The sessions and the recordings that it holds."""
    table = rows(archive, "dataset.csv")
    return (
        {int(row["session_id"]) for row in table},
        {int(row["recording_id"]) for row in table if row["recording_id"]},
    )


def rows_of_list(browser, path):
    changelist = browser.get(path).context["cl"]
    return set(changelist.queryset.values_list("pk", flat=True))


def note_of_export():
    return AccessRecord.objects.exclude(kind__in=(AccessKind.EXPORTED, AccessKind.VIEW)).get()


def pressed_action(browser, model, keys, *, query="", across=False):
    """What follows when rows are chosen in a list and the action is run."""
    fields = {
        "action": "export_chosen",
        ACTION_CHECKBOX_NAME: keys,
        "select_across": int(across),
        "index": 0,
    }
    return browser.post(LISTS[model] + query, fields, follow=True)


def pressed_download(browser, page, **fields):
    """What the button of that page sends, as a browser would send it."""
    form = re.search(
        r'<form method="post" action="([^"]*)" id="export-form">(.*?)</form>', page, re.DOTALL
    )
    chosen = re.search(r'name="elegidas" value="([^"]*)"', form[2])
    hidden = {"elegidas": chosen[1]} if chosen else {}
    return browser.post(html.unescape(form[1]), {**hidden, **fields})


# What is said first


def test_the_page_says_how_much_the_whole_dataset_is(browser, sessions):
    page = shown(browser.get(WHOLE))

    assert numbers_on(page) == (3, 3, 3, 2)
    assert "Sin ningún filtro: todo." in page


def test_the_page_says_which_filters_hold_and_what_they_leave(browser, sessions):
    page = shown(browser.get(WHOLE, {"estado": "running", "texto": "T1", "avisos": "true"}))

    assert numbers_on(page) == (1, 1, 1, 0)
    for words in ("En curso", "Texto 1", "Sí"):
        assert f"</span> {words}</li>" in page


def test_audio_that_is_known_to_be_lost_is_not_counted_as_audio(browser, sessions):
    Recording.objects.filter(session=sessions[1]).update(storage_fault="missing")

    assert numbers_on(shown(browser.get(WHOLE))) == (3, 3, 1, 2)


def test_recordings_whose_audio_never_came_are_told_apart(browser, sessions):
    RecordingFactory(session=sessions[0], sha256=None, file_size=None)

    page = shown(browser.get(WHOLE))

    assert numbers_on(page) == (3, 4, 3, 2)
    assert "De 1 grabaciones de prueba solo se conoce el nombre del audio" in page


def test_a_mock_s_claim_of_a_size_is_not_taken_for_audio(browser, sessions):
    RecordingFactory(session=sessions[0], sha256=None, file_size=10**15)

    assert browser.get(WHOLE).context["estimate"].size < 10**6


@pytest.mark.parametrize(("seconds", "tolerance"), [(0, 0.1), (1, 0.01), (30, 0.001)])
def test_the_size_that_is_said_is_close_to_the_size_that_comes(browser, seconds, tolerance):
    call_command("import_texts", TRAINING_TEXTS, stdout=io.StringIO())
    texts = list(Text.objects.all())
    for number in range(24):
        session = SessionFactory(text=texts[number % len(texts)])
        SurveyFactory(session=session)
        if seconds:
            RecordingFactory(session=session, content=bytes([number]) * 32_000 * seconds)

    answer = browser.get(WHOLE)
    said = answer.context["estimate"].size
    came = int(pressed_download(browser, shown(answer))["Content-Length"])

    assert "≈" in shown(answer)
    assert said == pytest.approx(came, rel=tolerance)


@each_page
def test_where_nothing_is_left_nothing_can_be_downloaded(browser, path):
    page = shown(browser.get(path))

    assert "no hay nada que exportar" in page
    assert "Descargar el ZIP" not in page
    refused = shown(browser.post(path), status=400)
    assert "No hay ninguna sesión que exportar" in refused
    assert not AccessRecord.objects.filter(kind=AccessKind.EXPORT).exists()


@each_page
def test_the_page_takes_few_queries_and_as_many_for_many_rows(browser, sessions, path):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            shown(browser.get(path))
        return len(captured)

    queries()  # what the first request of a process caches
    of_few = queries()
    for _each in range(5):
        SurveyFactory(session=RecordingFactory().session)

    assert queries() == of_few < 10


# The filters of the dataset's own page


def test_the_page_offers_every_filter_and_the_tags_that_texts_have(browser):
    TextFactory(id="T7", title="El Embudo", tags={"tema": "Ética"})

    page = shown(browser.get(WHOLE))

    for name in ("estado", "desde", "hasta", "texto", "con_audio", "avisos", "tag.tema"):
        assert f'name="{name}"' in page
    assert 'value="T7"' in page
    assert "Ética" in page


def test_filters_that_were_asked_for_stay_chosen(browser, sessions):
    page = shown(browser.get(WHOLE, {"estado": "running", "desde": "2026-01-02"}))

    assert '<option value="running" selected>' in page
    assert 'value="2026-01-02"' in page


def test_an_export_is_recorded_with_who_got_it_and_by_which_filters(browser, analyst, sessions):
    browser.post(f"{WHOLE}?estado=running&desde=&con_audio=", {"identificables": "false"})

    note = note_of_export()
    assert (note.kind, note.who) == (AccessKind.EXPORT, analyst.email)
    assert note.details["filters"] == {"estado": "running"}
    assert (note.details["sessions"], note.details["recordings"]) == (1, 2)


# With and without personal data


@each_page
def test_names_are_exported_only_if_that_is_asked_for(browser, sessions, path):
    page = shown(browser.get(path))

    plain = archive_in(pressed_download(browser, page))
    named = archive_in(pressed_download(browser, page, identificables="true"))

    assert "participant_name" not in rows(plain, "dataset.csv")[0]
    assert "participant_name" in rows(named, "dataset.csv")[0]
    kinds = AccessRecord.objects.filter(kind__in=(AccessKind.EXPORT, AccessKind.IDENTIFIABLE))
    assert sorted(kinds.values_list("kind", flat=True)) == ["export", "identifiable"]


def test_without_a_choice_there_are_no_names(browser, sessions):
    archive = archive_in(browser.post(WHOLE))

    assert "participant_name" not in rows(archive, "dataset.csv")[0]


@pytest.mark.parametrize("words", ["quizá", "\0"])
def test_a_choice_that_cannot_be_read_is_refused(browser, sessions, words):
    page = browser.post(WHOLE, {"identificables": words})

    assert "identificables: " in shown(page, status=400)
    assert not AccessRecord.objects.filter(kind=AccessKind.EXPORT).exists()


# From a list


@each_list
def test_a_list_leads_to_its_export_with_all_of_its_filters(browser, sessions, model):
    page = shown(browser.get(f"{LISTS[model]}?q=Ana&o=1&p=1"))

    (address,) = re.findall(rf'href="({page_of(model)}\?[^"]*)"', page)
    assert "q=Ana" in address
    assert "Exportar la lista…" in page
    assert '<option value="export_chosen">Exportar lo elegido…</option>' in page
    shown(browser.get(html.unescape(address)))


@each_list
def test_a_facilitator_is_offered_no_export(browser_of, sessions, model):
    page = browser_of(FacilitatorFactory()).get(LISTS[model]).content.decode()

    assert page_of(model) not in page
    assert "export_chosen" not in page


@each_list
def test_a_facilitator_cannot_run_the_action(browser_of, sessions, model):
    answer = pressed_action(
        browser_of(FacilitatorFactory()), model, [model.objects.first().pk], across=True
    )

    assert page_of(model) not in [address for address, _status in answer.redirect_chain]
    assert "export-form" not in answer.content.decode()


@each_page
def test_a_facilitator_is_refused(browser_of, sessions, path):
    browser = browser_of(FacilitatorFactory())

    assert [browser.get(path).status_code, browser.post(path).status_code] == [403, 403]
    assert not AccessRecord.objects.filter(kind=AccessKind.EXPORT).exists()


@each_page
def test_nobody_is_sent_to_the_login(client, path):
    for answer in (client.get(path), client.post(path)):
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


@each_page
def test_a_superuser_exports_as_analysts_do(browser_of, sessions, path):
    assert archive_in(browser_of(SuperuserFactory()).post(path)).testzip() is None


@each_page
def test_nothing_is_exported_without_the_page_s_own_token(analyst, sessions, path):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(analyst, backend="accounts.backends.RoleBackend")

    assert browser.post(path).status_code == 403
    assert not AccessRecord.objects.filter(kind=AccessKind.EXPORT).exists()


@each_page
def test_looking_at_the_page_changes_and_records_nothing(browser, sessions, path):
    browser.get(path)
    browser.head(path)

    assert not AccessRecord.objects.exists()


@each_page
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_other_method_is_answered(browser, path, method):
    assert getattr(browser, method)(path).status_code == 405


FILTERED = [
    (Session, {"estado__exact": "running"}),
    (Session, {"q": "Ana"}),
    (Session, {"q": "Ana", "estado__exact": "completed"}),
    (Recording, {"avisos": "con"}),
    (Recording, {"avisos": "sin"}),
    (Recording, {"review_state__exact": "sin_revisar", "texto": "T1"}),
    (Recording, {"uploaded_at_desde": "2020-01-01", "duracion_segundos_max": "60"}),
    (Recording, {}),
    (Survey, {"texto": "T2"}),
    (Participant, {"q": "Luz"}),
]


@pytest.mark.parametrize(
    ("model", "filters"), FILTERED, ids=[f"{m.__name__}?{urlencode(f)}" for m, f in FILTERED]
)
def test_the_export_holds_what_the_list_shows(browser, sessions, model, filters):
    query = f"?{urlencode(filters)}"
    listed = rows_of_list(browser, LISTS[model] + query)
    page = shown(browser.get(page_of(model) + query))

    archive = archive_in(pressed_download(browser, page))

    own, recordings = exported(archive)
    assert listed
    if model is Recording:
        assert recordings == listed
        assert own == set(Recording.objects.filter(pk__in=listed).values_list("session", flat=True))
    else:
        of_list = model.objects.filter(pk__in=listed)
        assert own == set(of_list.values_list("pk" if model is Session else "session", flat=True))
        of_sessions = Recording.objects.filter(session__in=own)
        assert recordings == set(of_sessions.values_list("pk", flat=True))
    surveys = {int(row["survey_id"]) for row in rows(archive, "surveys.csv")}
    completed = Survey.objects.completed().filter(session__in=own)
    assert surveys == set(completed.values_list("pk", flat=True))
    assert numbers_on(page) == (len(own), len(recordings), len(recordings), len(surveys))


def choices_of(spec, changelist):
    """Every query that a filter of a list offers, or one that it takes."""
    for choice in spec.choices(changelist):
        if "form" not in choice:
            yield choice["query_string"].removeprefix("?")
            continue
        for name, field in choice["form"].fields.items():
            keys = [key for key, _label in getattr(field, "choices", ())] or [SAMPLES[type(field)]]
            yield from (urlencode({name: key}) for key in keys if key)


SAMPLES = {forms.CharField: "", MomentField: "2020-01-01", forms.FloatField: "8"}


@each_list
def test_every_filter_that_the_list_has_holds_in_its_export(browser, sessions, model):
    changelist = browser.get(LISTS[model]).context["cl"]
    queries = [q for spec in changelist.filter_specs for q in choices_of(spec, changelist)]

    assert queries
    for query in filter(None, queries):
        listed = model.objects.filter(pk__in=rows_of_list(browser, f"{LISTS[model]}?{query}"))
        wanted = browser.get(f"{page_of(model)}?{query}").context["wanted"]

        own = set(listed.values_list("pk" if model is Session else "session", flat=True))
        assert {session.pk for session in wanted.selection.sessions} == own, query
        assert wanted.filters, query


def test_a_filter_of_a_list_is_named_as_the_list_names_it(browser, sessions):
    page = shown(browser.get(page_of(Recording), {"avisos": "con", "formato": "audio/wav"}))

    assert "Avisos:</span> Con avisos</li>" in page
    assert "Formato:</span> audio/wav</li>" in page


def test_a_filter_that_no_list_offers_is_named_too(browser, sessions):
    page = shown(browser.get(page_of(Session), {"text_title__startswith": "Texto 1"}))

    assert numbers_on(page)[0] == 1
    assert "Text_title__startswith:</span> Texto 1</li>" in page


@pytest.mark.parametrize("query", ["nombre__lugar=x", "edad_aproximada__gte=vieja"])
def test_filters_that_cannot_be_read_lead_back_to_the_list(browser, sessions, query):
    answer = browser.get(f"{page_of(Participant)}?{query}", follow=True)

    assert answer.redirect_chain == [(LISTS[Participant], 302)]
    assert "Esos filtros no se pueden leer" in shown(answer)


# Some rows of a list


@each_list
def test_rows_that_were_chosen_are_exported_alone(browser, sessions, model):
    chosen = list(model.objects.order_by("-pk")[:2])

    page = shown(pressed_action(browser, model, [row.pk for row in chosen], query="?q=a"))
    own, recordings = exported(archive_in(pressed_download(browser, page)))

    assert "Elegidas una a una:</span> 2</li>" in page
    assert own == {row.pk if model is Session else row.session_id for row in chosen}
    if model is Recording:
        assert recordings == {row.pk for row in chosen}
    name = str(model._meta.verbose_name_plural)
    assert note_of_export().details["filters"] == {"lista": name, "elegidas": "2"}


@each_list
def test_all_rows_of_all_pages_are_the_filter_and_not_their_keys(browser, sessions, model):
    query = "?q=Ana" if model in (Session, Participant) else "?o=1"
    listed = rows_of_list(browser, LISTS[model] + query)

    answer = pressed_action(browser, model, [min(listed)], query=query, across=True)
    own, recordings = exported(archive_in(pressed_download(browser, shown(answer))))

    assert answer.redirect_chain == [(page_of(model) + query, 302)]
    assert 'name="elegidas"' not in shown(answer)
    of_list = model.objects.filter(pk__in=listed)
    if model is Recording:
        assert recordings == listed
    else:
        assert own == set(of_list.values_list("pk" if model is Session else "session", flat=True))


def test_rows_stay_chosen_though_they_no_longer_fit_the_filter(browser, sessions):
    query = "?estado__exact=created"
    page = shown(pressed_action(browser, Session, [sessions[0].pk], query=query))
    Session.objects.filter(pk=sessions[0].pk).update(estado=Estado.RUNNING)

    own, _recordings = exported(archive_in(pressed_download(browser, page)))

    assert own == {sessions[0].pk}


def test_thousands_of_chosen_rows_arrive(browser, sessions):
    keys = ",".join(map(str, range(10**9, 10**9 + 15_000)))

    answer = browser.post(page_of(Session), {"elegidas": f"{keys},{sessions[1].pk}"})

    assert exported(archive_in(answer))[0] == {sessions[1].pk}
    assert note_of_export().details["filters"]["elegidas"] == "15001"


@pytest.mark.parametrize("keys", ["1,x", "1,,2", "\0", "1,2;DROP", "-1", ",".join(["7"] * 20_001)])
def test_keys_that_cannot_be_read_are_refused(browser, sessions, keys):
    assert browser.post(page_of(Session), {"elegidas": keys}).status_code == 400
    assert not AccessRecord.objects.filter(kind=AccessKind.EXPORT).exists()


# What others may read of it


def test_what_was_searched_for_is_written_nowhere(browser, sessions):
    page = shown(browser.get(page_of(Session), {"q": "Ana", "estado__exact": "completed"}))

    archive = archive_in(pressed_download(browser, page))

    said = {"lista": "sesiones", "estado": "completed", "búsqueda": "sí"}
    assert "«Ana»" in page
    assert note_of_export().details["filters"] == said
    assert "Ana" not in archive.read("manifest.json").decode()


@pytest.mark.parametrize(
    ("model", "filters", "noted"),
    [
        (Participant, {"nombre__startswith": "Ana"}, {"nombre__startswith": "sí"}),
        (Participant, {"email_opcional": "0@example.com"}, {"email_opcional": "sí"}),
        (Recording, {"avisos": "con"}, {"avisos": "con"}),
    ],
)
def test_the_log_holds_choices_and_never_what_was_typed(browser, sessions, model, filters, noted):
    browser.post(f"{page_of(model)}?{urlencode(filters)}")

    filters = note_of_export().details["filters"]
    assert filters == {"lista": str(model._meta.verbose_name_plural), **noted}


def test_whose_name_a_filter_shows_is_written_nowhere(browser, sessions):
    creator = sessions[1].user
    Session.objects.filter(pk=sessions[1].pk).update(title="La de Ana")
    query = {"creada_por": creator.pk, "title_contiene": "Ana"}
    page = shown(browser.get(page_of(Session), query))

    archive = archive_in(pressed_download(browser, page))

    assert f"</span> {creator.email}</li>" in page
    noted = {"lista": "sesiones", "creada por": str(creator.pk), "título": "sí"}
    assert note_of_export().details["filters"] == noted
    assert json.loads(archive.read("manifest.json"))["filters"] == noted


def test_a_script_in_a_filter_is_shown_and_never_run(browser, sessions):
    for path, query in (
        (page_of(Session), {"q": SCRIPT}),
        (page_of(Participant), {"nombre__startswith": SCRIPT}),
        (WHOLE, {"texto": SCRIPT, "estado": SCRIPT, SCRIPT: SCRIPT}),
    ):
        page = shown(browser.get(path, query))

        assert "<script>alert" not in page
        assert html.escape(SCRIPT) in page or path == WHOLE


def test_a_script_in_what_a_text_is_called_is_shown_and_never_run(browser):
    SessionFactory(text=TextFactory(id="T9", title=SCRIPT, tags={SCRIPT: SCRIPT}))

    page = shown(browser.get(WHOLE, {"texto": "T9", f"tag.{SCRIPT}": SCRIPT}))

    assert "<script>alert" not in page
    assert html.escape(SCRIPT) in page


# When it can't be sent at once


@pytest.fixture
def two_under_way(browser):
    """Two exports that have begun; returns what ends them."""
    RecordingFactory(content=bytes(1024 * 1024))
    running = [browser.post(WHOLE), browser.post(WHOLE)]

    def end():
        for answer in running:
            give_up(answer)

    return end


def test_a_third_export_keeps_what_was_asked_for_and_says_what_to_do(
    browser, sessions, two_under_way
):
    query = "?estado=running&con_audio=true"

    answer = browser.post(WHOLE + query, {"identificables": "true"})

    page = shown(answer, status=429)
    assert int(answer["Retry-After"]) > 0
    assert "Ya tienes dos exportaciones en curso. Espera a que termine una." in page
    assert "vuelve a pulsar «Descargar el ZIP»" in page
    assert '<option value="running" selected>' in page
    assert re.search(r'value="true" checked', page)
    two_under_way()
    own, _recordings = exported(archive_in(pressed_download(browser, page)))
    assert own == {sessions[1].pk}


def test_a_third_export_keeps_the_rows_that_were_chosen(browser, sessions, two_under_way):
    chosen = shown(pressed_action(browser, Session, [sessions[1].pk, sessions[2].pk]))

    page = shown(pressed_download(browser, chosen), status=429)
    two_under_way()

    own, _recordings = exported(archive_in(pressed_download(browser, page)))
    assert own == {sessions[1].pk, sessions[2].pk}


@each_page
def test_a_store_that_is_down_loses_nothing_of_what_was_asked_for(
    browser, sessions, settings, path
):
    storages = settings.STORAGES
    use_r2(settings, ObjectStore(endpoint_url="http://127.0.0.1:9"))
    answer = browser.post(path, {"identificables": "true"})
    settings.STORAGES = storages

    page = shown(answer, status=503)
    assert int(answer["Retry-After"]) > 0
    assert "El almacén de audio no está disponible." in page
    assert re.search(r'value="true" checked', page)
    assert not AccessRecord.objects.filter(kind=AccessKind.IDENTIFIABLE).exists()
    assert (
        "participant_name"
        in rows(archive_in(pressed_download(browser, page, identificables="true")), "dataset.csv")[
            0
        ]
    )


def test_audio_that_is_gone_is_left_out_and_the_rest_is_sent(browser, sessions):
    gone = Recording.objects.first()
    default_storage.delete(gone.audio_url)

    archive = archive_in(browser.post(page_of(Recording)))

    missing = {
        int(row["recording_id"]): row["audio_missing"] for row in rows(archive, "dataset.csv")
    }
    assert missing.pop(gone.pk) == "True"
    assert set(missing.values()) == {"False"}
