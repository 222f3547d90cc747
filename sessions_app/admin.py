from datetime import datetime
from functools import wraps
from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime, now
from django.views.decorators.http import require_POST, require_safe
from unfold.contrib.filters.admin import MultipleChoicesDropdownFilter

from accounts.back_office import PersonalDataAdmin, user_in
from accounts.models import User
from sessions_app.actors import actor_behind
from sessions_app.admin_filters import (
    CreatorFilter,
    HasRecordingFilter,
    HasSurveyFilter,
    TagFilter,
    TextFilter,
    TitleFilter,
)
from sessions_app.badges import estado_badge
from sessions_app.choices import Estado
from sessions_app.durations import in_words
from sessions_app.forms import NewSessionForm
from sessions_app.models import InvalidTransition, Participant, Session, SessionEvent
from sessions_app.panels import Panel, panels_of, register
from sessions_app.progress import next_step_of, stays_of, steps_of
from sessions_app.qr import qr_svg
from sessions_app.searching import called, code_typed, found_by
from sessions_app.text_choice import offer
from toastclub.admin import ReadOnlyAdmin
from toastclub.admin_filters import DaysFilter
from toastclub.searching import words_in
from training.models import Text
from training.reading import seconds_for

ADD, VIEW, MOVE = (f"sessions_app.{name}_session" for name in ("add", "view", "move"))
VIEW_ACCOUNTS = "accounts.view_user"
TEMPLATES = "admin/sessions_app/session"
FRAGMENT_HEADER = "X-Fragment"  # of a page that wants the changed part alone


