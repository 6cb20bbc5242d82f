"""Addresses of the demo; ``cpor_site.urls`` includes them only where CPOR_DEMO is on."""

from django.urls import path

from . import views

app_name = "demo"
urlpatterns = [
    path("", views.tour, name="tour"),
    path("files/<slug:code>.<slug:form>", views.file_to_try, name="file"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("closing.json", views.closing, name="closing"),
    path("proof.pdf", views.proof_file, name="proof"),
    path("mail/", views.mail, name="mail"),
    path("mail/<str:name>/", views.one_mail, name="one-mail"),
    path("mail/<str:name>/html/", views.mail_html, name="mail-html"),
]
