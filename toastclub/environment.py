"""The environment variables that configure Toast Club, and what is refused in them.

`load()` reads them all, and refuses with one message that names every fault at once.
"""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured
from pydantic import Field, PositiveInt, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent

LOCAL_CORS_ORIGINS = [
    f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, 4173, 5173)
]
DATABASE_SCHEMES = ("postgres", "postgresql", "sqlite")
SECRET_KEY_MIN_BYTES = 32
SECRET_KEY_MIN_DISTINCT = 5
MAX_DAYS = 36_500  # a century: what lasts longer leaves the calendar

R2_VARIABLES = (
    "R2_ENDPOINT_URL",
    "R2_ACCESS_KEY_ID",
    "R2_SECRET_ACCESS_KEY",
    "R2_BUCKET",
    "R2_REGION",
)
PRODUCTION_VARIABLES = ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", *R2_VARIABLES)

CommaSeparated = Annotated[list[str], NoDecode]


class Environment(BaseSettings):
    """Every variable, its type and its default; an empty variable counts as unset."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, hide_input_in_errors=True, validate_default=False
    )

    toastclub_env: Literal["local", "production"] = "local"
    toastclub_data_dir: Path = Path("var")
    secret_key: str = ""
    debug: bool = False
    allowed_hosts: CommaSeparated = []
    database_url: str = ""
    r2_endpoint_url: str = ""
    r2_access_key_id: str = ""
    r2_secret_access_key: str = ""
    r2_bucket: str = ""
    r2_region: str = ""
    cors_origins: CommaSeparated = []
    time_zone: str = "America/Lima"
    max_audio_size_mb: PositiveInt = 100
    access_token_hours: int = Field(default=24, ge=1, le=MAX_DAYS * 24)
    session_code_ttl_days: int = Field(default=30, ge=1, le=MAX_DAYS)
    port: int = Field(default=8000, ge=1, le=65535)

    @field_validator("allowed_hosts", "cors_origins", mode="before")
    @classmethod
    def split_at_commas(cls, value: Any) -> Any:
        if isinstance(value, str):
            return [item.strip() for item in value.split(",") if item.strip()]
        return value

    @field_validator("cors_origins")
    @classmethod
    def only_origins(cls, origins: list[str]) -> list[str]:
        for origin in origins:
            parts = urlsplit(origin)
            if (
                parts.scheme not in ("http", "https")
                or origin != f"{parts.scheme}://{parts.netloc}"
            ):
                raise ValueError("an origin is scheme://host[:port], without a path")
        return origins

    @field_validator("secret_key")
    @classmethod
    def strong_key(cls, key: str, info: ValidationInfo) -> str:
        weak = len(key.encode()) < SECRET_KEY_MIN_BYTES or len(set(key)) < SECRET_KEY_MIN_DISTINCT
        if weak and _in_production(info):
            raise ValueError(f"needs at least {SECRET_KEY_MIN_BYTES} random bytes")
        return key

    @field_validator("debug")
    @classmethod
    def off_in_production(cls, debug: bool, info: ValidationInfo) -> bool:
        if debug and _in_production(info):
            raise ValueError("must be off in production")
        return debug

    @field_validator("database_url")
    @classmethod
    def known_database(cls, url: str, info: ValidationInfo) -> str:
        if urlsplit(url).scheme not in DATABASE_SCHEMES:
            raise ValueError("must begin with postgresql:// or sqlite://")
        if not _has_readable_port(url):
            raise ValueError(
                "its port is no number, or its password has signs to be percent-encoded"
            )
        if url.startswith("sqlite") and _in_production(info):
            raise ValueError("production needs PostgreSQL")
        return url

    @field_validator("r2_endpoint_url")
    @classmethod
    def http_endpoint(cls, url: str) -> str:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise ValueError("must be a URL that begins with https://")
        return url

    @field_validator("time_zone")
    @classmethod
    def known_time_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("is not a time zone, for example America/Lima")
        return name

    @property
    def is_production(self) -> bool:
        return self.toastclub_env == "production"

    @property
    def has_r2(self) -> bool:
        return bool(self.r2_bucket)

    @property
    def data_dir(self) -> Path:
        return BASE_DIR / self.toastclub_data_dir


def load() -> Environment:
    """The environment, or `ImproperlyConfigured` that names all that is wrong with it."""
    faults = _missing_variables()
    environment = None
    try:
        environment = Environment()
    except ValidationError as error:
        faults += [_words(fault) for fault in error.errors(include_input=False)]
    if faults or environment is None:
        raise ImproperlyConfigured("Toast Club can't start:\n- " + "\n- ".join(faults))
    return environment


def _in_production(info: ValidationInfo) -> bool:
    return info.data.get("toastclub_env") == "production"


def _has_readable_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:  # its message repeats part of the URL, a password perhaps
        return False


def _words(fault: Any) -> str:
    name = str(fault["loc"][0]).upper()
    return f"{name}: {fault['msg'].removeprefix('Value error, ')}"


def _missing_variables() -> list[str]:
    """In production all are needed; elsewhere the R2 ones go together or not at all."""
    needed: tuple[str, ...]
    if os.environ.get("TOASTCLUB_ENV") == "production":
        needed, why = PRODUCTION_VARIABLES, "is missing; production needs it"
    elif any(os.environ.get(name) for name in R2_VARIABLES):
        needed, why = R2_VARIABLES, "is missing; the R2 variables go together"
    else:
        return []
    return [f"{name}: {why}" for name in needed if not os.environ.get(name, "").strip(" ,")]


def local_secret_key(data_dir: Path) -> str:
    """The key of a local installation, made on first start and kept beside its data.

    It is linked into place whole, so that of several processes that start at once none
    reads half a key.
    """
    path = data_dir / "secret_key"
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=data_dir) as draft:
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, path)
    return path.read_text()
