"""The addresses to which mail services report: those of django-anymail, without inbound email."""

from anymail.urls import urlpatterns as addresses

from . import views

app_name = "notifications"
urlpatterns = [views.guard(each) for each in addresses if "inbound" not in str(each.name)]
