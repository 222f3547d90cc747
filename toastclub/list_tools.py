"""What one app offers on the lists of another: a button above the rows, and an action on some."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class ListTool(NamedTuple):
    """Its button leads to `address`, with the list's query; its action gets the chosen rows."""

    name: str
    permission: str
    button: str
    icon: str
    address: Callable[[type[Model]], str]
    action: Callable[..., HttpResponseBase]
    action_title: str


_TOOLS: dict[type[Model], list[ListTool]] = {}


def offer(tool: ListTool, model: type[Model]) -> None:
    """Offers it on that model's list, to whoever holds its permission."""
    _TOOLS.setdefault(model, []).append(tool)


def tools_of(model: type[Model], request: HttpRequest) -> list[ListTool]:
    """Those that this user may use on that model's list."""
    user: Any = request.user
    return [tool for tool in _TOOLS.get(model, []) if user.has_perm(tool.permission)]
