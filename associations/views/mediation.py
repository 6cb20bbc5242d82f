"""Being built."""

from django.http import Http404


def mediation(request, reference, product):
    raise Http404
