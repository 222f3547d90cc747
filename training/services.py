"""Importing texts, by the command and by whoever else has a file of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from training import vr_layout
from training.models import Text
from training.serializers import DeliveredTextSerializer

Path = tuple[str | int, ...]  # of a fault: the names and positions that lead to it


class InvalidTexts(Exception):
    """What is wrong, a line for each fault: which text, which field, and why."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass
class ImportResult:
    """The Ids of the texts, by what became of them."""

    inserted: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def document_in(content: bytes) -> Any:
    """The document that a file holds; `InvalidTexts` if it is no JSON in UTF-8."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InvalidTexts([f"No es JSON válido en UTF-8{_place_of(error)}."]) from error


def _place_of(error: Exception) -> str:
    """Where a file stops being JSON, as far as that is known."""
    if isinstance(error, json.JSONDecodeError):
        return f": falla en la línea {error.lineno}, columna {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f": el byte {error.start + 1} no es UTF-8"
    return ""


def texts_in(document: Any, *, reflow: bool = False) -> list[Text]:
    """The texts of `{"texts": […]}` or of a bare list, all valid, none saved.

    Raises `InvalidTexts` with every fault of every text.
    """
    items = document.get("texts") if isinstance(document, dict) else document
    if not isinstance(items, list):
        raise InvalidTexts(['Se esperaba {"texts": […]} o una lista de textos.'])
    faults = [fault for position, item in enumerate(items, 1) for fault in _faults(position, item)]
    faults += _repeated_ids(items)
    if faults:
        raise InvalidTexts(faults)
    return [_text(item, reflow=reflow) for item in items]


def import_texts(texts: list[Text], *, dry_run: bool = False) -> ImportResult:
    """Inserts, updates or leaves as it is each text, by Id; all of them or none."""
    result = ImportResult()
    with transaction.atomic():
        stored = Text.objects.select_for_update().in_bulk([text.pk for text in texts])
        for text in texts:
            before = stored.get(text.pk)
            if before is not None and before.has_same_content(text):
                result.unchanged.append(text.pk)
                continue
            (result.inserted if before is None else result.updated).append(text.pk)
            if not dry_run:
                text.store()
    return result


def _text(item: dict[str, Any], *, reflow: bool) -> Text:
    delivered = DeliveredTextSerializer(data=item)
    delivered.is_valid(raise_exception=True)
    text = Text(**delivered.validated_data)
    if reflow:
        text.pages = vr_layout.reflow(text.pages)
    return text


def _faults(position: int, item: Any) -> Iterator[str]:
    delivered = DeliveredTextSerializer(data=item)
    if not delivered.is_valid():
        for path, message in leaves(delivered.errors):
            yield f"{_label(position, item)}, {_as_address(path)}: {message}"


def _repeated_ids(items: list[Any]) -> list[str]:
    seen: set[str] = set()
    faults = []
    for position, item in enumerate(items, 1):
        text_id = item.get("Id") if isinstance(item, dict) else None
        if isinstance(text_id, str) and text_id in seen:
            faults.append(f"{_label(position, item)}, Id: está repetido.")
        seen.add(str(text_id))
    return faults


def _label(position: int, item: Any) -> str:
    text_id = item.get("Id") if isinstance(item, dict) else None
    return f"Texto {position} (Id {text_id!r})" if text_id else f"Texto {position}"


def _as_address(path: Path) -> str:
    """`("Pages", 2, 0)` → `Pages[2][0]`."""
    return "".join(f"[{step}]" if isinstance(step, int) else step for step in path)


def leaves(errors: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """`{"Pages": {2: {0: ["wrong"]}}}` → `(("Pages", 2, 0), "wrong")`; positions from 0."""
    if isinstance(errors, dict):
        for name, below in errors.items():
            yield from leaves(below, (*path, name))
    else:
        for message in errors:
            yield path, str(message)
