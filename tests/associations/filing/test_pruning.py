"""What is old is removed, what is touched stays, and owners of drafts are told a month before."""

import datetime as dt
import io

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from associations import pruning
from associations.enums import Actor, Status
from associations.filing import comments, old_drafts
from associations.imports.receiving import receive_file
from associations.lists import export_files
from associations.models import (
    Claim,
    ClaimsExport,
    Document,
    DraftWarning,
    ImportFile,
    ImportRow,
)
from associations.usage.loading import USAGE
from notifications import outcomes
from notifications.enums import SETTLED, WAITING, State
from notifications.models import Message
from notifications.old_values import empty_old_emails
from notifications.words.rendering import render
from partners.sign_in.old_sessions import prune_sessions
from tests import cast

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def now():
    return timezone.now()


def make_untouched(draft, *, days, now):
    Claim.objects.filter(pk=draft.pk).update(updated_at=now - days * DAY)


def list_warnings(draft):
    return list(Message.objects.filter(key__startswith=f"draft-expires:{draft.pk}:"))


# --- Drafts --------------------------------------------------------------------------------------


def test_the_owner_is_told_a_month_before_and_then_the_draft_goes_with_its_files(
    draft, admin, now, django_capture_on_commit_callbacks
):
    document = Document.objects.get(claim=draft)
    make_untouched(draft, days=336, now=now)

    assert pruning.prune(now=now).counts["owners of drafts told"] == 1
    assert pruning.prune(now=now + 28 * DAY).counts["drafts removed"] == 0
    with django_capture_on_commit_callbacks() as callbacks:
        assert pruning.prune(now=now + 30 * DAY).counts["drafts removed"] == 1
        assert document.file.storage.exists(document.file.name)
    for callback in callbacks:
        callback()

    assert [each.to_address for each in list_warnings(draft)] == [admin.email]
    assert not Claim.objects.filter(pk=draft.pk).exists()
    assert not document.file.storage.exists(document.file.name)


def test_a_draft_is_old_once_more_than_the_time_has_passed(draft, now, settings):
    settings.KEEP_DRAFTS_DAYS = 365
    months = (365 - 30) * DAY

    for touched_at, is_told in ((now - months, 0), (now - months - dt.timedelta.resolution, 1)):
        Claim.objects.filter(pk=draft.pk).update(updated_at=touched_at)
        assert pruning.prune(now=now).counts["owners of drafts told"] == is_told


@pytest.mark.parametrize("language", ["en", "pt-br"])
def test_the_owner_reads_it_in_their_language(draft, admin, now, language):
    type(admin).objects.filter(pk=admin.pk).update(language=language)
    make_untouched(draft, days=400, now=now)

    old_drafts.warn_of_old_drafts(now=now)

    mail = render(list_warnings(draft)[0])
    assert ("will be deleted" in mail.subject) == (language == "en")
    assert draft.reference in mail.subject
    assert f"/claims/{draft.reference}/" in mail.text


def test_no_one_loses_an_old_draft_without_a_month_to_answer(draft, now):
    make_untouched(draft, days=2000, now=now)

    assert pruning.prune(now=now).counts["drafts removed"] == 0
    assert pruning.prune(now=now + 29 * DAY).counts["drafts removed"] == 0
    assert pruning.prune(now=now + 30 * DAY).counts["drafts removed"] == 1


def test_one_mail_however_often_it_is_looked(draft, now):
    make_untouched(draft, days=340, now=now)

    told = [old_drafts.warn_of_old_drafts(now=now + day * DAY) for day in range(3)]

    assert told == [1, 0, 0]
    assert len(list_warnings(draft)) == 1


@pytest.mark.parametrize("touch", ["save", "comment"])
def test_a_touched_draft_stays_and_is_told_of_again_a_year_later(draft, admin, now, touch):
    make_untouched(draft, days=340, now=now)
    old_drafts.warn_of_old_drafts(now=now)

    if touch == "save":
        Claim.objects.get(pk=draft.pk).save()
    else:
        comments.add_comment(draft, actor=admin, side=Actor.PARTNER, text="Not yet", now=now)

    assert old_drafts.remove_old_drafts(now=now + 60 * DAY) == 0
    assert old_drafts.remove_old_drafts(now=now + 400 * DAY) == 0
    assert old_drafts.warn_of_old_drafts(now=now + 400 * DAY) == 1
    assert old_drafts.remove_old_drafts(now=now + 430 * DAY) == 1


def test_where_the_owner_has_left_the_admins_are_told(draft, partner, admin, now):
    other = cast.make_member(partner)
    admin.memberships.all().delete()
    make_untouched(draft, days=340, now=now)

    old_drafts.warn_of_old_drafts(now=now)

    assert [each.to_address for each in list_warnings(draft)] == [other.email]


def test_what_was_submitted_is_no_draft(draft, admin, reviewer, now):
    claim = cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=reviewer)
    make_untouched(claim, days=2000, now=now)

    counts = pruning.prune(now=now).counts

    assert counts["owners of drafts told"] == counts["drafts removed"] == 0


