from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from django_tasks_db.models import DBTaskResult

from dataset.choices import Change, ReleaseState, Split
from dataset.figures.pages import figures_view
from dataset.forms import ExportForm
from dataset.models import Release
from dataset.people import admin as _people  # noqa: F401  # registers its pages
from dataset.responses import export_response
from dataset.tasks import request_release
from dataset.today.pages import board_view
from toastclub.addresses import client_address
from toastclub.admin import ReadOnlyAdmin, telling_errors

DOWNLOAD_SECONDS = 600
CSRF_FIELD = "csrfmiddlewaretoken"
COUNTS = {
    "sessions": "sesiones",
    "recordings": "grabaciones",
    "audio_missing": "grabaciones sin audio",
    "surveys": "encuestas",
}

site: Any = admin.site
site.index_template = "admin/dataset/today.html"
site.add_page(
    "hoy/tablero/", board_view, name="today_board", permission="sessions_app.view_session"
)
site.add_page("cifras/", figures_view, name="figures", permission="dataset.view_figures")
admin.site.unregister(DBTaskResult)  # a release says all that an analyst wants to know of it


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "state", "released_at", "tamano", "cambios")
    list_filter = ("state", "requested_at")
    search_fields = ("=number", "requested_by", "sha256")
    fieldsets = (
        (None, {"fields": ("number", "state", "error", "requested_at", "requested_by")}),
        ("Datos", {"fields": ("snapshot_at", "recuento", "partes", "cambios")}),
        ("Archivo", {"fields": ("released_at", "tamano", "sha256", "software_version")}),
    )

    def get_urls(self) -> list[URLPattern]:
        views = {
            "create": ("create/", self.create_view),
            "export": ("export/", self.export_view),
            "download": ("<int:number>/download/", self.download_view),
        }
        own = [
            path(route, self._for_analysts(view), name=f"dataset_release_{name}")
            for name, (route, view) in views.items()
        ]
        return [*own, *super().get_urls()]

    def _for_analysts(self, view: Any) -> Any:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_view_permission(request):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return self.admin_site.admin_view(checked)

    @method_decorator(require_POST)
    def create_view(self, request: HttpRequest) -> HttpResponseBase:
        release = request_release(who=_email_of(request))
        messages.info(request, f"{release}: {release.get_state_display().lower()}.")
        return redirect("admin:dataset_release_changelist")

    @method_decorator(telling_errors)
    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST":
            asked = {name: values for name, values in request.POST.lists() if name != CSRF_FIELD}
            user: Any = request.user
            return export_response(asked, request, user)
        context = {
            **self.admin_site.each_context(request),
            "title": "Exportar el dataset",
            "opts": self.opts,
            "form": ExportForm(),
        }
        return TemplateResponse(request, "admin/dataset/release/export.html", context)

    @method_decorator(require_POST)
    def download_view(self, request: HttpRequest, number: int) -> HttpResponseBase:
        release = Release.objects.ready().filter(number=number).first()
        if release is None:
            raise Http404
        user: Any = request.user
        address = client_address(request)
        return redirect(release.hand_out_url(user, address=address, expires_in=DOWNLOAD_SECONDS))

    @admin.display(description="tamaño")
    def tamano(self, release: Release) -> str:
        if release.state == ReleaseState.BUILDING:
            return f"{filesizeformat(release.stored_bytes)} por ahora"
        return filesizeformat(release.file_size) if release.file_size is not None else "—"

    @admin.display(description="recuento")
    def recuento(self, release: Release) -> str:
        return ", ".join(f"{release.counts.get(name, 0)} {word}" for name, word in COUNTS.items())

    @admin.display(description="partes")
    def partes(self, release: Release) -> str:
        recordings = {split: release.splits.get(split, {}).get("recordings", 0) for split in Split}
        return ", ".join(f"{split.label}: {count}" for split, count in recordings.items())

    @admin.display(description="cambios")
    def cambios(self, release: Release) -> str:
        return ", ".join(
            f"{change.label.lower()}s: {release.changes.get(change, 0)}" for change in Change
        )


def _email_of(request: HttpRequest) -> str:
    user: Any = request.user
    email: str = user.email
    return email
