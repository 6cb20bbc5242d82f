"""Filing from a file in the browser: upload, preview, drafts, rows with errors; for the uploader alone [R47]."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from associations import tasks
from associations.filing.bulk import CLAIMS
from associations.imports import receiving
from associations.models import Claim, ImportFile
from tests import cast
from tests.associations.imports.made_files import SEATTLE, good, make_csv
from tests.associations.imports.world import World, count

pytestmark = pytest.mark.django_db
UPLOAD = f"{cast.HERE}claims/import/"
State = ImportFile.State


@pytest.fixture
def world():
    return World()


@pytest.fixture
def client(world):
    return sign_in(world.admin)


def sign_in(user):
    client = Client()
    client.force_login(user)
    return client


def upload(client, *rows):
    file = SimpleUploadedFile("claims.csv", make_csv("claims", *rows))
    return client.post(UPLOAD, {"file": file}).url


def find_pages(file):
    here = f"{cast.HERE}claims/imports/{file.key}/"
    return here, f"{here}import/", f"{here}discard/", f"{here}bad-rows.csv"


def test_a_file_is_checked_in_a_task_shown_and_made_into_drafts(client, monkeypatch):
    monkeypatch.setattr(receiving, "ask_for_load", lambda: None)

    report = upload(client, good("claims"), good("claims", partner_id=SEATTLE))

    file = ImportFile.objects.get()
    here, confirm, _discard, bad_rows = find_pages(file)
    waiting = client.get(report)
    assert (report, file.state, waiting.headers["Refresh"]) == (here, State.TO_CHECK, "2")
    assert client.post(confirm).status_code == 302
    file.refresh_from_db()
    assert file.state == State.TO_CHECK, "there is nothing to confirm yet"

    tasks.load_files()
    checked = client.get(report)
    assert "Refresh" not in checked.headers
    assert confirm in checked.content.decode()
    assert not Claim.objects.exists()

    client.post(confirm)
    client.post(confirm)
    tasks.load_files()

    file.refresh_from_db()
    assert (file.state, count(file)) == (State.DONE, (1, 0, 0, 1))
    assert Claim.objects.get().name == "Teams rollout"
    rows = b"".join(client.get(bad_rows).streaming_content).decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert rows[1].split(",")[:2] == [
        "Line 3: partner_id: This is not one of your locations.",
        SEATTLE,
    ]


def test_a_discarded_file_makes_no_drafts(client):
    upload(client, good("claims"))
    tasks.load_files()
    _here, confirm, discard, _bad = find_pages(ImportFile.objects.get())

    assert client.post(discard).url == UPLOAD
    client.post(confirm)
    tasks.load_files()

    assert ImportFile.objects.get().state == State.DISCARDED
    assert not Claim.objects.exists()


def test_nobody_else_sees_or_decides_on_it(client, world):
    upload(client, good("claims", partner_id=SEATTLE))
    tasks.load_files()
    file = ImportFile.objects.get()
    others = {
        "a colleague": cast.make_member(world.contoso),
        "another partner": cast.make_member(world.litware),
        "the operator's staff": world.manager,
    }

    for who, user in others.items():
        theirs = sign_in(user)
        here, confirm, discard, bad_rows = find_pages(file)
        assert [theirs.get(here).status_code, theirs.get(bad_rows).status_code] == [404, 404], who
        assert [theirs.post(confirm).status_code, theirs.post(discard).status_code] == [404, 404]
    assert file.name not in sign_in(others["a colleague"]).get(UPLOAD).content.decode()
    file.refresh_from_db()
    assert file.state == State.CHECKED


def test_who_lost_the_role_since_makes_no_drafts(client, world):
    upload(client, good("claims"))
    tasks.load_files()
    receiving.confirm(ImportFile.objects.get(), CLAIMS, now=cast.MONDAY)
    world.contoso.memberships.all().delete()

    tasks.load_files()

    file = ImportFile.objects.get()
    assert (file.state, count(file)) == (State.DONE, (0, 0, 0, 1))
    assert not Claim.objects.exists()
