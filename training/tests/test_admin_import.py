"""Texts imported from a file in the back office: looked at first, then stored, or refused."""

import html
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.tests.factories import AnalystFactory, FacilitatorFactory
from training.admin_pages import FAULTS_SHOWN, TEXTS_SHOWN
from training.forms import MAX_IMPORT_BYTES
from training.models import Text
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

IMPORT = "/admin/training/text/import/"
SCRIPT = "<script>alert('ñ')</script>"


@pytest.fixture
def browser(browser_of):
    return browser_of(AnalystFactory())


def delivered(text_id="t1", **changes):
    return {
        "Id": text_id,
        "Title": "El Embudo",
        "Pages": [["Respira."], ["El Embudo"], ["Colegas:", "", "Empecemos."]],
        "Tags": {"tema": "ética"},
        **changes,
    }


def looked_at(browser, document, **options):
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return browser.post(IMPORT, {"file": SimpleUploadedFile("textos.json", content), **options})


def carried(answer):
    """The texts that the page would send back to be stored."""
    found = re.search(r'name="document" value="(.*?)">', answer.content.decode())
    return html.unescape(found[1])


def confirmed(browser, answer):
    return browser.post(IMPORT, {"document": carried(answer)}, follow=True)


def words_of(answer):
    return html.unescape(answer.content.decode())


def test_a_file_is_looked_at_first_and_nothing_is_stored(browser):
    TextFactory(id="igual", title="Igual", pages=[["a"]], tags={})
    TextFactory(id="cambia")
    same = delivered("igual", Title="Igual", Pages=[["a"]], Tags={})

    answer = looked_at(browser, {"texts": [delivered("nuevo"), delivered("cambia"), same]})

    result = answer.context["result"]
    assert (result.inserted, result.updated, result.unchanged) == (["nuevo"], ["cambia"], ["igual"])
    assert [row["becoming"][0] for row in answer.context["plan"]] == [
        "Nuevo",
        "Cambia",
        "Sin cambios",
    ]
    assert "Todavía no se ha guardado nada" in words_of(answer)
    assert Text.objects.count() == 2
    assert Text.objects.get(pk="cambia").title != "El Embudo"


def test_what_was_looked_at_is_stored_when_it_is_confirmed(browser):
    pages = [["«a»", "  b & <c> "], ["\u00a0"], ["Otra línea: " + "x" * 60, ""]]
    given = delivered(Title='El "Embudo" & <b>', Pages=pages, Tags={"ñ": "'\"", "a": "b"})

    answer = confirmed(browser, looked_at(browser, [given]))

    text = Text.objects.get()
    assert (text.title, text.pages, text.tags) == (given["Title"], pages, given["Tags"])
    assert list(text.tags) == ["ñ", "a"]
    assert "Textos nuevos: 1; cambiados: 0; sin cambios: 0." in words_of(answer)
    assert Text.objects.with_tags([("a", "B")]).get() == text


def test_confirming_twice_changes_nothing_more(browser):
    looked = looked_at(browser, [delivered()])
    confirmed(browser, looked)

    assert "sin cambios: 1" in words_of(confirmed(browser, looked))


def test_paragraphs_are_rejoined_if_it_is_asked_for(browser):
    lines = ["una línea que cortó el editor del autor a", "cuarenta y dos", "", "fin"]
    given = delivered(Pages=[[], [], lines])

    confirmed(browser, looked_at(browser, [given], reflow="on"))

    assert Text.objects.get().pages[2] == [
        "una línea que cortó el editor del autor",
        "a cuarenta y dos",
        "",
        "fin",
    ]


