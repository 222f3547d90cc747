"""The two tables, as a spreadsheet or a program reads them."""

import json

import pytest
from django.utils import timezone

from dataset.tests.archives import export, rows, table
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory
from training.tests.factories import TextFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OWN_COLUMNS = ["survey_id", "session_id", "session_code", "created_at"]
LONG = [*OWN_COLUMNS, "question_key", "answer_value"]


def surveys_of(client):
    return rows(export(client), "surveys.csv")


def header_of(client):
    return table(export(client), "surveys.csv")[0]


def own_cells(survey):
    created_at = timezone.localtime(survey.created_at).isoformat(timespec="microseconds")
    return {
        "survey_id": str(survey.pk),
        "session_id": str(survey.session.pk),
        "session_code": survey.session.session_code,
        "created_at": created_at,
    }


def test_surveys_with_the_same_keys_are_a_column_a_key(as_analyst):
    first = SurveyFactory(answers={"b": "uno", "a": "dos"})
    second = SurveyFactory(answers={"a": "cuatro", "b": "tres"})

    archive = export(as_analyst)

    assert table(archive, "surveys.csv")[0] == [*OWN_COLUMNS, "b", "a"]
    assert rows(archive, "surveys.csv") == [
        {**own_cells(first), "b": "uno", "a": "dos"},
        {**own_cells(second), "b": "tres", "a": "cuatro"},
    ]


def test_surveys_with_different_keys_are_a_row_an_answer(as_analyst):
    first = SurveyFactory(answers={"b": "uno", "a": "dos"})
    second = SurveyFactory(answers={"a": "tres"})

    assert header_of(as_analyst) == LONG
    assert surveys_of(as_analyst) == [
        {**own_cells(first), "question_key": "b", "answer_value": "uno"},
        {**own_cells(first), "question_key": "a", "answer_value": "dos"},
        {**own_cells(second), "question_key": "a", "answer_value": "tres"},
    ]


def test_a_survey_without_answers_makes_the_table_long(as_analyst):
    SurveyFactory(answers={})
    answered = SurveyFactory(answers={"a": 1})

    assert [row["survey_id"] for row in surveys_of(as_analyst)] == [str(answered.pk)]
    assert header_of(as_analyst) == LONG


def test_surveys_that_all_lack_answers_are_listed(as_analyst):
    survey = SurveyFactory(answers={})

    assert surveys_of(as_analyst) == [own_cells(survey)]


def test_pending_surveys_are_left_out_and_do_not_decide_the_form(as_analyst):
    SurveyFactory(answers=None)
    SurveyFactory(answers={"a": "sí"})

    assert [row["a"] for row in surveys_of(as_analyst)] == ["sí"]


@pytest.mark.parametrize("key", OWN_COLUMNS)
def test_a_question_named_like_a_column_does_not_hide_it(as_analyst, key):
    survey = SurveyFactory(answers={key: "respuesta", "otra": "x"})

    first, _second = surveys_of(as_analyst)

    assert first == {**own_cells(survey), "question_key": key, "answer_value": "respuesta"}


def test_no_two_texts_become_the_same_one(as_analyst):
    answers = {"=uno": "-", "'=uno": "'-", "''=uno": "' -"}
    SurveyFactory(answers=answers)

    (row,) = surveys_of(as_analyst)

    assert {key: row[f"'{key}"] for key in answers} == {
        key: f"'{answer}" for key, answer in answers.items()
    }


