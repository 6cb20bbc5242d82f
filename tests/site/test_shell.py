"""The frame of every page: what it offers to whom, its words, its colours [R41, R43, R51]."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import get_template
from django.test import Client, RequestFactory, override_settings
from django.urls import path, reverse
from django.views.defaults import bad_request, permission_denied, server_error

from cpor_site.urls import urlpatterns as site_urls
from partners.enums import Role
from tests import cast

pytestmark = pytest.mark.django_db
TEMPLATES = Path(settings.BASE_DIR) / "templates"
CSS = Path(settings.BASE_DIR) / "static" / "css"


def break_down(request):
    raise RuntimeError("broken on purpose")


urlpatterns = [path("broken/", break_down), *site_urls]


@pytest.fixture
def member():
    return cast.make_member(cast.make_partner(key=cast.KEY), full_name="Ana Souza")


def page_of(client, address="/accounts/password/change/"):
    """The page with its white space evened out, for attributes may stand on lines of their own."""
    return re.sub(r"\s+", " ", client.get(address).content.decode())


# --- header, menus -------------------------------------------------------------------------------


def test_a_member_gets_the_partners_navigation_and_no_admin(client, member):
    client.force_login(member)

    page = page_of(client)

    for page_of_partner in ("", "claims/", "claims/new/"):
        assert f'href="{cast.HERE}{page_of_partner}"' in page
    assert reverse("admin:index") not in page
    assert "Ana Souza" in page
    assert "Contoso Consulting" in page


def test_staff_get_admin_and_no_partners_navigation(client):
    client.force_login(cast.make_reviewer())

    page = page_of(client)

    assert f'href="{reverse("admin:index")}"' in page
    assert "claims/new/" not in page


def test_signed_out_visitors_get_a_way_in_and_an_explanation(client):
    page = page_of(client, "/")

    assert f'href="{reverse("account_login")}"' in page
    assert f'href="{reverse("about-cpor")}"' in page
    assert "shell-nav" not in page


def test_someone_without_a_partner_is_told_whom_to_ask(client):
    client.force_login(cast.UserFactory())
    assert "You're signed in, but you don't belong to a partner" in page_of(client, "/")


def test_the_page_one_is_on_is_marked(client, member):
    client.force_login(member)
    assert f'href="{cast.HERE}" aria-current="page"' in page_of(client, cast.HERE)


def test_one_partner_needs_no_switcher(client, member):
    client.force_login(member)
    assert "Your partners" not in page_of(client)


def test_a_person_of_two_partners_switches_by_a_link_of_the_menu(client, member):
    other = cast.make_partner("Adatum")
    cast.make_member(other, Role.INCENTIVES_USER, user=member)
    client.force_login(member)

    page = page_of(client, cast.HERE)

    assert f'href="{cast.HERE}" aria-current="true">Contoso Consulting</a>' in page
    assert f'href="{other.get_absolute_url()}" >Adatum</a>' in page


def test_a_page_of_no_partner_leads_a_person_of_two_to_the_list(client, member):
    cast.make_member(cast.make_partner("Adatum"), user=member)
    client.force_login(member)

    assert 'href="/" >Your partners</a>' in page_of(client)
    assert 'href="/" aria-current="page">Your partners</a>' in page_of(client, "/")


def test_the_language_is_chosen_by_post_and_comes_back_to_the_same_page():
    browser = Client(enforce_csrf_checks=True)
    page = page_of(browser, "/accounts/login/?next=/claims/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    back = re.search(r'name="next" value="([^"]+)"', page)[1]
    assert 'name="language" value="pt-br" lang="pt-br"' in page

    answer = browser.post(
        reverse("choose-language"),
        {"csrfmiddlewaretoken": token, "language": "pt-br", "next": back},
    )

    assert answer.url == "/accounts/login/?next=/claims/"
    assert '<html lang="pt-br"' in browser.get(answer.url).content.decode()


def test_each_language_goes_by_its_readers_own_name(client, member):
    client.force_login(member)

    for place in (reverse("home"), reverse("about-cpor")):
        page = client.get(place, follow=True).content.decode()
        assert re.search(
            r'lang="pt-br"[^>]*>(?:<svg.*?</svg>)?Português do Brasil<', page, re.DOTALL
        )


def test_the_switch_survives_a_hostile_address(client):
    answer = client.post(
        reverse("choose-language"), {"language": "pt-br", "next": "https://evil.example/"}
    )
    assert answer.url == "/"


def test_the_operators_name_address_and_colour_are_settings(client, settings):
    settings.OPERATOR_NAME = "Relecloud & Sons"
    settings.OPERATOR_SUPPORT_EMAIL = "help@relecloud.example"
    settings.OPERATOR_ACCENT_COLOUR = "#006644"

    page = page_of(client, "/")

    assert "Relecloud &amp; Sons" in page
    assert "mailto:help@relecloud.example" in page
    assert "--cpor-accent: #006644" in client.get(reverse("theme")).content.decode()


# --- strict content security policy -----------------------------------------------------------------


def test_no_template_holds_what_the_policy_forbids():
    pages = [
        path
        for path in TEMPLATES.rglob("*.html")
        if "mail" not in path.relative_to(TEMPLATES).parts
    ]
    assert len(pages) > 30
    forbidden = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|<script(?![^>]*\ssrc=)")

    found = [path.name for path in pages if forbidden.search(path.read_text())]

    assert found == []


# --- error pages -----------------------------------------------------------------------------------


def test_what_is_not_there_keeps_the_frame(client, member):
    client.force_login(member)

    answer = client.get("/nothing/")

    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()
    assert "shell-nav" in answer.content.decode()


def test_a_refusal_says_who_can(rf):
    request = rf.get("/")
    request.user = AnonymousUser()
    refused = permission_denied(request, PermissionError("Ask an Incentives admin of Contoso."))
    plain = permission_denied(request, PermissionError())

    assert refused.status_code == 403
    assert "Ask an Incentives admin of Contoso." in refused.content.decode()
    assert "An Incentives admin at your company can do it" in plain.content.decode()


def test_a_form_without_its_token_is_explained():
    answer = Client(enforce_csrf_checks=True).post(reverse("choose-language"), {"language": "en"})

    assert answer.status_code == 403
    assert "Please send it again" in answer.content.decode()


@override_settings(ROOT_URLCONF="tests.site.test_shell")
def test_a_fault_shows_a_page_of_ours(member):
    browser = Client(raise_request_exception=False)
    browser.force_login(member)

    answer = browser.get("/broken/")

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()
    assert "broken on purpose" not in answer.content.decode()


@pytest.mark.parametrize("name", ["500.html", "400.html"])
def test_the_last_resort_needs_no_context_no_database_and_no_manifest(
    name, settings, django_assert_num_queries
):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    with django_assert_num_queries(0):
        page = get_template(name).render()

    assert '<html lang="en"' in page
    assert "/static/css/cpor.css" in page


def test_the_default_views_find_those_pages():
    request = RequestFactory().get("/")
    assert b"Something went wrong on our side" in server_error(request).content
    assert b"We couldn't understand this request" in bad_request(request, ValueError()).content


# --- accounts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("account_login", "Sign in"),
        ("account_reset_password", "Reset your password"),
        ("account_reset_password_done", "Check your email"),
        ("account_reset_password_from_key_done", "Your password has been changed"),
        ("account_inactive", "This account is closed"),
        ("account_signup", "Joining is by invitation"),
    ],
)
def test_account_pages_have_our_look(client, name, heading):
    page = page_of(client, reverse(name))
    assert re.search(rf"<h1> ?{heading} ?</h1>", page)
    assert "css/cpor.css" in page


def test_a_dead_reset_link_says_how_to_get_a_new_one(client):
    page = page_of(client, "/accounts/password/reset/key/1-dead-beef/")
    assert "This link no longer works" in page
    assert reverse("account_reset_password") in page


def test_a_wrong_password_is_summed_up_on_top_and_keeps_the_address(client, member):
    answer = client.post(
        reverse("account_login"), {"login": member.email, "password": "wrong"}
    ).content.decode()

    assert 'id="error-summary"' in answer
    assert f'value="{member.email}"' in answer
    assert "<title>Error: " in answer


def test_the_summary_links_to_the_field(client):
    answer = client.post(reverse("account_login"), {"login": "", "password": "x"}).content.decode()

    assert 'href="#id_login"' in answer
    assert 'id="id_login"' in answer


def test_signing_out_asks_for_a_post(client, member):
    client.force_login(member)

    client.get(reverse("account_logout"))
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


# --- colours ----------------------------------------------------------------------------------------


def read_tokens():
    """The tokens as {name: (light, dark)}, read from the stylesheet itself."""
    css = (CSS / "tokens.css").read_text()
    found = re.findall(r"--cpor-([a-z-]+): light-dark\((#[0-9a-f]{3,6}), (#[0-9a-f]{3,6})\)", css)
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour):
    digits = colour.lstrip("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix_with_white(colour, share):
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(part * share + 255 * (1 - share)):02x}" for part in parts)


HUES = ["grey", "blue", "indigo", "amber", "teal", "green", "red"]
PAIRS = [(hue, f"{hue}-tint") for hue in HUES]
PAIRS += [(hue, "surface") for hue in HUES]
PAIRS += [("text", ground) for ground in ("page", "surface", "sunken")]
PAIRS += [("quiet", ground) for ground in ("page", "surface", "sunken")]
PAIRS += [("text", f"{hue}-tint") for hue in HUES]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), PAIRS)
def test_words_are_readable_on_their_ground(words, ground, theme):
    tokens = read_tokens()
    assert contrast(tokens[words][theme], tokens[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_outline_of_a_field_is_seen(theme):
    tokens = read_tokens()
    assert contrast(tokens["field-line"][theme], tokens["surface"][theme]) >= 3


def test_the_accent_is_readable_in_both_themes():
    tokens, accent = read_tokens(), settings.OPERATOR_ACCENT_COLOUR
    assert "var(--cpor-accent-strong) 40%, #fff" in (CSS / "tokens.css").read_text()
    assert contrast(accent, "#ffffff") >= 4.5
    for ground in ("page", "surface", "sunken"):
        assert contrast(accent, tokens[ground][0]) >= 4.5
        assert contrast(mix_with_white(accent, 0.4), tokens[ground][1]) >= 4.5


def test_colours_are_written_once():
    """Black, white and shadows apart, a stylesheet takes its colours from the tokens."""
    written = {
        path.name: re.findall(r"#[0-9a-f]{6}\b", path.read_text(), re.IGNORECASE)
        for path in CSS.glob("*.css")
        if path.name != "tokens.css"
    }

    assert {name: colours for name, colours in written.items() if colours} == {}


def test_admin_has_the_colours_of_all_pages(client):
    client.force_login(cast.make_reviewer())

    page = client.get(reverse("admin:index")).content.decode()

    links = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    ours = [
        reverse("theme"),
        *(f"/static/css/{each}.css" for each in ("tokens", "admin", "review")),
    ]
    assert links[-4:] == ours, "Ours come after Django's."


@pytest.mark.parametrize("sheet", ["components", "review"])
def test_every_lane_has_its_colour(sheet):
    from associations.display.lanes import Lane

    css = (CSS / f"{sheet}.css").read_text()
    assert [name for name in ("yours", *Lane.values) if f".lane-{name} {{" not in css] == []
