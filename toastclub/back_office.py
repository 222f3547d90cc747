"""How the back office looks, and its navigation: what Unfold is told of it in the settings."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

# Terracotta of the logo, and greys as warm as the paper of the first page.
PRIMARY = {
    "50": "#fdf5f0",
    "100": "#fbe7dc",
    "200": "#f6ccb6",
    "300": "#f0aa87",
    "400": "#ec8c61",
    "500": "#e2703f",
    "600": "#b4451f",
    "700": "#96371a",
    "800": "#7a2f1a",
    "900": "#652a19",
    "950": "#37130a",
}
BASE = {
    "50": "#faf7f2",
    "100": "#f3eee6",
    "200": "#e4ddd2",
    "300": "#d0c7b9",
    "400": "#a79d8f",
    "500": "#6e655a",
    "600": "#5a5248",
    "700": "#453f37",
    "800": "#2b2722",
    "900": "#1c1916",
    "950": "#12100e",
}


def _holders_of(permission: str) -> Callable[[HttpRequest], bool]:
    def may(request: HttpRequest) -> bool:
        user: Any = request.user
        allowed: bool = user.has_perm(permission)
        return allowed

    return may


def _page(title: str, address: str, permission: str, icon: str = "") -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{address}"),
        "permission": _holders_of(permission),
    }


def _static(path: str) -> Callable[[HttpRequest], str]:
    return lambda _request: static(path)


TASKS = [
    _page("Hoy", "index", "sessions_app.view_session", "today"),
    _page("Sesiones", "sessions_app_session_changelist", "sessions_app.view_session", "groups"),
    _page("Grabaciones", "recordings_recording_changelist", "recordings.view_recording", "mic"),
    _page("Encuestas", "surveys_survey_changelist", "surveys.view_survey", "assignment"),
    _page("Textos", "training_text_changelist", "training.view_text", "menu_book"),
    _page("Dataset", "dataset_release_changelist", "dataset.view_release", "dataset"),
    _page(
        "Personas", "sessions_app_participant_changelist", "sessions_app.view_participant", "person"
    ),
]

# The pages of a task, beside each other.
TABS = [
    {
        "page": "today",
        "items": [
            _page("Hoy", "index", "sessions_app.view_session"),
            _page("Cifras", "figures", "dataset.view_figures"),
        ],
    },
    {
        "models": ["sessions_app.session", "sessions_app.sessionevent"],
        "items": [
            _page("Sesiones", "sessions_app_session_changelist", "sessions_app.view_session"),
            _page(
                "Cambios de estado",
                "sessions_app_sessionevent_changelist",
                "sessions_app.view_sessionevent",
            ),
        ],
    },
    {
        "models": [
            "recordings.recording",
            "recordings.recordingreview",
            "recordings.resumableupload",
        ],
        "items": [
            _page("Grabaciones", "recordings_recording_changelist", "recordings.view_recording"),
            _page(
                "Revisiones",
                "recordings_recordingreview_changelist",
                "recordings.view_recordingreview",
            ),
            _page(
                "Subidas por partes",
                "recordings_resumableupload_changelist",
                "recordings.view_resumableupload",
            ),
        ],
    },
    {
        "page": "dataset",
        "models": ["dataset.release"],
        "items": [
            _page("Versiones", "dataset_release_changelist", "dataset.view_release"),
            _page("Exportar", "dataset_export", "dataset.export_dataset"),
        ],
    },
    {
        "page": "people",
        "models": [
            "sessions_app.participant",
            "dataset.erasure",
            "accounts.user",
            "accounts.accessrecord",
        ],
        "items": [
            _page("Una persona llama", "dataset_people", "dataset.handover_person"),
            _page(
                "Participantes",
                "sessions_app_participant_changelist",
                "sessions_app.view_participant",
            ),
            _page("Borrados", "dataset_erasure_changelist", "dataset.view_erasure"),
            _page("Cuentas", "accounts_user_changelist", "accounts.view_user"),
            _page(
                "Registro de accesos",
                "accounts_accessrecord_changelist",
                "accounts.view_accessrecord",
            ),
        ],
    },
]

UNFOLD = {
    "SITE_TITLE": "Toast Club",
    "SITE_HEADER": "Toast Club",
    "SITE_SUBHEADER": "Oratoria en realidad virtual",
    "SITE_URL": "/",
    "SITE_ICON": _static("toastclub/favicon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": _static("toastclub/favicon.svg")}
    ],
    "DASHBOARD_CALLBACK": "dataset.today.pages.dashboard",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {"primary": PRIMARY, "base": BASE},
    "STYLES": [_static("toastclub/admin.css")],
    "SCRIPTS": [_static("toastclub/admin.js")],
    "SIDEBAR": {"navigation": [{"items": TASKS}]},
    "TABS": TABS,
}
