"""Where a text was used: the sessions that have it, each with a copy of its own.

They are reached through the text, for their model is that of an app above this one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min

from training.models import Text
from training.serializers import TextSerializer

NEWEST_SHOWN = 10
PARTS = {"Title": "título", "Pages": "páginas", "Tags": "etiquetas"}  # of the copy


@dataclass(frozen=True)
class Use:
    """One session, and in what its copy differs from the text as it is now."""

    session: Any
    differences: tuple[str, ...]


@dataclass(frozen=True)
class Uses:
    total: int
    by_state: list[tuple[str, str, int]]  # value, words and number, in the order of the states
    first_at: datetime | None
    last_at: datetime | None
    newest: list[Use]


def uses_of(text: Text) -> Uses:
    """Two queries, however many sessions there are."""
    sessions: Any = text.sessions
    rows = sessions.order_by().values("estado")
    found = {
        row["estado"]: row
        for row in rows.annotate(
            number=Count("*"), first_at=Min("created_at"), last_at=Max("created_at")
        )
    }
    states = sessions.model._meta.get_field("estado").choices
    return Uses(
        total=sum(row["number"] for row in found.values()),
        by_state=[
            (state, words, found[state]["number"]) for state, words in states if state in found
        ],
        first_at=min((row["first_at"] for row in found.values()), default=None),
        last_at=max((row["last_at"] for row in found.values()), default=None),
        newest=_newest(text) if found else [],
    )


def use_in_words(session_count: int) -> str:
    return f"lo tienen {session_count} sesiones" if session_count > 1 else "lo tiene una sesión"


def _newest(text: Text) -> list[Use]:
    present = TextSerializer(text).data
    newest = text.sessions.order_by("-created_at", "-pk")[:NEWEST_SHOWN]
    return [Use(session, _differences(session.texto_seleccionado, present)) for session in newest]


def _differences(copy: dict[str, Any], present: dict[str, Any]) -> tuple[str, ...]:
    return tuple(words for part, words in PARTS.items() if copy[part] != present[part])
