"""Finding recordings by what somebody who calls can say."""

from functools import reduce
from operator import and_

from django.db.models import Q, QuerySet

from recordings.models import Recording
from sessions_app.models import Participant, Session
from toastclub.identifiers import parse_id


def found_by(recordings: QuerySet[Recording], words: str) -> QuerySet[Recording]:
    """Those of a participant with all the words in name or e-mail, or of a code, number or hash.

    Each is looked for in its own table: an OR across joined ones has to read them all.
    """
    if not words.strip():
        return recordings
    whole = words.strip().lower()
    people = Participant.objects.filter(_all_of(words.split())).values("session")
    sessions = Session.objects.filter(session_code__startswith=whole).values("pk")
    is_found = Q(session__in=people) | Q(session__in=sessions) | Q(sha256__startswith=whole)
    return recordings.filter(is_found | Q(pk=parse_id(whole)))


def _all_of(words: list[str]) -> Q:
    return reduce(
        and_, (Q(nombre__icontains=word) | Q(email_opcional__icontains=word) for word in words)
    )
