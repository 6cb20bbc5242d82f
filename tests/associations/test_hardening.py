import uuid, json, logging
import datetime as dt
import pytest
from django.test import Client
from django.urls import reverse
from associations import notices, claims, review, clock, optout, tasks, editing
from associations.enums import *
from associations.models import Claim, CustomerNotice
from notifications.models import Message
from notifications.delivery import deliver_due
from notifications import outcomes
from tests import cast
from tests.servers.smtp import Behaviour

pytestmark = pytest.mark.django_db

@pytest.fixture
def actor():
    return cast.make_member(cast.make_partner())

@pytest.fixture
def approve(actor):
    def make(**facts):
        partner = actor.memberships.get().partner
        draft = cast.make_draft(partner, actor, cast.make_tenant(), **facts)
        reviewer = cast.make_reviewer()
        claim = cast.walk(draft, Status.UNDER_REVIEW, actor=actor, reviewer=reviewer)
        review.approve_claim(claim, actor=reviewer)
        return Claim.objects.get(pk=claim.pk)
    return make

def test_withdrawn(approve, actor, smtp_server):
    claim = approve()
    claims.withdraw_claim(claim, actor=actor, reason="no")
    deliver_due()
    print("WITHDRAWN", list(Message.objects.filter(kind="customer_notice").values_list("state", "to_address")), list(CustomerNotice.objects.values_list("status", flat=True)))

def test_retried(approve, actor, smtp_server):
    claim = approve()
    n = claim.notices.get()
    Message.objects.exclude(kind="customer_notice").delete()
    notices.record_failed(n.pk, failure="550")
    m = Message.objects.get(kind="customer_notice")
    Message.objects.filter(pk=m.pk).update(state="failed")
    outcomes.retry_now(m, now=clock.now())
    deliver_due()
    claim.refresh_from_db(); n.refresh_from_db(); m.refresh_from_db()
    print("RETRIED", m.state, n.status, claim.due_at, claim.turn)

def test_replaced(approve, actor, smtp_server):
    claim = approve()
    n = claim.notices.get()
    notices.record_failed(n.pk, failure="550")
    notices.correct_contact(claim, actor=actor, role="customer", name="X", title="", email="new@fabrikam.example", language="en")
    deliver_due()
    print("REPLACED", list(Message.objects.filter(kind="customer_notice").values_list("state", "to_address")), list(CustomerNotice.objects.values_list("status", flat=True)))

def test_hook(approve, smtp_server, client):
    claim = approve(); deliver_due()
    m = Message.objects.get(kind="customer_notice")
    body = {"RecordType": "Bounce", "MessageID": m.message_id, "Type": "HardBounce", "ID": 1, "Email": "x@x.example", "BouncedAt": "2026-11-11T00:00:00Z"}
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        r = client.post("/hooks/mail/postmark/tracking/", json.dumps(body), content_type="application/json")
    m.refresh_from_db(); claim.refresh_from_db()
    print("HOOK", r.status_code, m.state, claim.turn, claim.due_at)

def test_logs(approve, smtp_server, client, settings):
    import io
    from cpor_site.logs import line_formatter
    claim = approve(); deliver_due()
    token = claim.notices.get().token
    out = io.StringIO(); h = logging.StreamHandler(out); h.setFormatter(line_formatter())
    root = logging.getLogger(); root.addHandler(h); old = root.level; root.setLevel("INFO")
    try:
        client.get(f"/opt-out/{token}/")
        client.post(f"/opt-out/{token}/", {})
        client.put(f"/opt-out/{token}/", {})
    finally:
        root.removeHandler(h); root.setLevel(old)
    print("LOGS", out.getvalue().count(token), out.getvalue()[:3000])

def test_poison(actor):
    partner = actor.memberships.get().partner
    reviewer = cast.make_reviewer()
    with clock.travel_to(cast.MONDAY):
        first = cast.walk(cast.make_draft(partner, actor, cast.make_tenant()), Status.ACTION_REQUIRED, actor=actor, reviewer=reviewer)
        other = cast.make_partner("Other")
        a2 = cast.make_member(other)
        second = cast.walk(cast.make_draft(other, a2, cast.make_tenant("x.example")), Status.ACTION_REQUIRED, actor=a2, reviewer=reviewer)
    first.location.time_zone = "Mars/Base"; first.location.save()
    try:
        tasks.close_unanswered_claims()
    except Exception as e:
        print("POISON raised", repr(e))
    second.refresh_from_db()
    print("POISON", second.status)

