"""Where a request comes from, as far as it can be believed: rate limits count by it and log lines name it.

Behind a proxy of ours it is what that proxy wrote last (BEHIND_PROXY); else it is the other end of the
connection, whatever the request's own headers say.
"""

import structlog
from allauth.core.internal.ratelimit import get_ip
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest
from django_structlog.signals import bind_extra_request_metadata


def find_address(request: HttpRequest) -> str:
    """Return the address; a server behind a socket may not know, and then all count as one."""
    try:
        return get_ip(request)
    except PermissionDenied:
        return ""


@receiver(bind_extra_request_metadata, dispatch_uid="cpor_site.client_address")
def name_in_log(sender, request, **_others):
    structlog.contextvars.bind_contextvars(ip=find_address(request))
