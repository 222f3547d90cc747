"""Where the back office finds the pages for a person who calls, and the list of erasures."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_POST

from accounts.rights import ERASE
from dataset.models import Erasure
from dataset.people.receipt import receipt_context
from dataset.people.views import carried_on, erase_view, find_view, person_view
from toastclub.admin import ReadOnlyAdmin, badge
from toastclub.admin_filters import DaysFilter

HAND_OVER = "dataset.handover_person"

site: Any = admin.site
site.add_page("personas/", find_view, name="dataset_people", permission=HAND_OVER)
site.add_page("personas/datos/", person_view, name="dataset_person", permission=HAND_OVER)
site.add_page("personas/borrar/", erase_view, name="dataset_person_erase", permission=ERASE)


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    """Every erasure, and the receipt of each; those that broke off are carried on from there."""

    list_display = ("__str__", "estado", "requested_at", "requested_by", "sesiones", "finished_at")
    list_filter = (("finished_at", admin.EmptyFieldListFilter), ("requested_at", DaysFilter))
    search_fields = ("=id", "requested_by")
    search_help_text = "El número del borrado, o el correo de quien lo pidió."

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "<int:number>/continuar/",
                self.admin_site.admin_view(self.continue_view),
                name="dataset_erasure_continue",
            ),
            path(
                "<int:number>/recibo/",
                self.admin_site.admin_view(self.receipt_view),
                name="dataset_erasure_receipt",
            ),
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponseBase:
        erasure = self.get_object(request, object_id)
        if not self.has_view_permission(request) or request.method == "POST":
            raise PermissionDenied
        if erasure is None:
            raise Http404
        user: Any = request.user
        context = {
            **self.admin_site.each_context(request),
            **receipt_context(erasure),
            "title": str(erasure),
            "opts": self.opts,
            "may_continue": user.has_perm(ERASE),
        }
        return TemplateResponse(request, "admin/dataset/people/receipt.html", context)

    @method_decorator(require_POST)
    def continue_view(self, request: HttpRequest, number: int) -> HttpResponseBase:
        user: Any = request.user
        if not user.has_perm(ERASE):
            raise PermissionDenied
        return carried_on(request, get_object_or_404(Erasure, pk=number))

    @method_decorator(require_GET)
    def receipt_view(self, request: HttpRequest, number: int) -> HttpResponseBase:
        """The receipt as a file of its own."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        erasure = get_object_or_404(Erasure, pk=number)
        page = render_to_string("admin/dataset/people/receipt_file.html", receipt_context(erasure))
        name = f"recibo_de_borrado_{erasure.pk}.html"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(page, headers=headers)

    @admin.display(description="estado", ordering="finished_at")
    def estado(self, erasure: Erasure) -> str:
        return badge("Terminado", "good") if erasure.is_finished else badge("Sin terminar", "bad")

    @admin.display(description="sesiones")
    def sesiones(self, erasure: Erasure) -> str:
        return ", ".join(map(str, erasure.session_numbers))
