"""The tables of the forms in which the dataset leaves, over what one snapshot holds."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dataset.answers import Answers
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
from dataset.identities import Pseudonyms
from dataset.rows import RecordingFacts, SessionRow, session_rows
from dataset.selection import Selection
from toastclub.clients import Waiting

TAKES = "dataset"  # as the contract names the tables
SURVEYS = "surveys"

AudioPath = Callable[..., str]


@dataclass(frozen=True)
class Gathering:
    """What an export reads. Each of its streams of sessions reads the database once more."""

    selection: Selection
    pseudonyms: Pseudonyms
    answers: Answers
    is_identifiable: bool
    audio_path: AudioPath
    left_out: Container[int]  # recordings without their audio, by id
    waiting: Waiting

    def participations(self, *, with_pages: bool = False) -> Iterator[Participation]:
        for row in self._rows(with_pages=with_pages):
            yield Participation(row.session, self.pseudonyms, len(row.recordings), len(row.surveys))

    def takes(self, *, with_pages: bool = False) -> Iterator[Take]:
        """One a recording, or one for a session without any."""
        for row in self._rows(with_pages=with_pages):
            recordings: Sequence[RecordingFacts | None] = row.recordings or [None]
            for recording in recordings:
                yield self._take(row, recording)

    def recorded(self) -> Iterator[Take]:
        return (take for take in self.takes() if take.recording)

    def heard(self) -> Iterator[Take]:
        return (take for take in self.takes(with_pages=True) if take.audio_file)

    def surveys(self) -> Iterator[Answered]:
        return iter(self.answers)

    def single_answers(self) -> Iterator[Answered]:
        for answered in self.answers:
            for key in answered.answers:
                yield answered._replace(key=key)

    def identity(self) -> list[Column]:
        return IDENTITY if self.is_identifiable else []

    def _rows(self, *, with_pages: bool) -> Iterator[SessionRow]:
        return self.waiting.watched(session_rows(self.selection, with_pages=with_pages))

    def _take(self, row: SessionRow, recording: RecordingFacts | None) -> Take:
        survey = row.surveys[0] if row.surveys else None
        path = None
        if recording is not None and recording.id not in self.left_out:
            path = self.audio_path(
                session_code=row.session.session_code,
                recording_id=recording.id,
                key=recording.audio,
                pseudonyms=self.pseudonyms,
            )
        return Take(row.session, self.pseudonyms, recording, survey, path)


def contract_tables(gathering: Gathering) -> Iterator[Table]:
    """Those of the contract's ZIP."""
    yield Table(TAKES, [*CONTRACT_TAKE, *gathering.identity()], gathering.takes)
    yield survey_table(gathering, CONTRACT_SURVEY)


def survey_table(gathering: Gathering, own: list[Column]) -> Table:
    """A column a question where all surveys have the same ones, else a row an answer."""
    keys = _common_keys(
        (answered.answers for answered in gathering.answers), [column.name for column in own]
    )
    if keys is None:
        return Table(SURVEYS, [*own, QUESTION_KEY, ANSWER_VALUE], gathering.single_answers)
    return Table(SURVEYS, [*own, *map(answer_column, keys)], gathering.surveys)


def _common_keys(all_answers: Iterable[dict[str, Any]], own: list[str]) -> list[str] | None:
    """The keys of the answers, if all surveys have the same ones and there is a survey.

    A key like one of the table's own columns would hide it: None, too.
    """
    keys: list[str] | None = None
    for answers in all_answers:
        if keys is None:
            keys = list(answers)
        elif set(keys) != set(answers):
            return None
    return None if keys is None or set(keys) & set(own) else keys
