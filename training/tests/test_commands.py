"""`manage.py import_texts`."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from training.models import Text
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db


def text(text_id="t1", **changes):
    return {
        "Id": text_id,
        "Title": f"Discurso {text_id}",
        "Pages": [["Respira."], ["", "Discurso"], ["Colegas:", "", "Empecemos."]],
        "Tags": {"tema": "ética", "tono": "crítico"},
        **changes,
    }


@pytest.fixture
def file_of(tmp_path):
    """A file that holds that document, or those bytes."""

    def write(document, name="textos.json"):
        path = tmp_path / name
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        path.write_bytes(content)
        return path

    return write


def run(*paths, **options):
    output = io.StringIO()
    call_command("import_texts", *paths, stdout=output, **options)
    return output.getvalue()


def refusal(*paths, **options):
    with pytest.raises(CommandError) as refused:
        run(*paths, **options)
    return str(refused.value)


def stored_ids():
    return list(Text.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("wrap", [lambda texts: {"texts": texts}, list], ids=["wrapped", "bare"])
def test_texts_are_imported_whole(file_of, wrap):
    run(file_of(wrap([text("t1"), text("t2", Title="Ñandú")])))

    first, second = Text.objects.all()
    assert (first.pk, first.title) == ("t1", "Discurso t1")
    assert first.pages == [["Respira."], ["", "Discurso"], ["Colegas:", "", "Empecemos."]]
    assert list(first.tags.items()) == [("tema", "ética"), ("tono", "crítico")]
    assert (second.pk, second.title) == ("t2", "Ñandú")


def test_imported_texts_can_be_filtered_by_their_tags(nobody, file_of):
    run(file_of([text("t1"), text("t2", Tags={"tema": "mérito"})]))

    found = nobody.get("/api/v1/texts", {"tema": "MÉRITO"}).json()["texts"]
    assert [text["Id"] for text in found] == ["t2"]


def test_several_files_are_imported_together(file_of):
    run(file_of([text("t1")], "a.json"), file_of({"texts": [text("t2")]}, "b.json"))

    assert stored_ids() == ["t1", "t2"]


def test_it_counts_what_it_inserted_updated_and_left(file_of):
    run(file_of([text("t1"), text("t2"), text("t3")]))

    changed = [text("t1"), text("t2", Title="Otro"), text("t3"), text("t4"), text("t5")]
    assert run(file_of(changed)) == "insertados: 2, actualizados: 1, sin cambios: 2\n"


@pytest.mark.parametrize("reflow", [True, False])
def test_running_it_again_changes_nothing(file_of, reflow):
    path = file_of([text("t1", Pages=[["a"], ["b"], ["palabra " * 20, "y más"]]), text("t2")])
    run(path, reflow=reflow)
    before = list(Text.objects.values())

    assert run(path, reflow=reflow) == "insertados: 0, actualizados: 0, sin cambios: 2\n"
    assert list(Text.objects.values()) == before


@pytest.mark.parametrize(
    "change",
    [{"Title": "Otro"}, {"Pages": [["a"], ["b"]]}, {"Tags": {"tema": "mérito"}}, {"Tags": {}}],
    ids=["Title", "Pages", "Tags", "no Tags"],
)
def test_a_text_that_changed_is_updated(nobody, file_of, change):
    run(file_of([text("t1"), text("t2")]))

    run(file_of([text("t1", **change)]))

    answer = nobody.get("/api/v1/texts/t1").json()
    assert answer == text("t1", **change)
    expected = ["t2"] if "Tags" in change else ["t1", "t2"]
    found = nobody.get("/api/v1/texts", {"tema": "ética"}).json()["texts"]
    assert [text["Id"] for text in found] == expected


def test_texts_that_no_file_names_stay(file_of):
    TextFactory(id="viejo")

    run(file_of([text("t1")]))

    assert stored_ids() == ["t1", "viejo"]


def test_a_dry_run_counts_and_writes_nothing(file_of):
    run(file_of([text("t1"), text("t2")]))
    path = file_of([text("t1", Title="Otro", Tags={}), text("t2"), text("t3")])

    counts = run(path, dry_run=True)

    assert "insertados: 1, actualizados: 1, sin cambios: 1" in counts
    assert stored_ids() == ["t1", "t2"]
    assert Text.objects.get(pk="t1").title == "Discurso t1"
    assert Text.objects.with_tags([("tema", "ética")]).count() == 2


def test_a_dry_run_refuses_what_a_run_would_refuse(file_of):
    assert "Title" in refusal(file_of([text("t1", Title="")]), dry_run=True)


def test_without_reflow_a_text_is_stored_as_delivered(file_of):
    pages = [["a"], ["b"], ["palabra " * 20, "  y más  ", *["línea"] * 20]]

    run(file_of([text("t1", Pages=pages)]))

    assert Text.objects.get(pk="t1").pages == pages


def test_with_reflow_a_text_is_stored_laid_out_anew(file_of):
    pages = [["a"], ["b"], ["x" * 30 + " " + "y" * 10], ["z z z z"]]

    run(file_of([text("t1", Pages=pages)]), reflow=True)

    assert Text.objects.get(pk="t1").pages == [["a"], ["b"], ["x" * 30, "y" * 10 + " z z z z"]]


def test_a_text_stored_as_delivered_is_updated_by_a_run_with_reflow(file_of):
    path = file_of([text("t1", Pages=[["a"], ["b"], ["x" * 30 + " " + "y" * 10, "z z"]])])
    run(path)

    assert "actualizados: 1" in run(path, reflow=True)


def test_the_files_are_needed():
    with pytest.raises(CommandError):
        call_command("import_texts")
