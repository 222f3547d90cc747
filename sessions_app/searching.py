"""Finding sessions, and what belongs to them, by whatever somebody knows of them."""

from typing import Any

from django.db.models import Q, QuerySet

from sessions_app.codes import code_meant
from sessions_app.models import Participant, Session
from toastclub.identifiers import parse_id
from toastclub.searching import all_words, found_in_any, words_in
from training.models import Text

FEW = 1000  # participants


def code_typed(term: str) -> str | None:
    """The whole code that was typed, in groups or in capitals too; None for anything else."""
    return code_meant("".join(term.split()))


def participants_called(words: list[str]) -> QuerySet[Participant]:
    """Those who have all these words in name or e-mail."""
    return Participant.objects.filter(all_words(words, "nombre", "email_opcional"))


def sessions_of(words: list[str]) -> Any:
    """The numbers of their sessions; read now where they are few, for to find them takes long."""
    numbers = participants_called(words).values_list("pk", flat=True)
    few = list(numbers[: FEW + 1])
    return few if len(few) <= FEW else numbers


def found_by(term: str, sessions: QuerySet[Session]) -> QuerySet[Session]:
    """The sessions that have all these words in their participant's data, or in their text's title.

    Also those whose code begins so, and the one of that number.
    """
    words = words_in(term)
    if not words:
        return sessions
    return found_in_any(
        sessions,
        Q(pk__in=sessions_of(words)),
        Q(text__in=Text.objects.filter(all_words(words, "title"))),
        Q(session_code__startswith="".join(term.split()).lower()),
        Q(pk=parse_id(term.strip())),
    )
