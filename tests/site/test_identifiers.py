"""What looks the same is read as the same: IDs, names, and what is searched for."""

import uuid

import pytest
from django.core.exceptions import ValidationError

from cpor_site.web.identifiers import read_identifier, read_uuid, read_words, validate_person_name

TENANT_ID = "72f988bf-86f1-41af-91ab-2d7cd011db47"
HIDDEN = (
    "\u200b\ufeff\u200e\u200f\u2060\u00ad\u202a\u202e\u2066\u2069\u061c\u200c\u200d\u180e\u0000"
)


@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_an_identifier_has_no_hidden_characters_around_or_in_it(hidden):
    typed = hidden + TENANT_ID[:9] + hidden + TENANT_ID[9:] + hidden

    assert read_identifier(typed) == TENANT_ID
    assert read_uuid(typed) == uuid.UUID(TENANT_ID)


@pytest.mark.parametrize("space", "\u00a0\u2007\u202f\u3000\t\n\u2028 ", ids=ascii)
def test_spaces_of_any_kind_around_an_identifier_go(space):
    assert read_identifier(f"{space}{TENANT_ID}{space}") == TENANT_ID


@pytest.mark.parametrize(
    "hyphen", "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\ufe63\u2043", ids=ascii
)
def test_hyphens_of_any_kind_are_plain_in_an_identifier(hyphen):
    assert read_identifier(TENANT_ID.replace("-", hyphen)) == TENANT_ID


@pytest.mark.parametrize("digits", ["１２３４５", "1\ufe0f2345", "\u200b12\u206034５"], ids=ascii)
def test_fullwidth_digits_are_read(digits):
    assert read_identifier(digits) == "12345"


def test_letters_of_other_scripts_stay_so_that_they_are_refused():
    assert read_identifier("١٢٣") == "١٢٣"
    assert read_identifier("СG7MKB") == "СG7MKB"  # a Cyrillic С
    with pytest.raises(ValueError, match="base 16"):
        read_uuid("а" + TENANT_ID[1:])  # a Cyrillic а


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Li\u202evia\x00 \u200b  Be\u0301atrice\u00a0\n", "Livia Béatrice"),
        ("Saint\u2011Gobain – Süd", "Saint-Gobain – Süd"),
        (
            "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc",
            "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc",
        ),
        ("A\u200cna\u200d", "Ana"),
        ("\u3164\u2800", ""),
        ("辻\U000e0100", "辻\U000e0100"),
    ],
    ids=ascii,
)
def test_a_name_keeps_what_can_be_seen(typed, name):
    assert read_words(typed) == name


@pytest.mark.parametrize(
    "name",
    [
        "Livia, confirm at https://evil.example",
        "www.evil.example",
        "Livia WWW.evil.example",
        "Livia \uff57\uff57\uff57\uff0eevil.example",
        "www\u3002evil.example",
        "evil.example/confirm",
        "evil.example\uff0fconfirm",
        "evil.example\u2044confirm",
        "evil.example\\confirm",
        "mailto:evil@evil.example",
        "javascript:alert(1)",
    ],
)
def test_a_persons_name_carries_no_web_address(name):
    with pytest.raises(ValidationError, match="without a web address"):
        validate_person_name(name)


@pytest.mark.parametrize(
    "name", ["J. R. R. Tolkien", "Dr.Smith", "Awww. Sam", "O’Neill-D'Árcy", "山田 太郎", "Ana: CIO"]
)
def test_names_that_people_have_are_taken(name):
    validate_person_name(name)
