"""The review queue and the decision page in admin [R15] to [R19]: what they show, do and refuse."""

import itertools

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from associations.claims.history import SYSTEM
from associations.enums import Actor, AssociationStatus, ParkedReason, Status
from associations.filing import comments
from associations.finalisation import parking
from associations.models import Claim, Comment, Contact, SlotHolding
from associations.review import decisions
from notifications.models import Message
from tests import cast
from tests.soak import choose

pytestmark = pytest.mark.django_db

QUEUE = "admin:associations_claim_changelist"
SLUGS = ["begin", "approve", "request", "reject", "decide", "assign", "comment"]
FILED = [status for status in Status if status != Status.EDITING]

#: Action → status it is open in → status it leads to; written out by hand from section 3.
LEADS_TO = {
    "begin": {"submitted": "under-review"},
    "approve": {"under-review": "approved"},
    "request": {"under-review": "action-required"},
    "reject": {"under-review": "rejected"},
    "decide": {"dispute": "approved"},
    "assign": {status.value: status.value for status in FILED},
    "comment": {status.value: status.value for status in FILED},
}


@pytest.fixture
def claim(draft, admin, reviewer):
    return cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)


@pytest.fixture
def staff_client(reviewer):
    return sign_in(reviewer)


def sign_in(user):
    client = Client()
    client.force_login(user)
    return client


def url(name, claim, *more):
    return reverse(f"admin:associations_claim_{name}", args=[claim.pk, *more])


def fill(slug, claim):
    """A form for the action as a reviewer would fill it in."""
    claim.refresh_from_db()
    kept = list(claim.associations.values_list("pk", flat=True))
    extra = {
        "approve": {"keep": kept, "words": "Fine."},
        "request": {"reasons": ["poe-missing"], "message": "Please add the letter."},
        "reject": {"reason": "insufficient-poe", "words": "Not signed."},
        "decide": {"decision": "accept", "keep": kept, "words": "You are right."},
        "comment": {"text": f"Hello to {claim.status}."},
    }
    return {"revision": claim.revision, **extra.get(slug, {})}


def snapshot(claim):
    fresh = Claim.objects.get(pk=claim.pk)
    facts = (fresh.status, fresh.revision, fresh.history_length, fresh.assigned_to_id)
    statuses = sorted(fresh.associations.values_list("pk", "status"))
    return facts, statuses, Message.objects.count(), Comment.objects.count()


def text_of(response):
    return " ".join(response.content.decode().split())


# --- Who may -------------------------------------------------------------------------------------


def make_actor(role, claim):
    """A person who must not act: their client, and what it gets."""
    if role == "anonymous":
        return Client()
    if role == "partner admin":
        return sign_in(cast.make_member(claim.partner))
    if role == "plain staff":
        return sign_in(cast.UserFactory(is_staff=True))
    if role == "staff of the partner":
        insider = cast.make_reviewer()
        return sign_in(cast.make_member(claim.partner, user=insider))
    root = get_user_model().objects.create_superuser("root@northwind.example", "x")
    return sign_in(cast.make_member(claim.partner, user=root))


OUTSIDERS = {
    "anonymous": 302,
    "partner admin": 302,
    "plain staff": 403,
    "staff of the partner": 403,
    "superuser of the partner": 403,
}


@pytest.mark.parametrize("role", OUTSIDERS)
def test_an_action_is_refused_in_every_status(claim, role, subtests):
    client = make_actor(role, claim)

    for slug, status in choose(itertools.product(SLUGS, FILED), one_in=3):
        with subtests.test(slug=slug, status=status), cast.undone():
            Claim.objects.filter(pk=claim.pk).update(status=status)
            before = snapshot(claim)
            answer = client.post(url(slug, claim), fill(slug, claim))

            assert answer.status_code == OUTSIDERS[role]
            assert snapshot(claim) == before


@pytest.mark.parametrize("slug", SLUGS)
def test_a_reviewer_acts_where_the_lifecycle_allows_it_and_nowhere_else(claim, slug):
    reviewer = cast.make_reviewer()
    client = sign_in(reviewer)

    for status in FILED:
        Claim.objects.filter(pk=claim.pk).update(status=status, assigned_to=None)
        before = snapshot(claim)
        answer = client.post(url(slug, claim), fill(slug, claim))

        if status in LEADS_TO[slug]:
            assert (answer.status_code, answer["Location"]) == (302, url("change", claim))
            assert Claim.objects.get(pk=claim.pk).status == LEADS_TO[slug][status]
            assert snapshot(claim) != before
        else:
            assert answer.status_code == 409, status
            assert "cannot" in text_of(answer)
            assert snapshot(claim) == before


