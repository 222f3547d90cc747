"""What each app shows of a session, on the session's own page and beside its recordings."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from sessions_app.models import Session


class Panel(NamedTuple):
    """A part of a page: `context` gives the template what it shows of a session."""

    name: str
    title: str
    template: str
    context: Callable[[HttpRequest, Session], dict[str, Any]]
    permission: str
    order: int  # from top to bottom


class ShownPanel(NamedTuple):
    name: str
    title: str
    html: SafeString


_PANELS: list[Panel] = []


def register(panel: Panel) -> None:
    """Shows it with every session, to whoever holds its permission."""
    _PANELS.append(panel)
    _PANELS.sort(key=lambda registered: registered.order)


def panels_of(
    session: Session, request: HttpRequest, *, without: tuple[str, ...] = ()
) -> list[ShownPanel]:
    """What is known of the session, as far as this user may see it."""
    user: Any = request.user
    return [
        ShownPanel(panel.name, panel.title, _rendered(panel, session, request))
        for panel in _PANELS
        if panel.name not in without and user.has_perm(panel.permission)
    ]


def _rendered(panel: Panel, session: Session, request: HttpRequest) -> SafeString:
    context = {"session": session, **panel.context(request, session)}
    return render_to_string(panel.template, context, request)
