from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter

from accounts.back_office import note_access, user_in
from accounts.choices import AccessKind
from accounts.models import AccessRecord, User
from accounts.models.user import SelfChangeForbidden
from accounts.rights import ERASE
from toastclub.admin import BackOfficeAdmin, ReadOnlyAdmin, badge, telling_errors
from toastclub.admin_filters import DaysFilter
from toastclub.identifiers import parse_id

MANAGE = "accounts.manage_user"

DETAILS = {
    "filters": "filtros",
    "sessions": "sesiones",
    "recordings": "grabaciones",
    "expires_in": "vigencia (s)",
    "page": "página",
    "shown": "sesiones mostradas",
    "account": "cuenta",
    "change": "cambio",
    "state": "revisión",
    "reason": "motivo",
    "erasure": "borrado",
}

# Of values that are no words; the log is below the app that gives them theirs.
WORDS = {
    "sin_revisar": "sin revisar",
    "con_problemas": "con problemas",
}

admin.site.unregister(Group)  # rights come from roles


@admin.register(User)
class UserAdmin(BackOfficeAdmin):
    """Accounts are made, changed and locked by the same methods as by the API."""

    list_display = ("name", "email", "rol", "cuenta", "erases", "last_login", "created_at")
    list_filter = (
        ("role", ChoicesDropdownFilter),
        ("is_active", BooleanRadioFilter),
        ("must_change_password", BooleanRadioFilter),
        ("may_erase_people", BooleanRadioFilter),
        ("created_at", DaysFilter),
    )
    search_fields = ("email", "name")
    search_help_text = "Nombre o correo electrónico."
    actions = ("lock", "unlock")
    change_form_template = "admin/accounts/user/change_form.html"
    fieldsets = (
        (None, {"fields": ("name", "email", "role", "is_active", "may_erase_people")}),
        (
            "Actividad",
            {"fields": ("must_change_password", "created_at", "updated_at", "last_login")},
        ),
    )
    add_fieldsets = ((None, {"fields": ("name", "email", "role")}),)
    show_add_link = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return User.objects.visible_to(user_in(request)).order_by("name", "pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return user_in(request).has_perm(MANAGE)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return user_in(request).has_perm(MANAGE)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a locked account keeps its name beside what it did

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Sequence[str]:
        readonly = ["must_change_password", "created_at", "updated_at", "last_login"]
        if not user_in(request).is_superuser:
            readonly.append("may_erase_people")
        if obj is not None and obj.pk == user_in(request).pk:
            readonly += ["role", "is_active"]
        return readonly

    def get_urls(self) -> list[URLPattern]:
        reset = self.admin_site.admin_view(self.reset_password_view)
        own = path("<int:number>/reset-password/", reset, name="accounts_user_reset_password")
        return [own, *super().get_urls()]

    @method_decorator(telling_errors)
    def add_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        return super().add_view(request, *args, **options)

    @method_decorator(telling_errors)
    def change_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        return super().change_view(request, *args, **options)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            made, obj.shown_password = User.objects.create_with_temporary_password(  # type: ignore[attr-defined]  # for the answer alone
                **form.cleaned_data
            )
            obj.pk = made.pk
            self._note(request, made, "creada")
            return
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        if changes:
            User.objects.get(pk=obj.pk).update_by(user_in(request), changes)
            self._note(request, obj, ", ".join(changes))

    def response_add(self, request: HttpRequest, obj: User, *args: Any) -> HttpResponse:
        return self._password_shown(request, obj, obj.shown_password)  # type: ignore[attr-defined]  # see above

    @method_decorator(require_POST)
    def reset_password_view(self, request: HttpRequest, number: int) -> HttpResponseBase:
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = self.get_object(request, str(number))
        if user is None:
            raise Http404
        password = user.reset_password()
        self._note(request, user, "contraseña temporal")
        return self._password_shown(request, user, password)

    @admin.action(description="Bloquear las cuentas elegidas", permissions=["change"])
    def lock(self, request: HttpRequest, users: Any) -> None:
        self._set_active(request, users, is_active=False)

    @admin.action(description="Desbloquear las cuentas elegidas", permissions=["change"])
    def unlock(self, request: HttpRequest, users: Any) -> None:
        self._set_active(request, users, is_active=True)

    @admin.display(description="rol", ordering="role")
    def rol(self, user: User) -> SafeString:
        return badge("Superusuario" if user.is_superuser else user.get_role_display())

    @admin.display(description="cuenta", ordering="is_active")
    def cuenta(self, user: User) -> SafeString:
        if not user.is_active:
            return badge("Bloqueada", "bad")
        if user.must_change_password:
            return badge("Contraseña temporal", "warn")
        return badge("Activa", "good")

    @admin.display(description="borra datos", boolean=True, ordering="may_erase_people")
    def erases(self, user: User) -> bool:
        return user.has_perm(ERASE)

    def _set_active(self, request: HttpRequest, users: Any, *, is_active: bool) -> None:
        word = "desbloqueada" if is_active else "bloqueada"
        for user in users:
            try:
                user.update_by(user_in(request), {"is_active": is_active})
            except SelfChangeForbidden as error:
                messages.error(request, f"{user}: {error.detail}")
                continue
            self._note(request, user, word)
            messages.success(request, f"{user}: {word}.")

    def _note(self, request: HttpRequest, user: User, change: str) -> None:
        note_access(request, AccessKind.ACCOUNT, account=user.pk, change=change)

    def _password_shown(self, request: HttpRequest, user: User, password: str) -> HttpResponse:
        """In the answer itself: a message would travel in a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "title": "Contraseña temporal",
            "opts": self.opts,
            "account": user,
            "password": password,
        }
        answer = TemplateResponse(request, "admin/accounts/user/password.html", context)
        answer["Cache-Control"] = "no-store"
        return answer


@admin.register(AccessRecord)
class AccessRecordAdmin(ReadOnlyAdmin):
    list_display = (
        "moment",
        "kind",
        "who",
        "session_number",
        "recording_number",
        "release_number",
        "address",
        "detalles",
    )
    list_filter = (("kind", ChoicesDropdownFilter), ("at", DaysFilter))
    search_fields = ("who", "address", "=session_number", "=recording_number")
    search_help_text = "Quién, desde dónde, o el número de una sesión o de una grabación."
    empty_value_display = "—"
    fields = (
        "moment",
        "kind",
        "who",
        "user_number",
        "address",
        "session_number",
        "recording_number",
        "release_number",
        "detalles",
    )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """A number alone is that of a session or of a recording, and no part of an address."""
        number = parse_id(search_term)
        if number is None:
            return super().get_search_results(request, queryset, search_term)
        return queryset.about_sessions([number]) | queryset.filter(recording_number=number), False

    @admin.display(description="cuándo", ordering="at")
    def moment(self, record: AccessRecord) -> str:
        """To the second, which other records of the same access are compared with."""
        return date_format(timezone.localtime(record.at), "d/m/Y H:i:s")

    @admin.display(description="detalles")
    def detalles(self, record: AccessRecord) -> str | None:
        """What was empty is not said."""
        said = (_in_words(name, value) for name, value in record.details.items() if value != "")
        return "; ".join(said) or None


def _in_words(name: str, value: Any) -> str:
    if isinstance(value, dict):
        value = [f"{key}={each}" for key, each in value.items()]
    if isinstance(value, list):
        value = ", ".join(map(str, value)) or "ninguno"
    return f"{DETAILS.get(name, name)}: {WORDS.get(value, value)}"
