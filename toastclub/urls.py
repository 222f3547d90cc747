"""Addresses: the API under /api/v1 without trailing slashes, and what lies beside it."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import (
    SpectacularJSONAPIView,
    SpectacularRedocView,
    SpectacularSwaggerView,
)

from recordings.file_views import SignedFileView
from toastclub import responses, views

api = [
    path("", include("sessions_app.urls")),
    path("", include("recordings.urls")),
    path("", include("surveys.urls")),
    path("", include("training.urls")),
    path("", include("accounts.urls")),
    path("", include("dataset.urls")),
]

urlpatterns = [
    path("", views.home),
    path("favicon.ico", views.favicon),
    path("health", views.HealthView.as_view()),
    path("health/ready", views.ReadinessView.as_view()),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("docs", SpectacularSwaggerView.as_view(url_name="openapi")),
    path("redoc", SpectacularRedocView.as_view(url_name="openapi")),
    path("files/<str:token>", SignedFileView.as_view()),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api)),
    # Not left to Django, which answers with a page of its own when DEBUG is on.
    # Exempt as the API's views are: what is not there is 404 by any method.
    re_path("^api(/|$)", csrf_exempt(responses.handler404)),
]

handler400 = responses.handler400
handler403 = responses.handler403
handler404 = responses.handler404
handler500 = responses.handler500
