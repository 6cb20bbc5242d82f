"""What the tests of a mediation's pages share: opening them as a side or as the customer, at the contest's time."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from associations.contests import sides
from associations.customer import questions
from associations.models import CaseSide
from tests import cast

#: Each page has its own; nothing else differs between two looks at the same thing.
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


class Seat:
    """One member of a side, with a browser."""

    def __init__(self, contest, n, person=None):
        self.contest, self.n = contest, n
        self.client = Client()
        self.person = person or contest.admins[n]
        self.signed_in_at = None

    @property
    def claim(self):
        return self.contest.read(self.n)

    @property
    def product(self):
        return self.claim.associations.get(product__code="teams")

    @property
    def address(self):
        args = [self.claim.reference, self.product.reference]
        return reverse("associations:claim-mediation", args=args)

    def sign_in(self):
        """Sign in, and again when days have passed: sessions end."""
        if self.signed_in_at != self.contest.now:
            self.client.force_login(self.person)
            self.signed_in_at = self.contest.now

    def look(self, address=None):
        with cast.at(self.contest.now):
            self.sign_in()
            return self.client.get(address or self.address)

    def read(self, address=None):
        """The words of a page."""
        return words_of(self.look(address))

    def send(self, act, *files, **fields):
        with cast.at(self.contest.now):
            self.sign_in()
            if "seen" not in fields and act != "proof":
                fields["seen"] = sides.mark_seen(self.side)
            return self.client.post(self.address, {"act": act, "files": files, **fields})

    @property
    def side(self):
        sides_of_case = CaseSide.objects.select_related("case")
        return sides_of_case.get(case=self.contest.case, partner=self.contest.partners[self.n])


def words_of(response):
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text).replace("&#x27;", "'")


def markup_of(response):
    return CSRF.sub("", response.content.decode())


def make_file(name="newer.pdf", content=cast.PDF + b"% newer"):
    return SimpleUploadedFile(name, content)


def ask(contest):
    """Ask the customer of a case that waits for the decision; return the question."""
    questions.ask_customer(contest.case, actor=contest.lead, now=contest.now)
    return contest.case.questions.first()
