"""Which constraint failed: the same answer on both databases."""

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from associations.models import Claim, SlotHolding, Tenant
from cpor_site.web.constraints import is_violation_of
from partners.models import User
from tests import cast

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def break_with(act):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        act()
    return caught.value


@pytest.fixture
def claim():
    partner = cast.make_partner()
    person = cast.make_member(partner)
    return Claim.objects.create(
        partner=partner, location=partner.locations.get(), created_by=person
    )


def copy_of(claim, **fields):
    same = {"partner": claim.partner, "location": claim.location, "created_by": claim.created_by}
    return lambda: Claim.objects.create(**{**same, **fields})


def test_of_several_constraints_the_one_that_failed_is_named(claim):
    reference = break_with(copy_of(claim, reference=claim.reference))
    key = break_with(copy_of(claim, filing_key=claim.filing_key))

    assert is_violation_of(reference, Claim, "claim_reference_once")
    assert not is_violation_of(reference, Claim, "claim_filed_once")
    assert is_violation_of(key, Claim, "claim_filed_once")
    assert not is_violation_of(key, Claim, "claim_reference_once")
    assert is_violation_of(key, Claim, "claim_reference_once", "claim_filed_once")


def test_a_constraint_on_some_rows_is_named(claim):
    holding = {"slot_key": "workload:x:teams", "partner": claim.partner, "held_since": NOW}
    SlotHolding.objects.create(**holding)

    error = break_with(lambda: SlotHolding.objects.create(**holding))

    assert is_violation_of(error, SlotHolding, "slot_held_by_one_partner")


def test_a_constraint_on_an_expression_is_named(claim):
    address = claim.created_by.email.upper()

    def write_past_the_field():
        other = cast.UserFactory()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE partners_user SET email = %s WHERE id = %s", [address, other.pk])

    error = break_with(write_past_the_field)

    assert is_violation_of(error, User, "user_email_once")
    assert not is_violation_of(error, User, "email")


def test_a_unique_field_is_named_by_itself():
    key = uuid.uuid4()
    cast.TenantFactory(tenant_id=key)

    error = break_with(lambda: cast.TenantFactory(tenant_id=key))

    assert is_violation_of(error, Tenant, "tenant_id")
    assert not is_violation_of(error, Tenant, "name")


def test_an_unchecked_column_is_none_of_them(claim):
    error = break_with(lambda: Claim.objects.filter(pk=claim.pk).update(status="submitted"))

    assert not is_violation_of(error, Claim, "claim_filed_once", "claim_reference_once")
    assert not is_violation_of(ValueError("x"), Claim, "claim_filed_once")
