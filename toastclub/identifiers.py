"""Ids as clients write them."""

import re
from typing import Any

_DECIMAL = re.compile(r"[0-9]{1,18}")  # what always fits the database's 64-bit integers


def parse_id(value: Any) -> int | None:
    """The number, or None for what can't be an id: nothing has it, so it is not found."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return int(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None
