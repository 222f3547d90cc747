"""The settings that an environment leads to, in a process of their own."""

import json
import secrets

import pytest

from toastclub.testing.services import manage

pytestmark = pytest.mark.one_database

SHOW = """
import json
from django.conf import settings
from accounts.models import User
from accounts.services import issue_token
print(json.dumps({
    **{name: getattr(settings, name) for name in NAMES},
    "engine": settings.DATABASES["default"]["ENGINE"],
    "store": settings.STORAGES["default"]["BACKEND"],
    "static_files": settings.STORAGES["staticfiles"]["BACKEND"],
    "code_days": settings.SESSION_CODE_TTL.days,
    "token_seconds": issue_token(User(pk=1, email="ana@example.com")).expires_in,
}))
"""
NAMES = [
    "DEBUG",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "CORS_ALLOWED_ORIGINS",
    "FORWARDED_ALLOW_IPS",
    "TIME_ZONE",
    "MAX_AUDIO_SIZE",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SESSION_CODE_COOKIE_SECURE",
]


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    return {
        "TOASTCLUB_ENV": "production",
        "TOASTCLUB_DATA_DIR": str(tmp_path_factory.mktemp("production")),
        "SECRET_KEY": secrets.token_urlsafe(32),
        "ALLOWED_HOSTS": "toastclub.example.org",
        "DATABASE_URL": "postgresql://toastclub:clave@127.0.0.1:1/toastclub",
        "R2_ENDPOINT_URL": "https://account.r2.cloudflarestorage.com",
        "R2_ACCESS_KEY_ID": "key",
        "R2_SECRET_ACCESS_KEY": "secret",
        "R2_BUCKET": "voices",
        "R2_REGION": "auto",
    }


def settings_with(environment):
    done = manage(environment, "shell", "--no-imports", "-c", f"NAMES = {NAMES}\n{SHOW}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def production_settings(production):
    return settings_with(production)


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    return {"TOASTCLUB_DATA_DIR": str(tmp_path_factory.mktemp("local"))}


@pytest.fixture(scope="module")
def local_settings(local):
    return settings_with(local)


def test_the_deployment_checks_find_nothing_in_production(production):
    done = manage(production, "check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr
    assert "WARNINGS" not in done.stderr


def test_production_refuses_to_start_and_names_all_that_is_missing(production):
    done = manage({"TOASTCLUB_ENV": "production"}, "check")

    assert done.returncode != 0
    needed = production.keys() - {"TOASTCLUB_ENV", "TOASTCLUB_DATA_DIR"}
    assert [name for name in needed if f"- {name}: is missing" not in done.stderr] == []


def test_production_makes_no_test_accounts(production):
    done = manage(production, "prepare_local")

    assert done.returncode != 0
    assert "producción" in done.stderr


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("_SECURE")])
def test_every_cookie_of_production_is_for_https_alone(production_settings, local_settings, name):
    assert production_settings[name] is True
    assert local_settings[name] is False


def test_production_allows_no_other_origin_unless_told(production_settings):
    assert production_settings["CORS_ALLOWED_ORIGINS"] == []


def test_production_answers_for_its_hosts_alone(production_settings):
    assert production_settings["ALLOWED_HOSTS"] == ["toastclub.example.org"]


def test_production_uses_its_key_postgresql_and_r2(production_settings, production):
    assert production_settings["SECRET_KEY"] == production["SECRET_KEY"]
    assert "postgresql" in production_settings["engine"]
    assert production_settings["store"] == "recordings.storages.R2Storage"


def test_a_local_installation_needs_nothing_but_a_folder(local_settings):
    assert "sqlite3" in local_settings["engine"]
    assert local_settings["FORWARDED_ALLOW_IPS"] == []
    assert local_settings["store"] == "recordings.disk.SignedFileSystemStorage"
    assert len(local_settings["SECRET_KEY"]) >= 32
    assert "http://localhost:5173" in local_settings["CORS_ALLOWED_ORIGINS"]
    assert local_settings["DEBUG"] is False


def test_what_the_environment_says_reaches_the_settings(tmp_path):
    settings = settings_with(
        {
            "TOASTCLUB_DATA_DIR": str(tmp_path),
            "ACCESS_TOKEN_HOURS": "2",
            "SESSION_CODE_TTL_DAYS": "3",
            "MAX_AUDIO_SIZE_MB": "5",
            "TIME_ZONE": "Europe/Madrid",
            "CORS_ORIGINS": "https://panel.example.org",
            "ALLOWED_HOSTS": "localhost,192.0.2.7",
            "FORWARDED_ALLOW_IPS": "10.0.0.0/8, 192.0.2.1",
            "DEBUG": "1",
        }
    )

    assert settings["token_seconds"] == 2 * 60 * 60
    assert settings["code_days"] == 3
    assert settings["MAX_AUDIO_SIZE"] == 5 * 1024 * 1024
    assert settings["TIME_ZONE"] == "Europe/Madrid"
    assert settings["CORS_ALLOWED_ORIGINS"] == ["https://panel.example.org"]
    assert settings["ALLOWED_HOSTS"] == ["localhost", "192.0.2.7"]
    assert settings["FORWARDED_ALLOW_IPS"] == ["10.0.0.0/8", "192.0.2.1"]
    assert settings["DEBUG"] is True


def test_a_second_start_uses_the_key_of_the_first(local_settings, local):
    assert settings_with(local)["SECRET_KEY"] == local_settings["SECRET_KEY"]


def test_an_empty_folder_becomes_an_installation(tmp_path):
    environment = {"TOASTCLUB_DATA_DIR": str(tmp_path / "new" / "folder")}

    done = manage(environment, "prepare_local")

    assert done.returncode == 0, done.stderr
    assert "analista@toastclub.com" in done.stdout
    assert (tmp_path / "new" / "folder" / "toastclub.sqlite3").exists()
