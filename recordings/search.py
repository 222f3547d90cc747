"""Finding recordings and their reviews by what somebody who calls can say."""

import re

from django.db.models import Q, QuerySet

from recordings.models import Recording, RecordingReview
from sessions_app.searching import called, code_typed
from toastclub.identifiers import parse_id
from toastclub.searching import all_words, found_in_any, words_in

_HASH = re.compile("[0-9a-f]{6,64}")


def found_by(recordings: QuerySet[Recording], typed: str) -> QuerySet[Recording]:
    """Those of a participant with all the words in name or e-mail, or of a code, number or hash."""
    words = words_in(typed)
    if not words:
        return recordings
    whole = "".join(typed.split()).lower()
    return found_in_any(
        recordings,
        called(words, "session__participant__"),
        Q(session__session_code__startswith=whole),
        Q(sha256__startswith=whole) if _HASH.fullmatch(whole) else Q(pk__in=()),
        Q(pk=parse_id(whole)),
    )


def reviews_found_by(reviews: QuerySet[RecordingReview], typed: str) -> QuerySet[RecordingReview]:
    """Those of a session's code, or with all the words in the note or the reviewer's e-mail."""
    if code := code_typed(typed):
        return reviews.filter(recording__session__session_code=code)
    words = words_in(typed)
    return reviews.filter(all_words(words, "note", "user_email")) if words else reviews
