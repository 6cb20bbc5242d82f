"""What you can try in the demo, for its pages, the terminal and $CPOR_DATA_DIR/demo.json."""

import datetime as dt
import json
import os
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from associations.customer import optout
from associations.emails.wording import absolute
from associations.enums import Status
from associations.models import Claim, CustomerNotice

from .customers import CUSTOMERS, SUBSCRIPTIONS, subscription_id
from .people import describe_sign_ins


def file_path() -> Path:
    return settings.CPOR_DATA_DIR / "demo.json"


def write(closing: Claim, *, closes_at: dt.datetime) -> None:
    """Write demo.json atomically, so that a reader sees either the old facts or the new ones."""
    facts = gather(closing, closes_at=closes_at)
    unfinished = file_path().with_suffix(".part")
    unfinished.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    unfinished.replace(file_path())


def read() -> dict:
    """Return what was written at the start of this demo."""
    return json.loads(file_path().read_text())


def gather(closing: Claim, *, closes_at: dt.datetime) -> dict:
    return {
        "address": settings.CPOR_BASE_URL,
        "pid": os.getpid(),
        "sign_ins": describe_sign_ins(),
        "claims": list_claims(),
        "closing_claim": closing.reference,
        "closes_at": closes_at.isoformat(),
        "opt_out_links": list_links(),
        "mail": absolute(reverse("demo:mail")),
        "tour": absolute(reverse("demo:tour")),
        "customers": list_customers(),
    }


def list_claims() -> dict[str, list[str]]:
    """Return references by status; every status occurs."""
    found: dict[str, list[str]] = {str(status): [] for status in Status}
    for status, reference in Claim.objects.order_by("pk").values_list("status", "reference"):
        found[status].append(reference)
    return found


def list_links() -> list[dict]:
    """Return every customer's link that works."""
    now = timezone.now()
    notices = CustomerNotice.objects.select_related("claim__tenant").order_by("pk")
    return [
        {
            "claim": each.claim.reference,
            "contact": each.email,
            "stage": str(link.stage),
            "url": absolute(reverse("associations:opt-out", args=[each.token])),
        }
        for each in notices
        if (link := optout.find_link(each.token, at=now))
    ]


def list_customers() -> list[dict]:
    """Return the customers for which a claim can be filed, with the IDs that the form asks for."""
    return [
        {
            "name": each.name,
            "domain": each.domain,
            "tenant_id": str(each.tenant_id),
            "country": each.country,
            "contact": each.email,
            "subscriptions": _list_subscriptions(key),
        }
        for key, each in CUSTOMERS.items()
    ]


def _list_subscriptions(customer: str) -> list[dict]:
    return [
        {
            "product": code,
            "subscription_id": str(subscription_id(key, code, number)),
            "channel": str(channel),
            "state": str(state),
        }
        for key, code, number, channel, state, _seats, _days in SUBSCRIPTIONS
        if key == customer
    ]
