"""Finding recordings and their reviews by what somebody who calls can say."""

import re

from django.db.models import Q, QuerySet

from recordings.models import Recording, RecordingReview
from sessions_app.models import Participant, Session
from sessions_app.searching import called, code_typed
from toastclub.identifiers import parse_id
from toastclub.searching import all_words, words_in

FEW = 5000  # sessions
_HASH = re.compile("[0-9a-f]{6,64}")


def found_by(recordings: QuerySet[Recording], typed: str) -> QuerySet[Recording]:
    """Those of a participant with all the words in name or e-mail, or of a code, number or hash.

    The sessions are found first: recordings are wide rows, which to read takes longer.
    """
    words = words_in(typed)
    if not words:
        return recordings
    whole = "".join(typed.split()).lower()
    is_found = _is_of(words, whole) | Q(pk=parse_id(whole))
    if _HASH.fullmatch(whole):
        is_found |= Q(sha256__startswith=whole)
    return recordings.filter(is_found)


def _is_of(words: list[str], code: str) -> Q:
    """The session's participant has these words, or its code begins so.

    Few sessions are told by their numbers; of many, the first that are shown are soon met.
    """
    called_so = Participant.objects.filter(called(words, "")).values_list("pk")
    under_code = Session.objects.filter(session_code__startswith=code).order_by().values_list("pk")
    numbers = [number for (number,) in called_so.union(under_code)[: FEW + 1]]
    if len(numbers) <= FEW:
        return Q(session__id__among=numbers)
    return called(words, "session__participant__") | Q(session__session_code__startswith=code)


def reviews_found_by(reviews: QuerySet[RecordingReview], typed: str) -> QuerySet[RecordingReview]:
    """Those of a session's code, or with all the words in the note or the reviewer's e-mail."""
    if code := code_typed(typed):
        return reviews.filter(recording__session__session_code=code)
    words = words_in(typed)
    return reviews.filter(all_words(words, "note", "user_email")) if words else reviews
