"""The decision page in the browser: by keyboard alone, without script, on every width, for every reader [R64]."""

import pytest
from playwright.sync_api import expect

from associations.enums import Status
from associations.models import Claim, InternalNote
from notifications.models import Message
from tests import cast
from tests.associations.emails.test_mails import LANGUAGES
from tests.e2e.axe import look_at, sign_in
from tests.e2e.layout import find_layout_faults
from tests.e2e.steps import follow
from tests.e2e.test_layout import speak

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

#: The name or words of what has the focus.
FOCUSED = """() => {
    const one = document.activeElement;
    return one === document.body ? "" : (one.name || one.innerText || one.id).trim();
}"""


@pytest.fixture
def rita():
    return cast.make_reviewer(email="rita@northwind.example", full_name="Rita Reviewer")


@pytest.fixture
def claims(rita):
    """Three claims of Rita's under review, oldest deadline first; Litware competes for the first."""
    contoso = cast.make_partner("Contoso Consulting International")
    ana = cast.make_member(contoso, email="ana@contoso.example", full_name="Ana Prado")
    made = []
    for number, name in enumerate(("Fabrikam", "Adatum", "Companhia de Telecomunicações")):
        draft = cast.make_draft(contoso, ana, cast.make_tenant(f"c{number}.example", name=name))
        cast.add_document(draft, ana, f"Acceptance letter of {name}, signed.png", b"\x89PNG")
        made.append(cast.walk(draft, Status.UNDER_REVIEW, actor=ana, reviewer=rita))
    litware = cast.make_partner("Litware Integrators")
    lina = cast.make_member(litware, full_name="Lina Lit")
    rival = cast.make_draft(litware, lina, made[0].tenant, codes=["teams"])
    cast.walk(rival, Status.SUBMITTED, actor=lina, reviewer=rita)
    return made


def address(url, claim, page="change"):
    return f"{url}/admin/associations/claim/{claim.pk}/{page}/"


def is_at(page, expected):
    """Is this the page, whatever part of it the address names?"""
    return page.url.partition("#")[0] == expected


def tab_to(page, name, *, at_most=40, key="Tab"):
    """Press Tab until what has this name or these words has the focus."""
    seen = []
    for _ in range(at_most):
        page.keyboard.press(key)
        seen.append(page.evaluate(FOCUSED))
        if seen[-1] == name:
            return
    raise AssertionError(f"{name} was not reached: {seen}")


def test_keys_lead_through_the_queue_and_say_what_they_do(claims, rita, site, page):
    first, second, _third = claims
    url = site().url
    sign_in(page, url, rita)
    page.goto(address(url, first))

    with page.expect_navigation():
        page.keyboard.press("j")
    assert page.url == address(url, second)
    with page.expect_navigation():
        page.keyboard.press("k")
    assert page.url == address(url, first)

    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("j")  # what is behind a dialog is out of reach
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.url == address(url, first)


def test_a_decision_by_keyboard_alone(claims, rita, site, page):
    first, second, _third = claims
    url = site().url
    sign_in(page, url, rita)
    page.goto(address(url, first))

    tab_to(page, "Skip to the decision")
    page.keyboard.press("Enter")
    tab_to(page, "Approve", at_most=2)
    page.evaluate("document.getElementById('tick-dates').focus()")
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.keyboard.press("i")
    message = page.get_by_label("Message to the partner")
    expect(message).to_have_value(
        "Please add or correct the following:\n\n"
        "- The proof doesn't say when the work was done, or the work is older than 12 months."
    )
    expect(page.get_by_label("Dates missing or too old")).to_be_checked()

    page.get_by_label("Teams", exact=True).focus()
    page.keyboard.press("Space")
    expect(message).to_have_value(
        "Please add or correct the following:\n\n"
        "- The proof doesn't show your work for Teams.\n"
        "- The proof doesn't say when the work was done, or the work is older than 12 months."
    )
    expect(page.get_by_label("Product missing from the proof")).to_be_checked()

    message.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" A jar, a card?")
    assert page.url.partition("?")[0] == address(url, first, "request")
    expect(page.locator("#preview")).to_contain_text("A jar, a card?")

    tab_to(page, "step", at_most=2)  # Update the preview
    tab_to(page, "step", at_most=1)  # Draft the message again
    tab_to(page, "Request information")
    tab_to(page, "step", at_most=1)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert is_at(page, address(url, second))
    expect(page.locator(".messagelist")).to_contain_text(f"{first.reference}: The partner has been")
    assert Claim.objects.get(pk=first.pk).status == Status.ACTION_REQUIRED
    email = Message.objects.get(kind="claim_action_required")
    assert email.context["words"].endswith("12 months. A jar, a card?")
    assert "Product missing from the proof" in email.context["reasons"]

    page.keyboard.press("c")
    assert page.evaluate(FOCUSED) == "text"
    page.keyboard.type("jar?")
    expect(page.get_by_label("Your comment")).to_have_value("jar?")
    assert is_at(page, address(url, second))


