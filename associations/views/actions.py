from django.urls import path

from .claims import placeholder

urlpatterns = [
    path("claims/<slug:reference>/comment/", placeholder, name="claim-comment"),
    path("claims/<slug:reference>/answer/", placeholder, name="claim-answer"),
    path("claims/<slug:reference>/withdraw/", placeholder, name="claim-withdraw"),
    path("claims/<slug:reference>/dispute/", placeholder, name="claim-dispute"),
    path("claims/<slug:reference>/discard/", placeholder, name="claim-discard"),
    path("claims/<slug:reference>/contact/<slug:role>/", placeholder, name="claim-contact"),
]
