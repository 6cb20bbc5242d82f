"""The page that takes files of proof."""

import html

import pytest

from associations.proof.documents import BYTES_MAX
from tests.associations.proof_files import PDF, make_docx

from .steps import page_url, send, text_of, upload

pytestmark = pytest.mark.django_db


def test_good_files_stay_when_others_are_refused(client, draft):
    sent = [upload(), upload("fake.docx", b"MZ"), upload("empty.pdf", b"")]

    answer = send(client, draft, "proof", files=sent)

    page = text_of(answer)
    assert "fake.docx: This file&#x27;s name says DOCX" in page
    assert "empty.pdf: This file is empty." in page
    assert set(draft.documents.values_list("name", flat=True)) == {"proof.pdf", "letter.pdf"} or (
        draft.documents.count() == 1  # the draft's own proof has the same content
    )


def test_a_file_too_large_is_stopped_while_it_arrives(client, draft):
    sent = [upload("huge.pdf", PDF + bytes(BYTES_MAX)), upload("small.pdf", PDF + b"small")]

    answer = send(client, draft, "proof", files=sent)

    assert "huge.pdf: This file is larger than 25 MB." in text_of(answer)
    assert set(draft.documents.values_list("name", flat=True)) == {"proof.pdf", "small.pdf"}


def test_more_files_than_a_claim_holds_are_told_one_by_one(client, draft):
    sent = [upload(f"{number}.pdf", PDF + b"%d" % number) for number in range(23)]

    answer = send(client, draft, "proof", files=sent)

    page = text_of(answer)
    assert draft.documents.count() == 10
    assert page.count("A claim can have up to 10 files.") == 2 * (23 - 9)


def test_the_proof_page_adds_removes_and_asks_for_one(client, draft):
    send(client, draft, "proof", action="add", files=[upload("more.docx", make_docx())])
    assert client.get(page_url(draft, "proof")).context["documents"].__len__() == 2
    for document in draft.documents.all():
        send(client, draft, "proof", action="", withdraw=str(document.key))
    send(client, draft, "proof", action="", withdraw="nonsense")

    answer = send(client, draft, "proof")

    assert "Add at least one file that proves the work." in text_of(answer)
    assert draft.documents.filter(withdrawn_at=None).count() == 0
    assert send(client, draft, "proof", action="leave").url == draft.get_absolute_url()


def test_a_name_that_was_cut_is_said(client, draft):
    sent = [upload("a" * 200 + ".pdf", PDF + b"a"), upload("b%22b%22.pdf", PDF + b"b")]

    answer = send(client, draft, "proof", action="add", files=sent)

    page = html.unescape(text_of(client.get(answer.url)))
    assert f"A file name was too long and has been shortened to “{'a' * 146}.pdf”." in page
    assert page.count("was too long") == 1
    assert 'b"b".pdf' in page