@pytest.mark.parametrize("other", [{"a": 1}, {"a": 1, "b": 2}])
@pytest.mark.parametrize(
    "value, cell",
    [
        ({"b": [1, "ñ"], "a": None}, '{"b": [1, "ñ"], "a": null}'),
        (["=1+1", True], '["=1+1", true]'),
        ([], "[]"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        ("", ""),
        (0, "0"),
        (-5, "-5"),
        (-0.5, "-0.5"),
        (10**20, "100000000000000000000"),
        ("007", "007"),
        ("true", "true"),
    ],
)
def test_an_answer_is_written_as_what_it_is_in_both_forms(as_analyst, value, cell, other):
    SurveyFactory(answers={"a": value})
    SurveyFactory(answers=other)

    row = surveys_of(as_analyst)[0]

    assert row["a" if "a" in row else "answer_value"] == cell


RUNNING_STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
SKIPPED = [" ", "\u00a0", "\u3000", "\ufeff", "\u200b"]


@pytest.mark.parametrize("start", RUNNING_STARTS)
def test_no_answer_runs_as_a_formula(as_analyst, start):
    answers = {f"k{ord(char)}": f"{char}{start}HYPERLINK(A1)" for char in SKIPPED}
    answers["k"] = f"{start}HYPERLINK(A1)"
    SurveyFactory(answers=answers)

    (row,) = surveys_of(as_analyst)

    assert {key: row[key] for key in answers} == {
        key: f"'{answer}" for key, answer in answers.items()
    }


@pytest.mark.parametrize("start", RUNNING_STARTS)
def test_no_question_runs_as_a_formula(as_analyst, start):
    SurveyFactory(answers={f"{start}wide": 1})
    wide = header_of(as_analyst)
    SurveyFactory(answers={f"{start}long": 1})

    assert wide[-1] == f"'{start}wide"
    assert [row["question_key"] for row in surveys_of(as_analyst)] == [
        f"'{start}wide",
        f"'{start}long",
    ]


@pytest.mark.parametrize("title", ["=cmd|' /C calc'!A0", "@SUM(A1)"])
def test_no_cell_of_the_dataset_runs_as_a_formula(as_analyst, title):
    SessionFactory(text=TextFactory(title=title))

    (row,) = rows(export(as_analyst), "dataset.csv")

    assert row["texto_titulo"] == f"'{title}"


@pytest.mark.parametrize("answer", ["sí; mucho", "sí;=1+1", "sí\tmucho", "sí\t=1+1"])
def test_an_answer_with_what_may_separate_cells_is_in_quotes(as_analyst, answer):
    SurveyFactory(answers={"a": answer})

    assert f',"{answer}"\r\n'.encode() in export(as_analyst).read("surveys.csv")


@pytest.mark.parametrize("answer", ["a=b", "muy útil + claro", "3-4", "'comillas'", "a@b"])
def test_a_harmless_answer_is_not_touched(as_analyst, answer):
    SurveyFactory(answers={"a": answer})

    assert surveys_of(as_analyst)[0]["a"] == answer


@pytest.mark.parametrize(
    "answer", ['dijo "sí", y', "dos\nlíneas", "dos\r\nlíneas", "ñandú 😀", "coma,", "a;b", "\u2028"]
)
def test_an_answer_survives_the_csv_unchanged(as_analyst, answer):
    SurveyFactory(answers={"a": answer, 'cla,ve "1"': "x"})

    (row,) = surveys_of(as_analyst)

    assert row["a"] == answer
    assert row['cla,ve "1"'] == "x"


@pytest.mark.parametrize("name", ["dataset.csv", "surveys.csv"])
def test_a_table_is_utf8_without_a_mark_and_ends_its_lines_as_rfc_4180_says(as_analyst, name):
    SurveyFactory(session=SessionFactory(text=TextFactory(title="Ñandú")), answers={"ñ": "é"})

    content = export(as_analyst).read(name)

    assert not content.startswith(b"\xef\xbb\xbf")
    assert "ñ".encode() in content or "Ñ".encode() in content
    assert content.endswith(b"\r\n")
    assert content.count(b"\n") == content.count(b"\r\n") == 2


def test_a_quote_is_doubled_and_its_cell_quoted(as_analyst):
    SurveyFactory(answers={"a": 'dijo "sí"'})

    assert b',"dijo ""s\xc3\xad"""\r\n' in export(as_analyst).read("surveys.csv")


def test_nested_answers_read_back_as_they_were_sent(as_analyst):
    nested = {"z": [{"ñ": 'co"milla'}], "a": "=1"}
    SurveyFactory(answers={"a": nested})

    assert json.dumps(json.loads(surveys_of(as_analyst)[0]["a"])) == json.dumps(nested)
