"""The shape of the listing, for the OpenAPI document; `dataset.listing` writes it."""

from typing import Any

from rest_framework import serializers

from sessions_app.choices import Estado
from sessions_app.serializers import SessionTextSerializer


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
