"""What people wrote, as pandas and LibreOffice Calc find it in the tables; none of it runs."""

import json

import pytest

from dataset.tests.readers import (
    AS_GUESSED,
    AS_TEXT,
    HARMLESS,
    LONG,
    RUNNING,
    as_cell,
    calc_text,
    export_to,
    open_in_calc,
)
from recordings.tests.factories import RecordingFactory
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory
from training.tests.factories import TextFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

WRITTEN = [*RUNNING, *HARMLESS]
CELLS = [as_cell(text) for text in WRITTEN]
ANSWERED = {**{text: text for text in WRITTEN}, "largo": LONG}
ANSWERS = [(as_cell(question), as_cell(answer)) for question, answer in ANSWERED.items()]
TAGS = [{f"{text}1": text, f"{text}2": "b"} for text in WRITTEN]


def read_with_pandas(path):
    import pandas  # slow to import, and only needed here

    return pandas.read_csv(path, dtype=str, keep_default_na=False)


@pytest.fixture(params=["wide", "long"])
def form(request):
    """The surveys are a column a question, or a row an answer."""
    return request.param


@pytest.fixture
def hostile(form, tmp_path):
    """An export of titles, tags, names, questions and answers of which each is a trap."""
    for title, tags in zip(WRITTEN, TAGS, strict=True):
        person = {"nombre": title, "edad_aproximada": None, "email_opcional": None}
        SessionFactory(text=TextFactory(title=title, tags=tags), participant=person)
    session = RecordingFactory().session
    SurveyFactory(session=session, answers=ANSWERED)
    if form == "long":
        SurveyFactory(session=session, answers={})
    return export_to(tmp_path / "export", "dir", identifiable=True)


def answers_in(rows, form):
    """The questions and answers in the rows of the table of surveys, its header first."""
    header, *lines = rows
    own = 4  # columns that are not questions
    if form == "long":
        return [tuple(line[own:]) for line in lines]
    return list(zip(header[own:], lines[0][own:], strict=True))


def test_pandas_reads_each_answer_as_it_was_given(hostile, form):
    surveys = read_with_pandas(hostile / "surveys.csv")

    rows = [surveys.columns.tolist(), *surveys.to_numpy().tolist()]
    assert answers_in(rows, form) == ANSWERS


def test_pandas_reads_each_title_tag_and_name_as_it_was_written(hostile):
    sessions = read_with_pandas(hostile / "dataset.csv")[: len(WRITTEN)]

    assert sessions["texto_titulo"].tolist() == CELLS
    assert sessions["participant_name"].tolist() == CELLS
    assert sessions["texto_tags"].map(json.loads).tolist() == TAGS


def test_calc_shows_what_was_written(hostile, form, tmp_path):
    tables = [hostile / "surveys.csv", hostile / "dataset.csv"]

    surveys, sessions = open_in_calc(*tables, options=AS_TEXT, folder=tmp_path)

    shown = [calc_text(cell) for cell in CELLS]
    assert answers_in(surveys.rows, form) == [
        (calc_text(question), calc_text(answer)) for question, answer in ANSWERS
    ]
    assert sessions.column("texto_titulo")[: len(WRITTEN)] == shown
    assert sessions.column("participant_name")[: len(WRITTEN)] == shown
    assert [json.loads(tags) for tags in sessions.column("texto_tags")][: len(WRITTEN)] == TAGS


def test_calc_runs_nothing_even_where_it_guesses(hostile, form, tmp_path):
    tables = [hostile / "surveys.csv", hostile / "dataset.csv"]

    surveys, sessions = open_in_calc(*tables, options=AS_GUESSED, folder=tmp_path)

    assert surveys.formulas == sessions.formulas == []
    guarded = [calc_text(as_cell(text)) for text in RUNNING]
    assert [answer for _question, answer in answers_in(surveys.rows, form)][
        : len(guarded)
    ] == guarded
    assert sessions.column("texto_titulo")[: len(guarded)] == guarded


def test_calc_would_run_what_is_not_guarded(tmp_path):
    """Else the test above would protect nothing."""
    table = tmp_path / "unguarded.csv"
    table.write_text('a\n"=1+1"\n')

    (sheet,) = open_in_calc(table, options=AS_GUESSED, folder=tmp_path)

    assert (sheet.formulas, sheet.rows) == (["of:=1+1"], [["a"], ["2"]])
