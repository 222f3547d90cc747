"""The admin site: who gets in, and what they must do first."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse


class ToastClubAdminSite(AdminSite):
    site_header = "Toast Club"
    site_title = "Toast Club"
    index_title = "Administración"

    @property
    def login_form(self) -> Any:  # type: ignore[override]  # there an attribute
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
            if _must_change_password(request) and match and match.view_name not in allowed:
                return redirect(f"{self.name}:password_change")
            response: HttpResponseBase = guarded(request, *args, **kwargs)
            return response

        return checked


def _must_change_password(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "must_change_password", False))
