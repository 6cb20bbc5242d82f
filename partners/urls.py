from django.urls import path

from . import views

app_name = "partners"
urlpatterns = [path("switch/", views.switch, name="switch")]
