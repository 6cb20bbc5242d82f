from celery import shared_task
from django.utils import timezone

from .models import Heartbeat

BEAT = "beat"


@shared_task
def record_beat():
    """Record that beat sent this and a worker ran it, so both are alive."""
    Heartbeat.objects.update_or_create(name=BEAT, defaults={"seen_at": timezone.now()})
