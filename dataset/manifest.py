"""The two files that say what all others hold: the manifest and the data dictionary."""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from dataset.columns import Table
from dataset.csv_tables import ESCAPE_RULE, csv_line, inert
from dataset.identities import Pseudonyms
from toastclub.serializers import api_time

if TYPE_CHECKING:
    from dataset.package import Package

SOFTWARE = "Toast Club"
MANIFEST = "manifest.json"
DICTIONARY = "data_dictionary.csv"
DICTIONARY_HEADER = ("tabla", "columna", "tipo", "unidad", "significado")


def manifest_json(package: "Package", pseudonyms: Pseudonyms) -> Iterator[bytes]:
    """What the export is, each of its files but this one, and whose audio is left out."""
    facts = {
        "software": {"name": SOFTWARE, "version": package.layout.software_version},
        "format": package.layout.form,
        "snapshot": api_time(package.moment),
        "filters": package.selection.filters,
        "identifiable": package.is_identifiable,
        **package.layout.facts(),
        "counts": package.counts,
        "csv_text": ESCAPE_RULE,
    }
    files = (
        {"path": file.path, "size": file.size, "sha256": file.sha256} for file in package.files()
    )
    missing = (
        {"recording": package.layout.recording_name(number, pseudonyms), "reason": str(reason)}
        for number, reason in package.left_out.items()
    )
    yield json.dumps(facts, ensure_ascii=False, indent=1).encode().removesuffix(b"\n}")
    for name, items in (("files", files), ("missing", missing)):
        yield f',\n "{name}": ['.encode()
        yield from _list(items)
        yield b"\n ]"
    yield b"\n}\n"


def _list(items: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    for number, item in enumerate(items):
        yield (b",\n  " if number else b"\n  ") + json.dumps(item, ensure_ascii=False).encode()


def dictionary_csv(tables: Iterable[tuple[str, Table]]) -> Iterator[bytes]:
    """Every column of every table, each table with the path of its file."""
    yield csv_line(DICTIONARY_HEADER)
    for path, table in tables:
        for column in table.columns:
            facts = (path, column.name, column.kind, column.unit, column.meaning)
            yield csv_line(map(inert, facts))
