from django.urls import path

from sessions_app import views

urlpatterns = [
    path("sessions", views.SessionListView.as_view()),
    path("sessions/by-code/<str:session_code>", views.SessionByCodeView.as_view()),
    path("sessions/<str:session_id>", views.SessionView.as_view()),
    path("sessions/<str:session_id>/state", views.SessionStateView.as_view()),
]
