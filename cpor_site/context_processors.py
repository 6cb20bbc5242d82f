from django.conf import settings


def operator(request):
    """Whose portal this is, for every template."""
    return {
        "OPERATOR_NAME": settings.OPERATOR_NAME,
        "OPERATOR_SUPPORT_EMAIL": settings.OPERATOR_SUPPORT_EMAIL,
        "CPOR_DEMO": settings.CPOR_DEMO,
    }
