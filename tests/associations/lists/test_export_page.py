"""The page of an export and its file: asked for, progress, download, and who gets in [R46], [R40], [R43]."""

import datetime as dt

import pytest
from django.utils import timezone

from associations.lists import export_files
from associations.models import ClaimsExport
from partners.enums import AccessKind, Role
from partners.models import AccessRecord
from tests import cast

pytestmark = pytest.mark.django_db
State = ClaimsExport.State
LIST = f"{cast.HERE}claims/"
NEW = f"{LIST}exports/"


@pytest.fixture
def visitor(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def asked(admin):
    return export_files.request_export(
        admin.memberships.get(), chosen={"q": "fabri"}, language="en", now=timezone.now()
    )


@pytest.fixture
def made(asked, partner, admin):
    cast.make_draft(partner, admin, cast.make_tenant(name="Fabrikam"))
    export_files.write_export(asked.pk)
    asked.refresh_from_db()
    return asked


def find_file(made):
    return f"{made.get_absolute_url()}claims.xlsx"


def count_exported():
    return AccessRecord.objects.filter(kind=AccessKind.CLAIMS_EXPORTED).count()


def test_the_list_asks_for_what_it_shows(visitor, partner, admin):
    cast.make_draft(partner, admin, cast.make_tenant(name="Fabrikam"))

    page = visitor.get(f"{LIST}?q=fabri&status=editing&sort=deadline&columns=status")
    action = f"{NEW}?q=fabri&amp;status=editing"
    assert f'action="{action}"' in page.text
    response = visitor.post(action.replace("&amp;", "&"))

    export = ClaimsExport.objects.get()
    assert response.url == export.get_absolute_url()
    assert (export.chosen, export.state) == ({"q": "fabri", "status": "editing"}, State.WAITING)
    assert (export.requested_by, export.partner, export.language) == (admin, partner, "en")


def test_the_file_speaks_the_language_of_the_page(visitor):
    visitor.cookies["django_language"] = "pt-br"
    visitor.post(NEW)

    assert ClaimsExport.objects.get().language == "pt-br"


def test_a_filter_that_does_not_exist_is_left_out(visitor):
    visitor.post(f"{NEW}?status=bogus&q=x")

    assert ClaimsExport.objects.get().chosen == {"q": "x"}


def test_a_fourth_leads_back_to_the_list_with_words(visitor):
    for term in "abc":
        visitor.post(f"{NEW}?q={term}")

    response = visitor.post(f"{NEW}?q=d", follow=True)

    assert response.redirect_chain == [(f"{LIST}?q=d", 302)]
    assert "You already have three exports under way" in response.text
    assert ClaimsExport.objects.count() == 3


def test_the_page_shows_how_far_it_is_until_it_is_done(visitor, asked):
    waiting = visitor.get(asked.get_absolute_url())
    ClaimsExport.objects.update(state=State.WRITING, rows_total=5000, rows_done=1500)
    writing = visitor.get(asked.get_absolute_url())
    ClaimsExport.objects.update(state=State.DONE, size=2048)
    done = visitor.get(asked.get_absolute_url())

    assert "Your file is waiting to be written" in waiting.text
    assert waiting.headers["Refresh"] == writing.headers["Refresh"] == "2"
    assert "1,500 of 5,000 claims." in writing.text
    assert '<progress class="export-progress" max="5000" value="1500"' in writing.text
    assert find_file(asked) not in writing.text
    assert "Refresh" not in done.headers
    assert f'href="{find_file(asked)}"' in done.text


def test_numbers_in_attributes_are_plain_in_every_language(visitor, asked):
    ClaimsExport.objects.update(state=State.WRITING, rows_total=5000, rows_done=1500)
    visitor.cookies["django_language"] = "pt-br"

    text = visitor.get(asked.get_absolute_url()).text

    assert 'max="5000" value="1500"' in text
    assert "1.500" in text


def test_a_failure_says_why_and_offers_to_try_again(visitor, asked):
    ClaimsExport.objects.update(state=State.FAILED, failure="too-many")

    page = visitor.get(asked.get_absolute_url())

    assert "hold so many claims" in page.text
    assert f'action="{NEW}?q=fabri"' in page.text
    assert "Refresh" not in page.headers


def test_the_file_comes_as_a_download_and_is_recorded(visitor, made):
    in_new_york_still_the_day_before = dt.datetime(2026, 11, 30, 2, tzinfo=dt.UTC)
    ClaimsExport.objects.update(touched_at=in_new_york_still_the_day_before)

    response = visitor.get(find_file(made))
    content = b"".join(response.streaming_content)

    with made.file.open("rb") as file:
        assert content == file.read()
    assert response["Content-Disposition"] == 'attachment; filename="claims-2026-11-29.xlsx"'
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert count_exported() == 1


def test_asking_looking_and_a_head_request_are_no_export(visitor, made):
    visitor.get(made.get_absolute_url())
    head = visitor.head(find_file(made))
    for close in head._resource_closers:  # the client reads no body
        close()

    assert head.status_code == 200
    assert count_exported() == 0


@pytest.mark.parametrize("state", [State.WAITING, State.WRITING, State.FAILED])
def test_there_is_no_file_before_the_end(visitor, asked, state):
    ClaimsExport.objects.update(state=state, failure="gave-up")

    assert visitor.get(find_file(asked)).status_code == 404


def test_a_lost_file_is_not_found(visitor, made):
    made.file.storage.delete(made.file.name)

    assert visitor.get(find_file(made)).status_code == 404


def test_a_stranger_is_sent_to_sign_in(client, made):
    for address in (made.get_absolute_url(), find_file(made)):
        assert "/accounts/login/" in client.get(address)["Location"]
    assert "/accounts/login/" in client.post(NEW)["Location"]


@pytest.mark.parametrize("who", ["colleague", "rival", "staff"])
def test_it_is_there_for_no_one_else(client, partner, made, who):
    person = {
        "colleague": lambda: cast.make_member(partner),
        "rival": lambda: cast.make_member(cast.make_partner("Rival")),
        "staff": cast.make_reviewer,
    }[who]()
    client.force_login(person)

    assert client.get(made.get_absolute_url()).status_code == 404
    assert client.get(find_file(made)).status_code == 404
    assert count_exported() == 0


def test_it_is_not_there_at_another_partner_of_the_same_person(visitor, admin, made):
    other = cast.make_partner("Other")
    cast.make_member(other, user=admin)
    address = made.get_absolute_url().replace(cast.HERE, other.get_absolute_url())

    assert visitor.get(address).status_code == 404
    assert visitor.get(f"{address}claims.xlsx").status_code == 404


def test_a_former_member_gets_nothing(visitor, admin, made):
    admin.memberships.all().delete()

    assert visitor.get(made.get_absolute_url()).status_code == 404
    assert visitor.get(find_file(made)).status_code == 404


def test_after_a_change_of_locations_the_file_is_refused_with_words(visitor, partner, admin, made):
    near = partner.locations.first()
    admin.memberships.update(has_all_locations=False)
    admin.memberships.get().locations.set([near])

    page, file = visitor.get(made.get_absolute_url()), visitor.get(find_file(made))

    assert (page.status_code, file.status_code) == (200, 403)
    for each in (page, file):
        assert "before your access to locations changed" in each.text
        assert f'href="{find_file(made)}"' not in each.text
    assert count_exported() == 0


def test_the_same_locations_in_another_role_are_no_change(client, partner):
    near, far = cast.LocationFactory(partner=partner), partner.locations.first()
    person = cast.make_member(partner, locations=[near, far])
    asked = export_files.request_export(
        person.memberships.get(), chosen={}, language="en", now=timezone.now()
    )
    export_files.write_export(asked.pk)
    person.memberships.update(role=Role.INCENTIVES_USER)
    person.memberships.get().locations.set([far, near])
    client.force_login(person)

    assert b"".join(client.get(find_file(asked)).streaming_content)


def test_the_page_says_until_when_it_is_there(visitor, made, settings):
    ClaimsExport.objects.update(touched_at=dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC))

    page = visitor.get(made.get_absolute_url())
    settings.KEEP_EXPORTS_DAYS = 0
    forever = visitor.get(made.get_absolute_url())

    assert "Available until" in page.text
    assert "27 Nov 2026" in page.text
    assert "Available until" not in forever.text
