"""Every import in the browser, with the files of the demo: both languages, every width, with and without script."""

import pytest
from django.conf import settings
from django.utils import timezone

from cpor_site.demo import files
from tests.e2e.axe import look_at
from tests.e2e.layout import find_layout_faults
from tests.e2e.steps import follow
from tests.servers.demo import Demo

pytestmark = [pytest.mark.e2e]

#: Who imports what, in the order in which a site is opened; how many rows are good.
BY_STAFF = (("partners", 4), ("people", 1), ("customers", 3), ("subscriptions", 3), ("usage", 1))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("imports") / "data"
    folder.mkdir()
    demo = Demo(folder).start()
    yield demo
    demo.stop()


@pytest.fixture
def open_page(browser, demo):
    """Return a page of the demo for a person, in a language, with or without script."""
    contexts = []

    def open_as(name, language, *, has_script):
        context = browser.new_context(java_script_enabled=has_script)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{demo.url}/demo/")
        follow(page, page.get_by_role("button", name=name))
        # Signing in in the demo chooses the person's own language.
        cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": demo.url}
        context.add_cookies([cookie])
        return page

    yield open_as
    for context in contexts:
        context.close()


class Look:
    """Gathers the faults of pages; without script nothing can be measured."""

    def __init__(self, page, *, has_script):
        self.page, self.has_script, self.faults = page, has_script, []

    def at(self, name):
        if self.has_script:
            self.faults += find_layout_faults(self.page, name)
            self.page.set_viewport_size({"width": 1280, "height": 900})
            self.faults += look_at(self.page, name)


def choose(page, demo, code, form):
    """Put a file of the demo into the page's field, as its tour offers it."""
    content = page.request.get(f"{demo.url}/demo/files/{code}.{form}").body()
    page.locator("[name=file]").set_input_files(
        {"name": f"{code}.{form}", "mimeType": "application/octet-stream", "buffer": content}
    )


def count(page):
    """New, changed, unchanged and wrong rows, as the report shows them."""
    return tuple(int(each) for each in page.locator(".import-counts dd").all_inner_texts())


def wait_until_checked(page):
    """The report refreshes by itself, without script too, until a worker has done its part."""
    for _ in range(120):
        if not page.locator("progress").count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(page.locator("main").inner_text())


@pytest.mark.parametrize(
    "language, has_script, form", [("en", True, "xlsx"), ("pt-br", False, "csv")]
)
def test_staff_import_every_table(open_page, demo, language, has_script, form):
    page = open_page("Sofia Almeida", language, has_script=has_script)
    look = Look(page, has_script=has_script)

    for code, good in BY_STAFF:
        page.goto(f"{demo.url}/admin/associations/importfile/new/{code}/")
        look.at(f"{code}: upload")
        choose(page, demo, code, form)
        follow(page, page.locator("#content form button[type=submit]"))
        bad = len(files.list_rows(code, today=timezone.localdate())) - good
        first, again = (good, 0, 0, bad), (0, 0, good, bad)
        assert count(page) == (first if form == "xlsx" else again), code
        assert page.locator("#bad-rows").count() == bool(bad)
        look.at(f"{code}: preview")
        if page.locator("form[action$='/import/']").count():
            follow(page, page.locator("form[action$='/import/'] button"))
            assert count(page) == first
            look.at(f"{code}: report")
        elif code != "usage":
            follow(page, page.locator("form[action$='/discard/'] button"))

    page.goto(f"{demo.url}/admin/associations/importfile/add/")
    look.at("what to import")
    assert not look.faults, "\n".join(look.faults)


@pytest.mark.parametrize(
    "language, has_script, form", [("pt-br", True, "csv"), ("en", False, "xlsx")]
)
def test_a_partner_files_claims_from_a_file(open_page, demo, language, has_script, form):
    page = open_page("Ana Ruiz", language, has_script=has_script)
    look = Look(page, has_script=has_script)
    home = page.url.removesuffix("/")

    page.goto(f"{home}/claims/import/")
    look.at("claims: upload")
    choose(page, demo, "claims", form)
    follow(page, page.locator("form[enctype] button[type=submit]"))
    wait_until_checked(page)
    is_first = form == "csv"
    # The first person discarded one draft, which can be made again; the others are not made twice.
    assert count(page) == ((3, 0, 0, 1) if is_first else (1, 0, 2, 1))
    look.at("claims: preview")
    if is_first:
        follow(page, page.locator("form[action$='/import/'] button"))
        wait_until_checked(page)
        assert count(page) == (3, 0, 0, 1)
        look.at("claims: report")

    page.goto(f"{home}/claims/drafts/")
    look.at("drafts")
    boxes = page.locator(".draft-table [name=claim]")
    for number in range(2):
        boxes.nth(number).check()
    follow(page, page.locator("[formaction$='/drafts/submit/']"))
    look.at("drafts: submit")
    follow(page, page.locator("main form[method=post] button[type=submit]"))
    assert page.locator(".error-summary li").count() == 3
    look.at("drafts: acknowledgements missing")
    for name in ("is_true", "is_known", "is_told"):
        page.locator(f"[name={name}]").check()
    follow(page, page.locator("main form[method=post] button[type=submit]"))
    assert page.locator("#failed ~ ul li").count() == 2, "no draft has proof yet"
    look.at("drafts: what became of them")

    page.goto(f"{home}/claims/drafts/")
    before = boxes.count()
    boxes.nth(0).check()
    follow(page, page.locator("[formaction$='/drafts/discard/']"))
    look.at("drafts: discard")
    follow(page, page.locator("main form[method=post] button[type=submit]"))
    look.at("drafts: discarded")
    page.goto(f"{home}/claims/drafts/")
    assert boxes.count() == before - 1
    assert not look.faults, "\n".join(look.faults)
