"""Settings of the project: all that varies comes from `toastclub.environment`."""

import os
from datetime import timedelta

import dj_database_url
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from toastclub import back_office, environment
from toastclub.environment import BASE_DIR, LOCAL_CORS_ORIGINS

ENV = environment.load()

DATA_DIR = ENV.data_dir
UPLOAD_DIR = DATA_DIR / "uploads"
AUDIO_DIR = DATA_DIR / "audio"  # without an S3 store
for _folder in (DATA_DIR, UPLOAD_DIR, AUDIO_DIR):  # names, hashes and voices lie there
    _folder.mkdir(mode=0o700, parents=True, exist_ok=True)

SECRET_KEY = ENV.secret_key or environment.local_secret_key(DATA_DIR)
DEBUG = ENV.debug
ALLOWED_HOSTS = ENV.allowed_hosts or ["*"]

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # before the admin, whose templates it replaces
    "unfold.contrib.filters",
    "accounts.apps.ToastClubAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_tasks",
    "django_tasks_db",
    "toastclub",
    "accounts.apps.AccountsConfig",
    "training",
    "sessions_app",
    "recordings",
    "surveys",
    "dataset",
]

MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",
    "toastclub.middleware.ApiLocaleMiddleware",
    "toastclub.middleware.RequestGuardMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "toastclub.urls"
WSGI_APPLICATION = "toastclub.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "toastclub" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": dj_database_url.parse(
        ENV.database_url or f"sqlite:///{DATA_DIR / 'toastclub.sqlite3'}"
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A deferred transaction that reads first and then writes fails with "database is
    # locked" when another wrote in between; an immediate one waits its turn.
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # A file, because threads share no in-memory database.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
else:
    # Its connections are given back after each request, and used again.
    DATABASES["default"]["ENGINE"] = "toastclub.postgresql"
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        # A database that no longer answers is an error after seconds, not minutes.
        connect_timeout=3,
        tcp_user_timeout=5000,  # milliseconds
        # Statements are planned once a connection, not once a request.
        server_side_binding=True,
        prepare_threshold=5,
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Users
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend"]
LOGIN_REDIRECT_URL = "admin:index"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "accounts.hashers.TruncatingBcryptHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {"user_attributes": ("email", "name")},
        "MinimumLengthValidator": {},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=ENV.access_token_hours),
    "SIGNING_KEY": SECRET_KEY,
    "CHECK_REVOKE_TOKEN": True,
}
LOGIN_FAILURES_ALLOWED = 10
LOGIN_FAILURES_WINDOW = timedelta(minutes=10)

# Sessions
SESSION_CODE_TTL = timedelta(days=ENV.session_code_ttl_days)
SESSION_CODE_TTL_COMPLETED = timedelta(days=1)
CODE_MISSES_ALLOWED = 60
CODE_MISSES_WINDOW = timedelta(minutes=1)

# Peers whose X-Forwarded-For is believed. The variable is gunicorn's own, which reads it
# for the same purpose; "*" is for platforms whose router is the only way in.
FORWARDED_ALLOW_IPS = [
    peer.strip() for peer in os.environ.get("FORWARDED_ALLOW_IPS", "").split(",") if peer.strip()
]

# Recordings
MAX_AUDIO_SIZE = ENV.max_audio_size_mb * 1024 * 1024
MAX_RECORDINGS_PER_SESSION = 20
FILE_UPLOAD_TEMP_DIR = UPLOAD_DIR
FILE_UPLOAD_HANDLERS = ["recordings.uploads.AudioUploadHandler"]
MAX_MULTIPART_OVERHEAD = 64 * 1024  # bytes: boundaries, part headers and small fields
REQUEST_MEASURING_SECONDS = 3  # what takes longer is measured by `process_recordings`
COMMAND_MEASURING_SECONDS = 600
UPLOAD_PART_SIZE = 5 * 1024 * 1024  # bytes: the least that R2 takes, so that little is sent twice
UPLOAD_URL_SECONDS = 3600

# What a recording is warned of.
# Silence is 20 ms (a frame of speech, in WebRTC's voice detector and most codecs) of less than
# -50 dBFS: ITU-T P.56 takes for speech what is within 15.9 dB of its active level, which is
# -42 dBFS at the customary level of -26; the other 8 dB are for a soft voice.
SILENCE_WINDOW_MS = 20
SILENCE_LEVEL_DBFS = -50.0
# 5 % of a recording without a voice may be the knock of a key, or the hand on the microphone.
SILENT_SHARE_WARNED = 0.95
# A sample is clipped that is at full scale together with its neighbours, in runs as Audacity's
# Find Clipping counts them by default: a wave that just reaches full scale has shorter ones.
CLIPPED_RUN_SAMPLES = 3
# Speech has one clipped sample in a thousand when it is some 4 dB too loud.
CLIPPED_SHARE_WARNED = 0.001
# Mozilla Common Voice takes no recording of less than a second (common-voice pull request 3140).
RECORDING_SECONDS_MIN = 1.0

