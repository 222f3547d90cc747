"""Finding recordings and their reviews by what somebody who calls can say."""

import re
from typing import Any

from django.db.models import Q, QuerySet

from recordings.models import Recording, RecordingReview
from sessions_app.models import Session
from sessions_app.searching import sessions_of
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
        Q(session__in=sessions_of(words)),
        Q(session__in=_sessions_under(whole)),
        Q(sha256__startswith=whole) if _HASH.fullmatch(whole) else Q(pk__in=()),
        Q(pk=parse_id(whole)),
    )


def reviews_found_by(reviews: QuerySet[RecordingReview], typed: str) -> QuerySet[RecordingReview]:
    """Those of a session's code, or with all the words in the note or the reviewer's e-mail."""
    words = words_in(typed)
    if not words:
        return reviews
    recordings = Recording.objects.filter(session__in=_sessions_under("".join(typed.split())))
    return found_in_any(
        reviews,
        Q(recording__in=recordings.values("pk")),
        all_words(words, "note", "user_email"),
    )


def _sessions_under(beginning: str) -> Any:
    """The numbers of the sessions whose code begins so."""
    return Session.objects.filter(session_code__startswith=beginning.lower()).values("pk")
