"""Sign-in and password reset: by email, through the outbox, telling strangers nothing [R42], [R44]."""

import re

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.urls import reverse

from notifications.delivery import deliver_due
from notifications.models import Message
from partners.models import User
from tests import cast

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough passphrase"


@pytest.fixture
def person():
    user = cast.make_member(cast.make_partner(), email="ana@partner.example", full_name="Ana")
    return cast.let_sign_in(user, PASSWORD)


def sign_in(client, email, password):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_a_member_signs_in_with_email_and_password(client, person):
    response = sign_in(client, "ANA@partner.example", PASSWORD)

    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


def test_a_wrong_password_and_an_unknown_address_look_alike(client, person):
    wrong = sign_in(client, "ana@partner.example", "wrong")
    unknown = sign_in(client, "nobody@partner.example", "wrong")

    errors = [response.context["form"].non_field_errors() for response in (wrong, unknown)]
    assert errors[0] == errors[1]
    assert errors[0]
    assert "_auth_user_id" not in client.session


def test_someone_who_left_cannot_sign_in(client, person):
    person.is_active = False
    person.save()

    sign_in(client, person.email, PASSWORD)

    assert "_auth_user_id" not in client.session


@pytest.fixture
def weakly_hashed(person, settings):
    """Someone whose password is stored as a former release stored it."""
    former = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, former]
    person.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    person.save(update_fields=["password"])
    return person


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("account_reauthenticate", {"password": PASSWORD}),
        (
            "account_change_password",
            {"oldpassword": PASSWORD, "password1": "short", "password2": "short"},
        ),
    ],
)
def test_a_password_that_is_hashed_again_signs_no_one_out(client, weakly_hashed, name, form):
    """Django does so as it is entered, after a release that hashes more strongly."""
    client.force_login(weakly_hashed)
    stored = weakly_hashed.password

    client.post(reverse(name), form)

    weakly_hashed.refresh_from_db()
    assert weakly_hashed.password != stored
    assert weakly_hashed.check_password(PASSWORD)
    assert client.get(reverse("mfa_index")).status_code == 200


def test_a_password_changed_while_the_former_one_is_checked_ends_the_session(
    client, person, monkeypatch
):
    """Checking is slow on purpose, and a stolen session is not to outlive the change by that."""
    check = DefaultAccountAdapter.reauthenticate

    def check_slowly(adapter, user, password):
        is_right = check(adapter, user, password)
        owner = User.objects.get(pk=person.pk)
        owner.set_password("another 9 battery staple")
        owner.save()
        return is_right

    monkeypatch.setattr(DefaultAccountAdapter, "reauthenticate", check_slowly)
    client.force_login(person)

    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert client.get(reverse("mfa_index")).status_code == 302


def test_there_is_no_sign_up(client, person):
    response = client.post(
        reverse("account_signup"),
        {"email": "new@partner.example", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert response.status_code in (200, 403, 404)
    assert type(person).objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_forgotten_password_is_reset_by_the_mailed_link(client, person, smtp_server):
    client.post(reverse("account_reset_password"), {"email": "ana@partner.example"})
    assert deliver_due() == 1
    text = smtp_server.messages[0].text
    link = re.search(r"http://127\.0\.0\.1:8000(/accounts/\S+)", text)[1]

    form = client.get(link, follow=True)
    client.post(
        form.request["PATH_INFO"],
        {"password1": "another passphrase", "password2": "another passphrase"},
    )

    person.refresh_from_db()
    assert person.check_password("another passphrase")


def test_a_stranger_who_asks_for_a_reset_learns_nothing_from_the_page(client, person):
    known = client.post(reverse("account_reset_password"), {"email": "ana@partner.example"})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@else.example"})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert sorted(Message.objects.values_list("kind", flat=True)) == [
        "password_reset",
        "unknown_account",
    ]


@pytest.mark.parametrize("base", ["https://cpor.example.com", "http://127.0.0.1:8000"])
@pytest.mark.parametrize("name", ["account_reset_password", "account_login"])
def test_a_mailed_link_leads_here_whatever_host_was_asked_for(client, person, settings, name, base):
    """A person who asks in someone else's name does not choose where the key of the account is sent."""
    settings.CPOR_BASE_URL = base
    EmailAddress.objects.filter(user=person).update(verified=False)
    form = {"email": person.email, "login": person.email, "password": PASSWORD}

    client.post(reverse(name), form, headers={"Host": "localhost:6666"})

    mail = Message.objects.get()
    assert mail.kind in ("password_reset", "confirm_address")
    assert mail.context["url"].startswith(f"{base}/accounts/")
    address = mail.context["url"].removeprefix(base)
    assert "no longer works" not in client.get(address, follow=True).text
