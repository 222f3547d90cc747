from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sessions_app.choices import Estado
from sessions_app.models import EDAD_MAX, EDAD_MIN, NOMBRE_MAX_LENGTH, Session
from toastclub.serializers import (
    ApiModelSerializer,
    StrictCharField,
    StrictEmailField,
    StrictIntegerField,
    api_time,
)

DESCRIPTION_MAX_LENGTH = 5000


class OptionalEmailField(StrictEmailField):
    """An address, or null or "" for none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, allow_blank=True, required=False, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        return value or None


class OptionalAgeField(StrictIntegerField):
    """Years, or null or "" for none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            min_value=EDAD_MIN, max_value=EDAD_MAX, allow_null=True, required=False, **options
        )

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(None if data == "" else data)


@extend_schema_field(serializers.IntegerField)
class SessionIdField(serializers.Field):
    """The id of a session in a body, as that session; one that nothing has is 404."""

    def to_internal_value(self, data: Any) -> Session:
        session: Session = Session.objects.by_id(data)
        return session


class ParticipantSerializer(serializers.Serializer[Any]):
    nombre = StrictCharField(max_length=NOMBRE_MAX_LENGTH)
    edad_aproximada = OptionalAgeField()
    email_opcional = OptionalEmailField(max_length=254)


class SessionTextSummarySerializer(serializers.Serializer[Any]):
    Id = serializers.CharField()
    Title = serializers.CharField()
    Tags = serializers.DictField(child=serializers.CharField())


class SessionTextSerializer(SessionTextSummarySerializer):
    Pages = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class NewSessionSerializer(serializers.Serializer[Any]):
    datos_participante = ParticipantSerializer()
    texto_seleccionado_id = StrictCharField()
    title = StrictCharField(max_length=200, required=False, allow_blank=True)
    description = StrictCharField(
        max_length=DESCRIPTION_MAX_LENGTH, required=False, allow_blank=True
    )


class ParticipantChangesSerializer(ParticipantSerializer):
    nombre = StrictCharField(max_length=NOMBRE_MAX_LENGTH, required=False)


class SessionChangesSerializer(serializers.Serializer[Any]):
    """What may be changed; what is absent stays as it is."""

    title = StrictCharField(max_length=200, required=False, allow_blank=True)
    description = StrictCharField(
        max_length=DESCRIPTION_MAX_LENGTH, required=False, allow_blank=True
    )
    datos_participante = ParticipantChangesSerializer(required=False)


class StateChangeSerializer(serializers.Serializer[Any]):
    new_state = serializers.ChoiceField(choices=Estado.choices)


class ParticipantDataSerializer(serializers.Serializer[Any]):
    nombre = serializers.CharField()
    edad_aproximada = serializers.IntegerField(allow_null=True)
    email_opcional = serializers.EmailField(allow_null=True)


class SessionSummarySerializer(ApiModelSerializer):
    """A session in a list: its text comes without pages."""

    datos_participante = ParticipantDataSerializer(read_only=True)
    texto_seleccionado = SessionTextSummarySerializer(source="text_summary", read_only=True)
    user_id = serializers.IntegerField(read_only=True, allow_null=True)
    recording_id = serializers.IntegerField(read_only=True, allow_null=True)
    survey_id = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Session
        fields = [
            "id",
            "session_code",
            "datos_participante",
            "texto_seleccionado",
            "estado",
            "created_at",
            "updated_at",
            "title",
            "description",
            "user_id",
            "started_at",
            "completed_at",
            "recording_id",
            "survey_id",
        ]
        read_only_fields = fields

    def to_representation(self, instance: Session) -> dict[str, Any]:
        """Written out: a headset asks for it all the time, and fields take 10 × as long."""
        session: Any = instance
        return {
            "id": session.pk,
            "session_code": session.session_code,
            "datos_participante": session.datos_participante,
            "texto_seleccionado": self.text_of(session),
            "estado": session.estado,
            "created_at": api_time(session.created_at),
            "updated_at": api_time(session.updated_at),
            "title": session.title,
            "description": session.description,
            "user_id": session.user_id,
            "started_at": api_time(session.started_at),
            "completed_at": api_time(session.completed_at),
            "recording_id": session.recording_id,
            "survey_id": session.survey_id,
        }

    def text_of(self, session: Session) -> dict[str, Any]:
        return session.text_summary


class SessionSerializer(SessionSummarySerializer):
    """`SessionResponse`, with the pages as the headset shows them."""

    texto_seleccionado = SessionTextSerializer(read_only=True)

    def text_of(self, session: Session) -> dict[str, Any]:
        return session.texto_seleccionado


# One for all answers: to make a serializer takes as long as what it writes here.
_SESSION_SERIALIZER = SessionSerializer()


def session_body(session: Session) -> dict[str, Any]:
    return _SESSION_SERIALIZER.to_representation(session)
