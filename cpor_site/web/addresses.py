"""Read domains and email addresses, the same wherever they are typed or stored.

A domain is stored, compared and shown as people write it: ``münchen.example``, in lower case.
Mail servers are given ``xn--mnchen-3ya.example``. IDNA 2008 (UTS 46, non-transitional) converts either
form to the other without loss, so ``straße.example`` never becomes ``strasse.example``.
"""

import re
import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .identifiers import JOINERS, drop_hidden, make_hyphens_plain, read_identifier, read_words

#: Maximum octets of the part before the @ and of a whole address (RFC 5321, 4.5.3.1; RFC 3696, erratum 1690).
LONGEST_NAME = 64
LONGEST_ADDRESS = 254
#: What precedes the domain in a browser's address bar.
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
#: The part before the @: words joined by single dots (RFC 5322, dot-atom). No one uses quoted ones.
MAILBOX_NAME = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
#: What looks like a domain, whether it can exist or not.
SHAPE = re.compile(r"[^\s/@:.]+(\.[^\s/@:.]+)+")
#: The last part of a domain: only digits would be an IP address (RFC 3696, section 2).
TOP_LABEL = re.compile(r"(?![0-9]+\Z)[a-z0-9-]{2,63}")
#: Domain endings that lead to the local machine or nowhere (RFC 6761).
UNREACHABLE = frozenset({"localhost", "localdomain", "invalid"})
#: A search term that is taken for an ID: hexadecimal with a digit, such as (part of) a Tenant ID.
IDENTIFIER = re.compile(r"(?=.*[0-9])[{(]?[0-9a-f]+(-[0-9a-f]+)*[)}]?", re.IGNORECASE)
_A_LABEL = "xn--"


class UnusableAddressError(ValueError):
    """A domain or an email address that no mail server can handle; permanent."""


def read_domain(typed: str) -> str:
    """Return the domain in what was typed or pasted from a browser, as people write it.

    Scheme, path, spaces and a final dot are removed. Nothing else is: ``www.contoso.com`` is a
    different domain from ``contoso.com`` and may not exist. The caller still has to check the result
    with ``validate_domain``.
    """
    seen = drop_hidden(typed, keep=JOINERS).strip()
    scheme = SCHEME.match(seen)
    host = seen[scheme.end() :] if scheme else seen
    return _read_host(re.split(r"[/?#]", host, maxsplit=1)[0]) or seen


def read_address(typed: str) -> str:
    """Return the email address in what was typed, its domain as people write it.

    The part before the @ keeps its capitals and its plus sign: ana+north@ and ana@ may belong to two
    people. The caller still has to check the result with ``validate_address``.
    """
    name, at, domain = typed.replace("\uff20", "@").rpartition("@")
    return f"{read_identifier(name)}@{_read_host(domain)}" if at else read_identifier(typed)


def fold_address(typed: str) -> str:
    """Return the form of an address that accounts are found by: lower case, lookalike letters unchanged."""
    address = read_address(typed)
    name, at, domain = address.rpartition("@")
    return f"{name.lower()}{at}{domain}" if name.isascii() else address


def read_search(typed: str) -> str:
    """Return a search term with its IDs, domains and email addresses written as they are stored.

    Each word is read separately, so that a name can be combined with a domain.
    """
    return " ".join(map(_read_search_word, read_words(typed).split()))


def read_domain_of(address: str) -> str:
    """Return the domain of an email address, comparable with other domains that were read."""
    return read_address(address).rpartition("@")[2]


def encode_domain(domain: str) -> str:
    """Return the domain in ASCII, as mail servers and name servers know it.

    Raises UnusableAddressError for what IDNA 2008 forbids and for parts of more than 63 letters.
    """
    if len(domain) > LONGEST_ADDRESS:  # some idna checks take more than linear time
        raise UnusableAddressError(f"too long for a domain: {domain[:LONGEST_ADDRESS]!r}…")
    try:
        return idna.encode(domain, uts46=True, std3_rules=True, transitional=False).decode()
    except UnicodeError as error:
        raise UnusableAddressError(f"no domain: {domain!r}: {error}") from error


