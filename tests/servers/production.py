"""Settings of a site as customers could meet it: `manage.py run` refuses those of the example."""

IN_PRODUCTION = {
    "CPOR_BASE_URL": "http://cpor.example",
    "ALLOWED_HOSTS": "cpor.example, 127.0.0.1",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "OPERATOR_NAME": "Relecloud",
    "OPERATOR_SUPPORT_EMAIL": "help@relecloud.example",
    "DEFAULT_FROM_EMAIL": "Relecloud <no-reply@relecloud.example>",
}
