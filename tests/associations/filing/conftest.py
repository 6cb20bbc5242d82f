"""Who files, and drafts at the points where pages begin."""

import pytest
from django.test import Client

from associations.models import Claim

from .steps import send, start


@pytest.fixture(autouse=True)
def storage_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def client(admin):
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def started(client, partner, tenant):
    """A draft with its customer, and nothing else."""
    start(client, partner, tenant)
    return Claim.objects.get()


@pytest.fixture
def dynamics(client, started):
    send(client, started, "work", work="business-applications/usage", name="Rollout")
    return Claim.objects.get()


@pytest.fixture
def workloads(client, started):
    send(client, started, "work", work="microsoft-365/usage", name="Rollout")
    return Claim.objects.get()
