"""Finding a row by an id that a client wrote."""

from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.functions import Collate

from toastclub.errors import NotFound
from toastclub.identifiers import parse_id

Row = TypeVar("Row", bound=models.Model)


class NumberedQuerySet(models.QuerySet[Row]):
    """Rows that clients know by a number."""

    def by_id(self, shown: Any) -> Row:
        """The row of that id, or `NotFound` that repeats the id as the client wrote it."""
        number = parse_id(shown)
        row = self.filter(pk=number).first() if number is not None else None
        if row is None:
            raise NotFound.by_id(self.model.__name__, shown)
        return row


def bytewise(field_name: str) -> Collate:
    """A text's order by its bytes, in which S3 stores list their keys, whatever the language."""
    return Collate(field_name, "BINARY" if connection.vendor == "sqlite" else "C")
