"""The page from which an analyst takes the dataset, or what its filters leave of it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from accounts.back_office import user_in
from dataset.forms import ExportForm
from dataset.models import Release
from dataset.responses import export_response
from toastclub.admin import telling_errors

CSRF_FIELD = "csrfmiddlewaretoken"


@telling_errors
def export_page(request: HttpRequest) -> HttpResponseBase:
    if request.method == "POST":
        asked = {name: values for name, values in request.POST.lists() if name != CSRF_FIELD}
        return export_response(asked, request, user_in(request))
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Exportar el dataset",
        "opts": Release._meta,
        "form": ExportForm(),
    }
    return TemplateResponse(request, "admin/dataset/release/export.html", context)


site: Any = admin.site
site.add_page(
    "dataset/release/export/",
    export_page,
    name="dataset_release_export",
    permission="dataset.export_dataset",
)
