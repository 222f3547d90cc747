"""What an erasure says of itself afterwards, in words; it never says who was erased."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.apps import apps
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst

from accounts.choices import AccessKind
from dataset.models import Erasure


class RemovedRows(NamedTuple):
    words: str
    rows: int


def receipt_context(erasure: Erasure) -> dict[str, Any]:
    return {
        "erasure": erasure,
        "removed_rows": [
            RemovedRows(_name_of(label), rows) for label, rows in erasure.removed_rows.items()
        ],
        "releases": [
            {**release, "released_at": _moment(release["released_at"])}
            for release in erasure.held_by_releases
        ],
        "handed_out": [_handed_out(access) for access in erasure.handed_out],
        "objects": erasure.removed_objects.items(),
        "now": timezone.now(),
    }


def _name_of(label: str) -> str:
    """What a model's rows are called; its label, should there be no such model any more."""
    try:
        return str(capfirst(apps.get_model(label)._meta.verbose_name_plural))
    except LookupError:
        return label


def _handed_out(access: Mapping[str, Any]) -> dict[str, Any]:
    kind = AccessKind(access["kind"]).label
    return {**access, "kind": kind, "last": _moment(access["last"])}


def _moment(written: str) -> datetime | None:
    return parse_datetime(written)