@pytest.mark.parametrize("lang", ["\0", "x"*600, "../../../etc", "zz"])
def test_language(client, lang):
    client.raise_request_exception = False
    r = client.post("/language/", {"language": lang, "next": "/about-cpor/"})
    from django.utils.translation import trans_real
    print("LANG", repr(lang[:10]), r.status_code, lang in trans_real._translations, len(trans_real._translations))

@pytest.mark.parametrize("p", ["²", "9"*30, "9"*5000])
def test_switch(client, actor, p):
    client.force_login(actor); client.raise_request_exception = False
    print("SWITCH", p[:5], client.post("/partners/switch/", {"partner": p}).status_code)

def test_revision(client, actor):
    partner = actor.memberships.get().partner
    draft = cast.make_draft(partner, actor, cast.make_tenant())
    client.force_login(actor); client.raise_request_exception = False
    for page in ("work", "review"):
        r = client.post(reverse("associations:claim-page", args=[draft.reference, page]), {"revision": "9"*5000, "name": "x", "work": "microsoft-365/usage", "is_true": 1, "is_known": 1, "is_told": 1})
        print("REVISION", page, r.status_code)
    for name in ("withdraw", "discard"):
        r = client.post(f"/claims/{draft.reference}/{name}/", {"revision": "9"*5000, "words": "x"})
        print("REVISION", name, r.status_code)
    r = client.get("/claims/?after=ABC~" + "9"*5000); print("CURSOR", r.status_code)
    r = client.get("/claims/?q=%00&status=%00&product=%00&location=9" ); print("CURSOR", r.status_code)

def test_resend(client, actor):
    partner = actor.memberships.get().partner
    t1, t2 = cast.make_tenant("a.example"), cast.make_tenant("b.example")
    client.force_login(actor)
    key = str(uuid.uuid4())
    form = {"filing_key": key, "location": partner.locations.get().pk, "customer_domain": "a.example", "tenant_id": str(t1.tenant_id)}
    client.post("/claims/new/", form)
    claim = Claim.objects.get()
    editing.save_facts(claim, actor=actor, tenant=t2, customer_domain="b.example", solution_area="microsoft-365", activity="usage", name="N")
    editing.choose_products(claim, [editing.Pick(cast.product("teams"))], actor=actor)
    r = client.post("/claims/new/", form)
    claim.refresh_from_db()
    print("RESEND", r.status_code, r.get("Location"), claim.tenant == t2, claim.associations.count())

def test_own_doc(client):
    reviewer = cast.make_reviewer()
    partner = cast.make_partner(); cast.make_member(partner, user=reviewer)
    draft = cast.make_draft(partner, reviewer, cast.make_tenant())
    client.force_login(reviewer)
    print("OWNDOC", client.get(f"/claims/{draft.reference}/").status_code, client.get(f"/files/{draft.documents.get().key}/").status_code)

def test_accounts(client, actor):
    client.force_login(actor); client.raise_request_exception = False
    for path in ("email/", "signup/", "confirm-email/", "confirm-email/abc/", "reauthenticate/", "password/change/", "password/set/", "inactive/", "login/code/", "3rdparty/"):
        r = client.get("/accounts/" + path)
        print("ACC", path, r.status_code, r.get("Location"), [t.name for t in r.templates][:1])
    r = client.post("/accounts/email/", {"action_add": "", "email": "evil@other.example"})
    print("ACC add", r.status_code, r.get("Location"))
    from allauth.account.models import EmailAddress
    print(EmailAddress.objects.values_list("email", "verified", "primary"))
    actor.refresh_from_db(); print("ACC email", actor.email)

def test_admin_mail(client, approve, smtp_server):
    claim = approve(); token = claim.notices.get().token
    from django.contrib.auth.models import Permission
    staff = cast.UserFactory(is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename="view_message"))
    client.force_login(staff)
    m = Message.objects.get(kind="customer_notice")
    r = client.get(reverse("admin:notifications_message_change", args=[m.pk]))
    p = client.get(reverse("admin:message-preview", args=[m.pk]))
    print("ADMINMAIL", r.status_code, token in r.content.decode(), token in p.content.decode())
