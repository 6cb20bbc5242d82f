"""A site of one page: a file that breaks off in the middle. ``application`` is for gunicorn."""

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

from cpor_site.web.streams import stream_text
from cpor_site.wsgi import application

__all__ = ["application"]

settings.ROOT_URLCONF = __name__  # read at the first request


def break_off(_request):
    def chunks():
        yield b"one\r\n"
        raise OSError("the disk is gone")

    return StreamingHttpResponse(stream_text(chunks(), language="en"), content_type="text/csv")


urlpatterns = [path("file.csv", break_off), path("healthz", lambda _request: HttpResponse())]
