"""What `import_texts` refuses, and how it says what is wrong; then nothing is written."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from training.models import Text

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MISSING = object()


def text(text_id="t1", **changes):
    whole = {
        "Id": text_id,
        "Title": "Discurso",
        "Pages": [["Respira."], ["Discurso"], ["Colegas:"]],
        "Tags": {"tema": "ética"},
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not MISSING}


@pytest.fixture
def file_of(tmp_path):
    """A file that holds that document, or those bytes."""

    def write(document, name="textos.json"):
        path = tmp_path / name
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        path.write_bytes(content)
        return path

    return write


def refusal(*paths):
    """What the command says when it refuses; it has written nothing then."""
    with pytest.raises(CommandError) as refused:
        call_command("import_texts", *paths, stdout=io.StringIO())
    assert not Text.objects.exists()
    return str(refused.value)


@pytest.mark.parametrize(
    "field, value, named",
    [
        ("Id", "", "Id"),
        ("Id", None, "Id"),
        ("Id", MISSING, "Id"),
        ("Id", 7, "Id"),
        ("Id", ["t1"], "Id"),
        ("Id", "a b", "Id"),
        ("Id", "a/b", "Id"),
        ("Id", "a?b", "Id"),
        ("Id", "a\x00b", "Id"),
        ("Id", "a\ud800", "Id"),
        ("Id", "x" * 65, "Id"),
        pytest.param("Id", "tags", "Id", id="Id that /texts/tags would hide"),
        pytest.param("Id", "..", "Id", id="Id that a URL can't hold"),
        ("Title", "", "Title"),
        ("Title", "   ", "Title"),
        ("Title", None, "Title"),
        ("Title", MISSING, "Title"),
        ("Title", 7, "Title"),
        ("Title", "x" * 301, "Title"),
        ("Title", "a\x00b", "Title"),
        ("Title", "a\ud800", "Title"),
        ("Pages", MISSING, "Pages"),
        ("Pages", None, "Pages"),
        ("Pages", [], "Pages"),
        ("Pages", "una página", "Pages"),
        ("Pages", {"1": []}, "Pages"),
        ("Pages", [["a"], "b"], "Pages[1]"),
        ("Pages", [["a"], None], "Pages[1]"),
        ("Pages", [["a"], ["b"], ["c", 7]], "Pages[2][1]"),
        ("Pages", [["a"], ["b"], ["c", None]], "Pages[2][1]"),
        ("Pages", [["a"], ["b\x00"]], "Pages[1][0]"),
        ("Pages", [["a"], ["b\nc"]], "Pages[1][0]"),
        ("Pages", [["a"], ["b\tc"]], "Pages[1][0]"),
        ("Pages", [["a"], ["b\x1bc"]], "Pages[1][0]"),
        ("Pages", [["a"], ["b\x85c"]], "Pages[1][0]"),
        ("Pages", [["a"], ["b\u2028c"]], "Pages[1][0]"),
        ("Pages", [["a"], ["b\ud800"]], "Pages[1][0]"),
        ("Tags", None, "Tags"),
        ("Tags", ["tema"], "Tags"),
        ("Tags", "tema", "Tags"),
        ("Tags", {"tema": 7}, "«tema»"),
        ("Tags", {"tema": None}, "«tema»"),
        ("Tags", {"tema": ["ética"]}, "«tema»"),
        ("Tags", {"": "ética"}, "Tags"),
        ("Tags", {"  ": "ética"}, "Tags"),
        ("Tags", {"k" * 101: "ética"}, "Tags"),
        ("Tags", {"tema": "v" * 501}, "«tema»"),
        pytest.param("Tags", {"tema": "ß" * 251}, "«tema»", id="Tags that grow when compared"),
        ("Tags", {"tema": "a\x00b"}, "«tema»"),
        ("Tags", {"tema": "a\ud800"}, "«tema»"),
        ("Tags", {"tema": "a\nb"}, "«tema»"),
        ("Tags", {"a\x00": "ética"}, "Tags"),
        ("Tags", {"a\ud800": "ética"}, "Tags"),
    ],
)
def test_a_fault_is_refused_with_its_text_and_its_field(file_of, field, value, named):
    said = refusal(file_of([text("sano"), text(**{field: value})]))

    (fault,) = [line for line in said.splitlines() if "Texto" in line]
    assert fault.startswith("Texto 2")
    assert f", {field}" in fault
    assert named in fault


def test_a_fault_names_the_text_by_its_id_and_the_file_too(file_of):
    path = file_of([text("sano"), text("20260101_0002", Title="")])

    said = refusal(path)

    assert str(path) in said
    assert "20260101_0002" in said


def test_all_faults_of_all_texts_are_said_at_once(file_of):
    texts = [text("t1", Title="", Tags=None), text("t2"), text("t3", Pages=[["a", 1], 2])]

    said = refusal(file_of(texts))

    faults = [line.split(": ")[0] for line in said.splitlines() if "Texto" in line]
    assert faults == [
        "Texto 1 (Id 't1'), Title",
        "Texto 1 (Id 't1'), Tags",
        "Texto 3 (Id 't3'), Pages[0][1]",
        "Texto 3 (Id 't3'), Pages[1]",
    ]


def test_the_faults_of_all_files_are_said_at_once(file_of):
    said = refusal(
        file_of([text("t1", Title="")], "a.json"), file_of([text("t2", Pages=[])], "b.json")
    )

    assert "a.json" in said
    assert "Title" in said
    assert "b.json" in said
    assert "Pages" in said


@pytest.mark.parametrize("item", [None, "t1", 7, ["t1"], True])
def test_a_text_that_is_no_object_is_refused(file_of, item):
    assert "Texto 2" in refusal(file_of([text("sano"), item]))


def test_a_repeated_id_is_refused(file_of):
    said = refusal(file_of([text("t1"), text("t2"), text("t1", Title="Otro")]))

    assert "Texto 3 (Id 't1'), Id" in said


def test_an_id_that_differs_only_in_surrounding_space_is_a_repetition(file_of):
    assert "t1" in refusal(file_of([text("t1"), text(" t1 ")]))


def test_an_id_repeated_in_another_file_is_refused(file_of):
    said = refusal(file_of([text("t1")], "a.json"), file_of([text("t1")], "b.json"))

    assert "t1" in said


def test_one_bad_file_keeps_the_good_ones_out_too(file_of):
    assert "b.json" in refusal(file_of([text("t1")], "a.json"), file_of([None], "b.json"))


@pytest.mark.parametrize(
    "document", [7, None, "texto", {}, {"texts": None}, {"texts": {}}, {"textos": []}]
)
def test_a_document_without_a_list_of_texts_is_refused(file_of, document):
    assert "texts" in refusal(file_of(document))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"texts": [', id="broken off"),
        pytest.param(b"Colegas, estudiantes:", id="plain text"),
        pytest.param('[{"Id": "ñ"}]'.encode("latin-1"), id="latin-1"),
        pytest.param('[{"Id": "t1"}]'.encode("utf-16"), id="utf-16"),
        pytest.param(b"[" * 100_000, id="nested too deep"),
    ],
)
def test_a_file_that_is_not_json_in_utf_8_is_refused_by_name(file_of, content):
    path = file_of(content)

    said = refusal(path)

    assert str(path) in said
    assert "JSON" in said


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    assert str(tmp_path / "nada.json") in refusal(tmp_path / "nada.json")


def test_a_folder_is_refused_by_name(tmp_path):
    assert str(tmp_path) in refusal(tmp_path)
