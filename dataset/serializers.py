"""What the API says of the dataset; the listing's shape is for the OpenAPI document alone."""

from typing import Any

from rest_framework import serializers

from dataset.models import Release
from sessions_app.choices import Estado
from sessions_app.serializers import SessionTextSerializer
from toastclub.serializers import ApiModelSerializer


class DatasetRecordingSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    audio_url = serializers.CharField()
    created_at = serializers.DateTimeField()


class DatasetEntrySerializer(serializers.Serializer[Any]):
    session_id = serializers.IntegerField()
    session_code = serializers.CharField()
    participant_name = serializers.CharField()
    participant_age = serializers.IntegerField(allow_null=True)
    participant_email = serializers.EmailField(allow_null=True)
    texto_seleccionado = SessionTextSerializer()
    estado = serializers.ChoiceField(choices=Estado.choices)
    created_at = serializers.DateTimeField()
    recordings_count = serializers.IntegerField()
    recordings = DatasetRecordingSerializer(many=True)
    surveys_count = serializers.IntegerField()
    survey_responses = serializers.ListField(child=serializers.DictField())


class DatasetSerializer(serializers.Serializer[Any]):
    dataset = DatasetEntrySerializer(many=True)
    total_sessions = serializers.IntegerField()


class ReleaseSerializer(ApiModelSerializer):
    number = serializers.IntegerField(min_value=1)
    file_size = serializers.IntegerField(min_value=0)

    class Meta:
        model = Release
        fields: tuple[str, ...] = (
            "number",
            "released_at",
            "snapshot_at",
            "software_version",
            "file_name",
            "file_size",
            "sha256",
            "counts",
            "splits",
            "changes",
        )


class ReleaseDownloadSerializer(ReleaseSerializer):
    download_url = serializers.URLField()
    expires_in = serializers.IntegerField(help_text="Segundos.")

    class Meta(ReleaseSerializer.Meta):
        fields = (*ReleaseSerializer.Meta.fields, "download_url", "expires_in")
