"""What the tests of the board share: addresses, people signed in, and the text of a page."""

from django.test import Client
from django.urls import reverse

LIST = reverse("admin:associations_mediationcase_changelist")


def name(slug, case, *more):
    """The address of an act on a case."""
    return reverse(f"admin:associations_mediationcase_{slug}", args=[case.pk, *more])


def sign_in(user):
    client = Client()
    client.force_login(user)
    return client


def text_of(response):
    return " ".join(response.content.decode().split())
