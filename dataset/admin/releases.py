"""Versions of the dataset: asked for, watched while they are built, looked at and fetched."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_tasks_db.models import DBTaskResult
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.back_office import user_in
from dataset.choices import Change, ReleaseState, Split
from dataset.estimates import estimate
from dataset.models import Release
from dataset.selection import everything
from dataset.tasks import request_release
from toastclub.addresses import client_address
from toastclub.admin import ReadOnlyAdmin, badge
from toastclub.admin_filters import DaysFilter
from toastclub.templatetags.toastclub_admin import grouped

DOWNLOAD_SECONDS = 600
COUNTS = {
    "sessions": "Sesiones",
    "recordings": "Grabaciones",
    "audio_missing": "Grabaciones sin audio",
    "surveys": "Encuestas completadas",
}
BADGES = {
    ReleaseState.WAITING: "plain",
    ReleaseState.BUILDING: "busy",
    ReleaseState.FAILED: "bad",
    ReleaseState.READY: "good",
}

admin.site.unregister(DBTaskResult)  # a release says all that an analyst wants to know of it


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "estado", "released_at", "contenido", "tamano", "cambios")
    list_filter = (("state", ChoicesDropdownFilter), ("requested_at", DaysFilter))
    search_fields = ("=number", "requested_by", "sha256")
    search_help_text = "El número, quién la pidió o el SHA-256."

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        page = {**context, **facts_of(context["original"])}
        response: HttpResponse = super().render_change_form(request, page, *args, **kwargs)
        return response

    @admin.display(description="estado", ordering="state")
    def estado(self, release: Release) -> SafeString:
        return badge_of(release)

    @admin.display(description="contenido")
    def contenido(self, release: Release) -> str:
        if not release.counts:
            return "—"
        counts = {name: grouped(release.counts.get(name, 0)) for name in COUNTS}
        return f"Sesiones: {counts['sessions']}; grabaciones: {counts['recordings']}"

    @admin.display(description="tamaño", ordering="file_size")
    def tamano(self, release: Release) -> str:
        return filesizeformat(release.file_size) if release.file_size is not None else "—"

    @admin.display(description="cambios")
    def cambios(self, release: Release) -> str:
        if not release.changes:
            return "—"
        return ", ".join(
            f"{grouped(release.changes.get(change, 0))} {change.plural}" for change in Change
        )


@require_http_methods(["GET", "HEAD", "POST"])
def create_page(request: HttpRequest) -> HttpResponseBase:
    """Says what the next version will hold, and has it built once that is confirmed."""
    unfinished = Release.objects.unfinished().first()
    if unfinished is not None:
        messages.info(request, f"La versión {unfinished.number} ya está pedida.")
        return redirect(address_of(unfinished))
    if request.method == "POST":
        return redirect(address_of(request_release(who=user_in(request).email)))
    context = {
        **admin.site.each_context(request),
        "title": "Crear una versión",
        "number": Release.objects.next_number(),
        "estimate": estimate(everything()),
    }
    return TemplateResponse(request, "admin/dataset/release/create.html", context)


@require_safe
def state_view(request: HttpRequest, number: int) -> HttpResponseBase:
    """What the page of a version shows, for as long as it changes by itself."""
    release = Release.objects.filter(number=number).first()
    if release is None:
        raise Http404
    etag = _etag_of(release)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    page = render_to_string("admin/dataset/release/state.html", facts_of(release), request)
    return HttpResponse(page, headers={"ETag": etag, "Cache-Control": "private, no-cache"})


def _etag_of(release: Release) -> str:
    """Changes with all that may change in a version's page."""
    facts = (release.state, release.requested_at.timestamp(), release.is_overdue)
    progress = (release.stored_bytes, release.total_bytes)
    return quote_etag("-".join(map(str, (*facts, *progress))))


@require_POST
def download_view(request: HttpRequest, number: int) -> HttpResponseBase:
    release = Release.objects.ready().filter(number=number).first()
    if release is None:
        raise Http404
    address = client_address(request)
    url = release.hand_out_url(user_in(request), address=address, expires_in=DOWNLOAD_SECONDS)
    return redirect(url)


def address_of(release: Release) -> str:
    return reverse("admin:dataset_release_change", args=[release.pk])


def badge_of(release: Release) -> SafeString:
    return badge(release.get_state_display(), BADGES[ReleaseState(release.state)])


def facts_of(release: Release) -> dict[str, Any]:
    """What a version's page says of it, beside the version itself."""
    previous = Release.objects.filter(number=release.number - 1).first()
    return {
        "release": release,
        "badge": badge_of(release),
        "previous": previous,
        "counts": list(_compared_counts(release, previous)),
        "splits": [(split, release.splits.get(split, {})) for split in Split],
        "changes": [(change, release.changes.get(change, 0)) for change in Change],
    }


def _compared_counts(release: Release, previous: Release | None) -> Any:
    """Each count by its name: now, before, and the difference."""
    for name, words in COUNTS.items():
        now = release.counts.get(name, 0)
        before = previous.counts.get(name, 0) if previous else 0
        yield words, now, before, now - before


def _add_pages(site: Any) -> None:
    pages = {
        "create": ("create/", create_page, "dataset.create_release"),
        "state": ("<int:number>/state/", state_view, "dataset.view_release"),
        "download": ("<int:number>/download/", download_view, "dataset.view_release"),
    }
    for name, (route, view, permission) in pages.items():
        site.add_page(
            f"dataset/release/{route}", view, name=f"dataset_release_{name}", permission=permission
        )


_add_pages(admin.site)
