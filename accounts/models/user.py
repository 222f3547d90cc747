import secrets
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.hashers import with_algorithm
from toastclub.compiled import CompiledQuery
from toastclub.errors import Conflict, Forbidden
from toastclub.querysets import NumberedQuerySet

TEMPORARY_PASSWORD_BYTES = 9  # twelve characters, 72 bits


class EmailTaken(Conflict):
    message = _("Ya existe una persona con ese correo electrónico.")


class SelfChangeForbidden(Forbidden):
    message = _("No puedes cambiar tu propio rol, ni bloquear o eliminar tu propia cuenta.")


def canonical_email(email: str) -> str:
    """The one spelling under which an e-mail is stored and looked up."""
    return email.strip().lower()


class UserQuerySet(NumberedQuerySet["User"]):
    def visible_to(self, user: "User") -> Self:
        """Superusers exist only for superusers."""
        return self if user.is_superuser else self.filter(is_superuser=False)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]  # made as it runs
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=canonical_email(username or ""))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=canonical_email(email), **fields)
        user.set_password(password)
        user.save_with_own_email()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, role=Role.ANALISTA, is_superuser=True, **fields)

    def create_with_temporary_password(self, **fields: Any) -> tuple["User", str]:
        password = new_temporary_password()
        return self.create_user(password=password, must_change_password=True, **fields), password


def new_temporary_password() -> str:
    return secrets.token_urlsafe(TEMPORARY_PASSWORD_BYTES)


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField("correo electrónico")
    name = models.CharField("nombre", max_length=100)
    role = models.CharField("rol", max_length=20, choices=Role.choices)
    is_active = models.BooleanField(
        "activa", default=True, help_text="Sin marcar, la cuenta queda bloqueada."
    )
    must_change_password = models.BooleanField("debe cambiar la contraseña", default=False)
    may_erase_people = models.BooleanField(
        "puede borrar datos personales",
        default=False,
        help_text="Permite borrar para siempre los datos y la voz de una persona.",
    )
    surviving_token = models.CharField(max_length=64, blank=True, default="", editable=False)
    created_at = models.DateTimeField("creada", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("modificada", auto_now=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        db_table = "users"
        verbose_name = "persona con cuenta"
        verbose_name_plural = "personas con cuenta"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                name="users_email_unique",
                violation_error_message="Ya existe una persona con ese correo electrónico.",
            ),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="users_email_lower"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="users_role_known"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name

    def clean(self) -> None:
        self.email = canonical_email(self.email)

    @property
    def is_staff(self) -> bool:
        """Whether the admin lets this user in."""
        return self.is_active

    @property
    def is_analyst(self) -> bool:
        return self.is_superuser or self.role == Role.ANALISTA

    def check_password(self, raw_password: str) -> bool:
        self.password = with_algorithm(self.password)
        return super().check_password(raw_password)

    def save_with_own_email(self, update_fields: list[str] | None = None) -> None:
        """Saves, or raises `EmailTaken`: of two that want an e-mail, the database picks one."""
        try:
            with transaction.atomic():
                self.save(update_fields=update_fields)
        except IntegrityError as error:
            raise EmailTaken from error

    def change_password(self, password: str, *, surviving_token_id: str = "") -> None:
        """The user's own change: every token issued before dies but the one that made it."""
        self.set_password(password)
        self.must_change_password = False
        self.surviving_token = self._token_mark(surviving_token_id) if surviving_token_id else ""
        self._save_credentials()

    def reset_password(self) -> str:
        """Replaces the password with a temporary one, which is returned this once.

        Whoever reads it could log in with it: the right to erase has to be given anew.
        """
        password = new_temporary_password()
        self.set_password(password)
        self.must_change_password = True
        self.may_erase_people = False
        self.surviving_token = ""
        self._save_credentials()
        return password

    def lets_survive(self, token_id: str) -> bool:
        """Whether that token made the last change of password."""
        return bool(self.surviving_token) and constant_time_compare(
            self.surviving_token, self._token_mark(token_id)
        )

    def update_by(self, editor: "User", changes: dict[str, Any]) -> None:
        """Applies `changes` (field → value), or refuses them whole."""
        if editor.pk == self.pk:
            self._refuse_change_of_oneself(changes)
        for name, value in changes.items():
            setattr(self, name, value)
        self.save_with_own_email([*changes, "updated_at"])

    def delete_by(self, editor: "User") -> None:
        if editor.pk == self.pk:
            raise SelfChangeForbidden
        self.delete()

    def _refuse_change_of_oneself(self, changes: dict[str, Any]) -> None:
        if changes.get("role", self.role) != self.role or not changes.get("is_active", True):
            raise SelfChangeForbidden

    def _token_mark(self, token_id: str) -> str:
        """Binds a token to the password: after any later change the mark fits no more."""
        return salted_hmac(
            "accounts.surviving_token", token_id + self.password, algorithm="sha256"
        ).hexdigest()

    def _save_credentials(self) -> None:
        self.save(
            update_fields=[
                "password",
                "must_change_password",
                "may_erase_people",
                "surviving_token",
                "updated_at",
            ]
        )


USER_BY_ID: CompiledQuery[User] = CompiledQuery(
    lambda number: User.objects.filter(pk=number).order_by(), sample=0
)
