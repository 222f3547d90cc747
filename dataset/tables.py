"""The tables of the forms in which the dataset leaves, over what one snapshot holds."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dataset.columns import (
    ANSWER_VALUE,
    CONTRACT_SURVEY,
    CONTRACT_TAKE,
    IDENTITY,
    QUESTION_KEY,
    Answered,
    Column,
    Participation,
    Table,
    Take,
    answer_column,
)
from dataset.csv_tables import inert
from dataset.identities import Pseudonyms, without_identity
from dataset.rows import ROWS_AT_A_TIME, SessionRow, session_rows, surveys_in_order
from dataset.selection import Selection
from recordings.models import Recording


@dataclass(frozen=True)
class Gathering:
    """What an export reads. Each of its streams reads the database once more."""

    selection: Selection
    pseudonyms: Pseudonyms
    is_identifiable: bool
    audio_path: Callable[[Recording, Pseudonyms], str]
    left_out: Container[int]  # recordings without their audio, by id

    def participations(self) -> Iterator[Participation]:
        for row in session_rows(self.selection):
            yield Participation(row.session, self.pseudonyms, len(row.recordings), len(row.surveys))

    def takes(self) -> Iterator[Take]:
        """One a recording, or one for a session without any."""
        for row in session_rows(self.selection):
            recordings: Sequence[Recording | None] = row.recordings or [None]
            for recording in recordings:
                yield self._take(row, recording)

    def recorded(self) -> Iterator[Take]:
        return (take for take in self.takes() if take.recording)

    def heard(self) -> Iterator[Take]:
        return (take for take in self.takes() if take.audio_file)

    def surveys(self) -> Iterator[Answered]:
        surveys = (
            surveys_in_order(self.selection).order_by("pk").select_related("session__participant")
        )
        for survey in surveys.defer("session__text_pages").iterator(ROWS_AT_A_TIME):
            answers = survey.respuestas_json
            if not self.is_identifiable:
                answers = without_identity(answers, survey.session)
            yield Answered(survey, self.pseudonyms, answers)

    def answers(self) -> Iterator[Answered]:
        for answered in self.surveys():
            for key in answered.answers:
                yield Answered(answered.survey, self.pseudonyms, answered.answers, key)

    def all_answers(self) -> Iterator[dict[str, Any]]:
        answers = surveys_in_order(self.selection).order_by("pk")
        return answers.values_list("respuestas_json", flat=True).iterator(ROWS_AT_A_TIME)

    def identity(self) -> list[Column]:
        return IDENTITY if self.is_identifiable else []

    def _take(self, row: SessionRow, recording: Recording | None) -> Take:
        survey = row.surveys[0] if row.surveys else None
        path = None
        if recording is not None and recording.pk not in self.left_out:
            recording.session = row.session
            path = self.audio_path(recording, self.pseudonyms)
        return Take(row.session, self.pseudonyms, recording, survey, path)


def contract_tables(gathering: Gathering) -> Iterator[Table]:
    """Those of the contract's ZIP."""
    yield Table("dataset", [*CONTRACT_TAKE, *gathering.identity()], gathering.takes)
    yield survey_table(gathering, CONTRACT_SURVEY)


def survey_table(gathering: Gathering, own: list[Column]) -> Table:
    """A column a question where all surveys have the same ones, else a row an answer."""
    keys = _common_keys(gathering.all_answers(), [column.name for column in own])
    if keys is None:
        return Table("surveys", [*own, QUESTION_KEY, ANSWER_VALUE], gathering.answers)
    return Table("surveys", [*own, *map(answer_column, keys)], gathering.surveys)


def _common_keys(all_answers: Iterable[dict[str, Any]], own: list[str]) -> list[str] | None:
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
    header = [*own, *map(inert, keys)]
    return keys if len(set(header)) == len(header) else None
