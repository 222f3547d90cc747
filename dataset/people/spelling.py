"""Names as they are compared in the database: in small letters and without accents.

Only what Spanish and its neighbours write is folded, by one table for the database and for what
people type.
"""

import unicodedata
from typing import Any

from django.db.models import Func, TextField, Value
from django.db.models.functions import Lower, Replace

_SMALL = "áàâãäåéèêëíìîïóòôõöúùûüñçý"
_ACCENTED = _SMALL + _SMALL.upper()  # a database may not know the small form of an accented letter
_PLAIN = "".join(unicodedata.normalize("NFD", letter)[0] for letter in _SMALL) * 2
_MARKS = "\u0300\u0301\u0302\u0303\u0308\u0327"  # accents of letters that were typed in two parts
_TABLE = str.maketrans(_ACCENTED, _PLAIN, _MARKS)


def plain(text: str) -> str:
    return " ".join(text.lower().translate(_TABLE).split())


class Plain(Func):
    """The same of a column, but for its spaces."""

    function = "TRANSLATE"
    output_field = TextField()

    def __init__(self, column: Any) -> None:
        super().__init__(Lower(column), Value(_ACCENTED + _MARKS), Value(_PLAIN))

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        """SQLite replaces one letter at a time."""
        expression = self.source_expressions[0]
        for letter in _ACCENTED + _MARKS:
            expression = Replace(expression, Value(letter), Value(letter.translate(_TABLE)))
        return compiler.compile(expression)