def encode_address(address: str) -> str:
    """Return the email address in ASCII, for envelope and headers.

    Raises UnusableAddressError if that is impossible: see ``encode_domain``; also for letters with
    accents before the @, or too many letters.
    """
    name, _at, domain = address.rpartition("@")
    encoded = f"{name}@{encode_domain(domain)}"
    is_long = len(name) > LONGEST_NAME or len(encoded) > LONGEST_ADDRESS
    if is_long or not MAILBOX_NAME.fullmatch(name):
        raise UnusableAddressError(f"no email address: {address!r}")
    return encoded


def validate_domain(value: str) -> None:
    """Raise ValidationError for a domain that cannot exist or is not public."""
    try:
        parent, _dot, top = encode_domain(value).rpartition(".")
    except UnusableAddressError:
        if SHAPE.fullmatch(value):
            raise ValidationError(
                _(
                    "This domain can't exist: it has a character that domains can't have, or a part "
                    "of more than 63 characters."
                )
            ) from None
        parent = top = ""
    if not parent or not TOP_LABEL.fullmatch(top):
        raise ValidationError(_("Enter a domain such as contoso.com, without https:// or @."))
    if top in UNREACHABLE:
        raise ValidationError(_("This is not a public domain. Enter one such as contoso.com."))


def validate_address(value: str) -> None:
    """Raise ValidationError for an email address that no one can have; the message says what is wrong."""
    name, at, domain = value.rpartition("@")
    if not at or not name or not domain:
        raise ValidationError(_("Enter an email address such as name@contoso.com."))
    _validate_mailbox_name(name)
    try:
        validate_domain(domain)
    except ValidationError:
        words = _("No one can have an email address at “%(domain)s”. Check the part after the @.")
        raise ValidationError(words, params={"domain": domain}) from None
    if len(name) + 1 + len(encode_domain(domain)) > LONGEST_ADDRESS:
        raise ValidationError(_("An email address can have at most 254 characters."))


def _validate_mailbox_name(name: str) -> None:
    if not name.isascii():
        raise ValidationError(
            _("Before the @, use only letters from a to z without accents, digits and signs.")
        )
    if len(name) > LONGEST_NAME:
        raise ValidationError(_("Before the @, an email address can have at most 64 characters."))
    if not MAILBOX_NAME.fullmatch(name):
        raise ValidationError(
            _(
                "Check the part before the @: enter one email address, without spaces, "
                "quotation marks or two dots in a row."
            )
        )


def _read_search_word(word: str) -> str:
    plain = read_identifier(word)
    if IDENTIFIER.fullmatch(plain):
        return plain
    if SCHEME.match(word):
        return read_domain(word)
    if word.isascii() and _A_LABEL not in word.lower():
        return word
    name, at, domain = word.replace("\uff20", "@").rpartition("@")
    is_domain = at or "." in unicodedata.normalize("NFKC", word) or word.isascii()
    return f"{name}{at}{_read_host(domain)}" if is_domain else word


def _read_host(typed: str) -> str:
    """Return a domain as people write it, or else what was typed without hidden characters.

    Joiners are kept where IDNA allows them, inside Persian words for instance, and removed elsewhere.
    """
    seen = unicodedata.normalize("NFC", drop_hidden(typed, keep=JOINERS))
    host = make_hyphens_plain(seen).strip().strip(JOINERS).rstrip(".")
    if host.isascii() and _A_LABEL not in host.lower():
        return host.lower()
    for candidate in (host, host.translate(_NO_JOINERS)):
        try:
            return idna.decode(encode_domain(candidate))
        except (UnicodeError, UnusableAddressError):
            continue
    return host.translate(_NO_JOINERS).lower()


_NO_JOINERS = dict.fromkeys(map(ord, JOINERS))
