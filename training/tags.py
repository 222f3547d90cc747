"""The index of tags that texts can be filtered by."""

import unicodedata
from collections.abc import Iterable

from training.models import fold


def tag_index(all_tags: Iterable[dict[str, str]]) -> dict[str, list[str]]:
    """Key → its values, keys and values sorted, without values that compare equal."""
    values: dict[str, dict[str, str]] = {}
    for tags in all_tags:
        for key, value in tags.items():
            values.setdefault(key, {}).setdefault(fold(value), value.strip())
    return {
        key: sorted(values[key].values(), key=spanish_order)
        for key in sorted(values, key=spanish_order)
    }


def spanish_order(text: str) -> tuple[str, str]:
    """A sort key as a Spanish dictionary orders: accents don't count, ñ follows n."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    letters = decomposed.replace("n\u0303", "n\U0010ffff")
    base = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return base, text
