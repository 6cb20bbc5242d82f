"""Settings of CPOR, all read from the environment.

Nothing is needed for the embedded default (see ``make demo``); a production setting needs
SECRET_KEY, ALLOWED_HOSTS, CPOR_BASE_URL, DATABASE_URL, REDIS_URL and EMAIL_URL. docs/settings.md
lists every variable; ``manage.py check --deploy`` says what is wrong and how to fix it.
"""

from email.utils import formataddr
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from .email_url import read_email_url
from .environment import env, read_databases, read_secret_key, read_single_sign_on
from .logs import describe_logging
from .web.content_policy import CONTENT_SECURITY_POLICY  # noqa: F401 - a setting

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What kind of run this is -------------------------------------------------------------------
CPOR_DEMO = env.bool("CPOR_DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
CPOR_DATA_DIR = Path(env.str("CPOR_DATA_DIR", default=str(BASE_DIR / "var"))).absolute()
CPOR_DATA_DIR.mkdir(parents=True, exist_ok=True)
CPOR_BASE_URL = env.str("CPOR_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")

SECRET_KEY = read_secret_key(data_dir=CPOR_DATA_DIR, may_make_one=CPOR_DEMO or DEBUG)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_FAILURE_VIEW = "cpor_site.web.dead_ends.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- The operator: whose portal this is ---------------------------------------------------------
OPERATOR_NAME = env.str("OPERATOR_NAME", default="Northwind Cloud")
OPERATOR_SUPPORT_EMAIL = env.str(
    "OPERATOR_SUPPORT_EMAIL", default="partner-support@northwind.example"
)
OPERATOR_COUNTRY = env.str("OPERATOR_COUNTRY", default="US")
OPERATOR_COUNTRY_PART = env.str("OPERATOR_COUNTRY_PART", default="")
OPERATOR_TIME_ZONE = env.str("OPERATOR_TIME_ZONE", default="America/Los_Angeles")
OPERATOR_ACCENT_COLOUR = env.str("OPERATOR_ACCENT_COLOUR", default="#1f4b99")

# --- Applications -------------------------------------------------------------------------------
INSTALLED_APPS = [
    "cpor_site.web.admin_site.CporAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *("django.contrib.humanize", "django.forms"),
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "partners.single_sign_on",
    "anymail",
    *("crispy_forms", "crispy_bootstrap5", "js_lib_bootstrap5"),
    "csp",
    "django_linear_migrations",
    "django_structlog",
    "rules.apps.AutodiscoverRulesConfig",
    "cpor_site.apps.CporSiteConfig",
    "notifications",
    "partners",
    "associations",
]

MIDDLEWARE = [
    "cpor_site.health.ProbeMiddleware",  # first: load balancers ask by address, in plain http
    "cpor_site.web.streams.ReleaseMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cpor_site.web.request_text.RequestTextMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cpor_site.web.site_language.SiteLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "partners.middleware.ConfidentialPagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cpor_site.web.dead_ends.DeadEndMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "partners.sign_in.second_factor.StaffSecondFactorMiddleware",
    "partners.middleware.PersonLanguageMiddleware",
    "partners.middleware.PersonTimeZoneMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
]

ROOT_URLCONF = "cpor_site.urls"
WSGI_APPLICATION = "cpor_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Our templates come before Django's: see templates/django/forms/widgets/attrs.html.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cpor_site.context_processors.operator",
                "partners.context_processors.partners",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ["bootstrap5"]
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False  # a layout that names a missing field, or one twice, is a bug

# --- Data ---------------------------------------------------------------------------------------
DATABASES = read_databases(data_dir=CPOR_DATA_DIR, is_demo=CPOR_DEMO)
REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {"BACKEND": "cpor_site.cache.ForgetfulRedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = CPOR_DATA_DIR / "files"
MEDIA_URL = ""  # views that check permissions serve files, never a direct address
# Hashed names need `collectstatic`, which the embedded default and the tests don't run.
CPOR_COLLECTED_STATIC = env.bool("CPOR_COLLECTED_STATIC", default=False)
WHITENOISE_USE_FINDERS = not CPOR_COLLECTED_STATIC
STATIC_ROOT = CPOR_DATA_DIR / "static" if CPOR_COLLECTED_STATIC else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if CPOR_COLLECTED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "cpor_site.web.uploads.TemporaryUploadHandler",
]

# --- Accounts -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "partners.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "partners.sign_in.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "partners.forms.sign_in.addresses.SignInForm",
    "reset_password": "partners.forms.sign_in.addresses.ForgotPasswordForm",  # nosec B105
    "change_password": "partners.forms.sign_in.passwords.NewPasswordForm",  # nosec B105
    "set_password": "partners.forms.sign_in.passwords.FirstPasswordForm",  # nosec B105
    "reauthenticate": "partners.forms.sign_in.passwords.RepeatedPasswordForm",
    "reset_password_from_key": "partners.forms.sign_in.passwords.ForgottenPasswordForm",  # nosec B105
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# There is no sign-up. A person whom staff gave a password confirms the address through a link first;
# an invitation or a reset link has already done that (partners/sign_in/addresses.py).
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
# For everything else allauth's defaults apply (docs/operations.md); reset emails can annoy strangers.
ACCOUNT_RATE_LIMITS = {"reset_password": "10/m/ip,3/5m/key"}  # nosec B105
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Steps. partners.sign_in.one_time_codes accepts each code once, and no future one.
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = OPERATOR_NAME
MFA_ADAPTER = "partners.sign_in.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "partners.forms.sign_in.second_factor.CodeForm",
    "reauthenticate": "partners.forms.sign_in.second_factor.RepeatedCodeForm",
    "activate_totp": "partners.forms.sign_in.second_factor.FirstCodeForm",
    "login_webauthn": "partners.forms.sign_in.second_factor.PasskeySignInForm",
    "authenticate_webauthn": "partners.forms.sign_in.second_factor.PasskeyStepForm",
    "reauthenticate_webauthn": "partners.forms.sign_in.second_factor.PasskeyProofForm",
    "add_webauthn": "partners.forms.sign_in.second_factor.PasskeyForm",
    "edit_webauthn": "partners.forms.sign_in.second_factor.PasskeyNameForm",
}
# The demo lets anyone sign in as anyone with one click, on this machine only and without real data (it
# refuses DATABASE_URL): a second factor would protect nothing there and slow down the tour.
STAFF_NEED_SECOND_FACTOR = not CPOR_DEMO
SOCIALACCOUNT_ADAPTER = "partners.single_sign_on.adapter.SingleSignOnAdapter"
SOCIALACCOUNT_PROVIDERS = read_single_sign_on()

