import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from recordings.choices import Aviso
from recordings.models import KEY_MAX_LENGTH, Recording
from sessions_app.serializers import SessionIdField
from toastclub.serializers import (
    ApiModelSerializer,
    QueryIntegerField,
    StrictCharField,
    StrictDictField,
    StrictFloatField,
    StrictIntegerField,
)

DEFAULT_EXPIRY = 600  # seconds
MAX_EXPIRY = 604_800  # seconds: a week, the longest that presigning allows
IDEMPOTENCY_KEY = "^[!-~]{1,255}$"
MAX_KEY_BYTES = 1024  # the longest key that an S3 store takes


class QualitySerializer(serializers.Serializer[Any]):
    """What was measured in the audio; levels are null where nothing could be decoded."""

    contenedor = serializers.CharField()
    codec = serializers.CharField(allow_null=True)
    duracion_segundos = serializers.FloatField(allow_null=True)
    frecuencia_hz = serializers.IntegerField(allow_null=True)
    canales = serializers.IntegerField(allow_null=True)
    pico_dbfs = serializers.FloatField(allow_null=True)
    rms_dbfs = serializers.FloatField(allow_null=True)
    proporcion_saturada = serializers.FloatField(allow_null=True, help_text="De 0 a 1.")
    proporcion_silencio = serializers.FloatField(allow_null=True, help_text="De 0 a 1.")


class RecordingSerializer(ApiModelSerializer):
    """`RecordingResponse`."""

    session_id = serializers.IntegerField(read_only=True)
    audio_url = serializers.CharField(
        read_only=True, help_text="La clave en el almacén, no una URL."
    )
    metadata_carga = serializers.DictField(read_only=True)
    calidad = QualitySerializer(
        read_only=True, allow_null=True, help_text="`null` si no se pudo medir, o todavía no."
    )
    avisos = serializers.ListField(child=serializers.ChoiceField(Aviso.choices), read_only=True)
    avisos_mensajes = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="Qué significa cada aviso, en el mismo orden.",
    )

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
            "calidad",
            "avisos",
            "avisos_mensajes",
        ]
        read_only_fields = fields


class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(
        help_text="La grabación, por ejemplo en WAV.",
        error_messages={"empty": _("El archivo está vacío.")},
    )


class UploadWithSessionSerializer(UploadSerializer):
    session_id = SessionIdField()


class IdempotencyHeader(serializers.Serializer[Any]):
    idempotency_key = serializers.RegexField(
        IDEMPOTENCY_KEY,
        allow_null=True,
        trim_whitespace=False,
        error_messages={"invalid": _("Debe tener de 1 a 255 caracteres ASCII sin espacios.")},
    )


class NewUploadSerializer(serializers.Serializer[Any]):
    size = StrictIntegerField(min_value=1, help_text="Bytes.")
    sha256 = serializers.RegexField(
        "^[0-9a-fA-F]{64}$",
        help_text="De todos los bytes, en hexadecimal.",
        error_messages={"invalid": _("Debe tener 64 cifras hexadecimales.")},
    )
    content_type = StrictCharField(max_length=100, required=False, default="")

    def validate_sha256(self, value: str) -> str:
        return value.lower()


class UploadPartSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    size = serializers.IntegerField(help_text="Bytes.")
    url = serializers.URLField(help_text="Los bytes de la parte se envían aquí con PUT.")


class BegunUploadSerializer(serializers.Serializer[Any]):
    upload_id = serializers.UUIDField()
    part_size = serializers.IntegerField(help_text="Bytes de cada parte, salvo la última.")
    parts = UploadPartSerializer(many=True)
    expires_in = serializers.IntegerField(help_text="Segundos que valen las direcciones.")


class UploadStatusSerializer(BegunUploadSerializer):
    arrived = serializers.ListField(
        child=serializers.IntegerField(), help_text="Las partes que ya llegaron."
    )
    recording = RecordingSerializer(
        allow_null=True, help_text="La grabación, cuando la subida terminó."
    )


class FoundRecordingSerializer(serializers.Serializer[Any]):
    recording = RecordingSerializer()


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
