"""`manage.py demo` as a process of its own, on a free port, in a fresh folder."""

import contextlib
import http.cookiejar
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from functools import partial

import pytest

from associations.enums import Status
from partners.staff_groups import STAFF_GROUPS
from tests.servers.demo import COMMAND, Demo
from tests.servers.processes import REPOSITORY, free_port

#: The demo brings its own SQLite wherever it runs, so that the other database would show the same again.
pytestmark = pytest.mark.sqlite


class Visitor:
    """A browser without a screen: cookies, redirects, forms."""

    def __init__(self, base):
        self.base = base
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path):
        url = path if path.startswith("http") else self.base + path
        try:
            with self.opener.open(url, timeout=30) as response:
                return response.status, response.read().decode(), response
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(errors="replace"), error

    def post(self, path, **fields):
        token = next(cookie.value for cookie in self.jar if cookie.name == "csrftoken")
        data = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        with self.opener.open(self.base + path, data=data, timeout=30) as response:
            return response.status, response.read().decode(), response


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    running = Demo(tmp_path_factory.mktemp("demo") / "data")
    running.folder.mkdir()
    running.start()
    yield running
    running.process.stop()


@pytest.fixture
def visitor(demo):
    return Visitor(demo.url)


def wait_until(is_so, *, timeout=90):
    deadline = time.monotonic() + timeout
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.2)


def test_demo_says_where_it_is_and_what_to_try(demo):
    said = demo.process.log_tail(lines=100)

    assert demo.url in said
    assert "to look at" not in said.partition("CPOR is at")[0]
    assert demo.facts["closing_claim"] in said
    assert all(each["email"] in said for each in demo.facts["sign_ins"])
    assert len(re.findall(r"^  [1-5]\. ", said, re.MULTILINE)) == 5


def test_demo_facts_name_this_process(demo, visitor):
    assert demo.facts["address"] == demo.url
    assert demo.facts["pid"] == demo.process.pid
    assert visitor.get("/")[0] == 200
    assert visitor.get(demo.facts["mail"])[0] == 200
    assert visitor.get(demo.facts["tour"])[0] == 200


@pytest.mark.parametrize(
    ("asked", "heading"), [("pt-BR,pt;q=0.9", "Painel"), ("en-GB,en;q=0.9", "Dashboard")]
)
def test_the_tour_stays_in_the_browsers_language_no_matter_who_signs_in(
    demo, visitor, asked, heading
):
    """Ana reads English; but the tour in English shows Beatriz's pages in her Portuguese."""
    visitor.opener.addheaders = [("Accept-Language", asked)]
    visitor.get(demo.facts["tour"])

    visitor.get("/accounts/login/")
    visitor.post(
        "/accounts/login/",
        login="ana@contoso-consulting.example",
        password=demo.facts["sign_ins"][0]["password"],
    )

    assert f"<h1>{heading}</h1>" in visitor.get("/")[1]


def test_demo_keeps_to_its_own_folder(demo):
    assert (demo.folder / "cpor.sqlite3").stat().st_size > 0
    assert demo.query("PRAGMA journal_mode") == [("wal",)]


def test_every_part_of_the_demo_works(demo, visitor):
    def is_ready():
        return visitor.get("/readyz")[0] == 200

    wait_until(is_ready, timeout=30)


def test_every_status_has_its_claims(demo):
    rows = demo.query("SELECT reference, status FROM associations_claim")
    at_start = demo.facts["claims"]

    assert set(at_start) == set(Status.values)
    assert all(at_start.values())
    listed = {reference for references in at_start.values() for reference in references}
    assert listed == {reference for reference, _status in rows}