# --- Languages and time -------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("pt-br", _("Brazilian Portuguese"))]
LOCALE_PATHS = [BASE_DIR / "cpor_site" / "locale"]
FORMAT_MODULE_PATH = ["cpor_site.formats"]

# --- Mail ---------------------------------------------------------------------------------------
_mail = read_email_url(env.str("EMAIL_URL", default="smtp://127.0.0.1:2525"))
EMAIL_BACKEND = _mail.settings["EMAIL_BACKEND"]
EMAIL_HOST = _mail.settings["EMAIL_HOST"]
EMAIL_PORT = _mail.settings["EMAIL_PORT"]
EMAIL_HOST_USER = _mail.settings["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _mail.settings["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _mail.settings["EMAIL_USE_TLS"]  # STARTTLS, demanded before signing in
EMAIL_USE_SSL = _mail.settings["EMAIL_USE_SSL"]  # TLS from the first byte
CPOR_EMAIL_URL_PROBLEMS = _mail.problems  # told by the system check cpor.E008
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)  # seconds a silent mail server is waited for
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default=formataddr((OPERATOR_NAME, "no-reply@northwind.example"))
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
ANYMAIL = env.json("ANYMAIL", default={})
# The mail service behind EMAIL_URL, by its webhook's name: it gets a header that its reports return.
EMAIL_SERVICE = env.str("EMAIL_SERVICE", default="")

# --- Jobs ---------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_TASK_IGNORE_RESULT = True
# Tasks are acknowledged when they start, Celery's default. With late acknowledgement, a Redis that goes
# away while a task runs would end the worker; the next sweep finds a task lost with its worker.
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_PREFETCH_MULTIPLIER = 8
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker may be away for hours
# A hanging mail server must not keep claims from becoming official: email has its own workers.
CELERY_TASK_DEFAULT_QUEUE = "celery"
CPOR_EMAIL_QUEUE = "email"
CELERY_TASK_ROUTES = {"notifications.tasks.deliver_outbox": {"queue": CPOR_EMAIL_QUEUE}}
# A page must not hang on a dead broker: the sweep finds what a lost task would have done.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"socket_connect_timeout": 1, "socket_timeout": 2, "max_retries": 0}
    if REDIS_URL
    else {"polling_interval": 0.05}
)
# Customers that one partner can have asked for at a time, and per day [R58].
CPOR_CUSTOMER_REQUESTS_MAX = env.int("CPOR_CUSTOMER_REQUESTS_MAX", default=20)
# Seconds between sweeps of what is due and not done; the demo sweeps more often so that it can be watched.
CPOR_SWEEP_SECONDS = env.int("CPOR_SWEEP_SECONDS", default=2 if CPOR_DEMO else 15)
# Seconds after a customer's deadline during which a refusal still counts and nothing becomes official.
CPOR_OPT_OUT_GRACE_SECONDS = env.int("CPOR_OPT_OUT_GRACE_SECONDS", default=2 if CPOR_DEMO else 60)

# --- How long data is kept, in days; 0 means forever (associations/pruning.py) ---------------------------
KEEP_SESSIONS_DAYS = env.int("KEEP_SESSIONS_DAYS", default=7)  # after they ended
KEEP_EMAIL_VALUES_DAYS = env.int("KEEP_EMAIL_VALUES_DAYS", default=90)
KEEP_DRAFTS_DAYS = env.int("KEEP_DRAFTS_DAYS", default=365)
DRAFT_WARNING_DAYS = env.int("DRAFT_WARNING_DAYS", default=30)  # before a draft is removed
KEEP_USAGE_REPORTS_DAYS = env.int("KEEP_USAGE_REPORTS_DAYS", default=365)
KEEP_EXPORTS_DAYS = env.int("KEEP_EXPORTS_DAYS", default=7)

# --- Security -----------------------------------------------------------------------------------
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
_over_https = CPOR_BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _over_https
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=_over_https)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if _over_https else 0)
# Both affect other names than this site's for a long time, so the operator must ask for them.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # Django's advice to set those two
_behind_proxy = env.bool("BEHIND_PROXY", default=False)
if _behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Otherwise everyone behind the proxy shares one limit, and one password guesser locks everyone out.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _behind_proxy else 0

# The token for /statusz, sent as "Authorization: Bearer ..." (docs/operations.md).
STATUS_TOKEN = env.str("STATUS_TOKEN", default="").strip()

# --- Logs ---------------------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING" if CPOR_DEMO else "INFO")
# It believes any header; cpor_site.client_address does not.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
LOGGING = describe_logging(LOG_LEVEL)
