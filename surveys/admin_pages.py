"""The page on which a facilitator fills in the survey of a session."""

from django.contrib import admin, messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.back_office import user_in
from sessions_app.actors import actor_behind
from sessions_app.choices import Estado
from sessions_app.models import Session
from surveys.models import Survey
from surveys.panel import form_for
from toastclub.admin import telling_errors
from toastclub.identifiers import parse_id


@require_http_methods(["GET", "HEAD", "POST"])
@telling_errors
def answer_page(request: HttpRequest, session_id: str) -> HttpResponseBase:
    """Shows the form, stores what was answered, or shows the form again with what is missing."""
    session = _session_of(request, session_id)
    surveys = list(session.surveys.order_by("created_at", "pk"))
    form = form_for(session, surveys, request.POST if request.method == "POST" else None)
    if form is None or form.is_too_long or not form.is_valid():
        return _page(request, session, form)
    Survey.objects.fill_in(session, by=actor_behind(user_in(request)), answers=form.answers)
    session.refresh_from_db(fields=["estado"])
    messages.success(request, _said_of(session))
    return redirect(reverse("admin:sessions_app_session_change", args=[session.pk]) + "#encuestas")


def _session_of(request: HttpRequest, session_id: str) -> Session:
    """The session, if it is in this user's list; the others are not there."""
    listed = Session.objects.listed_for(user_in(request)).defer("text_pages", "text_tags")
    session = listed.filter(pk=parse_id(session_id)).first()
    if session is None:
        raise Http404
    return session


def _said_of(session: Session) -> str:
    if session.estado == Estado.COMPLETED:
        return "Encuesta guardada. La sesión queda completada."
    return f"Encuesta guardada. La sesión sigue en «{session.get_estado_display()}»."


def _page(request: HttpRequest, session: Session, form: object) -> TemplateResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"Encuesta de la sesión {session.session_code}",
        "session": session,
        "form": form,
    }
    return TemplateResponse(request, "admin/surveys/survey/answer.html", context)