def test_keys_can_be_switched_off_and_never_act_with_others(claims, rita, site, page):
    first, _second, _third = claims
    url = site().url
    sign_in(page, url, rita)
    page.goto(address(url, first))

    for combined in ("Alt+j", "Control+j", "Meta+j"):
        page.keyboard.press(combined)
    expect(page.get_by_role("button", name="Keys", exact=True)).to_be_visible()
    assert page.url == address(url, first)

    page.goto(f"{url}/accounts/time-zone/")
    page.get_by_label("Use single keys on the decision page").uncheck()
    follow(page, page.get_by_role("button", name="Save", exact=True))
    page.goto(address(url, first))
    for key in ("j", "k", "a", "?"):
        page.keyboard.press(key)
    expect(page.get_by_role("link", name="Keys are off")).to_be_visible()
    assert page.locator("[aria-keyshortcuts]").count() == 0
    assert page.url == address(url, first)


def test_another_file_opens_without_losing_what_was_typed(claims, rita, site, page):
    first = claims[0]
    url = site().url
    sign_in(page, url, rita)
    page.goto(address(url, first, "reject"))
    page.get_by_label("Message to the partner").fill("Half a sentence")
    page.get_by_label("Dates", exact=True).uncheck()

    page.get_by_role("link", name="proof.pdf", exact=True).click()

    tab = page.locator("#proof .file-tabs [aria-current]")
    expect(tab).to_have_text("proof.pdf")
    expect(tab).to_be_focused()
    expect(page.get_by_label("Message to the partner")).to_have_value("Half a sentence")
    expect(page.get_by_label("Dates", exact=True)).not_to_be_checked()
    assert f"document={first.documents.get(name='proof.pdf').key}" in page.url


def test_the_desk_without_script(claims, rita, site, browser):
    first, second, _third = claims
    url = site().url
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, url, rita)
    page.goto(address(url, first))

    page.get_by_label("Signature", exact=True).uncheck()
    follow(page, page.get_by_role("button", name="Request information", exact=True))
    message = page.get_by_label("Message to the partner")
    expect(message).to_contain_text("The customer hasn't signed or acknowledged the proof.")
    page.get_by_label("Teams", exact=True).uncheck()
    follow(page, page.get_by_role("button", name="Draft the message again"))
    expect(message).to_contain_text("your work for Teams")
    expect(page.locator("#preview")).to_contain_text("your work for Teams")

    follow(page, page.get_by_role("link", name="proof.pdf", exact=True))
    expect(page.get_by_label("Signature", exact=True)).not_to_be_checked()
    follow(page, page.get_by_role("link", name="Back to the claim"))
    follow(page, page.get_by_role("link", name="Compare the proof"))
    expect(page.get_by_role("heading", name="Proof of Litware Integrators")).to_be_visible()
    expect(page.get_by_label("Signature", exact=True)).not_to_be_checked()

    follow(page, page.get_by_role("button", name="Reject", exact=True))
    follow(page, page.get_by_role("button", name="Reject and open the next"))
    assert is_at(page, address(url, second))
    assert Claim.objects.get(pk=first.pk).status == Status.REJECTED
    page.get_by_label("Your note").fill("Seen.")
    follow(page, page.get_by_role("button", name="Add note"))
    expect(page.locator("#notes")).to_contain_text("Seen.")
    assert InternalNote.objects.get().claim == second
    context.close()


def test_the_desk_holds_together_and_can_be_used_by_all(claims, rita, site, page):
    first = claims[0]
    rival = Claim.objects.get(partner__name="Litware Integrators").reference
    ticks = "checklist=1&facts=customer&facts=domain"
    url = site().url
    sign_in(page, url, rita)
    faults = []

    for language in LANGUAGES:
        speak(page, url, language)
        for path in (
            f"{address(url, first)}?rival={rival}",
            f"{address(url, first, 'request')}?{ticks}",
            f"{address(url, first, 'approve')}?{ticks}&rival={rival}",
        ):
            assert page.goto(path).status == 200
            faults += find_layout_faults(page, f"{path} in {language}")
            page.set_viewport_size({"width": 1280, "height": 900})
            faults += look_at(page, f"{path} in {language}", part="main")
    page.goto(address(url, first))
    page.keyboard.press("?")
    faults += look_at(page, "the keys")

    assert not faults, "\n".join(faults)