def test_a_fault_with_one_draft_keeps_no_other(partner, admin, now, monkeypatch):
    drafts = [cast.make_draft(partner, admin, cast.make_tenant(f"c{n}.example")) for n in range(2)]
    for each in drafts:
        make_untouched(each, days=400, now=now)
    old_drafts.warn_of_old_drafts(now=now)
    remove = old_drafts.remove_draft

    def stumble(draft):
        if draft.pk == drafts[0].pk:
            raise RuntimeError("a fault")
        remove(draft)

    monkeypatch.setattr(old_drafts, "remove_draft", stumble)

    assert old_drafts.remove_old_drafts(now=now + 31 * DAY) == 1
    assert [each.pk for each in Claim.objects.all()] == [drafts[0].pk]


# --- Emails --------------------------------------------------------------------------------------


def make_message(state, *, at, **facts):
    return Message.objects.create(
        key=f"{state}:{Message.objects.count()}",
        kind="notice_failed",
        to_address="ana@contoso.example",
        language="en",
        context={"url": "http://127.0.0.1/opt-out/secret"},
        state=state,
        created_at=at,
        next_attempt_at=at,
        **facts,
    )


@pytest.mark.parametrize("state", [*SETTLED, *WAITING])
def test_values_of_settled_emails_go_and_the_record_stays(now, state):
    old, young = make_message(state, at=now - 91 * DAY), make_message(state, at=now - 89 * DAY)

    emptied = empty_old_emails(now=now)

    old.refresh_from_db()
    young.refresh_from_db()
    assert emptied == (state in SETTLED)
    assert (old.context == {}) == (state in SETTLED)
    assert young.context and young.emptied_at is None
    assert old.to_address == "ana@contoso.example"
    assert empty_old_emails(now=now) == 0


def test_what_was_accepted_lately_keeps_its_values(now):
    message = make_message(State.SENT, at=now - 200 * DAY, sent_at=now - DAY)

    assert empty_old_emails(now=now) == 0
    message.refresh_from_db()
    assert message.context


def test_an_emptied_email_is_not_tried_again(now):
    message = make_message(State.FAILED, at=now - 100 * DAY)
    empty_old_emails(now=now)

    assert not outcomes.retry_now(message, now=now)

    message.refresh_from_db()
    assert message.state == State.FAILED


def test_its_page_says_that_the_values_are_gone(now, client):
    message = make_message(State.SENT, at=now - 100 * DAY)
    empty_old_emails(now=now)
    client.force_login(cast.UserFactory(is_staff=True, is_superuser=True))

    page = client.get(f"/admin/notifications/message/{message.pk}/change/").content.decode()

    assert "Its values have been removed" in page


def test_the_notice_keeps_its_exact_text(approve, now):
    claim = approve()
    notice = claim.notices.first()
    type(notice).objects.filter(pk=notice.pk).update(text="as sent")
    Message.objects.update(
        state=State.SENT, created_at=now - 200 * DAY, next_attempt_at=now - 200 * DAY
    )

    assert empty_old_emails(now=now) == Message.objects.count() > 0
    notice.refresh_from_db()
    assert notice.text == "as sent"


# --- Sessions ------------------------------------------------------------------------------------


def test_ended_sessions_go_and_those_in_use_stay(client, admin, now):
    client.force_login(admin)
    alive = client.session.session_key
    user = {"user": admin, "ip": "127.0.0.1", "user_agent": "x"}
    UserSession.objects.update_or_create(
        session_key=alive, defaults={**user, "last_seen_at": now - 30 * DAY}
    )
    for key, days in (("old", 8), ("just-ended", 6)):
        Session.objects.create(session_key=key, session_data="", expire_date=now - days * DAY)
        UserSession.objects.create(session_key=key, last_seen_at=now - 20 * DAY, **user)
    UserSession.objects.create(session_key="signed-out", last_seen_at=now - 8 * DAY, **user)

    assert prune_sessions(now=now, is_dry_run=True) == 3
    assert prune_sessions(now=now) == 3

    left = {alive, "just-ended"}
    assert set(Session.objects.values_list("session_key", flat=True)) == left
    assert set(UserSession.objects.values_list("session_key", flat=True)) == left
    assert client.get(cast.HERE).status_code == 200


# --- Reports of usage files ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "days", "stays"),
    [("done", 366, False), ("failed", 366, False), ("done", 364, True), ("loading", 366, True)],
)
def test_reports_of_long_ago_go_with_their_bad_rows(now, state, days, stays):
    report = ImportFile.objects.create(name="u.csv", state=state, touched_at=now - days * DAY)
    ImportRow.objects.create(import_file=report, line=2, reason="nul")

    pruning.prune(now=now)

    assert ImportFile.objects.exists() == ImportRow.objects.exists() == stays


