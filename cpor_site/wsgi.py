import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cpor_site.settings")
application = get_wsgi_application()

# What is loaded by now stays for good: the collector need not walk through it again and again, and
# pages of memory that it does not touch stay shared between gunicorn's processes.
gc.collect()
gc.freeze()
