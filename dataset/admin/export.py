"""Where an analyst takes the dataset: all of it, what filters leave, or what a list shows.

Each page says first how much it will be. Its address holds the filters, so that nothing that was
asked for is lost when an export can't be sent at once.
"""

from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import SuspiciousOperation
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from accounts.back_office import user_in
from dataset.estimates import estimate
from dataset.forms import ExportForm
from dataset.lists import EXPORTED, selection_of
from dataset.responses import selection_response
from dataset.selection import IDENTIFIABLE, Selection, read_flag, select
from toastclub.active_filters import Filter, filters_of, noted
from toastclub.clients import ClientGone
from toastclub.errors import ToastClubError
from toastclub.identifiers import parse_id
from toastclub.list_tools import ListTool, offer
from toastclub.responses import first_fault

PERMISSION = "dataset.export_dataset"
PAGE = "dataset_export"
CHOSEN = "elegidas"  # the keys of the rows that were chosen one by one
CHOSEN_MAX = 20_000  # of which SQLite takes no more than 32,766 in a statement


class NothingToExport(ToastClubError):
    message = "No hay ninguna sesión que exportar: cambia los filtros."


@dataclass(frozen=True)
class Wanted:
    """What somebody is about to export; no selection where the filters can't be read."""

    selection: Selection | None
    address: str  # of the page, without the query
    meaning: str
    filters: list[Filter] = field(default_factory=list)
    form: ExportForm | None = None  # where the filters are chosen on the page itself
    back: str = ""  # to the list
    chosen: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def dataset_page(request: HttpRequest) -> HttpResponseBase:
    """All of the dataset, or what the filters in the query leave of it."""
    form = ExportForm(request.GET.dict())
    wanted = Wanted(
        selection=_selected(form, request),
        address=reverse(f"admin:{PAGE}"),
        meaning="Las sesiones que cumplen todos los filtros, con sus grabaciones y encuestas.",
        filters=[Filter.of_field(bound) for bound in form if bound.value()],
        form=form,
    )
    return _answer(request, wanted)


@require_http_methods(["GET", "HEAD", "POST"])
def list_page(request: HttpRequest, *, model: type[Model]) -> HttpResponseBase:
    """What a list shows with the filters in the query, or those of its rows that were chosen."""
    chosen = request.POST.get(CHOSEN, "")
    if chosen:
        return _answer(request, _chosen_rows(request, model, chosen))
    try:
        return _answer(request, _filtered_rows(request, model))
    except IncorrectLookupParameters:
        messages.error(request, "Esos filtros no se pueden leer: vuelve a elegirlos en la lista.")
        return redirect(_address_of_list(model))


def export_chosen(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponseBase:
    """The admin's action: leads to the page for all that the filters leave, or for some rows."""
    address = export_address(model_admin.model)
    if request.POST.get("select_across") == "1":
        return redirect(f"{address}?{request.GET.urlencode()}")
    chosen = ",".join(request.POST.getlist(ACTION_CHECKBOX_NAME))
    return _page(request, _chosen_rows(request, model_admin.model, chosen))


def export_address(model: type[Model]) -> str:
    """Of the page that exports that model's list."""
    return reverse(f"admin:{PAGE}_{model._meta.model_name}")


def _selected(form: ExportForm, request: HttpRequest) -> Selection | None:
    """What the form's filters leave; if they can't be read, it says why."""
    if not form.is_valid():
        return None
    try:
        return select(dict(request.GET.lists()))
    except ValidationError as error:
        faults: Any = error.detail
        for name, words in faults.items():
            form.add_error(name if name in form.fields else None, [str(word) for word in words])
    return None


def _filtered_rows(request: HttpRequest, model: type[Model]) -> Wanted:
    changelist = _admin_of(model).unread_list(request, request.GET)
    filters = filters_of(changelist)
    return _rows_of_list(request, changelist.queryset, filters, noted(filters))


def _chosen_rows(request: HttpRequest, model: type[Model], chosen: str) -> Wanted:
    keys = [parse_id(key) for key in chosen.split(",")]
    if None in keys or len(keys) > CHOSEN_MAX:
        raise SuspiciousOperation("The chosen rows can't be read")
    rows = _admin_of(model).get_queryset(request).filter(pk__in=keys)
    count = str(len(keys))
    filters = [Filter("elegidas una a una", count, count)]
    return _rows_of_list(request, rows, filters, {CHOSEN: count}, chosen=chosen)


def _rows_of_list(
    request: HttpRequest,
    rows: QuerySet[Any],
    filters: list[Filter],
    facts: dict[str, str],
    *,
    chosen: str = "",
) -> Wanted:
    model = rows.model
    name = str(model._meta.verbose_name_plural)
    return Wanted(
        selection=selection_of(rows, {"lista": name, **facts}),
        address=export_address(model),
        meaning=EXPORTED[model].meaning,
        filters=filters,
        back=f"{_address_of_list(model)}?{request.GET.urlencode()}",
        chosen=chosen,
    )


def _admin_of(model: type[Model]) -> Any:
    return admin.site.get_model_admin(model)


def _address_of_list(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def _answer(request: HttpRequest, wanted: Wanted) -> HttpResponseBase:
    """The page, or the export; the page again, with all that was asked for, if that fails."""
    if request.method != "POST":
        return _page(request, wanted)
    if wanted.selection is None:
        return _page(request, wanted, status=HTTPStatus.BAD_REQUEST)
    try:
        return _export(request, wanted.selection)
    except ClientGone:
        return HttpResponseBadRequest()  # that nobody reads
    except ToastClubError as error:
        page = _page(request, wanted, fault=error.detail, status=error.status_code)
        if error.retry_after is not None:
            page["Retry-After"] = str(error.retry_after)
        return page
    except ValidationError as error:
        fault = first_fault(error.detail)
        return _page(request, wanted, fault=fault, status=HTTPStatus.BAD_REQUEST)


def _export(request: HttpRequest, selection: Selection) -> HttpResponseBase:
    if not selection.sessions.exists():
        raise NothingToExport
    is_identifiable = read_flag(IDENTIFIABLE, request.POST.getlist(IDENTIFIABLE) or [""])
    return selection_response(selection, request, user_in(request), is_identifiable=is_identifiable)


def _page(
    request: HttpRequest, wanted: Wanted, *, fault: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    query = request.GET.urlencode()
    context = {
        **admin.site.each_context(request),
        "title": "Exportar",
        "wanted": wanted,
        "estimate": estimate(wanted.selection) if wanted.selection is not None else None,
        "address": f"{wanted.address}?{query}" if query else wanted.address,
        "whole": reverse(f"admin:{PAGE}"),
        "identifiable": request.POST.get(IDENTIFIABLE) == "true",
        "fault": fault,
    }
    return HttpResponse(
        render_to_string("admin/dataset/export/page.html", context, request), status=status
    )


def _add_pages(site: Any) -> None:
    site.add_page("dataset/export/", dataset_page, name=PAGE, permission=PERMISSION)
    for model in EXPORTED:
        name = model._meta.model_name
        site.add_page(
            f"dataset/export/{name}/",
            partial(list_page, model=model),
            name=f"{PAGE}_{name}",
            permission=PERMISSION,
        )
        offer(_EXPORT, model)


_EXPORT = ListTool(
    name="export_chosen",
    permission=PERMISSION,
    button="Exportar la lista…",
    icon="download",
    address=export_address,
    action=export_chosen,
    action_title="Exportar lo elegido…",
)
_add_pages(admin.site)
