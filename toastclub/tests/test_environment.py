"""What is read from the environment, and what is refused in it."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured

from toastclub.environment import BASE_DIR, Environment, load, local_secret_key

pytestmark = pytest.mark.one_database

PRODUCTION = {
    "TOASTCLUB_ENV": "production",
    "SECRET_KEY": "kJ8sPq2mZx5vR7wY1tB4nL6cD9fG3hA0eU",
    "ALLOWED_HOSTS": "toastclub.example.org",
    "DATABASE_URL": "postgresql://toastclub:clave@db:5432/toastclub",
    "R2_ENDPOINT_URL": "https://account.r2.cloudflarestorage.com",
    "R2_ACCESS_KEY_ID": "key",
    "R2_SECRET_ACCESS_KEY": "secret",
    "R2_BUCKET": "voices",
    "R2_REGION": "auto",
}
NEEDED = [name for name in PRODUCTION if name != "TOASTCLUB_ENV"]
R2 = [name for name in PRODUCTION if name.startswith("R2_")]


@pytest.fixture
def load_with(monkeypatch):
    """Loads an environment in which these variables alone are set."""

    def make(variables):
        for field in Environment.model_fields:
            monkeypatch.delenv(field.upper(), raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load()

    return make


def faults(load_with, variables):
    """The variables that are named as faulty, in the one message that is raised."""
    with pytest.raises(ImproperlyConfigured) as refusal:
        load_with(variables)
    _title, *lines = str(refusal.value).splitlines()
    return [line.removeprefix("- ").partition(":")[0] for line in lines]


def test_with_nothing_set_there_is_a_default_for_everything(load_with):
    environment = load_with({})

    assert not environment.is_production
    assert not environment.has_r2
    assert environment.data_dir == BASE_DIR / "var"
    assert environment.time_zone == "America/Lima"
    assert (environment.port, environment.max_audio_size_mb) == (8000, 100)
    assert (environment.access_token_hours, environment.session_code_ttl_days) == (24, 30)


def test_every_variable_is_read(load_with):
    environment = load_with(
        {
            **PRODUCTION,
            "ALLOWED_HOSTS": "a.example.org, b.example.org,",
            "CORS_ORIGINS": "https://a.example.org,http://localhost:3000",
            "TIME_ZONE": "Europe/Madrid",
            "MAX_AUDIO_SIZE_MB": "7",
            "ACCESS_TOKEN_HOURS": "2",
            "SESSION_CODE_TTL_DAYS": "3",
            "PORT": "9000",
            "TOASTCLUB_DATA_DIR": "/srv/toastclub",
            "DEBUG": "false",
        }
    )

    assert environment.is_production
    assert environment.has_r2
    assert environment.allowed_hosts == ["a.example.org", "b.example.org"]
    assert environment.cors_origins == ["https://a.example.org", "http://localhost:3000"]
    assert environment.time_zone == "Europe/Madrid"
    assert environment.max_audio_size_mb == 7
    assert environment.access_token_hours == 2
    assert environment.session_code_ttl_days == 3
    assert environment.port == 9000
    assert str(environment.data_dir) == "/srv/toastclub"
    assert environment.r2_bucket == "voices"


def test_every_variable_is_in_the_example_file():
    example = (BASE_DIR / ".env.example").read_text(encoding="utf-8")

    assert [name.upper() for name in Environment.model_fields if name.upper() not in example] == []


def test_empty_variables_count_as_unset(load_with):
    empty = load_with({field.upper(): "" for field in Environment.model_fields})

    assert empty == load_with({})


def test_production_starts_with_what_it_needs(load_with):
    assert load_with(PRODUCTION).is_production


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_production_needs_each_of_its_variables(load_with, name, value):
    variables = {**PRODUCTION, name: value}

    assert set(faults(load_with, {k: v for k, v in variables.items() if v is not None})) == {name}


def test_production_names_all_that_is_missing_at_once(load_with):
    assert faults(load_with, {"TOASTCLUB_ENV": "production"}) == NEEDED


def test_production_names_all_that_is_missing_and_all_that_is_wrong_at_once(load_with):
    variables = {
        "TOASTCLUB_ENV": "production",
        "SECRET_KEY": "corta",
        "DATABASE_URL": "sqlite:///toastclub.sqlite3",
        "DEBUG": "1",
        "PORT": "http",
        "TIME_ZONE": "Perú",
        "R2_ENDPOINT_URL": "account.r2.cloudflarestorage.com",
    }

    assert sorted(faults(load_with, variables)) == sorted(
        [
            *(variables.keys() - {"TOASTCLUB_ENV"}),
            "ALLOWED_HOSTS",
            *(name for name in R2 if name not in variables),
        ]
    )


@pytest.mark.parametrize(
    "key", ["corta", "x" * 64, "abc" * 20, "ñ" * 15, "kJ8sPq2mZx5vR7wY1tB4nL6cD9fG3hA"]
)
def test_production_refuses_a_weak_key(load_with, key):
    assert faults(load_with, {**PRODUCTION, "SECRET_KEY": key}) == ["SECRET_KEY"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "sqlite:///toastclub.sqlite3"),
        ("DEBUG", "true"),
        ("ALLOWED_HOSTS", " , "),
    ],
)
def test_production_refuses_what_is_good_enough_for_a_laptop(load_with, name, value):
    assert faults(load_with, {**PRODUCTION, name: value}) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOASTCLUB_ENV", "staging"),
        ("TOASTCLUB_ENV", "Production"),
        ("DEBUG", "quizás"),
        ("DATABASE_URL", "mysql://db/toastclub"),
        ("DATABASE_URL", "toastclub.sqlite3"),
        ("DATABASE_URL", "postgresql://user:cla/ve@db/toastclub"),
        ("DATABASE_URL", "postgresql://user:clave@db:puerto/toastclub"),
        ("CORS_ORIGINS", "localhost:3000"),
        ("CORS_ORIGINS", "http://localhost:3000/"),
        ("CORS_ORIGINS", "http://localhost:3000,*"),
        ("TIME_ZONE", "Lima"),
        ("MAX_AUDIO_SIZE_MB", "0"),
        ("MAX_AUDIO_SIZE_MB", "-1"),
        ("MAX_AUDIO_SIZE_MB", "1.5"),
        ("ACCESS_TOKEN_HOURS", "0"),
        ("ACCESS_TOKEN_HOURS", "un día"),
        ("ACCESS_TOKEN_HOURS", "99999999999"),
        ("SESSION_CODE_TTL_DAYS", "0"),
        ("SESSION_CODE_TTL_DAYS", "99999999"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
    ],
)
def test_a_bad_value_is_refused_by_its_name(load_with, name, value):
    assert faults(load_with, {name: value}) == [name]


def test_no_refusal_repeats_a_secret(load_with):
    secrets = {
        "SECRET_KEY": "clave-secreta",
        "DATABASE_URL": "postgresql://user:clave-secreta/@db/toastclub",
        "R2_SECRET_ACCESS_KEY": "clave-secreta",
        "PORT": "clave-secreta",
    }

    with pytest.raises(ImproperlyConfigured) as refusal:
        load_with({"TOASTCLUB_ENV": "production", **secrets})

    assert "secreta" not in str(refusal.value)


@pytest.mark.parametrize("name", R2)
def test_the_r2_variables_go_together_or_not_at_all(load_with, name):
    assert faults(load_with, {name: PRODUCTION[name]}) == [other for other in R2 if other != name]


def test_with_all_five_r2_variables_a_local_installation_uses_r2(load_with):
    assert load_with({name: PRODUCTION[name] for name in R2}).has_r2


def test_the_local_key_is_made_once_and_is_strong(tmp_path):
    key = local_secret_key(tmp_path)

    assert len(key) >= 32
    assert local_secret_key(tmp_path) == key


def test_two_installations_have_different_keys(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()

    assert local_secret_key(tmp_path / "one") != local_secret_key(tmp_path / "other")


def test_the_local_key_is_for_its_owner_alone(tmp_path):
    local_secret_key(tmp_path)

    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_making_the_local_key_leaves_nothing_else_behind(tmp_path):
    (folder := tmp_path / "data").mkdir()

    local_secret_key(folder)

    assert [file.name for file in folder.iterdir()] == ["secret_key"]


def test_processes_that_start_together_agree_on_the_local_key(tmp_path):
    with ThreadPoolExecutor(8) as starting:
        keys = set(starting.map(local_secret_key, [tmp_path] * 32))

    assert len(keys) == 1
