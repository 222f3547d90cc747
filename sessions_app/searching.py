"""Finding sessions by whatever somebody knows of them."""

from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Q, QuerySet

from sessions_app.codes import code_meant
from sessions_app.models import Participant, Session
from toastclub.identifiers import parse_id
from training.models import Text

FEW = 1000  # participants


def code_typed(term: str) -> str | None:
    """The whole code that was typed, in groups or in capitals too; None for anything else."""
    return code_meant("".join(term.split()))


def found_by(term: str, sessions: QuerySet[Session]) -> QuerySet[Session]:
    """The sessions that have all these words in their participant's data, or in their text's title.

    Also those whose code begins so, and the one of that number. Each is looked for where it is
    kept: a condition on columns of several tables would be tried on every session.
    """
    words = term.split()
    if not words:
        return sessions
    texts = Text.objects.filter(_all_words(words, "title"))
    ways = (
        Q(pk__in=_participants(words)),
        Q(text__in=texts),
        Q(session_code__startswith="".join(words).lower()),
        Q(pk=parse_id(term.strip())),
    )
    first, *others = (Session.objects.filter(way).order_by().values("pk") for way in ways)
    return sessions.filter(pk__in=first.union(*others))


def _participants(words: list[str]) -> Any:
    """Their numbers where they are few: to find these, all were read, which is enough once."""
    found = Participant.objects.filter(_all_words(words, "nombre", "email_opcional"))
    numbers = found.values_list("pk", flat=True)
    few = list(numbers[: FEW + 1])
    return few if len(few) <= FEW else numbers


def _all_words(words: list[str], *fields: str) -> Q:
    """Each word is in one of these fields."""
    return reduce(and_, (_in_any(word, fields) for word in words))


def _in_any(word: str, fields: Any) -> Q:
    return Q(*((f"{field}__icontains", word) for field in fields), _connector=Q.OR)