def test_claims_stand_where_a_tour_needs_them(demo):
    def count(condition):
        return demo.query(f"SELECT count(*) FROM associations_claim c WHERE {condition}")[0][0]

    notice = "EXISTS (SELECT 1 FROM associations_customernotice n WHERE n.claim_id = c.id AND n.status = '%s')"
    product = "EXISTS (SELECT 1 FROM associations_association a WHERE a.claim_id = c.id AND a.status = '%s')"
    assert count("is_parked") >= 1
    assert count("status = 'approved' AND " + notice % "failed") >= 1
    assert count("status = 'approved' AND " + notice % "queued") >= 1
    assert count(f"status = 'approved' AND {product % 'opted-out'} AND {product % 'proposed'}") >= 1
    assert count("status = 'official' AND " + product % "opted-out") >= 1
    assert count("rejection_reason = 'customer-opted-out'") >= 1


def list_entries(demo, kind):
    """Return the open entries of *To look at*, as (subject, instant since)."""
    asked = (
        "SELECT subject, since FROM notifications_lookatentry WHERE kind = ? AND closed_at IS NULL"
    )
    return demo.query(asked, kind)


def find_claim(demo, name):
    asked = "SELECT id, reference, status, turn, due_at FROM associations_claim WHERE name = ?"
    (found,) = demo.query(asked, name)
    return found


def test_a_registered_contact_gets_the_notice_and_a_link_of_their_own(demo, visitor):
    _pk, reference, *_others = find_claim(demo, "Phones over Teams")
    links = {
        each["contact"]: each for each in demo.facts["opt_out_links"] if each["claim"] == reference
    }

    assert set(links) == {"walt@wingtip.example", "wanda@wingtip.example"}
    status, body, _response = visitor.get(links["wanda@wingtip.example"]["url"])
    assert status == 200
    assert "<form" in body
    assert b"wanda@wingtip.example" in b"".join(
        each.read_bytes() for each in (demo.folder / "mail").glob("*.eml")
    )


def test_a_registered_contact_who_cannot_be_reached_stops_no_window(demo):
    wait_until(lambda: list_entries(demo, "contact-bounced"), timeout=60)
    wait_until(lambda: find_claim(demo, "Intranet start page")[4], timeout=60)

    ((subject, _since),) = list_entries(demo, "contact-bounced")
    assert subject == "Emi Sato <unknown@sakura.example>"


def test_a_contact_who_is_not_the_right_person_waits_for_another(demo, visitor):
    _pk, reference, status, turn, due_at = find_claim(demo, "Calls over Teams")
    assert (status, turn, due_at) == ("approved", "partner", None)
    ((subject, since),) = list_entries(demo, "wrong-person")
    assert subject == reference
    assert since < demo.facts["closes_at"][:10]

    (link,) = [each for each in demo.facts["opt_out_links"] if each["claim"] == reference]
    assert link["stage"] == "given-up"
    assert visitor.get(link["url"])[0] == 200


def test_contacts_outside_the_customers_domains_wait_for_a_reviewer(demo):
    reviewed, corrected = map(
        partial(find_claim, demo), ("Mail for the huts", "Rede interna das padarias")
    )

    assert reviewed[2] == "under-review"
    assert corrected[2:] == ("approved", "staff", None)
    assert [subject for subject, _since in list_entries(demo, "contact-unconfirmed")] == [
        corrected[1]
    ]
    domains = {domain for (domain,) in demo.query("SELECT domain FROM associations_tenantdomain")}
    for claim in (reviewed, corrected):
        asked = "SELECT email, confirmation FROM associations_contact WHERE claim_id = ? AND role = 'customer'"
        ((email, confirmation),) = demo.query(asked, claim[0])
        assert email.partition("@")[2] not in domains
        assert confirmation == ""


def test_the_document_of_the_demo_names_what_is_there(demo):
    words = " ".join((REPOSITORY / "docs" / "demo.md").read_text().split())
    names = [name for (name,) in demo.query("SELECT name FROM associations_claim")]

    told = re.findall("“([^”]+)”", words)

    assert len(told) >= 6
    assert set(told) <= set(names)
    assert all(each["email"] in words for each in demo.facts["sign_ins"])


def test_history_of_every_claim_is_unbroken(demo):
    script = (
        "import django; django.setup()\n"
        "from associations.claims.history import find_broken_link\n"
        "from associations.models import Claim\n"
        "print([c.reference for c in Claim.objects.all() if find_broken_link(c)], Claim.objects.count() > 25)"
    )
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{demo.folder / 'cpor.sqlite3'}"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=env,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[] True"


