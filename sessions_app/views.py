from typing import Any

from django.conf import settings
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.permissions import IsAnalyst, IsStaff, user_of
from sessions_app import examples
from sessions_app.actors import actor_behind
from sessions_app.authentication import CODE_COOKIE
from sessions_app.choices import Estado
from sessions_app.details import details_beside_user, details_by_id
from sessions_app.models import Session
from sessions_app.permissions import IsStaffOrHeadset, MayEditSession
from sessions_app.serializers import (
    NewSessionSerializer,
    SessionChangesSerializer,
    SessionSerializer,
    SessionSummarySerializer,
    StateChangeSerializer,
    session_body,
)
from sessions_app.services import session_by_code
from toastclub.filters import IdFilter, SinceFilter, UntilFilter
from training.models import Text


class SessionFilter(filters.FilterSet):
    estado = filters.ChoiceFilter(choices=Estado.choices)
    session_id = IdFilter(field_name="pk")
    desde = SinceFilter(field_name="created_at")
    hasta = UntilFilter(field_name="created_at")


class SessionAccess(APIView):
    """What the calls on one session share: who may make them, and how it is found."""

    permission_classes: Any = (IsStaffOrHeadset,)

    def find_session(self, session_id: str) -> Session:
        sessions = Session.objects.visible_to(self.request.user)
        return sessions.by_id(session_id)

    def session_response(self, session_id: object, status: int = status.HTTP_200_OK) -> Response:
        session = details_by_id(self.request.user, session_id)
        return Response(session_body(session), status=status)


class SessionListView(SessionAccess, generics.ListAPIView):
    permission_classes = (IsStaff,)
    queryset = Session.objects.all()
    serializer_class = SessionSummarySerializer
    filterset_class = SessionFilter
    extra_errors = {"POST": (404,)}

    def get_queryset(self) -> Any:
        return Session.objects.listed_for(self.request.user).with_details()

    @extend_schema(
        tags=["sessions"],
        operation_id="list_sessions",
        summary="Lista las sesiones: las propias, o todas si eres analista",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["sessions"],
        operation_id="create_session",
        summary="Crea una sesión",
        request=NewSessionSerializer,
        responses={201: SessionSerializer},
        examples=[examples.NEW_SESSION, examples.SESSION_RESPONSE],
    )
    def post(self, request: Request) -> Response:
        new = NewSessionSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        fields = dict(new.validated_data)
        text = Text.objects.by_id(fields.pop("texto_seleccionado_id"))
        participant = fields.pop("datos_participante")
        session = Session.objects.start(
            text=text, participant=participant, user=user_of(request), **fields
        )
        return self.session_response(session.pk, status.HTTP_201_CREATED)


class SessionView(SessionAccess):
    _found_with_user: Session | None = None

    def find_token_user(self, number: int | None) -> User | None:
        """A token's user; the session comes in the same query.

        Clients that follow a session ask for it all the time, and every round trip to the
        database costs about a sixth of the answer (`make bench`).
        """
        user, self._found_with_user = details_beside_user(number, self.kwargs["session_id"])
        return user

    def get_permissions(self) -> list[Any]:
        required = {"PUT": MayEditSession, "DELETE": IsAnalyst}
        return [required.get(str(self.request.method), IsStaffOrHeadset)()]

    @extend_schema(
        tags=["sessions"],
        operation_id="get_session",
        summary="Obtiene una sesión",
        responses=SessionSerializer,
        examples=[examples.SESSION_RESPONSE],
    )
    def get(self, request: Request, session_id: str) -> Response:
        if self._found_with_user:
            return Response(session_body(self._found_with_user))
        return self.session_response(session_id)

    @extend_schema(
        tags=["sessions"],
        operation_id="update_session",
        summary="Cambia título, descripción o participante; lo ausente queda como está",
        request=SessionChangesSerializer,
        responses=SessionSerializer,
        examples=[examples.SESSION_RESPONSE],
    )
    def put(self, request: Request, session_id: str) -> Response:
        session = self.find_session(session_id)
        self.check_object_permissions(request, session)
        changes = SessionChangesSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        fields = dict(changes.validated_data)
        participant = fields.pop("datos_participante", {})
        session.update_details(fields=fields, participant=participant)
        return self.session_response(session.pk)

    @extend_schema(
        tags=["sessions"],
        operation_id="delete_session",
        summary="Elimina una sesión con su audio y sus encuestas",
        responses={204: None},
    )
    def delete(self, request: Request, session_id: str) -> Response:
        self.find_session(session_id).delete_with_audio()
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionByCodeView(APIView):
    """Open to all, for the code is the credential."""

    authentication_classes = ()
    permission_classes = ()
    extra_errors = {"GET": (429,)}

    @extend_schema(
        tags=["sessions"],
        operation_id="get_session_by_code",
        summary="Entra en una sesión por su código y recibe la cookie `session_code`",
        responses=SessionSerializer,
        examples=[examples.SESSION_RESPONSE],
    )
    def get(self, request: Request, session_code: str) -> Response:
        session = session_by_code(request, session_code)
        response = Response(session_body(session))
        if session.code_is_valid:
            _set_code_cookie(response, session)
        return response


class SessionStateView(SessionAccess):
    @extend_schema(
        tags=["sessions"],
        operation_id="change_session_state",
        summary="Pasa la sesión al estado siguiente",
        request=StateChangeSerializer,
        responses=SessionSerializer,
        examples=[examples.STATE_CHANGE, examples.SESSION_RESPONSE],
    )
    def patch(self, request: Request, session_id: str) -> Response:
        session = self.find_session(session_id)
        change = StateChangeSerializer(data=request.data)
        change.is_valid(raise_exception=True)
        session.transition_to(change.validated_data["new_state"], by=actor_behind(request.user))
        return self.session_response(session.pk)


def _set_code_cookie(response: Response, session: Session) -> None:
    response.set_cookie(
        CODE_COOKIE,
        session.session_code,
        max_age=session.code_expires_at - timezone.now(),
        httponly=True,
        samesite="Strict",
        secure=settings.SESSION_CODE_COOKIE_SECURE,
    )
