"""An address is proven by opening a link sent to it; without that the password alone lets no one in [R44]."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.urls import reverse

from notifications.delivery import deliver_due
from notifications.models import Message
from partners.models import User
from partners.sign_in.addresses import confirm_address
from partners.staff_groups import SUPPORT
from tests import cast

from ..joining_steps import is_confirmed

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough passphrase"


@pytest.fixture
def made_by_staff():
    """Someone to whom staff gave a password; no one knows whether the address is theirs."""
    user = cast.make_member(cast.make_partner(), email="ana@partner.example", full_name="Ana")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client, email="ana@partner.example"):
    return client.post(reverse("account_login"), {"login": email, "password": PASSWORD})


def is_signed_in(client):
    return "_auth_user_id" in client.session


def mailed_link(smtp_server):
    assert deliver_due() == 1
    return re.search(r"http://127\.0\.0\.1:8000(/accounts/\S+)", smtp_server.messages[-1].text)[1]


@pytest.mark.django_db(transaction=True)
def test_the_first_sign_in_takes_a_link_that_was_mailed(client, made_by_staff, smtp_server):
    answer = sign_in(client)
    assert answer.url == reverse("account_email_verification_sent")
    assert "so we've sent it an email" in client.get(answer.url).text
    link = mailed_link(smtp_server)
    scanner = type(client)()

    for _each in range(3):
        assert "ana@partner.example" in scanner.get(link).text
    assert not is_confirmed(made_by_staff)
    answer = client.post(link)

    assert is_confirmed(made_by_staff)
    assert not is_signed_in(client)
    assert "Your address is confirmed. You can now sign in." in client.get(answer.url).text
    sign_in(client)
    assert is_signed_in(client)


@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
def test_staff_who_read_mails_cannot_take_its_key_from_them(client, made_by_staff, name):
    who = {"email": made_by_staff.email, "login": made_by_staff.email, "password": PASSWORD}
    client.post(reverse(name), who)
    mail = Message.objects.get()
    key = mail.context["url"].rstrip("/").rpartition("/")[2]
    client.force_login(cast.make_staff(SUPPORT))

    page = client.get(reverse("admin:notifications_message_change", args=[mail.pk]))
    preview = client.get(reverse("admin:message-preview", args=[mail.pk]))

    assert "/••••••/" in page.text
    assert "/••••••/" in preview.text
    assert key not in page.text + preview.text
    assert key[-20:] not in page.text + preview.text


def test_a_wrong_password_mails_nothing(client, made_by_staff):
    client.post(reverse("account_login"), {"login": made_by_staff.email, "password": "wrong"})

    assert not Message.objects.exists()


def test_asking_again_and_again_mails_once(client, made_by_staff):
    for _each in range(3):
        sign_in(client)

    assert [mail.kind for mail in Message.objects.all()] == ["confirm_address"]


@pytest.mark.django_db(transaction=True)
def test_a_confirming_link_works_once_and_only_whole(client, made_by_staff, smtp_server):
    sign_in(client)
    link = mailed_link(smtp_server)
    broken = client.get(link.replace("confirm-email/", "confirm-email/x"))
    assert client.post(link.replace("confirm-email/", "confirm-email/x")).status_code == 404
    assert not is_confirmed(made_by_staff)
    client.post(link)

    again = client.get(link)

    for page in (broken, again):
        assert "This link no longer works" in page.text
    assert client.post(link).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_link_for_a_new_password_proves_the_address_too(client, made_by_staff, smtp_server):
    client.post(reverse("account_reset_password"), {"email": made_by_staff.email})
    form = client.get(mailed_link(smtp_server), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})

    assert is_confirmed(made_by_staff)
    sign_in(client)
    assert is_signed_in(client)


def test_another_address_has_to_be_proven_again_and_the_former_is_forgotten(client, made_by_staff):
    confirm_address(made_by_staff)

    made_by_staff.email = "ana@elsewhere.example"
    made_by_staff.save()

    assert not EmailAddress.objects.filter(user=made_by_staff).exists()
    sign_in(client, "ana@elsewhere.example")
    assert not is_signed_in(client)
    client.post(reverse("account_reset_password"), {"email": "ana@partner.example"})
    mails = Message.objects.filter(to_address="ana@partner.example")
    assert {mail.kind for mail in mails} == {"address_changed", "unknown_account"}


def test_the_former_address_is_told_of_the_change(made_by_staff, smtp_server):
    confirm_address(made_by_staff)
    former = made_by_staff.email

    made_by_staff.email = "ana.new@partner.example"
    made_by_staff.save()
    deliver_due()

    mail = smtp_server.messages[0].parsed
    text = mail.get_body(["plain"]).get_content()
    assert mail["To"].addresses[0].addr_spec == former
    assert "changed the email address of your account" in " ".join(text.split())
    assert "reply to this email" in " ".join(text.split())
    assert "/accounts/" not in text


def test_saving_something_else_keeps_the_proof(made_by_staff):
    confirm_address(made_by_staff)

    made_by_staff.full_name = "Ana Prado"
    made_by_staff.save()
    made_by_staff.language = "pt-br"
    made_by_staff.save(update_fields=["language"])

    assert is_confirmed(made_by_staff)


def test_proving_twice_is_proving_once(made_by_staff):
    for _each in range(2):
        confirm_address(made_by_staff)

    assert EmailAddress.objects.filter(user=made_by_staff).count() == 1


def test_capital_letters_make_no_other_address(client):
    user = User.objects.create_user("Ana.Prado@Partner.Example", PASSWORD)
    confirm_address(user)

    sign_in(client, "ANA.prado@partner.example")
    client.post(reverse("account_reset_password"), {"email": "ana.PRADO@partner.example"})

    assert user.email == "ana.prado@partner.example"
    assert is_signed_in(client)
    assert [mail.kind for mail in Message.objects.all()] == ["password_reset"]


def test_letters_that_look_alike_are_part_of_an_address_too(client, made_by_staff):
    """PostgreSQL makes a capital S of a long s; a stranger is not to get an email about Ana."""
    User.objects.filter(pk=made_by_staff.pk).update(email="ana.silva@partner.example")

    typed = {"email": "ana.\u017filva@partner.example"}
    answer = client.post(reverse("account_reset_password"), typed)

    assert "without accents" in answer.text
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("typed", "found"),
    [("ANA.silva@partner.example", True), ("ana.\u017filva@partner.example", False)],
)
def test_a_person_is_known_by_each_letter_whatever_its_size(made_by_staff, typed, found):
    User.objects.filter(pk=made_by_staff.pk).update(email="ana.silva@partner.example")

    if found:
        assert User.objects.get_by_natural_key(typed) == made_by_staff
    else:
        with pytest.raises(User.DoesNotExist):
            User.objects.get_by_natural_key(typed)


def test_a_plus_sign_is_part_of_an_address(client, made_by_staff):
    confirm_address(made_by_staff)

    sign_in(client, "ana+x@partner.example")

    assert not is_signed_in(client)


def test_anyone_who_runs_commands_vouches_for_a_superuser(client, monkeypatch):
    """The first superuser signs in before any mail can be sent."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command(
        "createsuperuser",
        interactive=False,
        email="sofia@operator.example",
        full_name="Sofia",
        verbosity=0,
    )

    sign_in(client, "sofia@operator.example")

    assert is_signed_in(client)
    assert client.get("/admin/").url == reverse("mfa_index")
