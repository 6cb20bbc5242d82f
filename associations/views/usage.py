from django.urls import path

from .claims import placeholder

urlpatterns = [
    path("associations/<slug:reference>/usage/", placeholder, name="usage"),
    path("associations/<slug:reference>/usage.csv", placeholder, name="usage-export"),
]
