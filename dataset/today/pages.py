"""The back office's first page, and the part of it that it fetches again and again."""

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from accounts.back_office import note_access, user_in
from accounts.choices import AccessKind
from dataset.today.board import DAYS_BACK, SHOWN, Board, read_board
from dataset.today.waiting import Waiting, read_waiting
from recordings.choices import Revision
from recordings.naming import FILTERS_VAR
from sessions_app.models import Session
from toastclub import __version__

PAGE = "Hoy"
STUCK_SHOWN = 5  # the others are unfolded
QUEUE = urlencode({"review_state__exact": Revision.SIN_REVISAR})  # of the list of recordings
MEMORY = "shown_today"  # in the user's session: whose data this page has shown


@dataclass(frozen=True)
class Today:
    """All that the page shows to one user: as long as it is the same, so is the page."""

    user_number: int
    board: Board
    waiting: Waiting | None  # for whoever may listen

    @property
    def etag(self) -> str:
        shown = f"{__version__} {self!r}"
        return quote_etag(hashlib.blake2b(shown.encode(), digest_size=16).hexdigest())

    @property
    def session_numbers(self) -> set[int]:
        """Whose data are shown."""
        waiting = self.waiting.oldest if self.waiting else ()
        return {line.number for line in self.board.lines} | {
            take.session_number for take in waiting
        }

    @property
    def context(self) -> dict[str, Any]:
        return {
            "board": self.board,
            "waiting": self.waiting,
            "etag": self.etag,
            "shown_limit": SHOWN,
            "days_back": DAYS_BACK,
            "first_stuck": self.board.stuck[:STUCK_SHOWN],
            "more_stuck": self.board.stuck[STUCK_SHOWN:],
            "queue": QUEUE,
            "queue_kept": urlencode({FILTERS_VAR: QUEUE}),
        }


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the page needs beside what the admin gives to all; Unfold calls it."""
    today = _today_of(request)
    _note(request, today.session_numbers)
    request.session[MEMORY] = sorted(today.session_numbers)
    return {**context, **today.context}


@require_safe
def board_view(request: HttpRequest) -> HttpResponseBase:
    """The board alone, or 304 for whoever has it as it is."""
    today = _today_of(request)
    unchanged = get_conditional_response(request, etag=today.etag)
    if unchanged is not None:
        return unchanged
    _note_new(request, today.session_numbers)
    response = render(request, "admin/dataset/today_board.html", today.context)
    response["ETag"] = today.etag
    return response


def _today_of(request: HttpRequest) -> Today:
    user = user_in(request)
    listens = user.has_perm("recordings.view_recording")
    sessions = Session.objects.listed_for(user)
    return Today(
        user.pk,
        read_board(sessions, timezone.now(), with_avisos=listens),
        read_waiting() if listens else None,
    )


def _note_new(request: HttpRequest, numbers: set[int]) -> None:
    """Notes the sessions that have come to the board since this user was last noted to see it."""
    remembered = set(request.session.get(MEMORY, ()))
    if new := numbers - remembered:
        _note(request, new)
        request.session[MEMORY] = sorted(numbers | remembered)


def _note(request: HttpRequest, numbers: set[int]) -> None:
    note_access(request, AccessKind.VIEW, page=PAGE, shown=sorted(numbers))
