"""Login, the own account, and the accounts of others under both of their addresses."""

from typing import Any

import django_filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.authentication import TokenAuthentication, token_id_of
from accounts.choices import Role
from accounts.models import User, UserQuerySet
from accounts.permissions import IsAnalyst, user_of
from accounts.serializers import (
    AccessChangesSerializer,
    AdminCreatedUserSerializer,
    CreatedUserSerializer,
    LoginResponseSerializer,
    LoginSerializer,
    MeSerializer,
    MessageSerializer,
    NewUserSerializer,
    PasswordChangeSerializer,
    TemporaryPasswordSerializer,
    UserChangesSerializer,
    UserSerializer,
)
from toastclub.filters import StrictBooleanFilter
from toastclub.pagination import MAX_OFFSET
from toastclub.serializers import QueryIntegerField


class LoginView(APIView):
    authentication_classes = ()
    permission_classes = ()
    extra_errors = {"POST": (401, 429)}

    @extend_schema(
        tags=["auth"],
        operation_id="login",
        summary="Inicia sesión y entrega un token",
        request=LoginSerializer,
        responses=LoginResponseSerializer,
        examples=[
            OpenApiExample(
                "Impulsador",
                {"email": "impulsador@toastclub.com", "password": "impulsador123"},
                request_only=True,
            ),
            OpenApiExample(
                "Token",
                {
                    "access_token": "<jwt>",
                    "token_type": "bearer",
                    "expires_in": 86400,
                    "user_id": 1,
                    "email": "impulsador@toastclub.com",
                    "rol": "IMPULSADOR",
                    "must_change_password": False,
                },
                response_only=True,
                status_codes=["200"],
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        credentials = LoginSerializer(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = services.log_in(request._request, **credentials.validated_data)
        issued = services.issue_token(user)
        return Response(
            {
                "access_token": issued.token,
                "token_type": "bearer",
                "expires_in": issued.expires_in,
                "user_id": user.pk,
                "email": user.email,
                "rol": user.role,
                "must_change_password": user.must_change_password,
            }
        )


class LogoutView(APIView):
    authentication_classes = ()
    permission_classes = ()
    parser_classes = ()

    @extend_schema(
        tags=["auth"],
        operation_id="logout",
        summary="Cierra la sesión: el cliente descarta su token",
        request=None,
        responses=MessageSerializer,
    )
    def post(self, request: Request) -> Response:
        return Response({"message": _("Sesión cerrada. Descarta el token.")})


class MeView(APIView):
    authentication_classes = (TokenAuthentication,)

    @extend_schema(
        tags=["auth"],
        operation_id="me",
        summary="Quién soy",
        responses=MeSerializer,
        examples=[
            OpenApiExample(
                "Impulsador",
                {
                    "id": 1,
                    "email": "impulsador@toastclub.com",
                    "rol": "IMPULSADOR",
                    "name": "Impulsador de prueba",
                    "must_change_password": False,
                },
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(request.user).data)


class ChangePasswordView(APIView):
    authentication_classes = (TokenAuthentication,)
    ends_password_duty = True

    @extend_schema(
        tags=["auth"],
        operation_id="change_password",
        summary="Cambia la contraseña propia",
        description="Los demás tokens de la cuenta dejan de valer; el que hace el cambio sigue.",
        request=PasswordChangeSerializer,
        responses=MessageSerializer,
    )
    def post(self, request: Request) -> Response:
        user = user_of(request)
        change = PasswordChangeSerializer(data=request.data, context={"user": user})
        change.is_valid(raise_exception=True)
        user.change_password(
            change.validated_data["new_password"], surviving_token_id=token_id_of(request)
        )
        return Response({"message": _("Contraseña cambiada.")})


class UserFilter(django_filters.FilterSet):
    role = django_filters.ChoiceFilter(choices=Role.choices)
    is_active = StrictBooleanFilter()

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data and data.get("role"):
            data = data.copy()
            data["role"] = data["role"].strip().upper()
        super().__init__(data, *args, **kwargs)


class UserAccess(APIView):
    """What every call on accounts shares: analysts only, superusers out of their sight."""

    permission_classes = (IsAnalyst,)

    def visible_users(self, request: Request) -> UserQuerySet:
        return User.objects.visible_to(user_of(request))

    def find_user(self, request: Request, user_id: str) -> User:
        return self.visible_users(request).by_id(user_id)

    def create_user(self, request: Request) -> tuple[User, str | None]:
        new = NewUserSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        if "password" in new.validated_data:
            return User.objects.create_user(**new.validated_data), None
        return User.objects.create_with_temporary_password(**new.validated_data)

    def change_user(
        self, request: Request, user_id: str, serializer: type[serializers.Serializer[Any]]
    ) -> Response:
        user = self.find_user(request, user_id)
        changes = serializer(data=request.data)
        changes.is_valid(raise_exception=True)
        user.update_by(user_of(request), changes.validated_data)
        return Response(UserSerializer(user).data)


class UserListView(UserAccess, generics.ListAPIView):
    queryset = User.objects.all()
    serializer_class = UserSerializer
    filterset_class = UserFilter
    extra_errors = {"POST": (409,)}

    def get_queryset(self) -> Any:
        return self.visible_users(self.request)

    @extend_schema(tags=["users"], operation_id="list_users", summary="Lista las cuentas")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["users"],
        operation_id="create_user",
        summary="Crea una cuenta",
        request=NewUserSerializer,
        responses={201: CreatedUserSerializer},
    )
    def post(self, request: Request) -> Response:
        user, temporary_password = self.create_user(request)
        body = UserSerializer(user).data
        if temporary_password:
            body["temporary_password"] = temporary_password
        return Response(body, status=status.HTTP_201_CREATED)


class UserView(UserAccess):
    extra_errors = {"PUT": (409,)}

    @extend_schema(
        tags=["users"],
        operation_id="get_user",
        summary="Obtiene una cuenta",
        responses=UserSerializer,
    )
    def get(self, request: Request, user_id: str) -> Response:
        return Response(UserSerializer(self.find_user(request, user_id)).data)

    @extend_schema(
        tags=["users"],
        operation_id="update_user",
        summary="Cambia una cuenta; lo ausente queda como está",
        request=UserChangesSerializer,
        responses=UserSerializer,
    )
    def put(self, request: Request, user_id: str) -> Response:
        return self.change_user(request, user_id, UserChangesSerializer)

    @extend_schema(
        tags=["users"],
        operation_id="delete_user",
        summary="Elimina una cuenta; lo que hizo queda",
        responses={204: None},
    )
    def delete(self, request: Request, user_id: str) -> Response:
        self.find_user(request, user_id).delete_by(user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SkipLimitParams(serializers.Serializer[Any]):
    skip = QueryIntegerField(min_value=0, max_value=MAX_OFFSET, default=0)
    limit = QueryIntegerField(min_value=1, default=200)


class AdminUserListView(UserAccess):
    extra_errors = {"POST": (409,)}
    MAX_LIMIT = 200

    @extend_schema(
        tags=["admin/users"],
        operation_id="admin_list_users",
        summary="Lista las cuentas, sin paginar",
        parameters=[SkipLimitParams],
        responses=UserSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        window = SkipLimitParams(data=request.query_params)
        window.is_valid(raise_exception=True)
        skip = window.validated_data["skip"]
        limit = min(window.validated_data["limit"], self.MAX_LIMIT)
        users = self.visible_users(request)[skip : skip + limit]
        return Response(UserSerializer(users, many=True).data)

    @extend_schema(
        tags=["admin/users"],
        operation_id="admin_create_user",
        summary="Crea una cuenta",
        request=NewUserSerializer,
        responses={201: AdminCreatedUserSerializer},
    )
    def post(self, request: Request) -> Response:
        user, temporary_password = self.create_user(request)
        body = {"user": UserSerializer(user).data, "temporary_password": temporary_password}
        return Response(body, status=status.HTTP_201_CREATED)


class AdminUserView(UserAccess):
    @extend_schema(
        tags=["admin/users"],
        operation_id="admin_update_user",
        summary="Cambia el rol o bloquea una cuenta",
        request=AccessChangesSerializer,
        responses=UserSerializer,
    )
    def patch(self, request: Request, user_id: str) -> Response:
        return self.change_user(request, user_id, AccessChangesSerializer)


class AdminResetPasswordView(UserAccess):
    parser_classes = ()

    @extend_schema(
        tags=["admin/users"],
        operation_id="admin_reset_password",
        summary="Sustituye la contraseña por una temporal",
        request=None,
        responses=TemporaryPasswordSerializer,
    )
    def post(self, request: Request, user_id: str) -> Response:
        user = self.find_user(request, user_id)
        return Response({"temporary_password": user.reset_password()})
