"""Where to go next, as requested by an address or a form: only to pages of this site."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def is_page_here(request: HttpRequest, address: str) -> bool:
    """Return whether ``address`` is a path of this site, from its root.

    Anything else that Django allows is either a name (``foo``, which ``redirect()`` looks up) or relative to
    the page that it was sent to.
    """
    is_here = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return is_here and address.startswith("/")


def read_way_back(request: HttpRequest, *, otherwise: str) -> str:
    """Return the form's ``next``, or ``otherwise`` if that is not a page here."""
    wanted = request.POST.get("next", "")
    return wanted if is_page_here(request, wanted) else otherwise
