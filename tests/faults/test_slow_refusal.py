"""A customer on a slow line: the headers come before the deadline, the body after it [R31]."""

import datetime as dt
import http.client
import socket
import time
from urllib.parse import urlencode, urlsplit

import pytest
from django.utils import timezone

from associations.enums import AssociationStatus, Status
from associations.finalisation import sweep
from associations.models import Claim
from tests import cast

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

#: How long before the deadline the headers arrive.
BEFORE = dt.timedelta(seconds=2)


class SlowClient:
    """A socket that sends the head of a form first, and its body when it is told to."""

    def __init__(self, url: str, path: str, form: list[tuple[str, str]]):
        self.body = urlencode(form).encode()
        self.address = urlsplit(url)
        self.socket = socket.create_connection(
            (self.address.hostname, self.address.port), timeout=60
        )
        self.path = path

    def send_head(self) -> None:
        """Return once the server asks for the body: it hands the request to the application then."""
        lines = (
            f"POST {self.path} HTTP/1.1",
            f"Host: {self.address.netloc}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(self.body)}",
            "Connection: close",
            "Expect: 100-continue",
        )
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        assert self.socket.recv(100).startswith(b"HTTP/1.1 100 Continue")

    def send_body(self) -> int:
        """Send the rest and return the status of the answer."""
        self.socket.sendall(self.body)
        answer = http.client.HTTPResponse(self.socket)
        answer.begin()
        answer.read()
        self.socket.close()
        return answer.status


@pytest.fixture
def claim():
    partner = cast.make_partner()
    actor = cast.make_member(partner)
    draft = cast.make_draft(partner, actor, cast.make_tenant())
    return cast.walk(draft, Status.APPROVED, actor=actor, reviewer=cast.make_reviewer())


def refuse_slowly(claim, url):
    """Send the head 2 s before the deadline, let the sweep pass, send the body; return the status."""
    products = [("products", each.reference) for each in claim.associations.all()]
    path = f"/opt-out/{claim.notices.get().token}/"
    client = SlowClient(url, path, [("action", "refuse"), *products])
    client.send_head()
    Claim.objects.filter(pk=claim.pk).update(due_at=timezone.now() + BEFORE)
    claim.refresh_from_db()
    while timezone.now() <= claim.due_at:
        time.sleep(0.1)
    sweep.finalise_due(at=timezone.now())
    return client.send_body()


def test_without_a_grace_the_sweep_overtakes_it(claim, site, settings):
    settings.CPOR_OPT_OUT_GRACE_SECONDS = 0

    status = refuse_slowly(claim, site(CPOR_OPT_OUT_GRACE_SECONDS="0").url)

    assert status == 409
    assert Claim.objects.get(pk=claim.pk).status == Status.OFFICIAL


def test_what_arrived_in_time_wins(claim, site):
    status = refuse_slowly(claim, site().url)

    assert status == 303
    assert set(claim.associations.values_list("status", flat=True)) == {AssociationStatus.OPTED_OUT}
    assert sweep.finalise_due(at=cast.over(claim)).rejected == 1
