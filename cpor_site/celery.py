"""The Celery application and its beat schedule.

Beat starts sweeps for what is due and not done; a task that is lost or runs twice changes nothing.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cpor_site.settings")

SWEEPS = {
    "beat is alive": "cpor_site.tasks.record_beat",
    "send what is queued": "notifications.tasks.deliver_outbox",
    "finalise what is due": "associations.tasks.finalise_due_claims",
    "look at set-aside claims again": "associations.tasks.look_at_set_aside_claims",
    "send notices that waited": "associations.tasks.send_notices_that_waited",
    "close unanswered requests": "associations.tasks.close_unanswered_claims",
    "settle mediation cases": "associations.tasks.settle_mediation_cases",
    "remind of deadlines": "associations.tasks.remind_of_deadlines",
    "load files": "associations.tasks.load_files",
    "write claims exports": "associations.tasks.write_claims_exports",
    "look at the usage of new products": "associations.tasks.look_for_attention",
}

app = Celery("cpor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def schedule_sweeps(sender, **kwargs):
    """Return one entry per sweep; a tick that has waited longer than its interval is dropped."""
    from django.conf import settings  # noqa: PLC0415 - read when the app is final

    seconds = settings.CPOR_SWEEP_SECONDS
    expiry = {"expires": max(seconds, 30)}
    sender.conf.beat_schedule = {
        name: {"task": task, "schedule": seconds, "options": expiry}
        for name, task in SWEEPS.items()
    }
    # By the clock (UTC), not by an interval, which would restart each time beat starts.
    sender.conf.beat_schedule["remove what is old"] = {
        "task": "associations.tasks.prune_old_data",
        "schedule": crontab(hour=3, minute=17),
        "options": {"expires": 3600},
    }
    sender.conf.beat_schedule["count the reviews of finished days"] = {
        "task": "associations.tasks.count_finished_days",
        "schedule": crontab(minute=23),
        "options": {"expires": 3600},
    }
    sender.conf.beat_schedule["open missing mediation cases"] = {
        "task": "associations.tasks.open_missing_cases",
        "schedule": crontab(minute=41),
        "options": {"expires": 3600},
    }
