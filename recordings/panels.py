"""What is shown of a session's recordings wherever a session is shown."""

from typing import Any

from django.http import HttpRequest

from sessions_app.models import Session
from sessions_app.panels import Panel, register


def show_with_sessions() -> None:
    register(
        Panel(
            name="grabaciones",
            title="Grabaciones",
            template="admin/recordings/panel.html",
            context=_context,
            permission="recordings.view_recording",
            order=30,
        )
    )


def _context(request: HttpRequest, session: Session) -> dict[str, Any]:
    return {"recordings": session.recordings.order_by("id")}
