"""What the pages about a person say of values that clients have chosen the form of."""

import json
from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values to be shown; a template's own `.items` may be one of the names."""
    return [(name, in_words(value)) for name, value in values.items()]


@register.filter
def lines(page: list[str]) -> str:
    return "\n".join(page)


@register.filter
def in_words(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "sí" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
