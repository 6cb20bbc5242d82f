"""Loading usage files in the admin: upload, report, rows with errors [R38]."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from associations import tasks
from associations.forms import imports as import_form
from associations.imports import receiving
from associations.models import ImportFile, WorkloadUsage
from associations.usage import loading
from associations.usage.loading import UsageKind
from partners.models import User
from partners.staff_groups import DATA_LOADER
from tests import cast
from tests.associations.usage_files import COLUMNS, make_file, workload_line

pytestmark = pytest.mark.django_db

ADD = "/admin/associations/importfile/new/usage/"
State = ImportFile.State


@pytest.fixture
def tenant():
    cast.product("teams")
    return cast.make_tenant()


@pytest.fixture
def staff(client):
    user = cast.make_staff(DATA_LOADER)
    client.force_login(user)
    return user


def upload(client, *lines, name="usage.csv"):
    file = SimpleUploadedFile(name, make_file(*lines).getvalue(), content_type="text/csv")
    return client.post(ADD, {"file": file})


def html(response):
    return response.content.decode()


def months(tenant, count):
    return [
        workload_line(tenant, month=f"{2000 + n // 12}-{n % 12 + 1:02}", users=n)
        for n in range(count)
    ]


def test_a_small_file_is_loaded_at_once_and_reported(client, staff, tenant):
    response = upload(client, workload_line(tenant), workload_line(tenant, "nope"))

    loaded = ImportFile.objects.get()
    report = reverse("admin:associations_importfile_change", args=[loaded.pk])
    assert response.url == report
    assert (loaded.state, loaded.loaded_by, loaded.name) == (State.DONE, staff, "usage.csv")
    assert (loaded.rows_new, loaded.rows_bad, loaded.file.name) == (1, 1, "")
    page = client.get(report)
    assert "Loaded, but 1 row has errors" in html(page)
    assert "No product has the code “nope”." in html(page)
    assert "Refresh" not in page.headers
    assert WorkloadUsage.objects.get().active_users == 80


def test_the_same_file_again_is_recognised(client, staff, tenant):
    upload(client, workload_line(tenant))
    response = upload(client, workload_line(tenant))

    first, second = ImportFile.objects.order_by("pk")
    assert (second.rows_same, second.rows_new, second.sha256) == (1, 0, first.sha256)
    page = html(client.get(response.url))
    assert reverse("admin:associations_importfile_change", args=[first.pk]) in page
    assert "loaded before" in page


def test_a_large_file_waits_for_a_worker_and_shows_how_far_it_is(
    client, staff, tenant, monkeypatch, django_capture_on_commit_callbacks
):
    asked = []
    monkeypatch.setattr(UsageKind, "at_once_bytes", 1000)
    monkeypatch.setattr(UsageKind, "batch", 50)
    monkeypatch.setattr(receiving, "ask_for_load", lambda: asked.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        report = upload(client, *months(tenant, 300)).url

    waiting = client.get(report)
    assert asked == [1]
    assert waiting.headers["Refresh"] == "2"
    assert "Waiting to be loaded" in html(waiting)
    assert '<progress max="' in html(waiting)
    assert not WorkloadUsage.objects.exists()

    during = []
    save_found = loading.save_found

    def look(rows):
        during.append(html(client.get(report)))
        return save_found(rows)

    monkeypatch.setattr(loading, "save_found", look)
    tasks.load_files()

    assert "100 rows," in during[2]
    done = client.get(report)
    assert "Loaded without errors" in html(done)
    assert "Refresh" not in done.headers
    assert WorkloadUsage.objects.count() == 300


def test_a_dead_broker_loses_no_file(client, staff, tenant, monkeypatch, settings, caplog):
    def fail(*args, **kwargs):
        raise OSError("no broker")

    monkeypatch.setattr("celery.app.base.Celery.send_task", fail)
    receiving.ask_for_load()

    assert "the sweep will" in caplog.text


def test_the_task_is_known_by_the_name_it_is_asked_for():
    assert tasks.load_files.name == receiving.TASK


def test_a_file_that_cannot_be_read_says_what_to_do(client, staff):
    response = client.post(ADD, {"file": SimpleUploadedFile("x.csv", b"PK\x03\x04\xff\xfe")})

    page = html(client.get(response.url))
    assert "This file could not be loaded" in page
    assert "This is neither CSV nor a workbook that can be opened." in page


def test_a_file_too_large_is_refused_with_words(client, staff, tenant, monkeypatch):
    monkeypatch.setattr(import_form, "MAX_UPLOAD_BYTES", 100)

    response = upload(client, workload_line(tenant))

    assert response.status_code == 200
    assert "the limit is 100\N{NO-BREAK SPACE}bytes" in html(response)
    assert not ImportFile.objects.exists()


@pytest.mark.parametrize(
    ("language", "size", "words"),
    [
        ("en", 50 * 1024 * 1024, "50 MB"),
        ("pt-br", 50 * 1024 * 1024, "50 MB"),
        ("en", 3 * 512 * 1024, "1.5 MB"),
        ("pt-br", 3 * 512 * 1024, "1,5 MB"),
        ("pt-br", 100, "100 bytes"),
        ("en", 110 * 1024, "110 KB"),
    ],
)
def test_a_size_has_no_decimal_that_says_nothing(language, size, words):
    with translation.override(language):
        assert import_form.describe_size(size).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(
    ("data", "words"),
    [({}, "Choose a file."), ({"file": SimpleUploadedFile("x.csv", b"")}, "The file is empty.")],
)
def test_no_file_is_no_load(client, staff, data, words):
    response = client.post(ADD, data)

    assert words in html(response)
    assert not ImportFile.objects.exists()


def bad_rows(client, form="csv"):
    address = "admin:associations_importfile_bad_rows"
    response = client.get(reverse(address, args=[ImportFile.objects.get().pk, form]))
    return b"".join(response.streaming_content)


def test_bad_rows_come_back_as_they_were_with_the_reason_and_without_formulae(
    client, staff, tenant
):
    stray = workload_line(tenant, "=cmd|' /C calc'!A0")
    upload(client, *["rubbish"] * 3, stray)

    rows = list(csv.reader(io.StringIO(bad_rows(client).decode("utf-8-sig"))))

    assert rows[0] == ["reason", *COLUMNS]
    assert [row[0].partition(":")[0] for row in rows[1:]] == [
        "Line 2",
        "Line 3",
        "Line 4",
        "Line 5",
    ]
    assert rows[1][1:] == ["rubbish"]
    assert rows[4][0] == (
        "Line 5: product contains a formula. Replace it with its value (paste as values)."
    )
    assert rows[4][1:] == [
        "'=cmd|' /C calc'!A0" if "cmd" in each else each for each in stray.split(",")
    ]


def test_corrected_rows_can_be_loaded_with_the_reason_left_in(client, staff, tenant):
    upload(client, workload_line(tenant, users="x"))
    corrected = bad_rows(client).replace(b",x,", b",7,")

    client.post(ADD, {"file": SimpleUploadedFile("again.csv", corrected)})

    assert ImportFile.objects.latest("pk").rows_new == 1
    assert WorkloadUsage.objects.get().active_users == 7


def test_the_report_shows_the_first_bad_rows_and_the_download_all(client, staff, tenant):
    upload(client, *["rubbish"] * 250)
    loaded = ImportFile.objects.get()

    page = html(client.get(reverse("admin:associations_importfile_change", args=[loaded.pk])))

    assert "Only the first 200 are shown" in page
    assert page.count("does not have one value for each column") == 200
    assert bad_rows(client).count(b"does not have one value for each column") == 250


def test_only_the_permission_opens_it(client, tenant):
    upload_by_staff = ImportFile.objects.create(name="x", state=State.DONE)
    client.force_login(cast.UserFactory(is_staff=True))
    urls = [
        ADD,
        reverse("admin:associations_importfile_changelist"),
        reverse("admin:associations_importfile_change", args=[upload_by_staff.pk]),
        reverse("admin:associations_importfile_bad_rows", args=[upload_by_staff.pk, "csv"]),
    ]

    assert [client.get(url).status_code for url in urls] == [403] * 4
    assert upload(client, workload_line(tenant)).status_code == 403
    assert ImportFile.objects.count() == 1


def test_partners_are_sent_to_the_admins_own_door(client, tenant):
    client.force_login(cast.make_member(cast.make_partner()))

    response = upload(client, workload_line(tenant))

    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")
    assert not ImportFile.objects.exists()


def test_a_record_is_never_changed_or_deleted_by_hand(client, staff):
    loaded = ImportFile.objects.create(name="x", state=State.DONE, rows_new=3)

    for name in ("change", "delete"):
        url = reverse(f"admin:associations_importfile_{name}", args=[loaded.pk])
        client.post(url, {"rows_new": 9, "post": "yes"})

    assert ImportFile.objects.get().rows_new == 3


def test_an_unknown_file_is_not_found(client, staff):
    for url in ("999/change/", "nonsense/change/", "999/bad-rows.csv"):
        assert client.get(f"/admin/associations/importfile/{url}").status_code == 404


def test_bad_rows_have_the_separator_of_the_language(client, staff, tenant):
    upload(client, "rubbish")
    User.objects.filter(pk=staff.pk).update(language="pt-br")

    header, row = bad_rows(client).decode("utf-8-sig").splitlines()

    assert header.split(";")[:2] == ["reason", "month"]
    assert row.startswith('"Linha 2: ')