def test_the_headset_s_pages_and_warnings_are_said_before(browser):
    (row,) = looked_at(browser, [delivered(Pages=[["a"], ["b"], ["palabra " * 50]])]).context[
        "plan"
    ]

    assert (row["vr_pages"], row["warnings"]) == (4, 2)


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "El archivo está vacío."),
        (b"{", "No es JSON válido en UTF-8"),
        ("[ñ]".encode("latin-1"), "No es JSON válido en UTF-8"),
        (b"[" * 100_000, "No es JSON válido en UTF-8"),
        (b"\x00\xff\xfe", "No es JSON válido en UTF-8"),
        (b'"texto"', 'Se esperaba {"texts": […]}'),
        (b'{"textos": []}', 'Se esperaba {"texts": […]}'),
        (b"[]", "no tiene ningún texto"),
        (b"[" + b"9" * 5000 + b"]", "No es JSON válido en UTF-8"),
        (b" " * (MAX_IMPORT_BYTES + 1), "Divídelo en varios"),
    ],
)
def test_what_is_no_file_of_texts_is_said_clearly(browser, content, said):
    answer = looked_at(browser, content)

    assert answer.status_code == 200
    assert said in words_of(answer)
    assert 'type="file"' in words_of(answer)


def test_no_file_at_all_is_said_too(browser):
    assert "Elige un archivo." in words_of(browser.post(IMPORT))


def test_a_file_of_more_than_an_upload_may_have_is_refused_and_no_error(browser, settings):
    settings.MAX_AUDIO_SIZE = 1024

    assert looked_at(browser, b" " * 200_000).status_code == 400


def test_a_file_with_a_byte_order_mark_is_read(browser):
    content = b"\xef\xbb\xbf" + json.dumps([delivered()]).encode()

    assert looked_at(browser, content).context["result"].inserted == ["t1"]


def test_every_fault_of_every_text_is_named_and_nothing_is_stored(browser):
    wrong = [
        delivered("a b"),
        delivered("dos", Pages=[["a"], ["b", "c\x00d"]], Tags={"tema": 4}),
        delivered("tres"),
        delivered("tres"),
    ]

    faults = looked_at(browser, wrong).context["faults"]

    assert [fault.partition(":")[0] for fault in faults] == [
        "Texto 1 (Id 'a b'), Id",
        "Texto 2 (Id 'dos'), Pages[1][1]",
        "Texto 2 (Id 'dos'), Tags",
        "Texto 4 (Id 'tres'), Id",
    ]
    assert not Text.objects.exists()


@pytest.mark.parametrize("tags", [{"\ud800": 1}, {"k" * 100_000: "v"}, {SCRIPT: 1}])
def test_a_fault_with_hostile_words_is_shown(browser, tags):
    answer = looked_at(browser, [delivered(Tags=tags)])

    (fault,) = answer.context["faults"]
    assert len(fault) < 400
    assert "<script>alert" not in answer.content.decode()


def test_of_many_faults_the_first_are_named_and_the_others_counted(browser):
    answer = looked_at(browser, [{}] * FAULTS_SHOWN)

    assert len(answer.context["faults"]) == FAULTS_SHOWN
    assert f"Y {2 * FAULTS_SHOWN} faltas más" in words_of(answer)


def test_of_many_texts_the_first_are_listed_and_all_are_stored(browser):
    looked = looked_at(browser, [delivered(f"t{number}") for number in range(TEXTS_SHOWN + 5)])
    confirmed(browser, looked)

    assert "Y 5 textos más" in words_of(looked)
    assert Text.objects.count() == TEXTS_SHOWN + 5


@pytest.mark.parametrize(
    "document",
    ["{", "", "[]", "x" * 100, json.dumps([delivered("a b")]), json.dumps([delivered(Pages=[])])],
)
def test_a_confirmation_that_was_tampered_with_is_checked_again(browser, document):
    answer = browser.post(IMPORT, {"document": document})

    assert answer.status_code == 200
    assert answer.context["faults"]
    assert not Text.objects.exists()


def test_a_text_with_a_script_is_shown_and_never_run(browser):
    looked = looked_at(browser, [delivered(Title=SCRIPT, Pages=[[SCRIPT]], Tags={SCRIPT: SCRIPT})])

    assert "<script>alert" not in looked.content.decode()
    assert SCRIPT in words_of(looked)


def test_a_facilitator_imports_nothing(browser_of):
    browser = browser_of(FacilitatorFactory())

    assert looked_at(browser, [delivered()]).status_code == 403
    assert browser.post(IMPORT, {"document": json.dumps([delivered()])}).status_code == 403
    assert not Text.objects.exists()
