from django.urls import path

from surveys import views

urlpatterns = [
    path("sessions/<str:session_id>/survey", views.SessionSurveyView.as_view()),
    path("surveys", views.SurveyListView.as_view()),
    path("surveys/<str:survey_id>", views.SurveyView.as_view()),
]
