"""The admin site: who gets in, what they must do first, and its pages that are no model's."""

from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from unfold.sites import UnfoldAdminSite

from toastclub.resending import can_be_given_back, given_back


class ToastClubAdminSite(UnfoldAdminSite):
    index_title = "Hoy"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._pages: list[URLPattern] = []

    def add_page(self, route: str, view: Any, *, name: str, permission: str) -> None:
        """Serves a page under that route, to whoever holds the permission."""

        @wraps(view)
        def allowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user: Any = request.user
            if not user.has_perm(permission):
                raise PermissionDenied
            response: HttpResponseBase = view(request, *args, **kwargs)
            return response

        self._pages.append(path(route, self.admin_view(allowed), name=name))

    def extra_urls(self) -> list[URLPattern]:
        """The pages that apps have added; Unfold asks for them."""
        return self._pages

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Of an app there is no page: the navigation is by task."""
        return redirect(f"{self.name}:index")

    @property
    def login_form(self) -> Any:
        from accounts.forms import LoginForm  # needs the models, which are loaded after sites

        return LoginForm

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        from accounts.forms import OwnPasswordForm

        return PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse(f"{self.name}:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Leads whoever has a temporary password to the page that ends it."""
        guarded = super().admin_view(view, cacheable)

        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            allowed = {f"{self.name}:password_change", f"{self.name}:logout"}
            match = request.resolver_match
            if not request.user.is_authenticated and can_be_given_back(request):
                return given_back(request)
            if _must_change_password(request) and match and match.view_name not in allowed:
                messages.info(request, "Antes de seguir, elige tu propia contraseña.")
                return redirect(f"{self.name}:password_change")
            response: HttpResponseBase = guarded(request, *args, **kwargs)
            return response

        return checked


def _must_change_password(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "must_change_password", False))
