"""What load balancers and alarms ask: does this process answer, can it serve, and does everything else work?

`/healthz` and `/readyz` are answered before anything checks the host name, redirects to https or opens
a session, and they ignore beat and email: a dead beat must not take the customers' pages down.
"""

import datetime as dt

from django.conf import settings
from django.db import Error, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.deprecation import MiddlewareMixin
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications import to_look_at
from notifications.enums import LookAtKind, State
from notifications.models import Message

from .celery import app
from .models import Heartbeat
from .tasks import BEAT

PROBES = frozenset({"/healthz", "/readyz"})
#: A queued email that has been due for longer than this means that nothing is being delivered.
OUTBOX_LIMIT = dt.timedelta(minutes=10)


class ProbeMiddleware(MiddlewareMixin):
    """Answers PROBES on any host name, such as the address of this machine."""

    def process_request(self, request):
        return resolve(request.path_info).func(request) if request.path_info in PROBES else None


@require_safe
@never_cache
def healthz(request):
    """Answer 200 while the process responds."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request):
    """Answer 200 if this process can serve, which requires only the database; otherwise 503."""
    return _answer({"database": is_database_there()})


@require_safe
@never_cache
def statusz(request):
    """Answer 200 if every part works, else 503, with each part's state and what staff must look at [R59].

    Raises Http404 if STATUS_TOKEN is not set; answers 401 to a request without it.
    """
    if not settings.STATUS_TOKEN:
        raise Http404
    if not _has_token(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    parts = {"database": is_database_there(), "broker": is_broker_there()}
    if not parts["database"]:
        return _answer(parts)
    open_entries = to_look_at.count_open()
    parts |= {
        "beat": is_beat_alive(),
        "outbox": is_outbox_moving(),
        "sender": LookAtKind.EMAIL_REFUSED not in open_entries,
        "parts": LookAtKind.PART_GAVE_UP not in open_entries,
    }
    return _answer(parts, to_look_at=open_entries)


def _answer(parts: dict[str, bool], **more) -> JsonResponse:
    words = {name: "ok" if fine else "failing" for name, fine in parts.items()}
    return JsonResponse({**words, **more}, status=200 if all(parts.values()) else 503)


def _has_token(request: HttpRequest) -> bool:
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and constant_time_compare(
        token.strip(), settings.STATUS_TOKEN
    )


def is_database_there() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def is_broker_there() -> bool:
    try:
        with app.connection_for_write(connect_timeout=1) as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
    except Exception:  # noqa: BLE001 - each transport has errors of its own
        return False
    return True


def is_beat_alive() -> bool:
    limit = timezone.now() - dt.timedelta(seconds=60 + 4 * settings.CPOR_SWEEP_SECONDS)
    return Heartbeat.objects.filter(name=BEAT, seen_at__gte=limit).exists()


def is_outbox_moving() -> bool:
    limit = timezone.now() - OUTBOX_LIMIT
    return not Message.objects.filter(state=State.QUEUED, next_attempt_at__lt=limit).exists()
