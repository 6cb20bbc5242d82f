import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cpor_site.settings")
application = get_wsgi_application()

# Everything loaded by now is permanent: the collector need not traverse it repeatedly, and memory pages
# that it does not touch stay shared between gunicorn's processes.
gc.collect()
gc.freeze()
