from django.urls import path

from recordings import upload_views, views

urlpatterns = [
    path("sessions/<str:session_id>/upload", upload_views.SessionUploadView.as_view()),
    path("sessions/<str:session_id>/uploads", upload_views.SessionUploadsView.as_view()),
    path(
        "sessions/<str:session_id>/uploads/<str:upload_id>",
        upload_views.SessionUploadStatusView.as_view(),
    ),
    path(
        "sessions/<str:session_id>/uploads/<str:upload_id>/complete",
        upload_views.SessionUploadCompletionView.as_view(),
    ),
    path("sessions/<str:session_id>/recording", upload_views.SessionRecordingView.as_view()),
    path("recordings", views.RecordingListView.as_view()),
    path("recordings/upload", upload_views.RecordingUploadView.as_view()),
    path("recordings/<str:recording_id>", views.RecordingView.as_view()),
    path("recordings/<str:recording_id>/download", views.RecordingDownloadView.as_view()),
]
