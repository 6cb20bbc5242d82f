"""What the tests of accessibility share: axe over a page as it is shown, in light and in dark."""

import time

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client

from tests.e2e.steps import follow

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
    "preload": False,
}
#: What alone can differ in another scheme.
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
    "preload": False,
}
GRAVE = {"serious", "critical"}
SCHEMES = {"light": RULES, "dark": COLOURS}
#: The page hears of another scheme with its next frame.
BACKGROUND = """() => new Promise(answer => requestAnimationFrame(() => requestAnimationFrame(() =>
    answer(getComputedStyle(document.body).backgroundColor))))"""


RUN = "([part, rules]) => axe.run(part || document, rules).then(found => found.violations)"


def find_faults(page, rules=RULES, part=None):
    """What axe finds grave on the page as it is shown now, or in a part of it; it has to be loaded there."""
    return [
        f"{rule['id']} at {node['target']}: {node['failureSummary']}"
        for rule in page.evaluate(RUN, [part, rules])
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def look_at(page, name, part=None):
    """The faults of the page, or of a part, in both schemes; dark must be another colour than light."""
    faults, backgrounds = [], set()
    page.evaluate(AXE_SCRIPT)
    for scheme, rules in SCHEMES.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        backgrounds.add(page.evaluate(BACKGROUND))
        faults += [f"{name} in {scheme}: {fault}" for fault in find_faults(page, rules, part)]
    assert len(backgrounds) == len(SCHEMES), f"{name} looks the same in light and in dark"
    return faults


def visit(page, addresses, *, status=200, part=None):
    """Open each address and return the faults of all, or of the same part of each."""
    faults = []
    for address in addresses:
        response = page.goto(address)
        assert response.status == status, f"{address} answers {response.status}"
        assert response.url == address, f"{address} leads on to {response.url}"
        faults += look_at(page, address, part)
    return faults


def look_at_heading(page, heading):
    """The faults of the page one was led to, which has this heading."""
    assert page.locator("h1").inner_text() == heading
    return look_at(page, heading)


def submit(page, selector, *, status):
    """Press a button that brings the page back with errors, and return its faults."""
    answer = follow(page, page.locator(selector))
    assert (answer.request.method, answer.status) == ("POST", status)
    return look_at(page, f"{page.url} with errors")


def sign_in(page, url, person):
    """Give the browser a session of the person, begun just now; signing in itself is not looked at here."""
    client = Client()
    client.force_login(person)
    session = client.session
    if not person.is_staff:
        password = {"method": "password", "at": time.time(), "reauthenticated": True}
        session["account_authentication_methods"] = [password]
        session["account_authentication_methods_user"] = str(person.pk)
        session.save()
    key = session.session_key
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": url}])
