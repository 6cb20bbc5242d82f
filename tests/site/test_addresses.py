"""Domains and email addresses are read the same everywhere, by IDNA 2008."""

import pytest
from django.core.exceptions import ValidationError

from cpor_site.web.addresses import (
    UnusableAddressError,
    encode_address,
    encode_domain,
    read_address,
    read_domain,
    read_domain_of,
    read_search,
    validate_address,
    validate_domain,
)

PERSIAN = "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example"
#: As people write it, and as mail servers know it.
DOMAINS = [
    ("contoso.example", "contoso.example"),
    ("straße.example", "xn--strae-oqa.example"),
    ("οδός.example", "xn--pxavk3b.example"),
    ("münchen.example", "xn--mnchen-3ya.example"),
    ("日本語.example", "xn--wgv71a119e.example"),
    (PERSIAN, "xn--mgba3gch31f060k.example"),
]


@pytest.mark.parametrize(("written", "encoded"), DOMAINS, ids=ascii)
def test_a_domain_is_written_one_way_for_people_and_one_for_servers(written, encoded):
    assert read_domain(written) == read_domain(encoded) == read_domain(encoded.upper()) == written
    assert encode_domain(written) == encoded
    assert read_address(f"Max+a@{encoded}") == f"Max+a@{written}"
    assert encode_address(f"Max+a@{written}") == f"Max+a@{encoded}"
    validate_domain(written)
    validate_address(f"Max+a@{written}")


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        (" \u200bHTTPS://München.example/path?q#x ", "münchen.example"),
        ("//contoso.example.", "contoso.example"),
        ("mu\u0308nchen.example", "münchen.example"),
        ("con\u00adtoso\u2011gmbh.example\ufeff", "contoso-gmbh.example"),
        ("mün\u200cchen.example\u200d", "münchen.example"),
        ("\u202econtoso.example\u2069", "contoso.example"),
        ("ｃｏｎｔｏｓｏ。ｅｘａｍｐｌｅ", "contoso.example"),
        ("www.contoso.example", "www.contoso.example"),
        ("STRAẞE.example", "straße.example"),
        ("\u00a0\u3000contoso.example\u00a0", "contoso.example"),
    ],
    ids=ascii,
)
def test_a_pasted_domain_is_cleaned(typed, domain):
    assert read_domain(typed) == domain


@pytest.mark.parametrize(
    "domain",
    [
        *("", "localhost", "contoso", "192.0.2.1", "10.0.0.10", "[192.0.2.1]", "[::1]"),
        *("☃.example", "xn--n3h.example", "xn--zzzzzzzzz.example", "a_b.example"),
        *("-a.example", "a-.example", "ab--c.example", "a..example", "con toso.example"),
        *("x" * 64 + ".example", "ü" * 64 + ".example", ".".join(["x" * 60] * 5) + ".example"),
        *("\u0301abc.example", "a·b.example", "٣٤.example", "\u200c" * 5000 + ".example"),
        *("printer.localhost", "host.localdomain", "contoso.invalid"),
    ],
    ids=ascii,
)
def test_a_domain_that_cannot_exist_is_refused_and_never_an_error(domain):
    with pytest.raises(ValidationError):
        validate_domain(read_domain(domain))
    with pytest.raises(ValidationError):
        validate_address(read_address(f"walt@{domain}"))


@pytest.mark.parametrize(
    "domain", ["x" * 64 + ".example", "☃.example", "a..example", "", "ü" * 300]
)
def test_what_no_server_can_be_asked_for_is_said_so(domain):
    with pytest.raises(UnusableAddressError):
        encode_domain(domain)
    with pytest.raises(UnusableAddressError):
        encode_address(f"walt@{domain}")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("walt", "such as name@contoso.com"),
        ("@contoso.example", "such as name@contoso.com"),
        ("wälte@contoso.example", "without accents"),
        ("waſt@contoso.example", "without accents"),
        ("w" * 65 + "@contoso.example", "64 characters"),
        ("w" * 64 + "@" + ".".join(["x" * 60] * 3) + ".example", "254 characters"),
        ('"walt w"@contoso.example', "without spaces, quotation marks"),
        ("walt..w@contoso.example", "without spaces, quotation marks"),
        ("walt@w@contoso.example", "without spaces, quotation marks"),
        ("walt w@contoso.example", "without spaces, quotation marks"),
        ("walt@localhost", "No one can have an email address at “localhost”"),
        ("walt@[192.0.2.1]", "No one can have an email address at"),
        ("walt@192.0.2.1", "No one can have an email address at"),
        ("walt@contoso", "No one can have an email address at"),
    ],
)
def test_an_address_no_one_can_have_is_refused_in_its_own_words(address, words):
    with pytest.raises(ValidationError) as refusal:
        validate_address(read_address(address))
    assert words in refusal.value.messages[0]


def test_the_longest_address_is_taken():
    name = "w" * 64
    domain = ".".join([*["x" * 60] * 2, "x" * 59, "ex"])
    address = f"{name}@{domain}"
    assert len(address) <= 254

    validate_address(address)

    assert encode_address(address) == address


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("\u200bAna\u2011Maria@Contoso.example\ufeff", "Ana-Maria@contoso.example"),
        ("\u202aana@contoso.example\u202c", "ana@contoso.example"),
        ("ana＠ｃｏｎｔｏｓｏ．example", "ana@contoso.example"),
        ("\u00a0ana @ contoso.example ", "ana@contoso.example"),
        ("ana@contoso.example.", "ana@contoso.example"),
        ("ana", "ana"),
    ],
    ids=ascii,
)
def test_a_pasted_address_is_cleaned(typed, address):
    assert read_address(typed) == address


def test_the_domain_of_an_address_compares_with_one_that_was_read():
    assert read_domain_of("ana@XN--MNCHEN-3YA.example") == read_domain("München.example")


@pytest.mark.parametrize(
    ("typed", "term"),
    [
        ("Contoso – Süd", "Contoso – Süd"),
        ("\u200bcontoso.example\u00a0", "contoso.example"),
        ("MÜNCHEN.example", "münchen.example"),
        ("xn--mnchen-3ya.ex", "münchen.ex"),
        ("xn--mnchen-3ya", "münchen"),
        ("max@xn--strae-oqa.example", "max@straße.example"),
        ("https://xn--mnchen-3ya.example/", "münchen.example"),
        ("Bäcker xn--mnchen-3ya.example", "Bäcker münchen.example"),
        ("72f988bf\u201186f1–41af", "72f988bf-86f1-41af"),
        ("１２３４５", "12345"),
        ("SG7MKB\u200e", "SG7MKB"),
        ("St.Gallen", "St.Gallen"),
        ("", ""),
    ],
    ids=ascii,
)
def test_what_is_searched_for_reads_as_what_is_stored(typed, term):
    assert read_search(typed) == term