@pytest.mark.parametrize("role", ["anonymous", "partner admin", "plain staff"])
def test_no_address_of_ours_shows_anything_to_others(claim, role):
    decisions.approve_claim(claim, actor=cast.make_reviewer(), now=timezone.now())
    cast.deliver_notices(claim)
    client = make_actor(role, claim)
    addresses = [reverse(QUEUE), url("change", claim), url("history", claim)]
    addresses += [url(slug, claim) for slug in SLUGS]
    addresses += [url("notice", claim, claim.notices.get().pk)]

    for address in addresses:
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code == OUTSIDERS[role], address
            assert claim.reference not in answer.content.decode()


def test_anonymous_visitors_are_sent_to_the_one_sign_in_page(claim):
    client = Client()
    address = url("change", claim)

    answer = client.get(address, follow=True)

    assert [step for step, _status in answer.redirect_chain] == [
        f"/admin/login/?next={address}",
        f"/accounts/login/?next={address.replace('/', '%2F')}",
    ]


def test_a_partners_member_is_refused_by_the_admins_sign_in(admin, claim):
    answer = sign_in(admin).get(url("change", claim), follow=True)

    assert answer.status_code == 403


def test_signing_out_of_admin_leads_to_the_sign_in_page(staff_client):
    answer = staff_client.post(reverse("admin:logout"))

    assert answer["Location"] == reverse("account_login")
    assert "_auth_user_id" not in staff_client.session


@pytest.mark.parametrize("slug", ["add", "delete"])
def test_claims_are_neither_added_nor_deleted_in_admin(claim, slug):
    root = get_user_model().objects.create_superuser("root@northwind.example", "x")
    args = [] if slug == "add" else [claim.pk]
    address = reverse(f"admin:associations_claim_{slug}", args=args)

    for answer in (sign_in(root).get(address), sign_in(root).post(address, {"post": "yes"})):
        assert answer.status_code == 403
    assert Claim.objects.filter(pk=claim.pk).exists()


def test_the_decision_page_takes_no_post(claim, staff_client):
    before = snapshot(claim)

    answer = staff_client.post(url("change", claim), {"status": "official", "name": "Mine"})

    assert answer.status_code == 405
    assert snapshot(claim) == before


@pytest.mark.parametrize("slug", ["begin", "assign", "comment"])
def test_actions_without_a_form_of_their_own_take_no_get(claim, staff_client, slug):
    before = snapshot(claim)

    assert staff_client.get(url(slug, claim)).status_code == 405
    assert snapshot(claim) == before


@pytest.mark.parametrize("slug", ["approve", "request", "reject", "decide"])
def test_opening_a_form_changes_nothing(claim, staff_client, slug):
    Claim.objects.filter(pk=claim.pk).update(
        status="dispute" if slug == "decide" else "under-review"
    )
    before = snapshot(claim)

    answer = staff_client.get(url(slug, claim))

    assert answer.status_code == 200
    assert 'id="decide"' in text_of(answer)
    assert snapshot(claim) == before


def test_drafts_are_not_there_for_staff(draft, staff_client):
    for address in [url("change", draft), *(url(slug, draft) for slug in SLUGS)]:
        assert staff_client.get(address).status_code == 404
        assert staff_client.post(address).status_code == 404
    page = staff_client.get(reverse(QUEUE), {"status": "all"})
    assert draft.reference not in text_of(page)


# --- What is sent --------------------------------------------------------------------------------


def test_products_that_are_not_kept_are_excluded(claim, staff_client):
    teams, exchange = (
        claim.associations.get(product__code=c) for c in ("teams", "exchange-online")
    )

    staff_client.post(url("approve", claim), {**fill("approve", claim), "keep": [exchange.pk]})

    teams.refresh_from_db()
    exchange.refresh_from_db()
    assert (teams.status, exchange.status) == (
        AssociationStatus.EXCLUDED,
        AssociationStatus.PROPOSED,
    )


def test_a_product_of_another_claim_cannot_be_slipped_in(claim, staff_client, partner, admin):
    other = cast.make_draft(partner, admin, cast.make_tenant("other.example"))
    stranger = other.associations.first()
    before = snapshot(claim)

    answer = staff_client.post(
        url("approve", claim), {**fill("approve", claim), "keep": [stranger.pk]}
    )

    assert answer.status_code == 400
    assert snapshot(claim) == before


