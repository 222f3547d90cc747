"""What the admin classes of the apps share."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from rest_framework.exceptions import ValidationError

from toastclub.clients import ClientGone
from toastclub.errors import ToastClubError
from toastclub.responses import first_fault

View = Callable[..., HttpResponseBase]


class ReadOnlyAdmin(admin.ModelAdmin):
    """Looked at, never written: what it shows is written by the system alone."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def telling_errors(view: View) -> View:
    """Has a page of the admin say what is wrong, and be shown again, instead of failing."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except ToastClubError as error:
            messages.error(request, error.detail)
        except ValidationError as error:
            messages.error(request, first_fault(error.detail))
        except ClientGone:
            return HttpResponseBadRequest()  # that nobody reads
        return redirect(request.path)

    return told


def pretty_json(value: Any) -> SafeString:
    """JSON to be read by a person; markup in it is shown, not run."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return format_html('<pre style="white-space: pre-wrap; margin: 0">{}</pre>', text)
