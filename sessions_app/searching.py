"""Finding sessions, and what belongs to them, by whatever somebody knows of them."""

from django.db.models import Q, QuerySet

from sessions_app.codes import code_meant
from sessions_app.models import Session
from toastclub.identifiers import parse_id
from toastclub.searching import all_words, found_in_any, words_in
from training.models import Text


def code_typed(term: str) -> str | None:
    """The whole code that was typed, in groups or in capitals too; None for anything else."""
    return code_meant("".join(term.split()))


def called(words: list[str], participant: str) -> Q:
    """The participant at that path has all these words in name or e-mail."""
    return all_words(words, f"{participant}nombre", f"{participant}email_opcional")


def found_by(term: str, sessions: QuerySet[Session]) -> QuerySet[Session]:
    """The sessions that have all these words in their participant's data, or in their text's title.

    Also those whose code begins so, and the one of that number.
    """
    words = words_in(term)
    if not words:
        return sessions
    return found_in_any(
        sessions,
        called(words, "participant__"),
        Q(text__in=Text.objects.filter(all_words(words, "title"))),
        Q(session_code__startswith="".join(term.split()).lower()),
        Q(pk=parse_id(term.strip())),
    )
