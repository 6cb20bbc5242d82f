from django.urls import path

from .claims import placeholder

urlpatterns = [path("opt-out/<str:token>/", placeholder, name="opt-out")]
