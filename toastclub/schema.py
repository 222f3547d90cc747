"""The OpenAPI document: what every call has in common is said here once.

A view says what is its own: bodies, examples, and in `extra_errors` the statuses that only
it answers with, by method.
"""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

RETRY_AFTER = {
    "Retry-After": {
        "description": "Segundos que conviene esperar antes de reintentar.",
        "schema": {"type": "integer"},
    }
}
CHALLENGE = {"WWW-Authenticate": {"description": "Siempre `Bearer`.", "schema": {"type": "string"}}}
ERROR_HEADERS = {"401": CHALLENGE, "429": RETRY_AFTER, "503": RETRY_AFTER}
ERROR_DESCRIPTIONS = {
    "400": "La solicitud no es válida: `detail` nombra el primer campo con error y `errors` "
    "los lista todos.",
    "401": "Falta una credencial válida.",
    "403": "La credencial no da permiso para esta llamada, o `PASSWORD_CHANGE_REQUIRED`.",
    "404": "No existe.",
    "409": "Choca con lo que ya existe.",
    "413": "El cuerpo es demasiado grande.",
    "415": "El tipo de contenido no se admite.",
    "429": "Demasiados intentos fallidos.",
    "503": "La base de datos o el almacén de audio no responden.",
}
METHODS_WITH_BODY = ("POST", "PUT", "PATCH")
HEADSET_AUTHENTICATION = "sessions_app.authentication.HeadsetAuthentication"
NUMERIC_IDS = ("session_id", "recording_id", "survey_id", "user_id", "number")
ID_SCHEMA = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error has a `detail` to show."""

    detail = serializers.CharField()


class ValidationErrorSerializer(ErrorSerializer):
    def get_fields(self) -> dict[str, serializers.Field]:
        """`errors` can't be declared: a serializer has a property of that name."""
        errors = serializers.DictField(
            required=False, help_text="Campo → lista de mensajes, anidado como el cuerpo."
        )
        return {**super().get_fields(), "errors": errors}


class ContractSchema(AutoSchema):
    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular calls it
        """None but what `extend_schema` gives: docstrings are for those who read the code."""
        return ""

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        parent: Any = super()
        schema: dict[str, Any] = parent._map_basic_serializer(serializer, direction)
        schema.pop("description", None)
        return schema

    def get_auth(self) -> list[dict[str, Any]]:
        """Without the ways of a headset where it would be refused."""
        ways: list[dict[str, Any]] = super().get_auth()
        if any(getattr(rule, "admits_headsets", False) for rule in self.view.get_permissions()):
            return ways
        return [way for way in ways if not set(way) & set(HeadsetScheme.name)]

    def _get_parameters(self) -> list[dict[str, Any]]:
        """Ids are numbers, though the views take them as text: what is none is not found.

        An empty number or filter in a query is none, because forms send all of their fields.
        """
        filters = getattr(getattr(self.view, "filterset_class", None), "base_filters", {})
        names = {*filters, *getattr(self.view, "filter_names", ())}
        parameters: list[dict[str, Any]] = super()._get_parameters()
        for parameter in parameters:
            if parameter["name"] in NUMERIC_IDS:
                parameter["schema"] = ID_SCHEMA
            is_number = parameter["schema"].get("type") == "integer"
            if parameter["in"] == "query" and (is_number or parameter["name"] in names):
                parameter["allowEmptyValue"] = True
        return parameters

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for code in sorted(self._error_codes()):
            bodies.setdefault(code, self._error_body(code))
        return bodies

    def _error_codes(self) -> set[str]:
        codes = {"400", "503"}
        if self.view.authentication_classes:
            codes |= {"401", "403"}
        if HEADSET_AUTHENTICATION in self._authentication_paths():
            codes.add("429")
        if "{" in self.path:
            codes.add("404")
        if self.method in METHODS_WITH_BODY and self.view.parser_classes:
            codes |= {"413", "415"}
        extra = getattr(self.view, "extra_errors", {})
        return codes | {str(code) for code in extra.get(self.method, ())}

    def _authentication_paths(self) -> set[str]:
        ways = self.view.authentication_classes
        return {f"{way.__module__}.{way.__qualname__}" for way in ways}

    def _error_body(self, code: str) -> dict[str, Any]:
        serializer = ValidationErrorSerializer if code == "400" else ErrorSerializer
        component = self.resolve_serializer(serializer(), "response")
        return {
            "description": ERROR_DESCRIPTIONS[code],
            "content": {"application/json": {"schema": component.ref}},
            **({"headers": ERROR_HEADERS[code]} if code in ERROR_HEADERS else {}),
        }


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.TokenAuthentication"
    match_subclasses = True
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "El `access_token` de `POST /auth/login`.",
        }


class HeadsetScheme(OpenApiAuthenticationExtension):
    target_class = HEADSET_AUTHENTICATION
    name = ["session_code_header", "session_code_cookie"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        """One or the other; a single requirement would mean both at once."""
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {
                "type": "apiKey",
                "in": "header",
                "name": "X-Session-Code",
                "description": "El código de la sesión, que solo da acceso a esa sesión.",
            },
            {
                "type": "apiKey",
                "in": "cookie",
                "name": "session_code",
                "description": "La misma credencial, en la cookie que pone "
                "`GET /sessions/by-code/{session_code}`.",
            },
        ]
