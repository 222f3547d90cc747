import re
import unicodedata
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from toastclub.serializers import StrictCharField, StrictDictField
from training.models import ID_MAX_LENGTH, fold

TAG_KEY_MAX_LENGTH = 100
TAG_VALUE_MAX_LENGTH = 500
_SANE_ID = re.compile(r"[^/\s\x00-\x1f?#%]+")
RESERVED_IDS = (".", "..", "tags")  # their addresses lead elsewhere


def has_control_character(text: str) -> bool:
    """Whether something in it would break a line in two, be invisible or be no character."""
    return any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text)


class IdField(StrictCharField):
    default_error_messages = {
        "bad_id": _("No puede tener espacios ni los caracteres / ? # %."),
        "reserved": _("Está reservado."),
    }

    def to_internal_value(self, data: Any) -> str:
        text_id = super().to_internal_value(data)
        if not _SANE_ID.fullmatch(text_id):
            self.fail("bad_id")
        if text_id in RESERVED_IDS:
            self.fail("reserved")
        return text_id


class LineField(StrictCharField):
    """One line of a page: nothing in it may break it in two or be invisible."""

    default_error_messages = {"control": _("Contiene un carácter de control.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_blank=True, trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        line = super().to_internal_value(data)
        if has_control_character(line):
            self.fail("control")
        return line


class TagsField(StrictDictField):
    """A map of strings to strings."""

    default_error_messages = {
        "not_text": _("El valor de «{name}» debe ser un texto."),
        "bad_key": _("La clave «{name}» está vacía o es demasiado larga."),
        "too_long": _("El valor de «{name}» es demasiado largo."),
        "control": _("La clave o el valor de «{name}» contiene un carácter de control."),
    }

    def to_internal_value(self, data: Any) -> dict[str, str]:
        tags = super().to_internal_value(data)
        for key, value in tags.items():
            if not key.strip() or len(key) > TAG_KEY_MAX_LENGTH:
                self.fail("bad_key", name=key)
            if not isinstance(value, str):
                self.fail("not_text", name=key)
            if len(value) > TAG_VALUE_MAX_LENGTH or len(fold(value)) > TAG_VALUE_MAX_LENGTH:
                self.fail("too_long", name=key)
            if has_control_character(key + value):
                self.fail("control", name=key)
        return tags


class TextSummarySerializer(serializers.Serializer[Any]):
    """A text without its pages."""

    Id = serializers.CharField(source="id")
    Title = serializers.CharField(source="title")
    Tags = serializers.DictField(source="tags", child=serializers.CharField())


class TextSerializer(TextSummarySerializer):
    """A text as the headset shows it."""

    Pages = serializers.ListField(
        source="vr_pages", child=serializers.ListField(child=serializers.CharField())
    )


class TextListSerializer(serializers.Serializer[Any]):
    texts = TextSummarySerializer(many=True)
    total = serializers.IntegerField()


class TagIndexSerializer(serializers.Serializer[Any]):
    keys = serializers.ListField(child=serializers.CharField())
    values = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class DeliveredTextSerializer(serializers.Serializer[Any]):
    """A text as its author delivers it; `validated_data` has the fields of `Text`."""

    Id = IdField(source="id", max_length=ID_MAX_LENGTH)
    Title = StrictCharField(source="title", max_length=300)
    Pages = serializers.ListField(
        source="pages", child=serializers.ListField(child=LineField()), min_length=1
    )
    Tags = TagsField(source="tags", default=dict)
