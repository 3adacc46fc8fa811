"""Settings of every size of installation; the environment chooses (docs/architecture.md).

Only this module reads the environment. `DATABASE_URL` names the application's role, which is
neither owner nor superuser; `DATABASE_OWNER_URL` the role that migrates.
"""

from pathlib import Path

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF
from django.urls import reverse_lazy

from aidadmin import logs

# Lets forms and admin classes be generic at run time as they are for the type checker.
django_stubs_ext.monkeypatch()

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
# Keys, private files, broker folders and logs of an embedded installation.
VAR_DIR = Path(env.str("AID_VAR", str(BASE_DIR / "var")))

DEBUG = env.bool("AID_DEBUG", False)
SECRET_KEY = env.str("AID_SECRET_KEY", "")
# Commands that need no key work without one; `aidadmin.checks` refuses to serve with it.
UNSET_KEY = "unset: run make demo or set AID_SECRET_KEY"
if not SECRET_KEY:
    key_file = VAR_DIR / "secret_key"
    SECRET_KEY = key_file.read_text() if key_file.exists() else UNSET_KEY
ALLOWED_HOSTS = env.list("AID_HOSTS", default=["127.0.0.1", "localhost", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("AID_ORIGINS", default=[])
# Folders with fonts for characters that the product's own fonts lack (𠮷, Extension B and on).
RARE_FONTS = env.list("AID_RARE_FONTS", default=[])
BASE_URL = env.str("AID_BASE_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "django_cotton",
    "lucide",
    "guardian",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "audit",
    "privacy",
    "schools",
    "office",
    "students",
    "applications",
    "review",
    "disbursement",
    "screening",
    "archive",
    "aidadmin",
]

MIDDLEWARE = [
    "aidadmin.middleware.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "aidadmin.sessions.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "aidadmin.middleware.PlainTextMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "schools.middleware.ClockMiddleware",
    "schools.middleware.ScopeMiddleware",
    "aidadmin.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "aidadmin.urls"
WSGI_APPLICATION = "aidadmin.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "aidadmin.templatetags.ui",
                "aidadmin.templatetags.figures",
                "aidadmin.templatetags.addresses",
                "aidadmin.templatetags.fields",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "aidadmin.shell.shell",
            ],
        },
    }
]
if DEBUG:
    # Without the cache an edited page shows at the next request.
    TEMPLATES[0]["OPTIONS"]["loaders"] = TEMPLATES[0]["OPTIONS"]["loaders"][0][1]  # type: ignore[index]
COTTON_DIR = "cotton"

# --- database: one PostgreSQL everywhere ---
APP_ROLE = "aidadmin_app"
DATABASE_URL = env.str("DATABASE_URL", "postgres://aidadmin_app@127.0.0.1:5432/aidadmin")
DATABASES = {
    "default": env.db_url_config(DATABASE_URL),
    "owner": env.db_url_config(env.str("DATABASE_OWNER_URL", DATABASE_URL)),
}
for database in DATABASES.values():
    database["CONN_MAX_AGE"] = 60
    database["CONN_HEALTH_CHECKS"] = True
    database.setdefault("OPTIONS", {})["application_name"] = "aidadmin"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What may be a moment old, in each process for itself; nothing personal is put there.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 5_000},
    }
}
# How long the numbers in the frame and above a list may be older than what others did.
REMEMBERED_SECONDS = 20

# --- people ---
AUTH_USER_MODEL = "schools.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = reverse_lazy("login")
LOGIN_REDIRECT_URL = reverse_lazy("desk")
LOGOUT_REDIRECT_URL = reverse_lazy("login")
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
SESSION_COOKIE_AGE = 60 * 60 * 8
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SECURE_COOKIES = env.bool("AID_HTTPS", False)
SESSION_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_SECURE = SECURE_COOKIES
# HTTPS ends at our proxy (deploy/nginx), whose headers are believed then and only then.
BEHIND_PROXY = SECURE_COOKIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        # Bars and timelines take their position from a style attribute.
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- personal data ---
KEY_FILE = Path(env.str("AID_KEY_FILE", str(VAR_DIR / "keys.json")))
CIPHER = env.str("AID_CIPHER", "aes")  # or sm4
FILES_DIR = Path(env.str("AID_FILES", str(VAR_DIR / "files")))
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
UPLOAD_LIMIT = 20 * 1024 * 1024

# --- time ---
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = "aidadmin.formats"
# A demonstration may move its business date; everywhere else business time is real time.
REPLAY = env.bool("AID_REPLAY", False)

# --- long work ---
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "filesystem://")
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(VAR_DIR / "broker" / "queue"),
        "data_folder_out": str(VAR_DIR / "broker" / "queue"),
        "processed_folder": str(VAR_DIR / "broker" / "processed"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
        "store_processed": False,
    }
    if CELERY_BROKER_URL.startswith("filesystem")
    else {}
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
# What printed application forms ask of the floors above them, by the forms' keys.
FORM_READINGS = ["review.printed.grades", "review.printed.notices", "disbursement.printed.cards"]
# What of the floors above keeps an application from being withdrawn.
WITHDRAWAL_HOLDS = ["review.holds.recognised"]
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "office.jobs.sweep", "schedule": 60.0},
    "remind": {"task": "office.tasks.remind", "schedule": 600.0},
    "match_newcomers": {"task": "students.tasks.match_newcomers", "schedule": 1800.0},
    "open_rounds": {"task": "applications.tasks.open_rounds", "schedule": 1800.0},
    "forget_readings": {"task": "students.tasks.forget_readings", "schedule": 3600.0},
    "close_rounds": {"task": "aidadmin.tasks.close_rounds", "schedule": 3600.0},
}

# --- messages ---
# Without a mail server nothing leaves: printed letters would stand in the worker's log.
EMAIL_CONFIG = env.email_url("AID_EMAIL_URL", default="dummymail://")
vars().update(EMAIL_CONFIG)
# A mail server that keeps silent must not hold a worker.
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("AID_EMAIL_FROM", "aidadmin@localhost")

# --- files served ---
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AidAdmin",
    "VERSION": "1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "quiet": {
            "()": "aidadmin.logs.QuietFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "quiet"}},
    # Django's own handlers would write messages and paths beside ours.
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
    "root": {"handlers": ["console"], "level": env.str("AID_LOG_LEVEL", "WARNING")},
}
logs.configure()
