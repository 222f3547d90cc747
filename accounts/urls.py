from django.urls import path

from accounts import views

urlpatterns = [
    path("auth/login", views.LoginView.as_view()),
    path("auth/logout", views.LogoutView.as_view()),
    path("auth/me", views.MeView.as_view()),
    path("auth/change-password", views.ChangePasswordView.as_view()),
    path("users", views.UserListView.as_view()),
    path("users/<str:user_id>", views.UserView.as_view()),
    path("admin/users", views.AdminUserListView.as_view()),
    path("admin/users/<str:user_id>", views.AdminUserView.as_view()),
    path("admin/users/<str:user_id>/reset-password", views.AdminResetPasswordView.as_view()),
]
