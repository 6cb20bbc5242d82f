"""Makes a request of a test fail where it queries row by row (N+1), by django-zeal.

Only inside requests of the test client: the loops in which a test prepares its rows are no page. Zeal is
switched on here rather than in settings, so that no site has to know of it.
"""

import pytest

#: How often one line may ask for the same relation in a request: twice is before and after an act.
THRESHOLD = 3

#: A row read by ``get()`` is read on purpose: again under its lock, by its key, or by allauth itself.
ALLOWED = [{"model": "*", "field": "get()"}]


@pytest.fixture(autouse=True, scope="session")
def detect_n_plus_one():
    """Watch what each request of a test client asks of the database."""
    # Here, since this module is read before Django has its settings.
    from django.apps import AppConfig
    from django.conf import settings
    from django.test.client import ClientHandler

    settings.ZEAL_RAISE, settings.ZEAL_NPLUSONE_THRESHOLD = True, THRESHOLD
    settings.ZEAL_ALLOWLIST = ALLOWED
    AppConfig.create("zeal").ready()
    from zeal import zeal_context

    respond = ClientHandler.get_response

    def respond_watched(handler, request):
        with zeal_context():
            return respond(handler, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "get_response", respond_watched)
        yield
