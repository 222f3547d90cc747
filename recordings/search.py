"""Finding recordings and their reviews by what somebody who calls can say."""

import re

from django.db.models import Q, QuerySet

from recordings.models import Recording, RecordingReview
from sessions_app.models import Participant, Session
from sessions_app.searching import called, code_typed
from toastclub.identifiers import parse_id
from toastclub.searching import all_words, words_in

_HASH = re.compile("[0-9a-f]{6,64}")


def found_by(recordings: QuerySet[Recording], typed: str) -> QuerySet[Recording]:
    """Those of a participant with all the words in name or e-mail, or of a code, number or hash.

    The sessions are found first: recordings are wide rows, which to read takes longer.
    """
    words = words_in(typed)
    if not words:
        return recordings
    whole = "".join(typed.split()).lower()
    is_found = Q(session__id__among=_sessions_of(words, whole)) | Q(pk=parse_id(whole))
    if _HASH.fullmatch(whole):
        is_found |= Q(sha256__startswith=whole)
    return recordings.filter(is_found)


def _sessions_of(words: list[str], code: str) -> list[int]:
    """The numbers of those whose participant has these words, or whose code begins so."""
    called_so = Participant.objects.filter(called(words, "")).values_list("pk")
    under_code = Session.objects.filter(session_code__startswith=code).order_by().values_list("pk")
    return [number for (number,) in called_so.union(under_code)]


def reviews_found_by(reviews: QuerySet[RecordingReview], typed: str) -> QuerySet[RecordingReview]:
    """Those of a session's code, or with all the words in the note or the reviewer's e-mail."""
    if code := code_typed(typed):
        return reviews.filter(recording__session__session_code=code)
    words = words_in(typed)
    return reviews.filter(all_words(words, "note", "user_email")) if words else reviews
