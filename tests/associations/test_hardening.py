"""What a hostile or unlucky person could do: each of these once succeeded."""

import io
import logging
import uuid

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import trans_real

from associations import tasks
from associations.customer import notice_outcomes
from associations.enums import Actor, EventKind, NoticeStatus, Status
from associations.filing import drafts, submission
from associations.models import Claim
from cpor_site.environment import read_databases
from cpor_site.logs import line_formatter
from cpor_site.web.csv_files import escape_formula
from notifications import outcomes
from notifications.delivery import deliver_due
from notifications.enums import State
from notifications.models import Message
from tests import cast
from tests.servers.smtp import Behaviour

pytestmark = pytest.mark.django_db
NOTICE = "customer_notice"


def notice_mails():
    return dict(Message.objects.filter(kind=NOTICE).values_list("to_address", "state"))


class TestNoticesNoOneWantsAnyMore:
    def test_a_replaced_notice_still_queued_does_not_go_to_the_old_address(
        self, approve, admin, smtp_server
    ):
        claim = approve()
        notice_outcomes.record_failed(
            claim.notices.get().pk, failure="550 no such user", now=timezone.now()
        )
        cast.correct_contact(claim, admin)

        deliver_due()

        assert notice_mails() == {
            "carla@fabrikam.example": State.CANCELLED,
            "clara@fabrikam.example": State.SENT,
        }
        assert smtp_server.messages_to("carla@fabrikam.example") == []
        claim.refresh_from_db()
        assert (claim.turn, claim.due_at is None) == (Actor.CUSTOMER, False)

    def test_a_withdrawn_claim_sends_no_notice(self, approve, admin, smtp_server):
        claim = approve()
        submission.withdraw_claim(claim, actor=admin, reason="Filed twice", now=timezone.now())

        deliver_due()

        assert notice_mails() == {"carla@fabrikam.example": State.CANCELLED}
        assert claim.events.filter(kind=EventKind.NOTICE_SENT).count() == 0

    def test_a_cancelled_mail_is_neither_tried_again_nor_bounced(self, approve, admin, smtp_server):
        claim = approve()
        submission.withdraw_claim(claim, actor=admin, reason="Filed twice", now=timezone.now())
        deliver_due()
        mail = Message.objects.get(kind=NOTICE)

        assert not outcomes.retry_now(mail, now=timezone.now())
        assert not outcomes.mark_bounced(mail, reason="late")


def test_a_refused_notice_that_staff_try_again_opens_the_window(approve, smtp_server):
    claim = approve()
    smtp_server.behave(Behaviour.REFUSE)
    deliver_due()
    mail = Message.objects.get(kind=NOTICE)
    assert (mail.state, claim.notices.get().status) == (State.FAILED, NoticeStatus.FAILED)
    smtp_server.behave(Behaviour.ACCEPT)

    outcomes.retry_now(mail, now=timezone.now())
    deliver_due()

    claim.refresh_from_db()
    notice = claim.notices.get()
    assert (notice.status, notice.failure) == (NoticeStatus.SENT, "")
    assert claim.turn == Actor.CUSTOMER
    assert claim.due_at


def test_no_one_reports_a_bounce_without_the_webhooks_secret(approve, client, smtp_server):
    claim = approve()
    deliver_due()
    mail = Message.objects.get(kind=NOTICE)
    report = {"RecordType": "Bounce", "Type": "HardBounce", "MessageID": mail.message_id}

    answer = client.post("/hooks/mail/postmark/tracking/", report, "application/json")

    claim.refresh_from_db()
    mail.refresh_from_db()
    assert answer.status_code == 404
    assert (mail.state, claim.turn) == (State.SENT, Actor.CUSTOMER)


class TestKeysOfLinks:
    def test_no_log_line_holds_a_customers_token(self, approve, client):
        token = approve().notices.get().token
        out = io.StringIO()
        handler = logging.StreamHandler(out)
        handler.setFormatter(line_formatter())
        root = logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        try:
            client.get(f"/opt-out/{token}/?lang=en")
            client.post(f"/opt-out/{token}/", {})
            client.put(f"/opt-out/{token}/")
        finally:
            root.removeHandler(handler)
            root.setLevel(level)

        lines = out.getvalue()
        assert "GET /opt-out/" in lines
        assert "Method Not Allowed: /opt-out/" in lines
        assert token not in lines

    def test_staff_who_read_mails_cannot_take_a_key_from_them(self, approve, client):
        token = approve().notices.get().token
        staff = cast.UserFactory(is_staff=True)
        staff.user_permissions.set(Permission.objects.filter(codename="view_message"))
        client.force_login(staff)
        mail = Message.objects.get(kind=NOTICE)

        page = client.get(reverse("admin:notifications_message_change", args=[mail.pk]))
        preview = client.get(reverse("admin:message-preview", args=[mail.pk]))

        assert (page.status_code, preview.status_code) == (200, 200)
        assert "/opt-out/••••••/" in preview.content.decode()
        assert token not in page.content.decode() + preview.content.decode()


