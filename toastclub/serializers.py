"""Serializer fields that take JSON's types as they are: `"12"` is no number, 12 no text."""

import re
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.timezone import get_default_timezone
from rest_framework import serializers

_INTEGER = re.compile("-?[0-9]+")


class StrictCharField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictEmailField(serializers.EmailField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class QueryIntegerField(serializers.IntegerField):
    """A number in a query: digits alone, where Python would read `1_000` and `١` as well."""

    def to_internal_value(self, data: Any) -> int:
        if not _INTEGER.fullmatch(str(data)):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictFloatField(serializers.FloatField):
    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, (int, float)):
            self.fail("invalid")
        try:
            return float(data)
        except OverflowError:
            self.fail("invalid")


class StrictBooleanField(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return bool(data)


class StrictDictField(serializers.DictField):
    """An object with any keys, kept in the order in which they came."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("not_a_dict", input_type=type(data).__name__)
        return data


def api_time(moment: datetime | None) -> str | None:
    """ISO 8601 with microseconds and offset, in the project's time zone."""
    if moment is None:
        return None
    return moment.astimezone(get_default_timezone()).isoformat(timespec="microseconds")


class ApiDateTimeField(serializers.DateTimeField):
    def to_representation(self, value: Any) -> Any:
        return api_time(value)


class ApiModelSerializer(serializers.ModelSerializer[Any]):
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: ApiDateTimeField,
    }
