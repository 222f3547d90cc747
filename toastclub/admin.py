"""What the admin classes of the apps share."""

import json
from collections.abc import Callable
from copy import copy
from functools import cached_property, wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBadRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from rest_framework.exceptions import ValidationError
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from toastclub.clients import ClientGone
from toastclub.errors import ToastClubError
from toastclub.list_tools import tools_of
from toastclub.responses import first_fault

View = Callable[..., HttpResponseBase]


class EndlessPaginator(Paginator):
    """Pages of a list that may grow without end: its rows are counted up to a limit only."""

    COUNTED = 1000
    template_name = "admin/endless_pagination.html"

    @cached_property
    def count(self) -> int:
        """The number of rows; one more than the limit stands for any number above it."""
        rows: Any = self.object_list
        return rows.order_by()[: self.COUNTED + 1].count()

    @property
    def is_counted(self) -> bool:
        return self.count <= self.COUNTED

    @cached_property
    def num_pages(self) -> int:
        return super().num_pages if self.is_counted else 2**31

    def has_page_after(self, number: int, shown: int) -> bool:
        """Whether there is a page after that one, on which so many rows are shown."""
        return number < self.num_pages if self.is_counted else shown == self.per_page


class EndlessChangeList(ChangeList):
    """A list whose filters are forms: one that is sent empty is none."""

    def get_filters_params(self, params: Any = None) -> dict[str, list[str]]:
        given = super().get_filters_params(params)
        return {name: values for name, values in given.items() if any(values)}

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count  # no other number is known of it


class UnreadChangeList(EndlessChangeList):
    """A list with its filters and its order, of which no row is read."""

    def get_results(self, request: HttpRequest) -> None:
        pass


class BackOfficeAdmin(ModelAdmin):
    """A list costs the same however long it grows, and its filters are sent together."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each choice of each filter would be counted
    paginator = EndlessPaginator
    list_per_page = 50
    list_max_show_all = 0
    list_filter_submit = True
    list_fullwidth = True
    empty_value_display = "—"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return UnreadChangeList if getattr(request, "is_unread", False) else EndlessChangeList

    def unread_list(self, request: HttpRequest, query: QueryDict) -> UnreadChangeList:
        """The list as that query asks for it; raises `IncorrectLookupParameters`."""
        asked: Any = copy(request)
        asked.is_unread = True
        asked.GET = query
        changelist: UnreadChangeList = self.get_changelist_instance(asked)
        return changelist

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        if ERROR_FLAG in request.GET:  # Django leads there from filters that no list has
            messages.error(request, "Esos filtros no se pueden leer: se muestra la lista entera.")
        response: HttpResponseBase = super().changelist_view(request, extra_context)
        return response

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Its own, and those that other apps offer on its list."""
        actions: dict[str, Any] = super().get_actions(request)
        for tool in tools_of(self.model, request):
            actions[tool.name] = (tool.action, tool.name, tool.action_title)
        return actions

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponseBase:
        one_way_to_save = {"show_save_and_add_another": False, "show_save_and_continue": False}
        context = {**one_way_to_save, **(extra_context or {})}
        response: HttpResponseBase = super().changeform_view(request, object_id, form_url, context)
        return response

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Django's log holds names and can be changed: what was done is noted in another."""

    log_change = log_addition

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """See `log_addition`."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """What happened to a row is told on its own page."""
        return redirect("../change/")


class ReadOnlyAdmin(BackOfficeAdmin):
    """Looked at, never written: what it shows is written by the system alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def telling_errors(view: View) -> View:
    """Has a page of the admin say what is wrong, and be shown again, instead of failing."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except ToastClubError as error:
            messages.error(request, error.detail)
        except ValidationError as error:
            messages.error(request, first_fault(error.detail))
        except ClientGone:
            return HttpResponseBadRequest()  # that nobody reads
        return redirect(request.get_full_path())

    return told


def badge(words: Any, kind: str = "plain") -> SafeString:
    """A word set off by its colour: `good`, `warn`, `bad`, `busy` or `plain`."""
    return format_html('<span class="tc-badge tc-{}">{}</span>', kind, words)


def pretty_json(value: Any) -> SafeString:
    """JSON to be read by a person; markup in it is shown, not run."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return format_html('<pre style="white-space: pre-wrap; margin: 0">{}</pre>', text)
