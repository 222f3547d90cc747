"""Bodies: only what every layer below can hold is let in.

PostgreSQL stores neither NUL nor lone surrogates, JSON knows neither NaN nor infinity, and
a body nested deep enough exhausts the recursion of whoever reads or writes it.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

from toastclub.errors import BodyTooLarge

MAX_DEPTH = 32  # levels of nesting; the contract's own bodies have three


class StrictJSONParser(BaseParser):
    """A JSON object in UTF-8, or `ParseError` (400) that says what is wrong."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge
        return parse_json_object(body)


class StrictMultiPartParser(MultiPartParser):
    """A form whose text fields are UTF-8 without NUL."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles:
        context = dict(parser_context or {})
        try:
            return self._parse_strictly(stream, media_type, context)
        except Exception:
            # What has come holds a voice: its file is not left to the garbage collector.
            for handler in context["request"].upload_handlers:
                handler.upload_interrupted()
            raise

    def _parse_strictly(
        self, stream: IO[Any], media_type: str | None, context: dict[str, Any]
    ) -> DataAndFiles:
        try:
            form = super().parse(stream, media_type, context)
        except ParseError as error:  # whose message is English alone
            raise ParseError(_("El formulario está mal formado.")) from error
        for name, values in form.data.lists():
            for text in (name, *values):
                _refuse_unstorable(text)
                if "\ufffd" in text:  # what Django puts for bytes that are not UTF-8
                    raise ParseError(_("El formulario no está en UTF-8."))
        return form


def parse_json_object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise ParseError(_("El cuerpo no está en UTF-8.")) from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise ParseError(_("El cuerpo no es JSON válido.")) from error
    if not isinstance(document, dict):
        raise ParseError(_("El cuerpo debe ser un objeto JSON."))
    for value in _walk(document):
        if isinstance(value, str):
            _refuse_unstorable(value)
        elif isinstance(value, float) and not math.isfinite(value):
            _refuse_constant(str(value))
    return document


def _walk(document: Any) -> Iterator[Any]:
    """Every key and value in `document`, level by level, no deeper than `MAX_DEPTH`."""
    level = [document]
    for _depth in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            yield value
            if isinstance(value, dict):
                yield from value
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        level = below
    if level:
        raise _too_deep()


def _too_deep() -> ParseError:
    return ParseError(_("El cuerpo tiene demasiados niveles de anidamiento."))


def _refuse_constant(name: str) -> None:
    raise ParseError(_("El cuerpo tiene un número que JSON no admite: %s.") % name)


def _refuse_unstorable(text: str) -> None:
    if "\x00" in text:
        raise ParseError(_("El cuerpo contiene un carácter NUL."))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ParseError(_("El cuerpo contiene un carácter Unicode incompleto.")) from error