@pytest.mark.parametrize(
    ("slug", "empty", "words"),
    [
        ("approve", "keep", "Keep at least one product, or reject the claim."),
        ("request", "reasons", "Select at least one reason."),
        ("request", "message", "Tell the partner what you need."),
        ("reject", "reason", "Choose one of the reasons for a rejection."),
        ("reject", "words", "Tell the partner why."),
        ("decide", "decision", "Choose a decision."),
        ("decide", "keep", "Keep at least one product, or reject the dispute."),
        ("comment", "text", "Enter a comment."),
    ],
)
def test_what_is_missing_is_named_and_what_was_typed_is_kept(
    claim, staff_client, slug, empty, words
):
    status = "dispute" if slug == "decide" else "under-review"
    Claim.objects.filter(pk=claim.pk).update(status=status)
    data = {name: value for name, value in fill(slug, claim).items() if name != empty}
    before = snapshot(claim)

    answer = staff_client.post(url(slug, claim), data)

    page = text_of(answer)
    typed = [value for name, value in data.items() if name in ("words", "message")]
    assert answer.status_code == 400
    assert words in page
    assert all(value in page for value in typed)
    assert snapshot(claim) == before


def test_a_dispute_can_be_turned_down(draft, admin, reviewer, staff_client):
    disputed = cast.walk(draft, Status.DISPUTE, actor=admin, reviewer=reviewer)
    data = {**fill("decide", disputed), "decision": "turn-down"}

    staff_client.post(url("decide", disputed), data)

    assert Claim.objects.get(pk=disputed.pk).status == Status.REJECTED_FINAL


def test_the_page_of_a_dispute_shows_why_the_partner_disputes(draft, admin, reviewer, staff_client):
    disputed = cast.walk(draft, Status.DISPUTE, actor=admin, reviewer=reviewer)
    why = disputed.events.order_by("number").last().reason

    panel = text_of(staff_client.get(url("change", disputed))).partition('id="said-title"')[2]

    assert why
    assert why in panel.partition("</section>")[0]


def test_the_reasons_asked_for_reach_the_partner(claim, staff_client, admin):
    data = {**fill("request", claim), "reasons": ["dates-missing", "product-missing"]}

    staff_client.post(url("request", claim), data)

    mail = Message.objects.get(kind="claim_action_required")
    assert mail.to_address == admin.email
    assert "Dates missing or too old" in mail.context["reasons"]
    assert "Product missing from the proof" in mail.context["reasons"]
    assert mail.context["words"] == "Please add the letter."


def test_a_comment_reaches_the_partner(claim, staff_client, admin, reviewer):
    staff_client.post(url("comment", claim), {"text": "Which page?"})

    comment = claim.comments.get()
    assert (comment.author, comment.side, comment.text) == (reviewer, Actor.STAFF, "Which page?")
    assert Message.objects.get(kind="comment_for_partner").to_address == admin.email


def test_a_stale_form_keeps_the_words_and_shows_the_claim_as_it_is_now(claim, staff_client):
    typed = {**fill("reject", claim), "words": "The letter is not signed at all."}
    Claim.objects.filter(pk=claim.pk).update(revision=claim.revision + 5)
    before = snapshot(claim)

    answer = staff_client.post(url("reject", claim), typed)

    page = text_of(answer)
    assert answer.status_code == 409
    assert "This claim was changed after you opened the page" in page
    assert "The letter is not signed at all." in page
    assert f'name="revision" value="{claim.revision + 5}"' in page
    assert snapshot(claim) == before


@pytest.fixture
def click_twice(draft, admin, reviewer, staff_client):
    """A function that sends an action's form, and sends it again with what is ``changed``."""

    def click(slug, **changed):
        status = Status(next(iter(LEADS_TO[slug])))
        claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)
        form = fill(slug, claim)
        assert staff_client.post(url(slug, claim), form).status_code == 302
        before = snapshot(claim)
        second = staff_client.post(url(slug, claim), form | changed)
        assert snapshot(claim) == before
        return claim, second

    return click


@pytest.mark.parametrize("slug", ["begin", "approve", "request", "reject", "decide"])
def test_a_second_click_changes_nothing_and_leads_where_the_first_did(click_twice, slug):
    claim, second = click_twice(slug)

    assert second["Location"] == url("change", claim)
    assert Message.objects.filter(kind="customer_notice").count() <= 1


