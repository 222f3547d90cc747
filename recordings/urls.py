from django.urls import path

from recordings import views

urlpatterns = [
    path("sessions/<str:session_id>/upload", views.SessionUploadView.as_view()),
    path("sessions/<str:session_id>/recording", views.SessionRecordingView.as_view()),
    path("recordings", views.RecordingListView.as_view()),
    path("recordings/upload", views.RecordingUploadView.as_view()),
    path("recordings/<str:recording_id>", views.RecordingView.as_view()),
    path("recordings/<str:recording_id>/download", views.RecordingDownloadView.as_view()),
]
