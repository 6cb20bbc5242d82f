"""For which partner a person works, and switching [R41], [R42], [R43]."""

import pytest
from django.urls import reverse

from partners.models import Membership
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(client):
    """Somebody at Aurora and Zephyr, signed in."""
    aurora, zephyr = cast.make_partner("Aurora"), cast.make_partner("Zephyr")
    user = cast.make_member(aurora)
    cast.make_member(zephyr, user=user)
    client.force_login(user)
    return aurora, zephyr


def current(client):
    return client.get(reverse("home")).wsgi_request.membership.partner.name


def test_the_first_partner_by_name_is_the_one_to_start_with(client, both):
    assert current(client) == "Aurora"


def test_switching_lasts_for_the_session(client, both):
    response = client.post(reverse("partners:switch"), {"partner": both[1].pk})

    assert response.status_code == 302
    assert current(client) == "Zephyr"


@pytest.mark.parametrize("wanted", ["", "x", "0", "99999", "-1"])
def test_a_partner_that_is_not_ones_own_is_not_there(client, both, wanted):
    assert client.post(reverse("partners:switch"), {"partner": wanted}).status_code == 404
    assert current(client) == "Aurora"


def test_switching_is_by_post_only_and_needs_a_sign_in(client, both):
    assert client.get(reverse("partners:switch")).status_code == 405
    client.logout()
    assert client.post(reverse("partners:switch"), {"partner": both[1].pk}).status_code == 302
    assert not Membership.objects.filter(user__email="").exists()


def test_somebody_who_was_removed_has_no_access_at_the_next_request(client, both):
    client.post(reverse("partners:switch"), {"partner": both[1].pk})
    Membership.objects.filter(partner=both[1]).delete()

    assert current(client) == "Aurora"


@pytest.mark.parametrize(("language", "word"), [("en", "Dashboard"), ("pt-br", "Painel")])
def test_pages_come_in_the_persons_own_language(client, both, language, word):
    user = Membership.objects.first().user
    user.language = language
    user.save()

    assert word in client.get(reverse("home")).content.decode()


def test_a_language_chosen_in_this_browser_wins_and_is_kept_for_mails(client, both):
    client.post(reverse("choose-language"), {"language": "pt-br", "next": "/"})

    assert Membership.objects.first().user.language == "pt-br"
    assert 'lang="pt-br"' in client.get(reverse("home")).content.decode()
