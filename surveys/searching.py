"""Finding surveys by their session's code, by who answered, or by what was said."""

from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Q, QuerySet

from sessions_app.codes import code_meant
from sessions_app.models import Participant
from surveys.models import Survey

# Words are looked for in the newest of those that the filters leave: in all, it would be seconds.
SURVEYS_READ = 2000
PARTICIPANTS_FOUND = 1000


def found_by(term: str, surveys: QuerySet[Survey]) -> QuerySet[Survey]:
    """Those that have all these words in their participant's data, or in their answers."""
    words = term.split()
    if not words:
        return surveys
    code = code_meant("".join(words))
    if code and (exact := surveys.filter(session__session_code=code)).exists():
        return exact
    participants = Participant.objects.filter(_all_words(words, "nombre", "email_opcional"))
    newest = _keys(surveys.order_by("-created_at", "-pk"), SURVEYS_READ)
    said = Survey.objects.filter(_all_words(words, "respuestas_json"), pk__in=newest)
    return surveys.filter(
        Q(session__in=_keys(participants, PARTICIPANTS_FOUND)) | Q(pk__in=_keys(said, SURVEYS_READ))
    )


def _keys(rows: QuerySet[Any], limit: int) -> list[int]:
    """Read at once: as a part of a larger query they would be looked for in all rows, and twice."""
    return list(rows.values_list("pk", flat=True)[:limit])


def _all_words(words: list[str], *fields: str) -> Q:
    return reduce(and_, (_in_any(word, fields) for word in words))


def _in_any(word: str, fields: Any) -> Q:
    return Q(*((f"{field}__icontains", word) for field in fields), _connector=Q.OR)