def test_every_sign_in_works(demo):
    for person in {each["email"]: each for each in demo.facts["sign_ins"]}.values():
        visitor = Visitor(demo.url)
        visitor.get("/accounts/login/")

        status, _body, response = visitor.post(
            "/accounts/login/", login=person["email"], password=person["password"]
        )

        assert status == 200, person
        assert "/accounts/" not in response.url, person
        assert any(cookie.name == "sessionid" for cookie in visitor.jar), person


def test_sign_ins_cover_every_role(demo):
    roles = {each["role"] for each in demo.facts["sign_ins"]}
    partners = [
        each["partner"] for each in demo.facts["sign_ins"] if each["email"].startswith("sam@")
    ]

    staff = {each.name.lower() for each in STAFF_GROUPS}
    assert roles == {"incentives_admin", "incentives_user", "superuser"} | staff
    assert len(set(partners)) == 2


def test_signing_in_by_one_click(demo, visitor):
    page = visitor.get("/demo/")[1]
    assert 'value="ana@contoso-consulting.example"' in page

    status, body, _response = visitor.post("/demo/sign-in/", email="ana@contoso-consulting.example")

    assert status == 200
    assert "Ana Ruiz" in body


def test_signing_in_by_one_click_brings_the_persons_language(demo, visitor):
    visitor.get("/demo/")

    _status, body, _response = visitor.post(
        "/demo/sign-in/", email="beatriz@aurora-solucoes.example"
    )

    assert '<html lang="pt-br"' in body


def test_one_click_is_for_the_examples_people_only(demo, visitor):
    visitor.get("/demo/")

    with pytest.raises(urllib.error.HTTPError) as refused:
        visitor.post("/demo/sign-in/", email="no-one@contoso-consulting.example")

    with refused.value as answer:
        assert answer.code == 404


def test_every_opt_out_link_opens_and_changes_nothing(demo, visitor):
    def find_products():
        """All but the watched claim's, which a job changes in between."""
        return demo.query(
            "SELECT a.reference, a.status FROM associations_association a"
            " JOIN associations_claim c ON c.id = a.claim_id WHERE c.reference <> ? ORDER BY a.id",
            demo.facts["closing_claim"],
        )

    before = find_products()
    links = demo.facts["opt_out_links"]
    assert {"open", "official"} <= {each["stage"] for each in links}

    for link in links:
        status, body, _response = visitor.get(link["url"])
        assert status == 200, link
        offers = {"open": "<form", "official": "/end/"}.get(link["stage"], "<main")
        if link["claim"] != demo.facts["closing_claim"]:  # whose window may have closed since
            assert offers in body, link

    assert find_products() == before


def test_mails_of_the_past_and_of_now_can_be_read(demo, visitor):
    def waiting():
        return demo.query(
            "SELECT count(*) FROM notifications_message"
            " WHERE state IN ('queued', 'in-flight') AND to_address NOT LIKE 'full@%'"
        )[0][0]

    wait_until(lambda: waiting() == 0, timeout=40)
    status, body, _response = visitor.get("/demo/mail/")

    assert status == 200
    assert "ken@sakura.example" in body  # a notice that the real outbox sent after the start
    assert ">To the customer: notice of a claim<" in body
    assert "customer_notice" not in body
    names = re.findall(r'href="(/demo/mail/[0-9T-]+/)"', body)
    assert len(names) == 50
    page = visitor.get(names[0])[1]
    assert "<iframe" in page
    assert "<pre" in page


def test_an_invitation_waits_in_the_mailbox(demo, visitor):
    wait_until(lambda: mail_tells(demo, "nora@contoso-consulting.example"), timeout=40)
    (context,) = demo.query(
        "SELECT context FROM notifications_message WHERE to_address LIKE 'nora@%'"
    )[0]
    link = json.loads(context)["url"].partition("/invitations/")[2]

    status, body, _response = visitor.get(f"/invitations/{link}")

    assert status == 200
    assert "Contoso Consulting" in body
    assert "Ana Ruiz" in body


