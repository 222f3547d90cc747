"""What the review desk shows of a recording."""

from typing import Any

from django.http import HttpRequest

from recordings.choices import WITH_REASON, Motivo, Revision
from recordings.models import Recording
from recordings.models.review import NOTE_MAX_LENGTH
from recordings.naming import address_of, list_address, name_of
from recordings.neighbours import Neighbours
from sessions_app.panels import panels_of
from training.admin import vr_pages

# Shown by the page itself.
_OWN_PANELS = ("grabaciones", "texto")


def take_context(request: HttpRequest, recording: Recording, beside: Neighbours) -> dict[str, Any]:
    session = recording.session
    reviews = list(recording.reviews.order_by("-id"))
    return {
        "title": name_of(recording),
        "recording": recording,
        "session": session,
        "addresses": _addresses(request, recording, beside),
        "may_review": may_review(request),
        "decisions": _decisions(),
        "reasons": Motivo.choices,
        "note_max_length": NOTE_MAX_LENGTH,
        "reviews": reviews,
        "seen": reviews[0].pk if reviews else 0,
        "others": session.recordings.exclude(pk=recording.pk).order_by("id"),
        "pages": vr_pages(session.text_pages),
        "panels": panels_of(session, request, without=_OWN_PANELS),
    }


def may_review(request: HttpRequest) -> bool:
    user: Any = request.user
    allowed: bool = user.has_perm("recordings.review_recording")
    return allowed


def _addresses(request: HttpRequest, recording: Recording, beside: Neighbours) -> dict[str, str]:
    own = {
        page: address_of(page, recording.pk, request) for page in ("change", "review", "download")
    }
    others = {
        side: address_of("change", number, request) if number else ""
        for side, number in beside._asdict().items()
    }
    return {**own, **others, "list": list_address(request)}


def _decisions() -> list[dict[str, Any]]:
    """The buttons of a review: what each decides, with which key, and whether it says why."""
    keys = {Revision.ACEPTADA: "a", Revision.CON_PROBLEMAS: "c", Revision.RECHAZADA: "r"}
    words = {
        Revision.ACEPTADA: "Aceptar",
        Revision.CON_PROBLEMAS: "Con problemas",
        Revision.RECHAZADA: "Rechazar",
    }
    return [
        {"state": state, "key": key, "words": words[state], "says_why": state in WITH_REASON}
        for state, key in keys.items()
    ]
