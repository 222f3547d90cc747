"""The back office's pages of texts that are neither a list nor the form of one."""

import json
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from training.forms import ImportForm, PagesWidget
from training.models import Text
from training.previews import preview_of
from training.serializers import DeliveredTextSerializer
from training.services import ImportResult, InvalidTexts, document_in, import_texts, texts_in
from training.vr_warnings import warnings_of

TEXTS_SHOWN = 200
FAULTS_SHOWN = 50
FAULT_LENGTH = 300  # characters
NO_TEXTS = "El archivo no tiene ningún texto."


@require_POST
def preview_page(request: HttpRequest) -> HttpResponseBase:
    """The pages of a draft as the headset would show them; nothing is saved.

    A script gets the part that it puts beside the form; a browser without one, a whole page.
    """
    pages = PagesWidget().value_from_datadict(request.POST, request.FILES, "pages")
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return TemplateResponse(request, "admin/training/preview.html", preview_of(pages))
    return _page(request, "preview_page", "Vista en el visor", **preview_of(pages))


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest) -> HttpResponseBase:
    """A file is looked at first; the texts that were come back whole, and are checked again."""
    if "document" in request.POST:
        return _import(request)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if not form.is_valid():
        return _import_form(request, form)
    texts, faults = _read(form.cleaned_data["file"], reflow=form.cleaned_data["reflow"])
    if faults:
        return _import_form(request, form, faults)
    result = import_texts(texts, dry_run=True)
    plan = _plan(texts[:TEXTS_SHOWN], result)
    return _page(
        request,
        "import_plan",
        "Revisar antes de importar",
        result=result,
        plan=plan,
        has_warnings=any(row["warnings"] for row in plan),
        left_out=max(0, len(texts) - TEXTS_SHOWN),
        document=json.dumps(DeliveredTextSerializer(texts, many=True).data, ensure_ascii=False),
    )


def _import(request: HttpRequest) -> HttpResponseBase:
    texts, faults = _read(request.POST["document"].encode(), reflow=False)
    if faults:
        return _import_form(request, ImportForm(), faults)
    result = import_texts(texts)
    messages.success(
        request,
        f"Textos nuevos: {len(result.inserted)}; cambiados: {len(result.updated)}; "
        f"sin cambios: {len(result.unchanged)}.",
    )
    return redirect("admin:training_text_changelist")


def _read(content: bytes, *, reflow: bool) -> tuple[list[Text], list[str]]:
    """The texts of a file, or what is wrong with it."""
    try:
        texts = texts_in(document_in(content), reflow=reflow)
    except InvalidTexts as error:
        return [], error.faults
    return texts, [] if texts else [NO_TEXTS]


def _import_form(
    request: HttpRequest, form: ImportForm, faults: list[str] | None = None
) -> HttpResponseBase:
    faults = faults or []
    return _page(
        request,
        "import",
        "Importar textos",
        form=form,
        faults=[_printable(fault) for fault in faults[:FAULTS_SHOWN]],
        left_out=max(0, len(faults) - FAULTS_SHOWN),
    )


def _printable(fault: str) -> str:
    """What a file is at fault with may be in the words: half a character, or a megabyte."""
    whole = fault.encode("utf-8", "replace").decode()
    return whole if len(whole) <= FAULT_LENGTH else f"{whole[:FAULT_LENGTH]}…"


def _plan(texts: list[Text], result: ImportResult) -> list[dict[str, Any]]:
    """What becomes of each text, and what the headset makes of it."""
    becoming = {
        **dict.fromkeys(result.inserted, ("Nuevo", "good")),
        **dict.fromkeys(result.updated, ("Cambia", "warn")),
        **dict.fromkeys(result.unchanged, ("Sin cambios", "plain")),
    }
    return [
        {
            "text": text,
            "becoming": becoming[text.pk],
            "vr_pages": len(text.vr_pages),
            "warnings": len(warnings_of(text.pages)),
        }
        for text in texts
    ]


def _page(request: HttpRequest, name: str, title: str, **shown: Any) -> TemplateResponse:
    context = {**admin.site.each_context(request), "title": title, "opts": Text._meta, **shown}
    return TemplateResponse(request, f"admin/training/text/{name}.html", context)
