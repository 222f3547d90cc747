import json
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from sessions_app.serializers import SessionIdField
from surveys.models import Survey
from toastclub.serializers import ApiModelSerializer, StrictDictField

MAX_JSON_BYTES = 64 * 1024


def refuse_large_json(value: Any) -> None:
    """At most 64 KiB, as compact JSON in UTF-8."""
    encoded = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    if len(encoded) > MAX_JSON_BYTES:
        raise serializers.ValidationError(_("Supera el máximo de 64 KiB."))


class AnswersField(StrictDictField):
    def __init__(self, **options: Any) -> None:
        super().__init__(validators=[refuse_large_json], **options)


class QuestionsField(serializers.ListField):
    def __init__(self, **options: Any) -> None:
        super().__init__(validators=[refuse_large_json], **options)


class SurveySerializer(ApiModelSerializer):
    session_id = serializers.IntegerField(read_only=True)
    user_id = serializers.IntegerField(read_only=True, allow_null=True)
    questions = serializers.ListField(read_only=True)
    respuestas_json = serializers.DictField(read_only=True)
    is_completed = serializers.BooleanField(read_only=True)

    class Meta:
        model = Survey
        fields = [
            "id",
            "session_id",
            "respuestas_json",
            "created_at",
            "user_id",
            "questions",
            "is_completed",
            "completed_at",
        ]
        read_only_fields = fields


class AnswersSerializer(serializers.Serializer[Any]):
    respuestas_json = AnswersField()


class SurveyChangesSerializer(serializers.Serializer[Any]):
    """Questions and answers, each optional; `responses` is the older name of the answers."""

    questions = QuestionsField(required=False)
    respuestas_json = AnswersField(required=False)
    responses = AnswersField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        older = attrs.pop("responses", None)
        attrs["answers"] = attrs.pop("respuestas_json", older)
        return attrs


class NewSurveySerializer(SurveyChangesSerializer):
    session_id = SessionIdField()
