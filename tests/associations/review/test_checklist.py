"""What follows from the checklist: products left out, reasons, a drafted message [R16], [R17], [R64]."""

import pytest
from django.utils import translation

from associations.enums import InformationReason, RejectionReason, Status
from associations.models import Association
from associations.review import drafting
from associations.review.checklist import (
    REASON_OF,
    Checklist,
    Fact,
    Ticks,
    list_proposed,
    tick_all,
)
from associations.review.drafting import Given
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(draft, admin, reviewer):
    return cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)


@pytest.fixture
def clear(claim):
    """``clear(Fact.DATES, "teams")`` is the claim's checklist with these ticks cleared."""
    products = list_proposed(claim.associations.select_related("product"))

    def make(*cleared):
        ticks = tick_all(products, has_files=True)
        kept = {each.pk for each in products if each.product.code not in cleared}
        return Checklist(products, Ticks(frozenset(kept), ticks.facts - set(cleared)))

    return make


def test_every_fact_is_a_reason_to_ask():
    assert set(REASON_OF) == set(Fact)


@pytest.mark.parametrize(
    ("cleared", "reasons"),
    [
        ([], []),
        (["teams"], [InformationReason.PRODUCT_MISSING]),
        ([Fact.DATES], [InformationReason.DATES_MISSING]),
        ([Fact.SERVICE], [InformationReason.SERVICE_MISSING]),
        ([Fact.CUSTOMER, Fact.DOMAIN, Fact.TENANT], [InformationReason.POE_MISSING]),
        ([Fact.FILES], [InformationReason.POE_MISSING]),
        ([Fact.SPEAKER, Fact.SIGNATURE], [InformationReason.ACKNOWLEDGEMENT_MISSING]),
        (
            [Fact.SIGNATURE, Fact.FILES, "teams"],
            [
                InformationReason.POE_MISSING,
                InformationReason.ACKNOWLEDGEMENT_MISSING,
                InformationReason.PRODUCT_MISSING,
            ],
        ),
    ],
)
def test_cleared_rows_are_reasons_to_ask(clear, cleared, reasons):
    assert clear(*cleared).list_reasons() == reasons


@pytest.mark.parametrize(
    ("cleared", "reason"),
    [
        ([], None),
        (["teams"], RejectionReason.PRODUCTS_MISSING),
        ([Fact.SIGNATURE], RejectionReason.ACKNOWLEDGEMENT_MISSING),
        ([Fact.SPEAKER, "teams"], RejectionReason.ACKNOWLEDGEMENT_MISSING),
        ([Fact.SIGNATURE, Fact.DATES], RejectionReason.INSUFFICIENT_POE),
        ([Fact.FILES, Fact.DATES], RejectionReason.POE_UNAVAILABLE),
    ],
)
def test_cleared_rows_suggest_a_rejection(clear, cleared, reason):
    assert clear(*cleared).suggest_rejection() == reason


def test_a_claim_without_files_starts_with_that_row_cleared(claim):
    products = list_proposed(claim.associations.all())

    assert tick_all(products, has_files=True).facts == set(Fact.values)
    assert tick_all(products, has_files=False).facts == set(Fact.values) - {Fact.FILES}


def test_a_product_that_was_left_out_before_is_not_asked_about_again(claim):
    Association.objects.filter(claim=claim, product__code="teams").update(status="excluded")

    assert [str(each.product) for each in list_proposed(claim.associations.all())] == [
        "Exchange Online"
    ]


def test_a_request_names_each_cleared_row(claim, clear):
    words = drafting.draft_request(Given(claim, clear(*Fact, "teams"), "Carla Cliente"))

    lines = words.splitlines()
    assert lines[:2] == ["Please add or correct the following:", ""]
    assert lines[2] == "- The proof doesn't show your work for Teams."
    assert len(lines) == 2 + 1 + len(Fact)
    for fact in (str(claim.tenant), claim.customer_domain, str(claim.tenant.tenant_id), "Carla"):
        assert fact in words


def test_an_approval_names_what_is_left_out_only_if_something_is_kept(claim, clear):
    def draft(*cleared):
        return drafting.draft_approval(Given(claim, clear(*cleared), ""))

    assert "without Teams, because" in draft("teams")
    assert draft() == draft(Fact.DATES) == draft("teams", "exchange-online") == ""


def test_nothing_is_drafted_if_everything_is_ticked(claim, clear):
    given = Given(claim, clear(), "Carla")

    assert drafting.draft_request(given) == drafting.draft_rejection(given) == ""


def test_a_draft_is_written_in_the_active_language(claim, clear):
    with translation.override("pt-br"):
        words = drafting.draft_rejection(Given(claim, clear(Fact.DATES), ""))

    assert words.startswith("Não podemos aprovar esta solicitação")
    assert "12 meses" in words
