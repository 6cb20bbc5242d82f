"""503 while the database cannot be reached: nothing typed is lost, nothing secret is said back."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.test import Client
from django.urls import reverse

from associations.customer import notices
from associations.enums import Status
from associations.models import Association, Comment
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


@pytest.fixture
def ana():
    return cast.make_member(cast.make_partner(key=cast.KEY))


@pytest.fixture
def claim(ana):
    return cast.make_draft(ana.memberships.get().partner, ana, cast.make_tenant())


def away(error=OperationalError):
    """Inside the block each query fails as with a server that is not there."""

    def fail(execute, sql, params, many, context):
        raise error("the connection is closed")

    return connection.execute_wrapper(fail)


def read_fields(answer) -> dict[str, str]:
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text)
    return {name: unescape(value) for name, value in pairs}


def open_form(visitor, claim) -> tuple[str, dict[str, str]]:
    """Open a claim's page; return where its comments go, and what every form of it carries."""
    page = visitor.get(claim.get_absolute_url())
    address = reverse("associations:claim-comment", args=[claim.reference])
    return address, read_fields(page)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_page_says_so_and_when_to_try_again(visitor, ana, error):
    visitor.force_login(ana)

    with away(error):
        answer = visitor.get(f"{cast.HERE}claims/?q=contoso")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Back in a moment" in answer.text
    assert f'href="{cast.HERE}claims/?q=contoso"' in answer.text


def test_what_was_typed_is_sent_again_by_one_button(visitor, ana, claim):
    visitor.force_login(ana)
    address, fields = open_form(visitor, claim)
    typed = "São 25 licenças – “assinadas” <hoje> & amanhã"

    with away():
        answer = visitor.post(address, {**fields, "text": typed})

    assert answer.status_code == 503
    assert f'action="{address}"' in answer.text
    kept = read_fields(answer)
    assert kept["text"] == typed
    again = visitor.post(address, kept)
    assert again.status_code == 302
    assert Comment.objects.get().text == typed


def test_a_customers_answer_is_kept_without_a_cookie(visitor, ana, claim):
    approved = cast.walk(claim, Status.APPROVED, actor=ana, reviewer=cast.make_reviewer())
    address = reverse("associations:opt-out", args=[notices.in_force(approved).get().token])
    reference = Association.objects.filter(claim=claim).first().reference

    with away():
        answer = visitor.post(f"{address}?lang=pt-br", {"products": reference, "reason": "Not us."})

    assert answer.status_code == 503
    assert not answer.cookies
    assert 'lang="pt-br"' in answer.text
    assert read_fields(answer) == {"products": reference, "reason": "Not us."}
    assert f'action="{address}?lang=pt-br"' in answer.text


def test_passwords_and_codes_are_not_said_back(visitor):
    address = reverse("account_login")
    fields = read_fields(visitor.get(address))
    typed = {**fields, "login": "ana@contoso.example", "password": "Swordfish 1"}

    with away():
        answer = visitor.post(address, typed)

    assert answer.status_code == 503
    assert "Swordfish" not in answer.text
    assert "<form" not in answer.text


def test_a_form_with_files_is_not_sent_without_them(visitor, ana, claim):
    visitor.force_login(ana)
    address, fields = open_form(visitor, claim)
    file = SimpleUploadedFile("proof.pdf", cast.PDF)

    with away():
        answer = visitor.post(address, {**fields, "text": "Two long words", "files": file})

    assert answer.status_code == 503
    assert "<form" not in answer.text
    assert "we can't keep files" in answer.text
    assert ">Two long words</textarea>" in answer.text


def test_a_fault_of_ours_stays_a_fault(visitor, ana):
    visitor.force_login(ana)

    with away(ProgrammingError):
        answer = visitor.get(f"{cast.HERE}claims/")

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text


def test_staff_keep_what_they_typed(visitor, ana, claim):
    reviewer = cast.make_reviewer()
    submitted = cast.walk(claim, Status.UNDER_REVIEW, actor=ana, reviewer=reviewer)
    visitor.force_login(reviewer)
    address = reverse("admin:associations_claim_change", args=[submitted.pk])
    visitor.get(address)
    token = visitor.cookies["csrftoken"].value

    with away():
        answer = visitor.post(
            address, {"csrfmiddlewaretoken": token, "words": "The letter is not signed."}
        )

    assert answer.status_code == 503
    assert read_fields(answer)["words"] == "The letter is not signed."
