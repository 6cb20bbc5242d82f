"""Addresses to which mail services post their bounce reports: django-anymail's, which take any body [R21].

They read a report as its service documents it, and anything else ends there as a fault of the server: a
body that is no JSON, a list in the place of a text. Such a report is answered 400 here, and staff see it
under *To look at* where its sender knew the secret, since a bounce may stand in it.
"""

from typing import Any

from anymail.webhooks.base import AnymailCoreWebhookView
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest
from django.urls import URLPattern

from .bounces import report_unreadable


class ReportView(AnymailCoreWebhookView):
    """Answers 400 where django-anymail cannot read what was posted; stands before one of its views."""

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
