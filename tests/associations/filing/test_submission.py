"""What is told and looked at again as a claim is submitted [R10], [R14], [R18]."""

import pytest
from django.utils import timezone

from associations.enums import Actor, ContactRole, Status
from associations.filing import completeness, contacts, submission
from associations.filing.comments import add_comment
from associations.models import Claim
from notifications.models import Message
from notifications.words.rendering import render
from partners.enums import Role
from partners.models import PartnerDomain
from tests import cast
from tests.associations.filing.steps import page_url

pytestmark = pytest.mark.django_db
KIND = "comment_for_staff"


class TestComments:
    def test_one_sent_with_the_submission_is_told_to_staff(self, draft, admin):
        submission.submit_claim(
            draft, actor=admin, comment="The letter is on page 2.", now=timezone.now()
        )

        mail = Message.objects.get(kind=KIND)
        assert mail.context["author"] == str(admin)
        assert "The letter is on page 2." in render(mail).text
        assert f"/associations/claim/{draft.pk}/" in mail.context["url"]

    def test_those_left_on_the_draft_are_told_in_the_same_mail(self, draft, admin, partner):
        colleague = cast.make_member(partner, Role.INCENTIVES_USER, full_name="Carl Colleague")
        add_comment(
            draft, actor=colleague, side=Actor.PARTNER, text="Ask for Carla.", now=timezone.now()
        )
        assert not Message.objects.filter(kind=KIND).exists()

        submission.submit_claim(
            draft, actor=admin, comment="The letter is on page 2.", now=timezone.now()
        )

        mail = Message.objects.get(kind=KIND)
        assert mail.context["author"] == f"Carl Colleague, {admin}"
        words = render(mail).text
        assert words.index("Ask for Carla.") < words.index("The letter is on page 2.")

    def test_a_double_click_tells_once(self, draft, admin):
        for _ in range(2):
            submission.submit_claim(
                draft, actor=admin, comment="The letter is on page 2.", now=timezone.now()
            )

        assert Message.objects.filter(kind=KIND).count() == 1
        assert draft.comments.count() == 1

    def test_without_a_comment_nothing_is_told(self, draft, admin):
        submission.submit_claim(draft, actor=admin, now=timezone.now())

        assert not Message.objects.filter(kind=KIND).exists()

    def test_a_later_comment_is_told_by_itself(self, draft, admin):
        submission.submit_claim(
            draft, actor=admin, comment="The letter is on page 2.", now=timezone.now()
        )

        add_comment(
            draft, actor=admin, side=Actor.PARTNER, text="And on page 3.", now=timezone.now()
        )

        texts = Message.objects.filter(kind=KIND).order_by("pk")
        assert [mail.context["text"] for mail in texts] == [
            "The letter is on page 2.",
            "And on page 3.",
        ]

    def test_a_submission_that_fails_tells_nothing(self, draft, admin):
        add_comment(
            draft, actor=admin, side=Actor.PARTNER, text="Ask for Carla.", now=timezone.now()
        )
        draft.documents.all().delete()

        with pytest.raises(completeness.ClaimIncomplete):
            submission.submit_claim(draft, actor=admin, comment="Now.", now=timezone.now())

        assert not Message.objects.filter(kind=KIND).exists()


def test_withdrawn_files_are_no_proof(draft, admin):
    draft.documents.update(withdrawn_at=timezone.now())

    with pytest.raises(completeness.ClaimIncomplete) as incomplete:
        submission.submit_claim(draft, actor=admin, now=timezone.now())

    assert set(incomplete.value.missing) == {"proof"}
    assert Claim.objects.get(pk=draft.pk).is_draft


class TestCustomerContacts:
    """A partner's domains change while a draft waits."""

    @pytest.fixture
    def dynamics(self, partner, admin, tenant):
        return cast.make_draft(partner, admin, tenant, codes=("sales",))

    @pytest.mark.parametrize("role", contacts.CUSTOMER_ROLES)
    def test_one_who_is_at_the_partners_own_domain_by_now_is_refused(
        self, dynamics, admin, partner, role
    ):
        dynamics.contacts.filter(role=role).update(email="vera@new.example")
        PartnerDomain.objects.create(partner=partner, domain="new.example")

        with pytest.raises(completeness.ClaimIncomplete) as caught:
            submission.submit_claim(dynamics, actor=admin, now=timezone.now())

        assert list(caught.value.missing) == ["contacts"]
        assert "vera@new.example is at one of your own" in str(caught.value.missing["contacts"])
        assert Claim.objects.get(pk=dynamics.pk).status == Status.EDITING

    def test_one_with_the_address_of_the_partners_contact_is_refused(self, draft, admin):
        mine = draft.contacts.get(role=ContactRole.PARTNER).email
        draft.contacts.filter(role=ContactRole.CUSTOMER).update(email=mine.upper())

        assert "your own contact's address" in str(
            completeness.find_missing(draft, now=timezone.now())["contacts"]
        )

    def test_the_review_page_names_the_contact(self, client, draft, admin, partner):
        PartnerDomain.objects.create(partner=partner, domain="fabrikam.example")
        client.force_login(admin)

        page = client.get(page_url(draft, "review")).text

        assert "carla@fabrikam.example is at one of your own" in page

    def test_an_answer_is_refused_until_it_is_mended(self, draft, admin, partner, reviewer):
        claim = cast.walk(draft, Status.ACTION_REQUIRED, actor=admin, reviewer=reviewer)
        PartnerDomain.objects.create(partner=partner, domain="fabrikam.example")

        with pytest.raises(completeness.ClaimIncomplete) as caught:
            submission.answer_request(claim, actor=admin, answer="On page 2.", now=timezone.now())

        assert list(caught.value.missing) == ["contacts"]

    @pytest.mark.parametrize("status", [Status.UNDER_REVIEW, Status.OFFICIAL])
    def test_a_claim_that_cannot_be_edited_is_not_asked_again(
        self, draft, admin, partner, reviewer, status
    ):
        claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)
        PartnerDomain.objects.create(partner=partner, domain="fabrikam.example")

        assert "contacts" not in completeness.find_missing(claim, now=timezone.now())

    def test_someone_left_behind_by_another_choice_of_work_does_not_count(self, draft, admin):
        draft.contacts.create(role=ContactRole.TECHNICAL, name="T", email=admin.email)

        assert (
            submission.submit_claim(draft, actor=admin, now=timezone.now()).status
            == Status.SUBMITTED
        )
