from django.http import HttpResponse
from django.urls import path


def placeholder(request, **kwargs):
    return HttpResponse(status=501)


urlpatterns = [
    path("claims/", placeholder, name="claims"),
    path("claims/export.csv", placeholder, name="claims-export"),
    path("claims/<slug:reference>/", placeholder, name="claim"),
]
