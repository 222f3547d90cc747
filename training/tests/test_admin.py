"""Texts in the back office: written, laid out before they are saved, found, and where they are."""

import html
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from accounts.tests.factories import AnalystFactory, FacilitatorFactory
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory, age
from training.forms import EDITABLE_PAGES
from training.models import Text
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

LIST, ADD = "/admin/training/text/", "/admin/training/text/add/"
PREVIEW, IMPORT = "/admin/training/text/preview/", "/admin/training/text/import/"
SCRIPT = "<script>alert('ñ')</script>"
QUERIES = 9


@pytest.fixture
def browser(browser_of):
    return browser_of(AnalystFactory())


def page_of(text):
    return f"{LIST}{text.pk}/change/"


def delete_page_of(text):
    return f"{LIST}{text.pk}/delete/"


def shown(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def draft(browser, path, **changes):
    """What the form at that address would send, with those changes."""
    form = browser.get(path).context["adminform"].form
    tags = form["tags"].value()
    return {
        "opened": form["opened"].value(),
        "title": form["title"].value() or "",
        "tags_key": list(tags),
        "tags_value": list(tags.values()),
        "pages": ["\r\n".join(page) for page in form["pages"].value()],
        **changes,
    }


def saved(browser, path, **changes):
    return browser.post(path, draft(browser, path, **changes))


def faults_of(answer):
    return answer.context["adminform"].form.errors


def test_an_analyst_writes_a_text(browser):
    answer = saved(
        browser,
        ADD,
        id="discurso_1",
        title="El Embudo",
        tags_key=["tema", "tono"],
        tags_value=["ética", "combativo"],
        pages=["Respira.", "\r\nEl Embudo", "Colegas:\r\n\r\n  Empecemos. "],
    )

    text = Text.objects.get()
    assert answer.status_code == 302
    assert (text.pk, text.title) == ("discurso_1", "El Embudo")
    assert text.tags == {"tema": "ética", "tono": "combativo"}
    assert text.pages == [["Respira."], ["", "El Embudo"], ["Colegas:", "", "  Empecemos. "]]
    assert Text.objects.with_tags([("tema", "Ética")]).get() == text


def test_a_new_text_is_offered_an_id_and_the_tags_that_others_have(browser):
    TextFactory(tags={"tema": "ética", "público": "docentes"})

    page = shown(browser, ADD)

    assert re.search(r'name="id" value="\d{14}_0002"', page)
    for key in ("tema", "público"):
        assert f'name="tags_key" value="{key}"' in page


def test_an_analyst_changes_a_text_and_its_tags_are_found(browser):
    text = TextFactory(tags={"tema": "ética"})

    saved(
        browser, page_of(text), title="Otro", tags_value=["mérito"], pages=["a", "b", "c\r\nd", ""]
    )

    text.refresh_from_db()
    assert (text.title, text.pages) == ("Otro", [["a"], ["b"], ["c", "d"], [""]])
    assert list(Text.objects.with_tags([("tema", "mérito")])) == [text]
    assert not Text.objects.with_tags([("tema", "ética")])


def test_a_text_that_is_saved_as_it_was_opened_stays_the_same(browser):
    pages = [["", "  Respira.", ""], ["\u00a0"], ["Una línea " * 9, "", "fin "], ["<b>&amp;"]]
    text = TextFactory(pages=pages, tags={"tema": "«ética» & <b>", "tono": "crítico"})

    saved(browser, page_of(text))

    stored = Text.objects.get()
    assert stored.has_same_content(text)


def test_the_id_of_a_text_does_not_change(browser):
    text = TextFactory(id="uno")

    saved(browser, page_of(text), id="dos")

    assert Text.objects.get().pk == "uno"


def test_a_tag_without_a_value_is_none(browser):
    text = TextFactory()

    saved(browser, page_of(text), tags_key=["tema", "tono", ""], tags_value=[" ética ", "", ""])

    assert Text.objects.get().tags == {"tema": "ética"}


@pytest.mark.parametrize(
    "field, change, fault",
    [
        ("id", {"id": "a b"}, "No puede tener espacios"),
        ("id", {"id": "tags"}, "Está reservado"),
        ("id", {"id": ""}, "en blanco"),
        ("id", {"id": "x" * 65}, "64"),
        ("id", {"id": "repetido"}, "Ya existe"),
        ("title", {"title": " "}, "en blanco"),
        ("title", {"title": "x" * 301}, "300"),
        ("title", {"title": "a\x00b"}, "nulo"),
        ("tags", {"tags_key": ["a", "a"], "tags_value": ["1", "2"]}, "«a» está repetida"),
        ("tags", {"tags_key": [" "], "tags_value": ["1"]}, "está vacía"),
        ("tags", {"tags_key": ["k" * 101], "tags_value": ["1"]}, "demasiado larga"),
        ("tags", {"tags_key": ["k"], "tags_value": ["v" * 501]}, "demasiado largo"),
        ("tags", {"tags_key": ["k"], "tags_value": ["a\u2028b"]}, "carácter de control"),
        ("pages", {"pages": []}, "1"),
        ("pages", {"pages": ["a", "b", "c\r\nd\x00e"]}, "Página 3, línea 2: "),
        ("pages", {"pages": ["a\tb"]}, "Página 1, línea 1: Contiene un carácter de control"),
    ],
)
def test_what_the_import_refuses_is_refused_at_its_field_and_comes_back(
    browser, field, change, fault
):
    TextFactory(id="repetido")
    whole = {"id": "uno", "title": "Título", "pages": ["a", "b", "Lo que escribí"]}

    answer = saved(browser, ADD, **{**whole, **change})

    assert answer.status_code == 200
    assert list(faults_of(answer)) == [field]
    assert fault in str(faults_of(answer)[field])
    assert "Lo que escribí" in answer.content.decode() or field == "pages"
    assert Text.objects.count() == 1


def test_what_somebody_else_saved_meanwhile_is_not_undone(browser):
    text = TextFactory()
    mine = draft(browser, page_of(text), title="El mío")
    saved(browser, page_of(text), title="El suyo")

    answer = browser.post(page_of(text), mine)

    assert "Otra persona cambió este texto" in str(faults_of(answer))
    assert 'value="El mío"' in answer.content.decode()
    assert Text.objects.get().title == "El suyo"


def test_the_same_change_sent_twice_is_no_quarrel(browser):
    text = TextFactory()
    mine = draft(browser, page_of(text), title="El mío")

    answers = [browser.post(page_of(text), mine) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]


def test_sessions_keep_the_copy_that_was_read(browser):
    session = SessionFactory()

    saved(browser, page_of(session.text), title="Otro", pages=["x", "y", "z"])

    session.refresh_from_db()
    assert session.text_title != "Otro"
    assert ["z"] not in session.text_pages


def test_a_text_of_too_many_pages_for_a_form_is_looked_at_and_not_changed(browser):
    text = TextFactory(pages=[["x"]] * (EDITABLE_PAGES + 1))

    page = shown(browser, page_of(text))

    assert IMPORT in page
    assert 'name="_save"' not in page
    assert browser.post(page_of(text), {"title": "Otro"}).status_code == 403
    assert Text.objects.get().title == text.title


# The headset's pages beside the form


def laid_out(browser, *pages):
    answer = browser.post(
        PREVIEW, {"pages": list(pages)}, headers={"X-Requested-With": "XMLHttpRequest"}
    )
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_draft_is_shown_as_the_headset_would_and_nothing_is_saved(browser):
    page = laid_out(browser, "Respira.", "Título", "palabra " * 12)

    assert "Página 3 de 3" in page
    assert "palabra palabra palabra palabra\npalabra" in page
    assert "<html" not in page
    assert not Text.objects.exists()
    assert not LogEntry.objects.exists()


def test_the_form_shows_the_same_as_the_preview(browser):
    text = TextFactory(pages=[["Respira."], ["Título"], ["palabra " * 12] * 9])

    part = laid_out(browser, *["\n".join(page) for page in text.pages])

    assert part.strip() in shown(browser, page_of(text))


def test_a_draft_warns_of_what_will_be_cut(browser):
    page = laid_out(browser, "x" * 50, "Título", "ñ" * 40, "\r\n".join(["a"] * 9))

    assert "La línea 1 pasa de 39 caracteres. Las páginas 1 y 2 se muestran tal cual" in page
    assert f"Línea 1: «{'ñ' * 40}» tiene 40 caracteres y se corta" in page
    assert "Ocupa 9 líneas y caben 8" in page
    assert 'href="#page-4"' in page


def test_a_text_that_fits_says_so(browser):
    assert "Sin avisos" in laid_out(browser, "Respira.", "Título", "Colegas:")


def test_of_many_warnings_the_first_are_shown_and_the_others_counted(browser):
    page = laid_out(browser, "", "", *["x" * 40] * 100)

    assert page.count("tc-note") == 40
    assert "Y 160 avisos más" in page


def test_a_browser_without_scripts_gets_a_whole_page(browser):
    answer = browser.post(PREVIEW, {"pages": ["a", "b", "c"]})

    assert "<html" in answer.content.decode()
    assert "Página 3 de 3" in answer.content.decode()
    assert f'formaction="{PREVIEW}"' in shown(browser, ADD)


def test_a_draft_with_a_script_is_shown_and_never_run(browser):
    page = laid_out(browser, SCRIPT, SCRIPT, SCRIPT + "x" * 50)

    assert "<script" not in page
    assert escape(SCRIPT) in page


def test_a_draft_of_nothing_is_laid_out_too(browser):
    assert "Sin páginas" in laid_out(browser)


# Where it was used


def test_a_text_says_in_how_many_sessions_it_was_used_and_in_what_states(browser):
    text = TextFactory()
    SessionFactory(text=text)
    SessionFactory.create_batch(2, text=text, estado=Estado.COMPLETED)
    SessionFactory()

    uses = browser.get(page_of(text)).context["uses"]

    assert uses.total == 3
    assert uses.by_state == [("created", "Creada", 1), ("completed", "Completada", 2)]


def test_the_newest_ten_sessions_are_named_with_the_first_and_last_moments(browser):
    text = TextFactory()
    sessions = SessionFactory.create_batch(12, text=text)
    for days, session in enumerate(reversed(sessions)):
        age(session, created_days=days)

    answer = browser.get(page_of(text))

    uses = answer.context["uses"]
    newest = list(reversed(sessions))
    assert [use.session.pk for use in uses.newest] == [session.pk for session in newest[:10]]
    assert (uses.first_at, uses.last_at) == (newest[-1].created_at, newest[0].created_at)
    assert f"/admin/sessions_app/session/{newest[0].pk}/change/" in answer.content.decode()


def test_the_uses_lead_to_the_list_of_those_sessions(browser):
    session = SessionFactory()
    SessionFactory()
    (address,) = re.findall(
        r'href="(/admin/sessions_app/session/\?[^"]*)"', shown(browser, page_of(session.text))
    )

    rows = browser.get(html.unescape(address)).context["cl"].result_list

    assert [row.pk for row in rows] == [session.pk]


def test_a_session_whose_copy_differs_from_the_text_is_marked(browser):
    text = TextFactory(tags={"tema": "ética"})
    SessionFactory(text=text)
    text.title, text.tags = "Otro", {"tema": "mérito"}
    text.store()
    SessionFactory(text=text)

    uses = browser.get(page_of(text)).context["uses"]

    assert [use.differences for use in uses.newest] == [(), ("título", "etiquetas")]


def test_tags_in_another_order_are_no_difference(browser):
    text = TextFactory(tags={"tema": "ética", "tono": "crítico"})
    SessionFactory(text=text)
    text.tags = {"tono": "crítico", "tema": "ética"}
    text.store()

    assert browser.get(page_of(text)).context["uses"].newest[0].differences == ()


def test_a_text_that_was_never_used_is_deleted_after_a_question(browser):
    text = TextFactory()

    asked = shown(browser, delete_page_of(text))
    answer = browser.post(delete_page_of(text), {"post": "yes"})

    assert "¿Eliminar el texto" in asked
    assert answer.status_code == 302
    assert not Text.objects.exists()


def test_a_text_that_was_used_is_not_deleted_and_says_where_it_is(browser):
    text = TextFactory()
    SessionFactory.create_batch(2, text=text)

    asked = shown(browser, delete_page_of(text))
    answer = browser.post(delete_page_of(text), {"post": "yes"})

    assert "lo tienen 2 sesiones" in asked
    assert 'value="yes"' not in asked
    assert answer.status_code == 200
    assert Text.objects.get() == text


def test_a_text_that_is_used_while_it_is_deleted_stays(browser, monkeypatch):
    """The session comes after the page has looked for sessions."""
    text = TextFactory()
    SessionFactory(text=text)
    monkeypatch.setattr(
        "training.admin.TextAdmin.get_deleted_objects", lambda *_given: ([], {}, set(), [])
    )

    answer = browser.post(delete_page_of(text), {"post": "yes"}, follow=True)

    assert "no se puede eliminar" in answer.content.decode()
    assert Text.objects.get() == text


def test_texts_are_not_deleted_in_bulk(browser):
    text = TextFactory()

    browser.post(LIST, {"action": "delete_selected", "_selected_action": [text.pk], "post": "yes"})

    assert Text.objects.get() == text


# The list


def rows_in(browser, query=""):
    changelist = browser.get(f"{LIST}{query}").context["cl"]
    return [text.pk for text in changelist.result_list]


def test_the_list_says_what_an_analyst_chooses_by(browser):
    text = TextFactory(
        title="El Embudo",
        pages=[["a"], ["b"], ["palabra"] * 280],
        tags={"tema": "ética", "tono": "crítico"},
    )
    SessionFactory.create_batch(3, text=text)

    page = shown(browser, LIST)

    for column, words in {
        "title": "El Embudo",
        "tema": "ética",
        "tono": "crítico",
        "paginas": "37",
        "lectura": "2 min",
        "sesiones": "3",
    }.items():
        cell = re.search(rf"<t[dh][^>]*field-{column}.*?</t[dh]>", page, re.DOTALL)
        assert cell is not None
        assert words in cell[0]


def test_texts_are_filtered_by_the_values_of_several_tags(browser):
    both = TextFactory(tags={"tema": "Ética", "tono": "crítico"})
    TextFactory(tags={"tema": "ética", "tono": "combativo"})
    TextFactory(tags={"tema": "mérito", "tono": "crítico"})

    assert rows_in(browser, "?tag.tema=ética&tag.tono=crítico") == [both.pk]
    assert len(rows_in(browser, "?tag.tema=ética&tag.tono=")) == 2
    assert rows_in(browser, "?tag.tema=nada") == []


def test_the_filter_offers_each_key_with_its_values(browser):
    TextFactory(tags={"tema": "Ética", SCRIPT: SCRIPT})

    page = shown(browser, f"{LIST}?tag.tema=Ética")

    assert '<option value="Ética" selected>' in page
    assert f'name="tag.{escape(SCRIPT)}"' in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("words", ["embudo", "t-77", "combativo"])
def test_texts_are_searched_by_id_title_and_tags(browser, words):
    text = TextFactory(id="t-77", title="El Embudo", tags={"tono": "combativo"})
    TextFactory(tags={})

    assert rows_in(browser, f"?q={words}") == [text.pk]


# Rights and cost

PAGES = (LIST, ADD, PREVIEW, IMPORT, f"{LIST}uno/change/", f"{LIST}uno/delete/")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_facilitator_is_refused(browser_of, page, method):
    TextFactory(id="uno")

    answer = getattr(browser_of(FacilitatorFactory()), method)(page, {"post": "yes"})

    assert answer.status_code == 403
    assert Text.objects.count() == 1


@pytest.mark.parametrize("page", PAGES)
def test_nobody_is_sent_to_the_login(client, page):
    answer = client.post(page)

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


@pytest.mark.parametrize("page", PAGES)
def test_a_form_from_another_site_is_refused(page):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(AnalystFactory(), backend="accounts.backends.RoleBackend")
    TextFactory(id="uno")

    assert browser.post(page, {"post": "yes"}).status_code == 403
    assert Text.objects.count() == 1


def test_looking_changes_nothing(browser):
    text = TextFactory()
    before = Text.objects.values().get()

    for page in (LIST, ADD, IMPORT, page_of(text), delete_page_of(text)):
        shown(browser, page)

    assert browser.get(PREVIEW).status_code == 405
    assert Text.objects.values().get() == before
    assert not LogEntry.objects.exists()


def test_a_text_with_a_script_is_shown_and_never_run(browser):
    text = TextFactory(
        id="<b>", title=SCRIPT, pages=[[SCRIPT]] * 3, tags={SCRIPT: SCRIPT, "tema": SCRIPT}
    )
    SessionFactory(text=text)

    for page in (LIST, ADD, "/admin/training/text/_3Cb_3E/change/", f"{LIST}_3Cb_3E/delete/"):
        assert "<script>alert" not in shown(browser, page)


@pytest.mark.parametrize("page", [LIST, "change"])
def test_a_page_takes_as_many_queries_however_much_there_is(browser, page):
    text = TextFactory()
    SessionFactory(text=text)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            shown(browser, page_of(text) if page == "change" else page)
        return len(captured)

    queries()  # what the first request of a process caches
    of_one = queries()
    TextFactory.create_batch(4)
    SessionFactory.create_batch(4, text=text, estado=Estado.COMPLETED)

    assert queries() == of_one <= QUERIES
