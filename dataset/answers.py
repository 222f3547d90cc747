"""The completed surveys of an export: read once, and kept in a nameless file."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dataset.blotting import Blotter
from dataset.columns import Answered, SurveyedSession
from dataset.identities import Pseudonyms
from dataset.rows import AnsweredFacts, answered_surveys
from dataset.selection import Selection
from dataset.spool import RowSpool
from toastclub.clients import Waiting


class Answers:
    """What participants answered; who they are is blotted out, unless it is to be identifiable."""

    def __init__(self, pseudonyms: Pseudonyms, *, is_identifiable: bool) -> None:
        self._pseudonyms = pseudonyms
        self._is_identifiable = is_identifiable
        self._rows = RowSpool()

    @property
    def count(self) -> int:
        return self._rows.count

    def gather(self, selection: Selection, waiting: Waiting) -> None:
        for survey in answered_surveys(selection):
            waiting.check()
            self._rows.append(
                [
                    survey.session_id,
                    survey.session_code,
                    survey.id,
                    survey.created_at.isoformat(),
                    survey.completed_at.isoformat(),
                    self._said(survey),
                ]
            )

    def __iter__(self) -> Iterator[Answered]:
        for session_id, session_code, survey_id, created_at, completed_at, answers in self._rows:
            yield Answered(
                SurveyedSession(session_id, session_code),
                survey_id,
                datetime.fromisoformat(created_at),
                datetime.fromisoformat(completed_at),
                self._pseudonyms,
                answers,
            )

    def close(self) -> None:
        self._rows.close()

    def _said(self, survey: AnsweredFacts) -> dict[str, Any]:
        if self._is_identifiable:
            return survey.answers
        blotter = Blotter(name=survey.name or "", age=survey.age, session_code=survey.session_code)
        blotted: dict[str, Any] = blotter.blotted(survey.answers)
        return blotted
