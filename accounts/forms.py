"""The admin's login and change of password, through the same methods as the API's."""

from typing import Any

from django import forms
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm

from accounts.services import log_in
from toastclub.errors import TooManyAttempts, Unauthorized


class LoginForm(AuthenticationForm):
    """Wrong guesses count against the same limit as at the API."""

    def clean(self) -> dict[str, Any]:
        email = self.cleaned_data.get("username")
        password = self.cleaned_data.get("password")
        if email and password and self.request is not None:
            try:
                self.user_cache = log_in(self.request, email=email, password=password)
            except (Unauthorized, TooManyAttempts) as error:
                raise forms.ValidationError(error.detail) from error
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    def clean(self) -> dict[str, Any]:
        passwords = super().clean() or self.cleaned_data
        new = passwords.get("new_password1")
        if new and new == passwords.get("old_password"):
            self.add_error("new_password1", "Debe ser distinta de la actual.")
        return passwords

    def save(self, commit: bool = True) -> Any:
        self.user.change_password(self.cleaned_data["new_password1"])
        return self.user