@pytest.mark.parametrize(
    ("slug", "changed"),
    [
        ("approve", {"words": "Fine, but late."}),
        ("request", {"reasons": ["dates-missing"]}),
        ("reject", {"reason": "products-missing"}),
        ("decide", {"decision": "turn-down"}),
    ],
)
def test_another_decision_than_the_one_made_is_refused_in_words(click_twice, slug, changed):
    _claim, second = click_twice(slug, **changed)

    assert second.status_code == 409
    assert "This claim was changed after you opened the page" in text_of(second) or (
        "This cannot be done while the claim is" in text_of(second)
    )


def test_leaving_a_product_out_after_the_approval_is_no_second_click(click_twice, draft):
    _claim, second = click_twice("approve", keep=[draft.associations.all()[0].pk])

    assert second.status_code == 409


def test_the_same_decision_by_a_colleague_is_no_second_click(claim, staff_client):
    form = fill("approve", claim)
    staff_client.post(url("approve", claim), form)

    answer = sign_in(cast.make_reviewer()).post(url("approve", claim), form)

    assert answer.status_code == 409
    assert "Fine." in text_of(answer)


# --- The decision page ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", FILED)
def test_only_what_is_allowed_now_is_offered(claim, status):
    Claim.objects.filter(pk=claim.pk).update(status=status)
    client = sign_in(cast.make_reviewer())

    page = text_of(client.get(url("change", claim)))

    for slug in SLUGS:
        offered = url(slug, claim) in page
        assert offered is (status in LEADS_TO[slug]), slug


def test_ones_own_partners_claim_shows_why_and_no_buttons(claim):
    insider = cast.make_reviewer()
    cast.make_member(claim.partner, user=insider)

    page = text_of(sign_in(insider).get(url("change", claim)))

    assert "You are a member of this claim&#x27;s partner" in page
    assert not any(url(slug, claim) in page for slug in SLUGS)


def test_the_page_tells_whose_turn_it_is_until_when(claim, staff_client):
    page = text_of(staff_client.get(url("change", claim)))

    assert "(Los Angeles time)" in page
    assert "With you" in page


def test_the_page_holds_what_a_decision_needs(partner, admin, reviewer, staff_client):
    tenant = cast.make_tenant("adventure.example", name="Adventure Works")
    draft = cast.make_draft(partner, admin, tenant, codes=("sales",), activity="presales-usage")
    claim = cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)
    subscription = claim.associations.get().subscription
    comments.add_comment(
        claim, actor=admin, side=Actor.PARTNER, text="Signed by the new CIO.", now=timezone.now()
    )

    page = text_of(staff_client.get(url("change", claim)))

    for words in (
        *("Adventure Works", "adventure.example", str(tenant.tenant_id)),
        *(partner.name, claim.location.partner_code, "OSA Sell", "OSU-Business Applications"),
        *(str(subscription.subscription_id), "Volume licensing", "100 seats"),
        *("Carla Cliente", "Tadeu Técnico", "Signed by the new CIO.", "Submitted → Under review"),
    ):
        assert words in page


def test_a_contact_outside_the_tenants_domains_is_marked(claim, staff_client):
    warning = "This address is outside the customer's domains"
    before = text_of(staff_client.get(url("change", claim)))

    Contact.objects.filter(claim=claim, role="customer").update(email="carla@mail.example")
    after = text_of(staff_client.get(url("change", claim)))

    assert warning not in before
    assert after.count(warning) == 1


def test_proof_is_shown_by_its_kind(claim, admin, staff_client):
    pdf = claim.documents.get()
    image = cast.add_document(claim, admin, "photo.png", b"\x89PNG")
    sheet = cast.add_document(claim, admin, "list.xlsx", b"PK")
    address = url("change", claim)

    def shown(document):
        return text_of(staff_client.get(address, {"document": str(document.key)}))

    assert f'<object class="proof-object" data="/files/{pdf.key}/?inline=1' in shown(pdf)
    assert f'<img src="/files/{image.key}/?inline=1"' in shown(image)
    assert "Files of this type can't be shown here." in shown(sheet)


def test_proof_of_another_claim_is_not_opened(claim, partner, admin, staff_client):
    other = cast.make_draft(partner, admin, cast.make_tenant("other.example"))
    stranger = other.documents.get()

    page = text_of(staff_client.get(url("change", claim), {"document": str(stranger.key)}))

    assert f"/files/{stranger.key}/" not in page