# Of a process, a few recordings are stored at the same moment, while others wait for their turn.
# When for so long (seconds) no bytes went to the store, they go on: what hangs may be the store.
STORING_TURN_SECONDS = 2
# A store that is this long (seconds) behind one that takes that many bytes a second is out of
# order. With the turn and the time for its answer (read_timeout), a client hears so within 10 s;
# of a store that can't be connected to as well, if its name has four addresses at most.
STORE_PATIENCE = 3
STORE_SLOWEST = 256 * 1024
# A client_config replaces all of django-storages' own options, so it says every one.
R2_CLIENT_CONFIG = Config(
    signature_version="s3v4",  # R2 refuses SigV2
    s3={"addressing_style": "path"},
    # R2 has refused the checksum trailers that boto3 adds by default.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    connect_timeout=1.5,  # to each of its addresses
    read_timeout=4.5,
    retries={"total_max_attempts": 1},
    max_pool_connections=64,  # one for each of gunicorn's threads
)
R2_STORE = {
    "BACKEND": "recordings.storages.R2Storage",
    "OPTIONS": {
        "bucket_name": ENV.r2_bucket,
        "endpoint_url": ENV.r2_endpoint_url,
        "access_key": ENV.r2_access_key_id,
        "secret_key": ENV.r2_secret_access_key,
        "region_name": ENV.r2_region,
        "client_config": R2_CLIENT_CONFIG,
        "transfer_config": TransferConfig(use_threads=False),  # each would hold 8 MB in memory
        "max_memory_size": 1024 * 1024,  # without it whole objects are read into memory
    },
}
LOCAL_STORE = {
    "BACKEND": "recordings.disk.SignedFileSystemStorage",
    "OPTIONS": {"location": AUDIO_DIR},
}
STORAGES = {
    "default": R2_STORE if ENV.has_r2 else LOCAL_STORE,
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if ENV.is_production
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_PERMISSIONS = 0o600

STATIC_URL = "/static/"
# Collected for production; elsewhere they are served from where they lie.
STATIC_ROOT = BASE_DIR / "staticfiles" if ENV.is_production else None
WHITENOISE_USE_FINDERS = not ENV.is_production

# Language and time: pages are Spanish; the API also speaks English to those who ask.
LANGUAGE_CODE = "es"
LANGUAGES = [("es", "español"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = ENV.time_zone
USE_TZ = True
FORMAT_MODULE_PATH = ["toastclub.formats"]

# The back office
UNFOLD = back_office.UNFOLD

# Work in the background, done by `run_worker`.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# The API
REST_FRAMEWORK = {
    # The token is asked first: a headset's code counts only where there is no token.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "sessions_app.authentication.HeadsetAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.IsStaff"],
    "DEFAULT_PAGINATION_CLASS": "toastclub.pagination.Pagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PARSER_CLASSES": ["toastclub.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["toastclub.renderers.FastJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "toastclub.negotiation.AlwaysJSON",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "toastclub.schema.ContractSchema",
    "EXCEPTION_HANDLER": "toastclub.responses.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Toast Club API",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Entrenamiento de oratoria en realidad virtual: textos, sesiones, "
    "grabaciones, encuestas y dataset. La guía para el equipo de Unity es docs/api.md.",
    "LICENSE": {"name": "MIT"},
    "TAGS": [
        {"name": "auth", "description": "Inicio de sesión y contraseña propia"},
        {"name": "texts", "description": "Textos de entrenamiento"},
        {"name": "sessions", "description": "Sesiones y su máquina de estados"},
        {"name": "recordings", "description": "Grabaciones"},
        {"name": "surveys", "description": "Encuestas"},
        {"name": "dataset", "description": "Dataset, solo para analistas"},
        {"name": "users", "description": "Cuentas, solo para analistas"},
        {"name": "admin/users", "description": "Las mismas cuentas, para el cliente web"},
        {"name": "health", "description": "Estado del sistema"},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums"],
    "ENUM_NAME_OVERRIDES": {
        "Estado": "sessions_app.choices.Estado",
        "Role": "accounts.choices.Role",
    },
}
CORS_ALLOWED_ORIGINS = ENV.cors_origins or ([] if ENV.is_production else LOCAL_CORS_ORIGINS)
CORS_ALLOW_HEADERS = ["authorization", "content-type", "x-session-code"]
CORS_EXPOSE_HEADERS = ["content-disposition", "retry-after"]

# Transport
if ENV.is_production:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health(/ready)?/?$"]  # probes come over plain HTTP
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
CSRF_FAILURE_VIEW = "toastclub.resending.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SESSION_CODE_COOKIE_SECURE = ENV.is_production
SESSION_COOKIE_AGE = int(timedelta(hours=ENV.access_token_hours).total_seconds())
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# W009 asks for 50 characters; toastclub.environment already refuses a weak key.
SILENCED_SYSTEM_CHECKS = ["security.W009"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "redacted": {
            "()": "toastclub.logs.RedactingFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "redacted"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        # A client's own mistakes are answered, not logged.
        "django.request": {"level": "ERROR"},
    },
}
