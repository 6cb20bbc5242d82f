"""Addresses to which mail services post their bounce reports: django-anymail's, which take any body [R21].

They read a report as its service documents it; anything else, such as a body that is not JSON or a list
instead of a text, would be a server error. Here such a report is answered 400, and staff see it under
*To look at* if its sender knew the secret, since it may contain a bounce.
"""

from typing import Any

from anymail.webhooks.base import AnymailCoreWebhookView
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest
from django.urls import URLPattern

from .bounces import report_unreadable


class ReportView(AnymailCoreWebhookView):
    """Answer 400 if django-anymail cannot read what was posted; mixed into each of its views."""

    def run_validators(self, request: HttpRequest) -> None:
        """Raise what answers 400 where the sender is not known to be the mail service."""
        try:
            super().run_validators(request)
        except SuspiciousOperation:
            raise
        except Exception as error:  # a signature can stand in a body that cannot be read
            raise BadRequest("The signature of this report cannot be read.") from error

    def parse_events(self, request: HttpRequest) -> list:
        """Return what the report says; where it cannot be read, tell staff and raise what answers 400."""
        try:
            return super().parse_events(request)
        except Exception as error:
            report_unreadable(self.esp_name, error)
            if isinstance(error, SuspiciousOperation):
                raise
            raise BadRequest("This report cannot be read.") from error


def guard(pattern: URLPattern) -> URLPattern:
    """Return one of django-anymail's addresses with a view that refuses what it cannot read."""
    theirs: Any = pattern.callback.view_class  # type: ignore[attr-defined]
    view: Any = type(theirs.__name__, (ReportView, theirs), {})
    return URLPattern(pattern.pattern, view.as_view(), pattern.default_args, pattern.name)
