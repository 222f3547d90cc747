from django.urls import path

from dataset import views

urlpatterns = [
    path("dataset", views.DatasetView.as_view()),
    path("dataset/export", views.DatasetExportView.as_view()),
    path("dataset/releases", views.ReleaseListView.as_view()),
    path("dataset/releases/<str:number>", views.ReleaseView.as_view()),
]
