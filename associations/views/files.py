from django.urls import path

from .claims import placeholder

urlpatterns = [path("files/<uuid:key>/", placeholder, name="document")]
