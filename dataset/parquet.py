"""The dataset as typed tables beside the audio. Needs pyarrow, which is an extra."""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dataset.columns import (
    ANSWER_VALUE,
    DATED_SURVEY,
    PARTICIPATION,
    QUESTION_KEY,
    RECORDED_TAKE,
    Column,
    Kind,
    Table,
    answer_column,
)
from dataset.csv_tables import answer_text
from dataset.layouts import Layout
from dataset.spool import Spool
from dataset.tables import Gathering

ROWS_A_GROUP = 5000
ANSWER_PREFIX = "respuesta."  # so that no question hides a column

_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.MOMENT: pa.timestamp("us", tz="UTC"),
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.MAP: pa.map_(pa.string(), pa.string()),
}


class ParquetLayout(Layout):
    form = "parquet"
    suffix = "parquet"

    def tables(self, gathering: Gathering) -> Iterator[Table]:
        yield Table(
            "sessions",
            [*PARTICIPATION, *gathering.identity()],
            partial(gathering.participations, with_pages=True),
        )
        yield Table("recordings", RECORDED_TAKE, gathering.recorded)
        yield Table(
            "surveys_long", [*DATED_SURVEY, QUESTION_KEY, ANSWER_VALUE], gathering.single_answers
        )
        questions = [answer_column(key, name=f"{ANSWER_PREFIX}{key}") for key in _keys(gathering)]
        yield Table("surveys_wide", [*DATED_SURVEY, *questions], gathering.surveys)

    def write(self, table: Table, spool: Spool) -> None:
        schema = pa.schema([(column.name, _TYPES[column.kind]) for column in table.columns])
        rows = iter(table.rows())
        with pq.ParquetWriter(_Sink(spool), schema) as writer:
            while group := list(islice(rows, ROWS_A_GROUP)):
                arrays = [
                    pa.array([_value(column, row) for row in group], field.type)
                    for column, field in zip(table.columns, schema, strict=True)
                ]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


class _Sink:
    """A spool as the file that pyarrow writes to."""

    closed = False

    def __init__(self, spool: Spool) -> None:
        self.write = spool.write

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def _keys(gathering: Gathering) -> list[str]:
    """Of all questions, in the order in which they first occur."""
    return list(dict.fromkeys(key for row in gathering.answers for key in row.answers))


def _value(column: Column, row: Any) -> Any:
    value = column.value(row)
    if value is None:
        return None
    if column.kind is Kind.TEXT:
        return str(answer_text(value))
    if column.kind is Kind.MAP:
        return list(value.items())
    return value
