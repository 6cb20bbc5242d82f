"""What you can try in the demo, for its pages, the terminal and $CPOR_DATA_DIR/demo.json."""

import datetime as dt
import json
import os
from dataclasses import asdict

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from associations.customer import optout
from associations.emails.wording import absolute
from associations.enums import Status
from associations.models import Claim, CustomerNotice

from .customers import CUSTOMERS, SUBSCRIPTIONS
from .people import PASSWORD, PEOPLE

FILE = settings.CPOR_DATA_DIR / "demo.json"


def read() -> dict:
    """Return what was written at the start of this demo."""
    return json.loads(FILE.read_text())


def write(closing: Claim, *, closes_at: dt.datetime) -> None:
    """Write demo.json atomically, so that a reader sees either the old facts or the new ones."""
    facts = {
        "address": settings.CPOR_BASE_URL,
        "pid": os.getpid(),
        "sign_ins": list_sign_ins(),
        "claims": list_claims(),
        "closing_claim": closing.reference,
        "closes_at": closes_at.isoformat(),
        "opt_out_links": list_links(),
        "mail": absolute(reverse("demo:mail")),
        "tour": absolute(reverse("demo:tour")),
        "customers": list_customers(),
    }
    unfinished = FILE.with_suffix(".part")
    unfinished.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    unfinished.replace(FILE)


def list_sign_ins() -> list[dict]:
    """Return every sign-in; a person at two partners appears twice."""
    return [
        {"email": person.email, "password": PASSWORD, "for": str(person.purpose)}
        | {"partner": partner, "role": role}
        for person in PEOPLE
        for partner, role in person.list_roles()
    ]


def list_claims() -> dict[str, list[str]]:
    """Return references by status; every status occurs."""
    claims = Claim.objects.only("status", "reference").order_by("pk")
    return {
        str(status): [each.reference for each in claims if each.status == status]
        for status in Status
    }


def list_links() -> list[dict]:
    """Return every customer's link that works."""
    notices = CustomerNotice.objects.in_force().select_related("claim").order_by("pk")
    return [
        {
            "claim": each.claim.reference,
            "contact": each.email,
            "stage": str(link.stage),
            "url": absolute(reverse("associations:opt-out", args=[each.token])),
        }
        for each in notices
        if (link := optout.find_link(each.token, at=timezone.now()))
    ]


def list_customers() -> list[dict]:
    """Return the customers for which a claim can be filed, with the IDs that the form asks for."""
    return [
        {
            **asdict(customer),
            "domain": customer.domain,
            "tenant_id": str(customer.tenant_id),
            "email": customer.email,
            "subscriptions": [
                {**asdict(bought), "subscription_id": str(bought.subscription_id)}
                for bought in SUBSCRIPTIONS
                if bought.customer == customer.key
            ],
        }
        for customer in CUSTOMERS.values()
    ]