def test_mail_in_its_frame_may_run_nothing(demo, visitor):
    name = re.search(r'href="(/demo/mail/[0-9T-]+/)"', visitor.get("/demo/mail/")[1])[1]

    status, body, response = visitor.get(f"{name}html/")

    assert status == 200
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "script" not in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert f"{demo.url}/" in body


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fdemo", "20260101T000000000000-0000"])
def test_mail_that_is_not_there(demo, visitor, name):
    assert visitor.get(f"/demo/mail/{name}/")[0] == 404


def test_watched_claim_becomes_official_by_itself(demo, visitor):
    reference = demo.facts["closing_claim"]

    def status():
        return json.loads(visitor.get("/demo/closing.json")[1])["status"]

    wait_until(lambda: status() == "official")
    (product,) = demo.query(
        "SELECT a.status, a.official_at > c.created_at FROM associations_association a"
        " JOIN associations_claim c ON c.id = a.claim_id WHERE c.reference = ?",
        reference,
    )
    assert product == ("official", 1)
    wait_until(
        lambda: reference in "".join(visitor.get("/demo/mail/")[1]) or mail_tells(demo, reference)
    )
    (months,) = demo.query(
        "SELECT count(*) FROM associations_workloadusage u JOIN associations_association a"
        " ON a.tenant_id = u.tenant_id AND a.product_id = u.product_id"
        " JOIN associations_claim c ON c.id = a.claim_id WHERE c.reference = ?",
        reference,
    )
    assert months == (12,)


def mail_tells(demo, reference) -> bool:
    mails = sorted((demo.folder / "mail").glob("*.eml"))[-10:]
    return any(reference.encode() in each.read_bytes() for each in mails)


def test_second_demo_keeps_off_the_first_ones_folder(demo):
    env = {**os.environ, "PORT": str(free_port()), "CPOR_DATA_DIR": str(demo.folder)}

    done = subprocess.run(COMMAND, env=env, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert "A demo is already running" in done.stderr


def _rename_partners(folder):
    with contextlib.closing(sqlite3.connect(folder / "cpor.sqlite3")) as database, database:
        database.execute("UPDATE partners_partner SET name = name || ' of old'")


def test_demo_stops_cleanly_and_starts_again(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    demo = Demo(folder).start()
    first = demo.facts

    status = demo.stop()
    said = demo.process.log_tail(lines=500)
    assert status == 0, said
    assert "Traceback" not in said
    assert "Stopped." in said
    _rename_partners(folder)  # as someone may who tries admin

    demo.start()
    try:
        second = demo.facts
        assert second["closing_claim"] != first["closing_claim"]
        assert second["sign_ins"] == first["sign_ins"]
        known = {reference for references in second["claims"].values() for reference in references}
        assert {each for references in first["claims"].values() for each in references} < known
        os.kill(demo.process.pid, signal.SIGTERM)
        assert demo.process.wait(timeout=20) == 0
        assert "Traceback" not in demo.process.log_tail(lines=500)
    finally:
        demo.process.stop()


def test_port_that_is_taken(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        env = {**os.environ, "PORT": str(port), "CPOR_DATA_DIR": str(tmp_path)}

        done = subprocess.run(
            COMMAND, env=env, capture_output=True, text=True, timeout=60, check=False
        )

    assert done.returncode == 1
    assert f"Port {port} cannot be used" in done.stderr
    assert f"PORT={port + 1} make demo" in done.stderr
    assert not (tmp_path / "cpor.sqlite3").exists()


@pytest.mark.parametrize("port", ["http", "0", "70000"])
def test_port_that_is_none(tmp_path, port):
    env = {**os.environ, "PORT": port, "CPOR_DATA_DIR": str(tmp_path)}

    done = subprocess.run(COMMAND, env=env, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert f"PORT is “{port}”" in done.stderr
