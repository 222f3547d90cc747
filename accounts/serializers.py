from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.choices import Role
from accounts.models import User, canonical_email
from toastclub.serializers import (
    ApiModelSerializer,
    StrictBooleanField,
    StrictCharField,
    StrictEmailField,
)

PASSWORD_MAX_LENGTH = 1024  # characters; hashing time grows with length


class RoleField(serializers.ChoiceField):
    """A role in any case; always answered in capitals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=Role.choices, **options)

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data.strip().upper() if isinstance(data, str) else data)


class PasswordField(StrictCharField):
    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", PASSWORD_MAX_LENGTH)
        super().__init__(trim_whitespace=False, write_only=True, **options)


class EmailField(StrictEmailField):
    def to_internal_value(self, data: Any) -> str:
        return canonical_email(super().to_internal_value(data))


class LoginSerializer(serializers.Serializer[Any]):
    email = StrictCharField(max_length=254)
    password = PasswordField()


class LoginResponseSerializer(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    token_type = serializers.CharField(default="bearer")
    expires_in = serializers.IntegerField(help_text="Segundos de vida del token.")
    user_id = serializers.IntegerField()
    email = serializers.EmailField()
    rol = serializers.ChoiceField(choices=Role.choices)
    must_change_password = serializers.BooleanField()


class MeSerializer(ApiModelSerializer):
    rol = serializers.ChoiceField(source="role", choices=Role.choices, read_only=True)

    class Meta:
        model = User
        fields = ["id", "email", "rol", "name", "must_change_password"]
        read_only_fields = fields


class PasswordChangeSerializer(serializers.Serializer[Any]):
    current_password = PasswordField()
    new_password = PasswordField()

    def validate_current_password(self, value: str) -> str:
        if not self.context["user"].check_password(value):
            raise serializers.ValidationError(_("La contraseña actual no es correcta."))
        return value

    def validate_new_password(self, value: str) -> str:
        validate_password(value, self.context["user"])
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["new_password"] == attrs["current_password"]:
            raise serializers.ValidationError(
                {"new_password": [_("Debe ser distinta de la actual.")]}
            )
        return attrs


class MessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


class UserSerializer(ApiModelSerializer):
    rol = serializers.ChoiceField(source="role", choices=Role.choices, read_only=True)

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "name",
            "role",
            "rol",
            "is_active",
            "must_change_password",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class UserChangesSerializer(serializers.Serializer[Any]):
    """What an analyst may change; what is absent stays as it is."""

    email = EmailField(max_length=254, required=False)
    name = StrictCharField(max_length=100, required=False)
    role = RoleField(required=False)
    is_active = StrictBooleanField(required=False)


class AccessChangesSerializer(serializers.Serializer[Any]):
    role = RoleField(required=False)
    is_active = StrictBooleanField(required=False)


class NewUserSerializer(serializers.Serializer[Any]):
    email = EmailField(max_length=254)
    name = StrictCharField(max_length=100)
    role = RoleField()
    password = PasswordField(
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="Sin ella se crea una temporal, que la respuesta muestra esta única vez.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        password = attrs.pop("password", None)
        if password:
            user = User(email=attrs["email"], name=attrs["name"])
            try:
                validate_password(password, user)
            except DjangoValidationError as error:
                raise serializers.ValidationError({"password": error.messages}) from error
            attrs["password"] = password
        return attrs


class CreatedUserSerializer(UserSerializer):
    temporary_password = serializers.CharField(
        required=False, help_text="Solo si la creación no traía contraseña."
    )

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "temporary_password"]


class TemporaryPasswordSerializer(serializers.Serializer[Any]):
    temporary_password = serializers.CharField()


class AdminCreatedUserSerializer(serializers.Serializer[Any]):
    user = UserSerializer()
    temporary_password = serializers.CharField(allow_null=True)
