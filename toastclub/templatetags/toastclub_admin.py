"""What the back office's templates say of a list."""

from typing import Any

from django import template
from django.contrib.admin.views.main import PAGE_VAR
from django.utils.formats import number_format

from toastclub.active_filters import Filter, filters_of
from toastclub.list_tools import ListTool, tools_of

register = template.Library()


@register.simple_tag
def page_url(changelist: Any, step: int) -> str:
    """The address of the page so many pages on, with all filters."""
    address: str = changelist.get_query_string({PAGE_VAR: changelist.page_num + step})
    return address


@register.simple_tag
def active_filters(changelist: Any) -> list[Filter]:
    """What narrows a list, its search included."""
    return filters_of(changelist)


@register.simple_tag(takes_context=True)
def list_tools(context: Any, changelist: Any) -> list[tuple[ListTool, str]]:
    """What other apps offer for this list, each with the address that gets all its filters."""
    query = changelist.get_query_string()
    return [
        (tool, tool.address(changelist.model) + query)
        for tool in tools_of(changelist.model, context["request"])
    ]


@register.filter
def grouped(number: int) -> str:
    """A number as people read it, with a mark at the thousands."""
    words: str = number_format(number, force_grouping=True)
    return words


@register.filter
def has_more_rows(changelist: Any) -> bool:
    shown = len(changelist.result_list)
    more: bool = changelist.paginator.has_page_after(changelist.page_num, shown)
    return more


@register.filter
def rows_shown(changelist: Any) -> str:
    """Which rows these are, and of how many, as far as they were counted."""
    shown = len(changelist.result_list)
    if not shown:
        return "Ninguna fila"
    first = (changelist.page_num - 1) * changelist.list_per_page + 1
    counted = changelist.paginator
    total = number_format(counted.count if counted.is_counted else counted.COUNTED)
    of = f"de {total}" if counted.is_counted else f"de más de {total}"
    return f"{number_format(first)}–{number_format(first + shown - 1)} {of}"
