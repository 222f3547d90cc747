"""The pages of the back office, found where Django finds them: in the admin's own addresses."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

Rows = Mapping[type[Model], Model | None]

ROOT = "/admin/"
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def models() -> list[type[Model]]:
    """Those that the back office has pages of."""
    return list(admin.site._registry)


def newest_rows() -> Rows:
    """Of each model, the row that its pages are opened with."""
    return {model: model._default_manager.order_by("pk").last() for model in models()}


def addresses_of(model: type[Model] | None, rows: Rows) -> list[str]:
    """All that the admin answers about a model, or, without one, about none in particular.

    What is no page of its own (JSON, what takes POST alone) is among them.
    """
    return [path for owner, path in _addresses(rows) if owner is model]


def pages_among(addresses: list[str], browser: Client) -> list[str]:
    """Those that whoever is logged in there may open, and that are read in a browser."""
    return [address for address in addresses if _is_page(browser, address)]


def _is_page(browser: Client, address: str) -> bool:
    answer: Any = browser.get(address)
    assert answer.status_code in (200, 302, 403, 404, 405), f"{address}: {answer.status_code}"
    kind = answer.get("Content-Type", "").partition(";")[0]
    is_whole = kind == "text/html" and b"</html>" in getattr(answer, "content", b"")
    return answer.status_code == 200 and is_whole


def _addresses(rows: Rows) -> Iterator[tuple[type[Model] | None, str]]:
    owners = {f"{model._meta.app_label}/{model._meta.model_name}/": model for model in rows}
    for entry in admin.site.get_urls():
        route = _route_of(entry)
        if isinstance(entry, URLResolver) and route in owners:
            for own in entry.url_patterns:
                yield owners[route], ROOT + route + _filled(_route_of(own), owners[route], rows)
        elif isinstance(entry, URLPattern) and isinstance(entry.pattern, RoutePattern):
            yield None, ROOT + _filled(route, None, rows)
    for label in sorted({model._meta.app_label for model in rows}):
        yield None, f"{ROOT}{label}/"


def _route_of(entry: URLPattern | URLResolver) -> str:
    return str(entry.pattern)


def _filled(route: str, owner: type[Model] | None, rows: Rows) -> str:
    """The route with each parameter as the model's row has it.

    Pages of no model say by the parameter's name whose number it is: `session_id`.
    """
    by_name = {f"{model._meta.model_name}_id": row for model, row in rows.items()}

    def value(parameter: re.Match[str]) -> str:
        row = rows[owner] if owner else by_name.get(parameter[1])
        return str(row.pk) if row else "0"

    return _PARAMETER.sub(value, route)
