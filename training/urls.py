from django.urls import path

from training import views

urlpatterns = [
    path("texts", views.TextListView.as_view()),
    path("texts/tags", views.TextTagsView.as_view()),
    path("texts/<str:text_id>", views.TextView.as_view()),
]