def test_a_claim_that_cannot_be_closed_stops_no_other(admin):
    reviewer = cast.make_reviewer()
    with cast.at(cast.MONDAY):
        broken, other = (
            cast.walk(
                cast.make_draft(person.memberships.get().partner, person, cast.make_tenant(domain)),
                Status.ACTION_REQUIRED,
                actor=person,
                reviewer=reviewer,
            )
            for person, domain in (
                (admin, "a.example"),
                (cast.make_member(cast.make_partner("Other")), "b.example"),
            )
        )
    broken.location.time_zone = "Mars/Olympus"
    broken.location.save()

    tasks.close_unanswered_claims()

    broken.refresh_from_db()
    other.refresh_from_db()
    assert (broken.status, other.status) == (Status.ACTION_REQUIRED, Status.REJECTED)


@pytest.mark.parametrize("language", ["\0", "zz", "../../../etc"])
def test_an_unknown_language_is_not_kept_in_memory(client, language):
    answer = client.post("/language/", {"language": language, "next": "/about-cpor/"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/about-cpor/")
    assert language not in trans_real._translations


@pytest.mark.parametrize("page", ["work", "review"])
def test_an_endless_revision_is_an_old_page(client, admin, page):
    partner = admin.memberships.get().partner
    draft = cast.make_draft(partner, admin, cast.make_tenant())
    client.force_login(admin)
    typed = {"name": "N", "work": "microsoft-365/usage", "is_true": 1, "is_known": 1, "is_told": 1}

    answer = client.post(
        reverse("associations:claim-page", args=[draft.reference, page]),
        typed | {"revision": "9" * 5000},
    )

    draft.refresh_from_db()
    assert (answer.status_code, draft.status, draft.name) == (409, Status.EDITING, "Rollout")


def test_resending_the_first_page_undoes_nothing_that_was_done_since(client, admin):
    partner = admin.memberships.get().partner
    first, second = cast.make_tenant("a.example"), cast.make_tenant("b.example")
    client.force_login(admin)
    typed = {
        "filing_key": str(uuid.uuid4()),
        "location": partner.locations.get().pk,
        "customer_domain": "a.example",
        "tenant_id": str(first.tenant_id),
    }
    address = client.get(f"{partner.get_absolute_url()}claims/new/").url
    client.post(address, typed)
    claim = Claim.objects.get()
    work = {"solution_area": "microsoft-365", "activity": "usage", "name": "Rollout"}
    drafts.save_facts(
        claim, actor=admin, tenant=second, customer_domain="b.example", **work, now=timezone.now()
    )
    drafts.choose_products(
        claim, [drafts.Pick(cast.product("teams"))], actor=admin, now=timezone.now()
    )

    answer = client.post(address, typed)

    claim = Claim.objects.get()
    assert answer.status_code == 409
    assert (claim.tenant, claim.associations.count()) == (second, 1)


def test_a_reviewer_who_is_a_member_opens_the_proof_of_an_own_draft(client):
    reviewer = cast.make_reviewer()
    partner, stranger = cast.make_partner(), cast.make_partner("Other")
    cast.make_member(partner, user=reviewer)
    own = cast.make_draft(partner, reviewer, cast.make_tenant("a.example"))
    other = cast.make_draft(stranger, cast.make_member(stranger), cast.make_tenant("b.example"))
    client.force_login(reviewer)

    def find(draft):
        return client.get(reverse("associations:document", args=[draft.documents.get().key]))

    assert b"".join(find(own).streaming_content) == cast.PDF
    assert find(other).status_code == 404


@pytest.mark.parametrize("path", ["email/", "confirm-email/abc/"])
def test_no_one_gives_themselves_another_address(client, admin, path):
    client.force_login(admin)

    answer = client.post(f"/accounts/{path}", {"action_add": "", "email": "evil@other.example"})

    assert answer.status_code == 404
    assert not admin.emailaddress_set.exists()


def test_a_demo_never_runs_on_a_database_server(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://cpor@127.0.0.1/cpor")

    assert "postgresql" in read_databases(data_dir=tmp_path, is_demo=False)["default"]["ENGINE"]
    with pytest.raises(ImproperlyConfigured, match="CPOR_DEMO"):
        read_databases(data_dir=tmp_path, is_demo=True)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff20"])
def test_no_cell_of_an_export_is_a_formula(start):
    assert escape_formula(f"{start}1+1") == f"'{start}1+1"
