"""Tables as CSV (RFC 4180, UTF-8 without a mark) that is safe to open in a spreadsheet."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from dataset.columns import Column, Kind, Table
from toastclub.serializers import api_time

# What makes a spreadsheet run a cell: the four signs, their full-width forms and control
# characters, behind any space, seen or not, that it may skip. Apostrophes in front count as well,
# so that the one that is put there can be told from the text's own.
_RUNNING_START = re.compile(r"'*[\s\ufeff\u200b]*[=+\-@\t\r\n＝＋－＠]")
_SEPARATING = re.compile(r'[",;\t\r\n]')
ESCAPE_RULE = (
    "Un texto que una hoja de cálculo ejecutaría (empieza por =, +, -, @ o un carácter de control, "
    "tras espacios o apóstrofos) lleva delante un apóstrofo que no es suyo."
)

PIECE_CHARACTERS = 64 * 1024

Cell = str | int | float | bool | None


def csv_lines(table: Table) -> Iterator[bytes]:
    """The table's lines, many in each piece."""
    cells = Cells(table.columns)
    lines = [_line(inert(column.name) for column in table.columns)]
    length = len(lines[0])
    for row in table.rows():
        lines.append(_line(cells.of(row)))
        length += len(lines[-1])
        if length >= PIECE_CHARACTERS:
            yield "".join(lines).encode()
            lines, length = [], 0
    yield "".join(lines).encode()


def csv_line(cells: Iterable[Cell]) -> bytes:
    return _line(cells).encode()


def inert(cell: Cell) -> Cell:
    """Text that a spreadsheet would run gets an apostrophe in front; numbers are no text.

    No two texts become the same one.
    """
    if isinstance(cell, str) and _RUNNING_START.match(cell):
        return f"'{cell}"
    return cell


def answer_text(value: Any) -> Cell:
    """An answer as a cell: what is nested as JSON, and true and false as JSON spells them."""
    if isinstance(value, (bool, dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return value


def _line(cells: Iterable[Cell]) -> str:
    """By hand, because `csv` quotes nothing but what a comma as separator makes necessary.

    Spreadsheets take semicolons and tabs for separators as well.
    """
    return ",".join(map(_in_quotes_if_needed, cells)) + "\r\n"


def _in_quotes_if_needed(cell: Cell) -> str:
    if cell is None:
        return ""
    text = str(cell)
    if isinstance(cell, str) and _SEPARATING.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _text_cell(value: Any) -> Cell:
    return inert(answer_text(value))


def _number_cell(value: Any) -> Cell:
    number: int | float = value
    return number


_CELL_OF: dict[Kind, Callable[[Any], Cell]] = {
    Kind.TEXT: _text_cell,
    Kind.INTEGER: _number_cell,
    Kind.NUMBER: _number_cell,
    Kind.BOOLEAN: str,
    Kind.MOMENT: api_time,
    Kind.TEXTS: answer_text,
    Kind.MAP: answer_text,
}


class Cells:
    """Writes what those columns say of a row."""

    def __init__(self, columns: Iterable[Column]) -> None:
        self._columns = [(column.value, _CELL_OF[column.kind]) for column in columns]

    def of(self, row: Any) -> list[Cell]:
        return [
            None if (value := value_of(row)) is None else cell_of(value)
            for value_of, cell_of in self._columns
        ]
