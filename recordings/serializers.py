import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from recordings.models import KEY_MAX_LENGTH, Recording
from sessions_app.serializers import SessionIdField
from toastclub.serializers import (
    ApiModelSerializer,
    QueryIntegerField,
    StrictCharField,
    StrictDictField,
    StrictFloatField,
)

DEFAULT_EXPIRY = 600  # seconds
MAX_EXPIRY = 604_800  # seconds: a week, the longest that presigning allows
MAX_KEY_BYTES = 1024  # the longest key that an S3 store takes


class RecordingSerializer(ApiModelSerializer):
    """`RecordingResponse`."""

    session_id = serializers.IntegerField(read_only=True)
    audio_url = serializers.CharField(
        read_only=True, help_text="La clave en el almacén, no una URL."
    )
    metadata_carga = serializers.DictField(read_only=True)

    class Meta:
        model = Recording
        fields = [
            "id",
            "session_id",
            "audio_url",
            "duracion_segundos",
            "formato",
            "created_at",
            "file_size",
            "sha256",
            "uploaded_at",
            "is_processed",
            "metadata_carga",
        ]
        read_only_fields = fields


class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(
        help_text="La grabación, por ejemplo en WAV.",
        error_messages={"empty": _("El archivo está vacío.")},
    )


class UploadWithSessionSerializer(UploadSerializer):
    session_id = SessionIdField()


class KeyField(StrictCharField):
    """A relative key: no scheme, no leading slash, no step upwards."""

    default_error_messages = {
        "not_relative": _(
            "Debe ser una clave relativa, sin esquema, sin barra inicial y sin «..»."
        ),
        "too_many_bytes": _("Supera el máximo de 1024 bytes en UTF-8."),
    }

    def to_internal_value(self, data: Any) -> str:
        key = super().to_internal_value(data)
        steps = {".", ".."}.intersection(re.split(r"[/\\]", key))
        if steps or re.match(r"[/\\]|[A-Za-z][\w+.-]*:", key):
            self.fail("not_relative")
        if len(key.encode()) > MAX_KEY_BYTES:
            self.fail("too_many_bytes")
        return key


class MockRecordingSerializer(serializers.Serializer[Any]):
    audio_url = KeyField(source="audio", max_length=KEY_MAX_LENGTH)
    duracion_segundos = StrictFloatField(required=False, allow_null=True, min_value=0)
    formato = StrictCharField(required=False, max_length=100)
    metadata_carga = StrictDictField(required=False)


class MockRecordingWithSessionSerializer(MockRecordingSerializer):
    session_id = SessionIdField()


class DownloadParams(serializers.Serializer[Any]):
    expires_seconds = QueryIntegerField(min_value=1, max_value=MAX_EXPIRY, default=DEFAULT_EXPIRY)


class DownloadSerializer(serializers.Serializer[Any]):
    recording_id = serializers.IntegerField()
    download_url = serializers.URLField()
    expires_in = serializers.IntegerField(help_text="Segundos.")
