"""The site under measurement: ours, with the pages of ``opt_out_urls`` beside it."""

from django.conf import settings

from cpor_site.wsgi import application

__all__ = ["application"]

settings.ROOT_URLCONF = "tests.benchmarks.opt_out_urls"  # read at the first request
