"""Walking the pages of filing with Django's test client."""

import uuid

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from associations.models import Claim
from tests import cast
from tests.associations.proof_files import PDF

NEW = f"{cast.HERE}claims/new/"
PAGES = ["customer", "work", "products", "contacts", "proof", "review"]
ACKNOWLEDGED = {"is_true": "on", "is_known": "on", "is_told": "on"}


def page_url(claim, page):
    return reverse("associations:claim-page", args=[claim.reference, page])


def send(client, claim, page, *, action="continue", revision=None, **fields):
    """Post a page as its form would, with the claim's revision of now unless one is given."""
    if revision is None:
        revision = Claim.objects.get(pk=claim.pk).revision
    return client.post(page_url(claim, page), {"revision": revision, "action": action, **fields})


def customer_fields(claim_or_partner, tenant, **changed):
    partner = getattr(claim_or_partner, "partner", claim_or_partner)
    fields = {
        "location": partner.locations.first().pk,
        "customer_domain": tenant.domains.first().domain,
        "tenant_id": str(tenant.tenant_id),
    }
    return fields | changed


def start(client, partner, tenant, *, key=None, action="continue", **changed):
    fields = customer_fields(partner, tenant, **changed)
    address = reverse("associations:claim-new", args=[partner.key])
    return client.post(
        address, {"filing_key": str(key or uuid.uuid4()), "action": action, **fields}
    )


def contact_fields(domain="fabrikam.example", **changed):
    fields = {
        "customer_name": "Carla Cliente",
        "customer_title": "CIO",
        "customer_email": f"carla@{domain}",
        "customer_language": "pt-br",
        "partner_name": "Paul Partner",
        "partner_email": "paul@contoso.example",
    }
    return fields | changed


def technical_fields(domain="fabrikam.example"):
    return {
        "technical_name": "Tadeu Técnico",
        "technical_email": f"tadeu@{domain}",
        "technical_language": "en",
    }


def upload(name="letter.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def fresh(claim):
    return Claim.objects.get(pk=claim.pk)


def text_of(answer):
    return answer.content.decode()


def errors_of(answer):
    return answer.context["form"].errors
