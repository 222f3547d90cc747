"""Tables as CSV (RFC 4180, UTF-8 without a mark) that is safe to open in a spreadsheet."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from dataset.columns import Column, Kind, Table
from toastclub.serializers import api_time

# What makes a spreadsheet run a cell: the four signs, their full-width forms and control
# characters, behind any space, seen or not, that it may skip.
_RUNNING_START = re.compile(r"[\s\ufeff\u200b]*[=+\-@\t\r\n＝＋－＠]")

PIECE_CHARACTERS = 64 * 1024

Cell = str | int | float | bool | None


def csv_lines(table: Table) -> Iterator[bytes]:
    """The table's lines, many in each piece."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([inert(column.name) for column in table.columns])
    for row in table.rows():
        writer.writerow([inert(cell) for cell in cells_of(table.columns, row)])
        if text.tell() >= PIECE_CHARACTERS:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def cells_of(columns: Iterable[Column], row: Any) -> Iterator[Cell]:
    return (_cell(column, row) for column in columns)


def csv_line(cells: Iterable[Cell]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow([inert(cell) for cell in cells])
    return line.getvalue().encode()


def inert(cell: Cell) -> Cell:
    """Text that a spreadsheet would run gets an apostrophe in front; numbers are no text."""
    if isinstance(cell, str) and _RUNNING_START.match(cell):
        return f"'{cell}"
    return cell


def answer_text(value: Any) -> Cell:
    """An answer as a cell: what is nested as JSON, and true and false as JSON spells them."""
    if isinstance(value, (bool, dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return value


def _cell(column: Column, row: Any) -> Cell:
    value = column.value(row)
    if value is None:
        return None
    if column.kind is Kind.MOMENT:
        return api_time(value)
    if column.kind is Kind.BOOLEAN:
        return str(value)
    return answer_text(value)
