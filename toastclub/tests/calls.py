"""The calls of the API, read from its own table of addresses."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

API = "/api/v1"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

OPEN_CALLS = {
    ("POST", f"{API}/auth/login"),
    ("POST", f"{API}/auth/logout"),
    ("GET", f"{API}/texts"),
    ("GET", f"{API}/texts/1"),
    ("GET", f"{API}/texts/tags"),
    ("GET", f"{API}/sessions/by-code/1"),
}


def api_calls() -> list[tuple[str, str]]:
    """Every (method, path) that the API answers, with 1 for each id."""
    return sorted(
        (method, path)
        for path, view in _views(get_resolver().url_patterns, "/")
        for method in METHODS
        if hasattr(view, method.lower())
    )


def _views(patterns: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from _views(pattern.url_patterns, path)
        elif path.startswith(f"{API}/"):
            yield re.sub("<[^>]+>", "1", path), pattern.callback.view_class
