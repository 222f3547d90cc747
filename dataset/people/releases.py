"""What past releases hold of a person: they never change, whoever is erased."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, Q

from dataset.models import Release, ReleaseItem
from dataset.tables import SURVEYS, TAKES

RECORDING_PREFIX = "r_"  # of a recording's key; that of a session without one has another


def held_by_releases(numbers: Iterable[int]) -> list[dict[str, Any]]:
    """How many recordings, other sessions and surveys of theirs each release has, by its number."""
    ready = Release.objects.ready().order_by()
    is_take, is_recording = Q(table=TAKES), Q(key__startswith=RECORDING_PREFIX)
    return list(
        ReleaseItem.objects.filter(session_number__in=numbers, release__in=ready)
        .values(number=F("release__number"), released_at=F("release__released_at"))
        .annotate(
            recordings=Count("pk", filter=is_take & is_recording),
            sessions=Count("pk", filter=is_take & ~is_recording),
            surveys=Count("pk", filter=Q(table=SURVEYS)),
        )
        .order_by("number")
    )