@admin.register(Session)
class SessionAdmin(PersonalDataAdmin):
    list_display = ("codigo", "participante", "texto", "badge", "user", "created_at", "ago")
    list_filter = (
        ("estado", MultipleChoicesDropdownFilter),
        ("created_at", DaysFilter),
        TextFilter,
        TagFilter,
        CreatorFilter,
        HasRecordingFilter,
        HasSurveyFilter,
        ("title", TitleFilter),
    )
    sortable_by = ("codigo", "created_at")
    ordering = ("-id",)
    search_fields = ("session_code",)  # and more: see `found_by`
    search_help_text = "Código, nombre, correo, texto o número de sesión"
    list_before_template = f"{TEMPLATES}/above_list.html"
    show_add_link = False  # a button above the list says it in words
    fields = ("session_code",)

    class Media:
        css = {"all": ("sessions_app/sessions.css",)}

    def session_number_of(self, row: Session) -> int:
        return row.pk

    def has_add_permission(self, request: HttpRequest) -> bool:
        return user_in(request).has_perm(ADD)

    def get_queryset(self, request: HttpRequest) -> Any:
        own = Session.objects.listed_for(user_in(request))
        return own.with_details().select_related("user")

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._for_reader(request, super().get_list_display(request), "user")

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self._for_reader(request, super().get_list_filter(request), CreatorFilter)

    def _for_reader(self, request: HttpRequest, shown: Any, about_accounts: Any) -> list[Any]:
        """What is shown of a list, without accounts to whoever may not see these."""
        sees_accounts = user_in(request).has_perm(VIEW_ACCOUNTS)
        return [each for each in shown if sees_accounts or each != about_accounts]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        return found_by(search_term, queryset), False

    def get_urls(self) -> list[URLPattern]:
        return [
            self._page("text/<str:text_id>/", self.text_view, "text", ADD),
            self._page("<int:number>/live/", self.live_view, "live", VIEW),
            self._page("<int:number>/move/", self.move_view, "move", MOVE),
            *super().get_urls(),
        ]

    def _page(self, route: str, view: Any, name: str, permission: str) -> URLPattern:
        @wraps(view)
        def allowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not user_in(request).has_perm(permission):
                raise PermissionDenied
            response: HttpResponseBase = view(request, *args, **kwargs)
            return response

        return path(route, self.admin_site.admin_view(allowed), name=f"sessions_app_session_{name}")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            chosen = request.GET.get("texto", "")
            form = NewSessionForm(initial={"form_token": uuid4(), "texto_seleccionado_id": chosen})
            return self._form_page(request, form)
        form = NewSessionForm(request.POST)
        return self._start(request, form) if form.is_valid() else self._form_page(request, form)

    def _start(self, request: HttpRequest, form: NewSessionForm) -> HttpResponseBase:
        session, is_new = form.start(user_in(request))
        if is_new:
            messages.success(request, "Sesión creada. Escribe este código en el visor.")
        else:
            messages.info(
                request,
                "Este formulario ya se había enviado, y esta es la sesión que creó. "
                "Para otra persona, pulsa «Nueva sesión».",
            )
        return redirect(self._address_of(session.pk))

    def _form_page(self, request: HttpRequest, form: NewSessionForm) -> TemplateResponse:
        selects, texts = offer(request.GET.dict())
        shown = sum(offered.has_wanted_tags for offered in texts)
        context = {"form": form, "selects": selects, "texts": texts, "shown": shown}
        return self._own_page(request, "Nueva sesión", "add_form.html", context)

    @method_decorator(require_safe)
    def text_view(self, request: HttpRequest, text_id: str) -> TemplateResponse:
        text = Text.objects.filter(pk=text_id).first()
        if text is None:
            raise Http404
        return self._own_page(request, text.title, "text_preview.html", {"text": text})

    def _own_page(
        self, request: HttpRequest, title: str, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            **context,
        }
        return TemplateResponse(request, f"{TEMPLATES}/{template}", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        session = context["original"]
        context |= {
            **_progress_of(session),
            "title": str(session).capitalize(),
            "subtitle": None,
            "qr": qr_svg(session.session_code),
            "code_is_wanted": session.estado in (Estado.CREATED, Estado.READY_TO_START),
            "panels": panels_of(session, request),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    @method_decorator(require_safe)
    def live_view(self, request: HttpRequest, number: int) -> HttpResponseBase:
        """What changes on a session's page, without anything that tells who takes part."""
        session = self._found(request, number)
        mark = _mark_of(session)
        unchanged: HttpResponse | None = get_conditional_response(request, etag=mark)
        return unchanged or self._live_part(request, session)

    @method_decorator(require_POST)
    def move_view(self, request: HttpRequest, number: int) -> HttpResponseBase:
        session = self._found(request, number)
        refusal = _refusal_to_move(session, request)
        if FRAGMENT_HEADER in request.headers:
            return self._live_part(request, self._found(request, number), refusal)
        if refusal:
            messages.error(request, refusal)
        return redirect(self._address_of(session.pk))

    def _found(self, request: HttpRequest, number: int) -> Session:
        session: Session | None = self.get_queryset(request).filter(pk=number).first()
        if session is None:
            raise Http404
        return session

    def _live_part(
        self, request: HttpRequest, session: Session, refusal: str = ""
    ) -> HttpResponseBase:
        context = {**_progress_of(session), "original": session, "refusal": refusal}
        part = render_to_string(f"{TEMPLATES}/live.html", context, request)
        return HttpResponse(part, headers={"ETag": _mark_of(session)})

    def _address_of(self, number: int) -> str:
        return reverse("admin:sessions_app_session_change", args=[number])

    @admin.display(description="código", ordering="session_code")
    def codigo(self, session: Session) -> SafeString:
        return format_html('<span class="sa-code-cell">{}</span>', session.session_code)

    @admin.display(description="participante")
    def participante(self, session: Session) -> str | SafeString:
        erased = format_html('<span class="tc-soft">{}</span>', "datos borrados")
        return session.datos_participante["nombre"] or erased

    @admin.display(description="texto")
    def texto(self, session: Session) -> str:
        return session.text_title

    @admin.display(description="estado")
    def badge(self, session: Session) -> SafeString:
        return estado_badge(session.estado)

    @admin.display(description="hace")
    def ago(self, session: Session) -> str:
        return in_words(now() - session.created_at)


@admin.register(Participant)
class ParticipantAdmin(PersonalDataAdmin):
    list_display = ("nombre", "edad_aproximada", "email_opcional", "sesion", "texto", "created")
    list_select_related = ("session",)
    list_filter = (("session__created_at", DaysFilter),)
    sortable_by = ("nombre", "created")
    search_fields = ("nombre", "email_opcional")
    search_help_text = "Nombre, correo o código de sesión"
    fields = ("nombre", "edad_aproximada", "email_opcional", "sesion", "texto", "created")

    class Media:
        css = {"all": ("sessions_app/sessions.css",)}

    def session_number_of(self, row: Participant) -> int:
        return row.pk

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("session__text_pages", "session__text_tags")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        by_code = queryset.filter(session__session_code=code_typed(search_term))
        if by_code.exists():
            return by_code, False
        words = words_in(search_term)
        return queryset.filter(called(words, "")) if words else queryset, False

    @admin.display(description="sesión")
    def sesion(self, participant: Participant) -> SafeString:
        return _link_to(participant.session)

    @admin.display(description="texto")
    def texto(self, participant: Participant) -> str:
        return participant.session.text_title

    @admin.display(description="sesión creada", ordering="session__created_at")
    def created(self, participant: Participant) -> datetime:
        return participant.session.created_at


@admin.register(SessionEvent)
class SessionEventAdmin(ReadOnlyAdmin):
    list_display = ("moment", "sesion", "before", "after", "actor_kind", "user_email")
    list_select_related = ("session",)
    list_filter = (
        ("to_estado", MultipleChoicesDropdownFilter),
        ("actor_kind", MultipleChoicesDropdownFilter),
        ("at", DaysFilter),
    )
    sortable_by = ("moment",)
    ordering = ("-at",)
    search_fields = ("user__email",)
    search_help_text = "Código de sesión, o correo de la cuenta que hizo el cambio"
    fields = ("moment", "sesion", "before", "after", "actor_kind", "user_email")

    class Media:
        css = {"all": ("sessions_app/sessions.css",)}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("session__text_pages", "session__text_tags")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        if code := code_typed(search_term):
            return queryset.filter(session__session_code=code), False
        words = search_term.strip()
        accounts = User.objects.filter(email__icontains=words)
        return queryset.filter(user__in=accounts) if words else queryset, False

    @admin.display(description="cuándo", ordering="at")
    def moment(self, event: SessionEvent) -> str:
        return date_format(localtime(event.at), "d/m/Y H:i:s")

    @admin.display(description="sesión")
    def sesion(self, event: SessionEvent) -> SafeString:
        return _link_to(event.session)

    @admin.display(description="de")
    def before(self, event: SessionEvent) -> SafeString:
        return estado_badge(event.from_estado)

    @admin.display(description="a")
    def after(self, event: SessionEvent) -> SafeString:
        return estado_badge(event.to_estado)


def _link_to(session: Session) -> SafeString:
    address = reverse("admin:sessions_app_session_change", args=[session.pk])
    return format_html('<a class="sa-code-cell" href="{}">{}</a>', address, session.session_code)


def _progress_of(session: Session) -> dict[str, Any]:
    prefetch_related_objects([session], "events")
    stays = stays_of(session)
    return {
        "estado_badge": estado_badge(session.estado),
        "stays": stays,
        "current": stays[-1],
        "steps": steps_of(stays),
        "next_step": next_step_of(session),
        "mark": _mark_of(session),
    }


def _mark_of(session: Any) -> str:
    """An ETag that is another one as soon as anything changes that the page shows."""
    moment = session.updated_at.timestamp()
    return f'"{session.estado}-{moment}-{session.recording_id}-{session.survey_id}"'


def _refusal_to_move(session: Session, request: HttpRequest) -> str:
    """Why the session could not be moved to the wanted state; nothing once it has been."""
    try:
        session.transition_to(request.POST.get("new_state", ""), by=actor_behind(request.user))
    except InvalidTransition as refused:
        return (
            f"No se hizo ningún cambio: la sesión ya estaba en «{refused.current.label}», "
            "quizá porque la movió otra persona o el visor."
        )
    return ""


def _history(request: HttpRequest, session: Session) -> dict[str, Any]:
    prefetch_related_objects([session], "events")
    return {"stays": stays_of(session), "shows_emails": True}


def _text(request: HttpRequest, session: Session) -> dict[str, Any]:
    minutes = max(1, round(seconds_for(session.text_words) / 60))
    return {"pages": session.text_pages, "minutes": minutes}


register(Panel("historia", "Historia", f"{TEMPLATES}/history.html", _history, VIEW, 10))
register(Panel("texto", "Texto", f"{TEMPLATES}/text.html", _text, VIEW, 20))
