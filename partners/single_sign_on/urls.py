"""Included by allauth.urls below accounts/."""

from django.urls import path

from . import views

urlpatterns = [
    path("oidc/login/", views.login, name="oidc_login"),
    path("oidc/login/callback/", views.callback, name="oidc_callback"),
]