def test_competing_claims_are_named_for_staff(claim, reviewer, staff_client):
    rival_partner = cast.make_partner("Rival Consulting")
    rival_admin = cast.make_member(rival_partner)
    rival = cast.make_draft(rival_partner, rival_admin, claim.tenant)
    rival = cast.walk(rival, Status.SUBMITTED, actor=rival_admin, reviewer=reviewer)

    page = text_of(staff_client.get(url("change", claim)))

    assert "Competing claims" in page
    assert rival.reference in page
    assert "Rival Consulting" in page


def test_parked_products_are_shown_with_their_reason(claim, staff_client):
    decisions.approve_claim(claim, actor=cast.make_reviewer(), now=timezone.now())
    claim.refresh_from_db()
    product = claim.associations.first()
    holder = cast.PartnerFactory(name="Holder Ltd")
    SlotHolding.objects.create(slot_key=product.slot_key, partner=holder, held_since=timezone.now())
    parking.park(claim, {product: ParkedReason.SLOT_HELD}, by=SYSTEM, now=timezone.now())

    page = text_of(staff_client.get(url("change", claim)))

    assert "On hold: could not become official" in page
    assert "Another partner is already official for this product (Holder Ltd)" in page


def test_a_notice_is_shown_as_sent_without_the_key_of_its_link(claim, staff_client):
    decisions.approve_claim(claim, actor=cast.make_reviewer(), now=timezone.now())
    notice = claim.notices.get()
    notice.subject, notice.text = "About Teams", f"Refuse at /opt-out/{notice.token}/"
    notice.html = f'<a style="color: red" href="/opt-out/{notice.token}/">Refuse</a>'
    notice.save()

    page = text_of(staff_client.get(url("change", claim)))
    frame = staff_client.get(url("notice", claim, notice.pk))

    assert "Refuse at /opt-out/" in page
    assert 'style="color: red"' in frame.content.decode()
    assert notice.token not in page + frame.content.decode()
    assert frame["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert frame["X-Frame-Options"] == "SAMEORIGIN"


def test_a_notice_of_another_claim_is_not_there(claim, draft, partner, admin, reviewer):
    other = cast.make_draft(partner, admin, cast.make_tenant("other.example"))
    other = cast.walk(other, Status.APPROVED, actor=admin, reviewer=reviewer)

    answer = sign_in(reviewer).get(url("notice", claim, other.notices.get().pk))

    assert answer.status_code == 404


@pytest.fixture
def contested(draft):
    """Another partner, with an official claim on the first product and an open one on the other.

    Ask for it before ``claim``, or a mediation about the first product comes before its approval.
    """
    partner = cast.make_partner("Rival Consulting")
    actor = cast.make_member(partner)
    for code, status in (("teams", Status.OFFICIAL), ("exchange-online", Status.SUBMITTED)):
        rival = cast.make_draft(partner, actor, draft.tenant, codes=[code])
        cast.walk(rival, status, actor=actor, reviewer=cast.make_reviewer())
    return partner


def test_approving_warns_of_what_others_hold_or_ask_for(contested, claim, staff_client):
    page = text_of(staff_client.get(url("approve", claim)))

    assert "Rival Consulting holds Teams." in page
    assert "Rival Consulting has also requested Exchange Online." in page
    assert "only once its mediation is decided for this claim" in page
    assert 'id="contest-warning"' not in text_of(staff_client.get(url("reject", claim)))


def test_without_a_rival_approving_warns_of_nothing(claim, staff_client):
    assert 'id="contest-warning"' not in text_of(staff_client.get(url("approve", claim)))


@pytest.mark.parametrize("side", ["own", "rival"])
def test_members_of_either_side_see_no_contest_and_decide_nothing(contested, claim, side):
    reviewer = cast.make_reviewer()
    cast.make_member(claim.partner if side == "own" else contested, user=reviewer)
    client = sign_in(reviewer)

    page = text_of(client.get(url("change", claim)))
    form = client.get(url("approve", claim))
    sent = client.post(url("approve", claim), fill("approve", claim))

    assert "Competing claims" not in page
    assert "Rival Consulting" not in page
    assert "so some" in page  # body or one else must review it
    assert (form.status_code, sent.status_code) == (403, 403)
    with pytest.raises(decisions.ReviewerHasStake):
        decisions.approve_claim(claim, actor=reviewer, now=timezone.now())
