"""Finding surveys by their session's code, by who answered, or by what was said."""

from django.db.models import Q, QuerySet

from sessions_app.searching import called, code_typed
from surveys.models import Survey
from toastclub.searching import all_words, found_in_any, words_in

# Words are looked for in the newest of those that the filters leave: in all, it would be seconds.
SURVEYS_READ = 2000


def found_by(term: str, surveys: QuerySet[Survey]) -> QuerySet[Survey]:
    """Those that have all these words in their participant's data, or in their answers."""
    words = words_in(term)
    if not words:
        return surveys
    code = code_typed(term)
    if code and (exact := surveys.filter(session__session_code=code)).exists():
        return exact
    newest = _keys(surveys.order_by("-created_at", "-pk")[:SURVEYS_READ])
    said = Survey.objects.filter(all_words(words, "respuestas_json"), pk__in=newest)
    return found_in_any(surveys, called(words, "session__participant__"), Q(pk__in=_keys(said)))


def _keys(surveys: QuerySet[Survey]) -> list[int]:
    """Read at once: as a part of a larger query they would be looked for in all rows, and twice."""
    return list(surveys.values_list("pk", flat=True))
