from celery import shared_task

from . import delivery


@shared_task(ignore_result=True)
def deliver_outbox() -> int:
    """Send what is due; started after commits and by beat, harmless at any time."""
    return delivery.deliver_due()
