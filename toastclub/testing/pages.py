"""The pages of the back office, found where Django finds them: in the admin's own addresses."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern
from django.utils.text import slugify

Rows = Mapping[type[Model], Model | None]

ROOT = "/admin/"
_PARAMETER = re.compile(r"[<{](?:\w+:)?(\w+)[>}]")
_NAMES = {"": "lista", "add": "nueva", "change": "ficha", "history": "historial"}
_NAMES_OF_OTHERS = {
    "": "hoy",
    "password_change": "contrasena",
    "password_change-done": "contrasena-cambiada",
}


# What pages are asked for that show nothing without.
_QUERIES = {
    "personas/datos/": "?sesion={session_id}",
    "personas/borrar/": "?sesion={session_id}",
}


@dataclass(frozen=True)
class Page:
    """An address of the admin's, under a name that sorts it beside those of the same model."""

    name: str
    address: str
    model: type[Model] | None = None


def models() -> list[type[Model]]:
    """Those that the back office has pages of."""
    return list(admin.site._registry)


def newest_rows() -> dict[type[Model], Model | None]:
    """Of each model, the row that its pages are opened with."""
    return {model: model._default_manager.order_by("pk").last() for model in models()}


def all_pages(rows: Rows) -> list[Page]:
    """All that the admin answers.

    What is no page to be read (JSON, what takes POST alone) is among them.
    """
    return [*_pages_of_models(rows), *_other_pages(rows)]


def pages_among(found: Iterable[Page], browser: Client) -> list[Page]:
    """Those that whoever is logged in there may open, and that are read in a browser."""
    return [page for page in found if _is_read(page, browser)]


def _is_read(page: Page, browser: Client) -> bool:
    answer: Any = browser.get(page.address)
    assert answer.status_code in (200, 302, 403, 404, 405), f"{page}: {answer.status_code}"
    kind = answer.get("Content-Type", "").partition(";")[0]
    is_whole = kind == "text/html" and b"</html>" in getattr(answer, "content", b"")
    is_saved = answer.get("Content-Disposition", "").startswith("attachment")
    return answer.status_code == 200 and is_whole and not is_saved


def _pages_of_models(rows: Rows) -> Iterator[Page]:
    owners = {f"{model._meta.app_label}/{model._meta.model_name}/": model for model in rows}
    for entry in admin.site.get_urls():
        owner = owners.get(str(entry.pattern))
        if owner and isinstance(entry, URLResolver):
            for own in entry.url_patterns:
                yield _page_of(owner, str(entry.pattern), str(own.pattern), rows)


def _page_of(owner: type[Model], root: str, route: str, rows: Rows) -> Page:
    address = _filled(route, rows, otherwise=rows[owner])
    words = _words_of(route)
    plural = slugify(str(owner._meta.verbose_name_plural))
    return Page(f"{plural}-{_NAMES.get(words, words)}", f"{ROOT}{root}{address}", owner)


def _other_pages(rows: Rows) -> Iterator[Page]:
    for entry in admin.site.get_urls():
        if isinstance(entry, URLPattern) and isinstance(entry.pattern, RoutePattern):
            route = str(entry.pattern)
            words = _words_of(route)
            address = _filled(route + _QUERIES.get(route, ""), rows)
            yield Page(_NAMES_OF_OTHERS.get(words, words), ROOT + address)


def _filled(route: str, rows: Rows, *, otherwise: Model | None = None) -> str:
    """The route with numbers: parameters say by their name whose (`session_id`), or stand for
    that of the model that the page belongs to.
    """
    numbers = {f"{model._meta.model_name}_id": row.pk for model, row in rows.items() if row}
    number = otherwise.pk if otherwise else 0
    return _PARAMETER.sub(lambda found: str(numbers.get(found[1], number)), route)


def _words_of(route: str) -> str:
    return slugify(_PARAMETER.sub("", route).strip("/").replace("/", "-"))
