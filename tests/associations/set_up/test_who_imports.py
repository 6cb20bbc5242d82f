"""Who imports what in the admin, and who sees which files [R60], section 11."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from associations.enums import ImportKind
from associations.models import ImportFile, Tenant
from partners.models import User
from partners.staff_groups import DATA_LOADER, PROGRAMME_MANAGER, REVIEWER, SUPPORT
from tests import cast
from tests.associations.imports.made_files import good, make_csv

pytestmark = pytest.mark.django_db
LIST = "/admin/associations/importfile/"
SET_UP = {ImportKind.PARTNERS, ImportKind.PEOPLE, ImportKind.CUSTOMERS, ImportKind.SUBSCRIPTIONS}
STAFF = SET_UP | {ImportKind.USAGE}
#: Group → what it imports, whose files it sees.
MAY = {
    PROGRAMME_MANAGER: (SET_UP, SET_UP),
    DATA_LOADER: ({ImportKind.USAGE}, {ImportKind.USAGE}),
    SUPPORT: (set(), STAFF),
    REVIEWER: (set(), set()),
}


@pytest.fixture
def files():
    """A file of each kind that waits for a decision; the one of claims is a partner's."""
    partner = cast.make_partner()
    member = cast.make_member(partner)
    return {
        kind: ImportFile.objects.create(
            kind=kind,
            name=f"{kind}.csv",
            state=ImportFile.State.CHECKED,
            partner=partner if kind == ImportKind.CLAIMS else None,
            loaded_by=member if kind == ImportKind.CLAIMS else None,
        )
        for kind in ImportKind
    }


def sign_in(group):
    client = Client()
    client.force_login(cast.make_staff(group))
    return client


def address(name, *args):
    return reverse(f"admin:associations_importfile_{name}", args=args)


@pytest.mark.parametrize("group", MAY, ids=lambda group: group.name)
def test_what_each_group_may_import(group):
    client, (imports, _sees) = sign_in(group), MAY[group]

    pages = {kind: client.get(address("new", kind)).status_code for kind in ImportKind}
    templates = {
        kind: client.get(address("template", kind, "csv")).status_code for kind in ImportKind
    }

    expected = {kind: 200 if kind in imports else 403 for kind in STAFF}
    assert pages == templates == expected | {ImportKind.CLAIMS: 404}


@pytest.mark.parametrize("group", MAY, ids=lambda group: group.name)
def test_whose_files_each_group_sees(files, group):
    client, (_imports, sees) = sign_in(group), MAY[group]

    listed = client.get(LIST)
    opened = {
        kind: client.get(address("change", file.pk)).status_code for kind, file in files.items()
    }
    taken = {
        kind: client.get(address("bad_rows", file.pk, "csv")).status_code
        for kind, file in files.items()
    }

    hidden = 404 if sees else 403
    assert listed.status_code == (200 if sees else 403)
    assert opened == taken == {kind: 200 if kind in sees else hidden for kind in ImportKind}
    if sees:
        assert {each.kind for each in listed.context["cl"].result_list} == sees
        offered = (
            client.get(LIST).context["cl"].filter_specs[0].lookup_choices if len(sees) > 1 else []
        )
        assert {code for code, _label in offered} == (sees if len(sees) > 1 else set())


@pytest.mark.parametrize("group", MAY, ids=lambda group: group.name)
@pytest.mark.parametrize("name", ["confirm", "discard"])
def test_only_who_may_import_decides(files, group, name):
    client, (imports, sees) = sign_in(group), MAY[group]

    for kind, file in files.items():
        response = client.post(address(name, file.pk))
        seen = 403 if kind in sees else (404 if sees else 403)
        assert response.status_code == (302 if kind in imports else seen), kind
        file.refresh_from_db()
        assert (file.state == ImportFile.State.CHECKED) == (kind not in imports)


def test_a_file_is_uploaded_previewed_and_imported(django_user_model):
    client = sign_in(PROGRAMME_MANAGER)
    content = make_csv("customers", good("customers"), good("customers", country="XX"))

    report = client.post(
        address("new", "customers"), {"file": SimpleUploadedFile("c.csv", content)}
    ).url
    file = ImportFile.objects.get()
    page = client.get(report).content.decode()
    assert report == address("change", file.pk)
    assert address("confirm", file.pk) in page
    assert not Tenant.objects.exists()

    client.post(address("confirm", file.pk))
    client.post(address("confirm", file.pk))

    assert Tenant.objects.get().name == "Woodgrove"
    assert address("confirm", file.pk) not in client.get(report).content.decode()
    assert User.objects.get(pk=ImportFile.objects.get().loaded_by_id).is_staff


def test_a_reading_address_decides_nothing(files):
    client = sign_in(PROGRAMME_MANAGER)
    file = files[ImportKind.CUSTOMERS]

    assert client.get(address("confirm", file.pk)).status_code == 405
    assert client.get(address("discard", file.pk)).status_code == 405

    file.refresh_from_db()
    assert file.state == ImportFile.State.CHECKED
