"""The site under measurement: ours, with the page of ``opt_out_urls`` beside it."""

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cpor_site.settings")
django.setup()
settings.ROOT_URLCONF = "tests.benchmarks.opt_out_urls"
application = get_wsgi_application()
