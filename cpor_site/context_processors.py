from django.conf import settings

from .web.mailboxes import read_support_address


def operator(request):
    """Return the operator's settings for every template."""
    return {
        "OPERATOR_NAME": settings.OPERATOR_NAME,
        "OPERATOR_SUPPORT_EMAIL": read_support_address(),
        "CPOR_DEMO": settings.CPOR_DEMO,
    }
