from django.urls import path

from .claims import placeholder

urlpatterns = [
    path("claims/new/", placeholder, name="claim-new"),
    path("claims/<slug:reference>/edit/<slug:page>/", placeholder, name="claim-page"),
]