def test_a_stored_file_goes_after_the_commit(now, django_capture_on_commit_callbacks):
    upload = cast.SimpleUploadedFile("u.csv", b"tenant_id\n")
    report = receive_file(upload, USAGE, actor=cast.UserFactory(), now=now)
    report.file.save("u.csv", cast.SimpleUploadedFile("u.csv", b"x"))
    ImportFile.objects.update(touched_at=now - 400 * DAY)
    storage, name = report.file.storage, report.file.name

    with django_capture_on_commit_callbacks() as callbacks:
        pruning.prune(now=now)
        assert storage.exists(name)
    for callback in callbacks:
        callback()

    assert not storage.exists(name)


# --- Exports of the claims list ------------------------------------------------------------------


@pytest.fixture
def claims_export(admin, now):
    membership = admin.memberships.get()
    return export_files.request_export(membership, chosen={}, language="en", now=now)


@pytest.mark.parametrize(
    ("state", "days", "stays"),
    [
        ("done", 8, False),
        ("failed", 8, False),
        ("done", 6, True),
        ("waiting", 8, True),
        ("writing", 8, True),
    ],
)
def test_finished_exports_of_last_week_go(claims_export, now, state, days, stays):
    ClaimsExport.objects.update(state=state, touched_at=now - days * DAY)

    pruning.prune(now=now)

    assert ClaimsExport.objects.exists() == stays


def test_the_files_of_an_export_go_after_the_commit_with_those_of_attempts_that_died(
    claims_export, now, django_capture_on_commit_callbacks
):
    storage = claims_export.file.storage
    ClaimsExport.objects.update(attempts=1)
    stray = storage.save(
        f"exports/{claims_export.key.hex}-1.xlsx", cast.SimpleUploadedFile("x", b"x")
    )
    export_files.write_export(claims_export.pk)
    claims_export.refresh_from_db()
    names = [stray, claims_export.file.name]
    ClaimsExport.objects.update(touched_at=now - 8 * DAY)

    with django_capture_on_commit_callbacks() as callbacks:
        pruning.prune(now=now)
        assert all(storage.exists(name) for name in names)
    for callback in callbacks:
        callback()

    assert len(set(names)) == 2
    assert not any(storage.exists(name) for name in names)


# --- All of it -----------------------------------------------------------------------------------

NEVER = (
    "KEEP_SESSIONS_DAYS",
    "KEEP_EMAIL_VALUES_DAYS",
    "KEEP_DRAFTS_DAYS",
    "KEEP_USAGE_REPORTS_DAYS",
    "KEEP_EXPORTS_DAYS",
)


@pytest.fixture
def everything_old(draft, claims_export, now):
    make_untouched(draft, days=2000, now=now)
    old_drafts.warn_of_old_drafts(now=now - 40 * DAY)
    make_message(State.SENT, at=now - 2000 * DAY)
    Session.objects.create(session_key="x", session_data="", expire_date=now - 2000 * DAY)
    ImportFile.objects.create(name="u.csv", state="done", touched_at=now - 2000 * DAY)
    ClaimsExport.objects.update(state="done", touched_at=now - 2000 * DAY)


def count_rows():
    emptied = Message.objects.exclude(emptied_at=None).count()
    models = (Claim, DraftWarning, Message, Session, ImportFile, ClaimsExport)
    return [*(model.objects.count() for model in models), emptied]


@pytest.mark.parametrize("is_warned", [True, False])
def test_0_days_keep_all_of_it_for_ever(everything_old, now, settings, is_warned):
    if not is_warned:
        DraftWarning.objects.all().delete()
    for name in NEVER:
        setattr(settings, name, 0)
    before = count_rows()

    pruned = pruning.prune(now=now)

    assert count_rows() == before
    assert set(pruned.counts.values()) == {0}


def test_a_dry_run_says_what_would_go_and_changes_nothing(everything_old):
    before, out = count_rows(), io.StringIO()

    call_command("prune", "--dry-run", stdout=out)

    assert count_rows() == before
    for line in ("sessions removed: 1", "emails emptied: 1", "drafts removed: 1"):
        assert line in out.getvalue()
    assert "import reports removed: 1" in out.getvalue()
    assert "claims exports removed: 1" in out.getvalue()


def test_the_command_does_what_the_task_does(everything_old):
    call_command("prune", stdout=io.StringIO())

    claims, warnings, _messages, sessions, reports, exports, emptied = count_rows()
    assert (claims, warnings, sessions, reports, exports, emptied) == (0, 0, 0, 0, 0, 1)


def test_a_fault_in_one_step_stops_no_other_and_is_told(everything_old, monkeypatch):
    def stumble(**_options):
        raise RuntimeError("a fault")

    monkeypatch.setitem(pruning.STEPS, "sessions removed", stumble)

    with pytest.raises(CommandError, match="sessions removed"):
        call_command("prune", stdout=io.StringIO())

    assert not ImportFile.objects.exists()
    assert Session.objects.exists()
