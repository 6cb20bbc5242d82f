"""What a browser is told about https: of this name always, of others only by the operator's own word."""

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import json
from django.conf import settings
names = ("SECONDS", "INCLUDE_SUBDOMAINS", "PRELOAD")
print(json.dumps([getattr(settings, f"SECURE_HSTS_{name}") for name in names]))
"""
YEAR = 31_536_000


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [YEAR, False, False]),
        ({"SECURE_HSTS_INCLUDE_SUBDOMAINS": "true"}, [YEAR, True, False]),
        ({"SECURE_HSTS_PRELOAD": "true"}, [YEAR, False, True]),
        ({"CPOR_BASE_URL": "http://127.0.0.1:8000"}, [0, False, False]),
    ],
)
def test_hsts_is_for_this_name_unless_the_operator_says_more(given, expected):
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cpor_site.settings",
        "CPOR_BASE_URL": "https://cpor.example",
        **given,
    }
    said = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, check=True)

    assert json.loads(said.stdout) == expected
