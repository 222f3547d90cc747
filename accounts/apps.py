from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Personas con cuenta"


class ToastClubAdminConfig(AdminConfig):
    default_site = "accounts.sites.ToastClubAdminSite"
