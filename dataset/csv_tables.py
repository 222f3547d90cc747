"""The export's two tables, as CSV (RFC 4180, UTF-8 without a mark) that is safe to open."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dataset.rows import SessionRow
from recordings.models import Recording
from surveys.models import Survey
from toastclub.serializers import api_time

DATASET_COLUMNS = [
    "session_id",
    "session_code",
    "recording_id",
    "audio_file",
    "formato",
    "duration_seconds",
    "uploaded_at",
    "survey_id",
    "survey_completed_at",
    "audio_missing",
    "estado",
    "session_created_at",
    "texto_id",
    "texto_titulo",
    "file_size",
    "sha256",
]
SURVEY_COLUMNS = ["survey_id", "session_id", "session_code", "created_at"]
LONG_COLUMNS = ["question_key", "answer_value"]

# What makes a spreadsheet run a cell: the four signs, their full-width forms and control
# characters, behind any space, seen or not, that it may skip.
_RUNNING_START = re.compile(r"[\s\ufeff\u200b]*[=+\-@\t\r\n＝＋－＠]")

Cell = str | int | float | bool | None


def audio_path(recording: Recording) -> str:
    """Where a recording's audio lies in the ZIP."""
    return f"audios/{recording.download_name}"


def dataset_csv(rows: Iterable[SessionRow], in_zip: Mapping[int, bool]) -> Iterator[bytes]:
    """One line a recording, or one for a session without any.

    `in_zip`: whether a recording's audio is in the ZIP, by the recording's id.
    """
    yield _line(DATASET_COLUMNS)
    for row in rows:
        recordings: Sequence[Recording | None] = row.recordings or [None]
        for recording in recordings:
            yield _line(_dataset_cells(row, recording, in_zip))


def survey_cells(survey: Survey) -> list[Cell]:
    """The cells of `SURVEY_COLUMNS`."""
    session = survey.session
    return [survey.pk, session.pk, session.session_code, api_time(survey.created_at)]


def surveys_csv(
    surveys: Iterable[tuple[list[Cell], dict[str, Any]]], wide_keys: list[str] | None
) -> Iterator[bytes]:
    """A column a key where `wide_keys` says which ones all have, else a line an answer.

    `surveys`: of each its `survey_cells` and its answers.
    """
    if wide_keys is None:
        yield _line(SURVEY_COLUMNS + LONG_COLUMNS)
        for cells, answers in surveys:
            for key, value in answers.items():
                yield _line([*cells, key, _answer(value)])
    else:
        yield _line(SURVEY_COLUMNS + wide_keys)
        for cells, answers in surveys:
            yield _line([*cells, *(_answer(answers[key]) for key in wide_keys)])


def common_keys(all_answers: Iterable[dict[str, Any]]) -> list[str] | None:
    """The keys of the answers, if all surveys have the same ones and there is a survey.

    Keys that would be written like one another, or like one of the table's own columns, would
    hide it: None, too.
    """
    keys: list[str] | None = None
    for answers in all_answers:
        if keys is None:
            keys = list(answers)
        elif set(keys) != set(answers):
            return None
    if keys is None:
        return None
    header = [*SURVEY_COLUMNS, *map(_inert, keys)]
    return keys if len(set(header)) == len(header) else None


def _dataset_cells(
    row: SessionRow, recording: Recording | None, in_zip: Mapping[int, bool]
) -> list[Cell]:
    session = row.session
    included = recording is not None and in_zip[recording.pk]
    return [
        session.pk,
        session.session_code,
        *(_speech_cells(recording, included) if recording else [None] * 5),
        *(_first_survey_cells(row.surveys[0]) if row.surveys else [None] * 2),
        not included,
        session.estado,
        api_time(session.created_at),
        session.text_id,
        session.text_title,
        *([recording.file_size, recording.sha256] if recording else [None] * 2),
    ]


def _speech_cells(recording: Recording, included: bool) -> list[Cell]:
    return [
        recording.pk,
        audio_path(recording) if included else None,
        recording.formato,
        recording.duracion_segundos,
        api_time(recording.uploaded_at),
    ]


def _first_survey_cells(survey: Survey) -> list[Cell]:
    return [survey.pk, api_time(survey.completed_at)]


def _answer(value: Any) -> Cell:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return json.dumps(value)
    return value


def _line(cells: Iterable[Cell]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow([_inert(cell) for cell in cells])
    return line.getvalue().encode()


def _inert(cell: Cell) -> Cell:
    """Text that a spreadsheet would run gets an apostrophe in front; numbers are no text."""
    if isinstance(cell, str) and _RUNNING_START.match(cell):
        return f"'{cell}"
    return cell
