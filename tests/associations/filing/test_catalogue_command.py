"""`manage.py load_catalogue` says what there is, also where migrating has loaded it before."""

import io

import pytest
from django.core.management import call_command

from associations.filing.catalogue import load_catalogue
from associations.models import Product

pytestmark = pytest.mark.django_db


def run() -> str:
    out = io.StringIO()
    call_command("load_catalogue", stdout=out)
    return out.getvalue().strip()


def test_with_nothing_to_add_it_says_what_is_there():
    load_catalogue()

    assert run() == (
        "Nothing was missing (migrating loads it too). "
        "There are 3 programs, 37 products, 10 time limits."
    )


def test_it_counts_what_it_added():
    load_catalogue()
    Product.objects.filter(code__in=["teams", "intune"]).delete()

    assert run().startswith("2 rows added. There are 3 programs, 37 products, ")
