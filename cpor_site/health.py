"""Is it alive, and can it do its work? For load balancers and monitors; no account, no details."""

import datetime as dt

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications.models import Message

from .celery import app
from .models import Heartbeat
from .tasks import BEAT

#: A queued mail that is due for longer than this means that nobody delivers.
OUTBOX_LIMIT = dt.timedelta(minutes=10)


@require_safe
@never_cache
def healthz(request):
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request):
    """200 if database, broker, beat and outbox do their work, else 503, with each part's state."""
    parts = {
        "database": is_database_there(),
        "broker": is_broker_there(),
    }
    if parts["database"]:
        parts["beat"] = is_beat_alive()
        parts["outbox"] = is_outbox_moving()
    status = 200 if all(parts.values()) else 503
    words = {name: "ok" if fine else "failing" for name, fine in parts.items()}
    return JsonResponse(words, status=status)


def is_database_there() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
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
    return not Message.objects.filter(state="queued", next_attempt_at__lt=limit).exists()
