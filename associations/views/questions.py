"""Being built."""

from django.http import Http404


def question_page(request, token):
    raise Http404
