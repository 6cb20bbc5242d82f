"""The one world of these tests, and the findings of the walks through it."""

import logging
import os

import pytest
from django.db import transaction
from django.test import override_settings

from tests import cast
from tests.matrix import table, walk, world


@pytest.fixture(autouse=True)
def no_logs():
    """Thousands of requests, most of them refused, would drown what a failure says."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="package")
def the_world(django_db_setup, django_db_blocker):
    """Built once for all walks, which undo what they do; undone itself at the end."""
    with django_db_blocker.unblock(), cast.at(cast.MONDAY), transaction.atomic():
        with override_settings(PASSWORD_HASHERS=cast.FAST_HASHERS):
            built = world.build_world()
        yield built
        transaction.set_rollback(True)


@pytest.fixture(scope="package")
def lines():
    return table.read_table(table.FILE.read_text())


@pytest.fixture(scope="package")
def walked():
    """Column → findings of the walks; written down at the end if that is asked for."""
    findings = {}
    yield findings
    if os.environ.get("CPOR_WRITE_MATRIX") and len(findings) == len(table.ACTORS):
        rewritten = table.rewrite(table.FILE.read_text(), walk.sum_up(findings))
        table.FILE.write_text(rewritten)
