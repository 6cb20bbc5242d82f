"""Internal notes: for staff without a stake, and for no one else anywhere [R63], [R19]."""

import csv
import datetime as dt
import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from associations.enums import Actor, Status
from associations.filing import comments
from associations.models import Claim, InternalNote
from associations.review import notes
from associations.review.decisions import ReviewerHasStake
from notifications.models import Message
from partners.staff_groups import DATA_LOADER, PROGRAMME_MANAGER, REVIEW_LEAD, SUPPORT
from tests import cast

pytestmark = pytest.mark.django_db

WORDS = "Compare this with last year's letter."


@pytest.fixture
def claim(draft, admin, reviewer):
    return cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)


@pytest.fixture
def note(claim, reviewer):
    return notes.add_note(claim, actor=reviewer, text=WORDS, now=timezone.now())


def sign_in(user):
    client = Client()
    client.force_login(user)
    return client


def page_of(claim):
    return reverse("admin:associations_claim_change", args=[claim.pk])


def address_of(claim):
    return reverse("admin:associations_claim_note", args=[claim.pk])


def test_a_reviewer_adds_a_note_and_no_one_is_told(claim, reviewer):
    before = Claim.objects.get(pk=claim.pk)
    emails = Message.objects.count()

    answer = sign_in(reviewer).post(address_of(claim), {"text": WORDS}, follow=True)

    note = InternalNote.objects.get()
    after = Claim.objects.get(pk=claim.pk)
    assert (note.claim, note.author, note.text) == (claim, reviewer, WORDS)
    assert (after.revision, after.history_length) == (before.revision, before.history_length)
    assert Message.objects.count() == emails
    assert WORDS.replace("'", "&#x27;") in answer.content.decode()
    assert "Only staff can see it." in answer.content.decode()


def test_a_note_without_words_is_refused(claim, reviewer):
    answer = sign_in(reviewer).post(address_of(claim), {"text": "  "})

    assert answer.status_code == 400
    assert "Enter a note." in answer.content.decode()
    assert not InternalNote.objects.exists()


def test_a_note_that_is_too_long_is_refused_and_kept(claim, reviewer):
    answer = sign_in(reviewer).post(address_of(claim), {"text": "a" * 5001})

    assert answer.status_code == 400
    assert "a" * 5001 in answer.content.decode()
    assert not InternalNote.objects.exists()


def test_a_second_click_adds_nothing(claim, reviewer):
    now = timezone.now()
    first = notes.add_note(claim, actor=reviewer, text=WORDS, now=now)

    second = notes.add_note(claim, actor=reviewer, text=WORDS, now=now + dt.timedelta(seconds=2))
    later = notes.add_note(claim, actor=reviewer, text=WORDS, now=now + dt.timedelta(minutes=2))

    assert second == first
    assert later != first


def test_a_note_is_never_changed(note):
    note.text = "Something else"

    with pytest.raises(TypeError, match="append-only"):
        note.save()


def test_who_reads_claims_reads_notes_and_reviewers_write_them(claim, note):
    for groups, writes in (
        ((), True),
        ((SUPPORT,), False),
        ((REVIEW_LEAD,), False),
    ):
        person = cast.make_staff(*groups) if groups else cast.make_reviewer()
        client = sign_in(person)
        page = client.get(page_of(claim)).content.decode()
        assert "last year" in page, groups
        assert (f'action="{address_of(claim)}' in page) is writes
        answer = client.post(address_of(claim), {"text": "Mine."})
        assert answer.status_code == (302 if writes else 403)


@pytest.mark.parametrize("group", [PROGRAMME_MANAGER, DATA_LOADER])
def test_other_staff_get_nothing(claim, note, group):
    client = sign_in(cast.make_staff(group))

    for answer in (client.get(page_of(claim)), client.post(address_of(claim), {"text": "Mine."})):
        assert answer.status_code == 403
        assert "last year" not in answer.content.decode()
    assert InternalNote.objects.count() == 1


@pytest.mark.parametrize("side", ["own", "rival"])
def test_staff_with_a_stake_neither_see_nor_write_notes(claim, note, side):
    person = cast.make_reviewer()
    partner = claim.partner
    if side == "rival":
        partner = cast.make_partner("Rival Consulting")
        actor = cast.make_member(partner)
        rival = cast.make_draft(partner, actor, claim.tenant, codes=["teams"])
        cast.walk(rival, Status.SUBMITTED, actor=actor, reviewer=cast.make_reviewer())
    cast.make_member(partner, user=person)
    client = sign_in(person)

    page = client.get(page_of(claim)).content.decode()
    sent = client.post(address_of(claim), {"text": "Mine."})

    assert "last year" not in page
    assert 'id="notes"' not in page
    assert sent.status_code == 403
    with pytest.raises(ReviewerHasStake):
        notes.add_note(claim, actor=person, text="Mine.", now=timezone.now())
    assert InternalNote.objects.count() == 1


def test_a_partner_sees_notes_on_no_page_in_no_file_and_in_no_email(claim, note, admin, reviewer):
    comments.add_comment(
        claim, actor=reviewer, side=Actor.STAFF, text="A comment.", now=timezone.now()
    )
    client = sign_in(admin)
    key = claim.partner.key
    export = client.get(f"/p/{key}/claims/export.csv")
    rows = list(csv.reader(io.StringIO(b"".join(export.streaming_content).decode())))

    shown = [
        client.get(claim.get_absolute_url()).content.decode(),
        client.get(f"/p/{key}/").content.decode(),
        client.get(f"/p/{key}/claims/").content.decode(),
        client.get(f"/p/{key}/search/?q=compare").content.decode(),
        str(rows),
        *(str(each.context) for each in Message.objects.all()),
    ]

    assert "A comment." in shown[0]
    assert not [each for each in shown if "last year" in each or "Only staff" in each]
    assert client.get(page_of(claim)).status_code == 302
    assert client.post(address_of(claim), {"text": "Mine."}).status_code == 302
    assert InternalNote.objects.count() == 1


def test_notes_and_comments_are_told_apart_on_the_page(claim, note, admin, reviewer):
    comments.add_comment(
        claim, actor=admin, side=Actor.PARTNER, text="A comment.", now=timezone.now()
    )

    page = sign_in(reviewer).get(page_of(claim)).content.decode()

    section = page.partition('id="notes"')[2].partition("</section>")[0]
    assert "last year" in section
    assert "Only staff see this" in section
    assert "A comment." not in section
    assert "last year" not in page.partition('id="comments"')[2].partition("</section>")[0]
