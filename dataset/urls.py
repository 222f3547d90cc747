from django.urls import path

from dataset import views

urlpatterns = [
    path("dataset", views.DatasetView.as_view()),
    path("dataset/export", views.DatasetExportView.as_view()),
]
