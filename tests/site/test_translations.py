"""Both languages are complete: a missing or fuzzy translation is a failing test [R51]."""

import re
import shutil
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.utils import translation

ROOT = Path(settings.BASE_DIR)
CATALOGUE = Path("pt_BR") / "LC_MESSAGES" / "django.po"
#: The real catalogue's folder too: strings would be written there.
IGNORED = ["tests/*", ".venv/*", "var/*", "*/locale"]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w+)\}")


def read_catalogue(path):
    with path.open("rb") as file:
        return [message for message in read_po(file, locale="pt_BR") if message.id]


@pytest.fixture(scope="module")
def extracted(tmp_path_factory):
    """The catalogue as `make messages` would leave it now."""
    folder = tmp_path_factory.mktemp("locale")
    copy = folder / CATALOGUE
    copy.parent.mkdir(parents=True)
    shutil.copy(ROOT / "cpor_site" / "locale" / CATALOGUE, copy)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(settings, "LOCALE_PATHS", [str(folder)])
        call_command("makemessages", locale=["pt_BR"], ignore_patterns=IGNORED, verbosity=0)
    return read_catalogue(copy)


def texts(value):
    return value if isinstance(value, (tuple, list)) else (value,)


def test_every_string_is_translated(extracted):
    missing = [message.id for message in extracted if not all(texts(message.string))]
    assert missing == []


def test_no_translation_is_fuzzy(extracted):
    assert [message.id for message in extracted if message.fuzzy] == []


def test_placeholders_are_the_same_in_both_languages(extracted):
    wrong = [
        message.id
        for message in extracted
        if message.string
        and any(texts(message.string))
        and set(PLACEHOLDER.findall(str(texts(message.id)[-1])))
        != set(PLACEHOLDER.findall(str(texts(message.string)[-1])))
    ]
    assert wrong == []


def test_the_catalogue_has_nothing_that_no_code_says(extracted):
    said = {message.id for message in extracted}
    kept = {message.id for message in read_catalogue(ROOT / "cpor_site" / "locale" / CATALOGUE)}
    assert kept - said == set()


def test_the_compiled_catalogue_is_in_use():
    with translation.override("pt-br"):
        assert translation.gettext("Submitted") == "Enviada"
    with translation.override("en"):
        assert translation.gettext("Submitted") == "Submitted"


#: What a template says to people must go through the catalogue: these parts do, or are no words.
TRANSLATED = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|<!--.*?-->|<!doctype[^>]*>"
    r"|{%\s*block\s+\w*(?:class|attributes)\w*\s*%}.*?{%\s*endblock[^%]*%}"
    r"|{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}"
    r"|{%.*?%}|{{.*?}}|<style.*?</style>|<script.*?</script>|&\w+;",
    re.DOTALL,
)
SPOKEN_ATTRIBUTE = re.compile(r'\b(?:title|alt|placeholder|aria-label|content)="([^"]*)"')
#: Names that are the same in every language, and words of machines.
NO_WORDS = {
    "CPOR",
    "CSV",
    "PDF",
    "XLSX",
    "HTML",
    "SHA",
    "width",
    "device",
    "initial",
    "scale",
    "noindex",
    "nofollow",
    "light",
    "dark",
    "color",
    "scheme",
    "English",
    "Português",
    "same",
    "origin",
    "UTC",
    "nosnippet",
    "noarchive",
    "refresh",
    "url",
}


def untranslated_words(source):
    bare = TRANSLATED.sub(" ", source)
    spoken = " ".join(SPOKEN_ATTRIBUTE.findall(bare))
    visible = re.sub(r"<[^>]*>", " ", bare)
    return set(re.findall(r"[A-Za-zÀ-ÿ]{3,}", f"{visible} {spoken}")) - NO_WORDS


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("templates/**/*.html")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_template_says_nothing_past_the_catalogue(path):
    assert untranslated_words(path.read_text()) == set()


def test_the_template_check_sees_a_bare_word():
    assert untranslated_words('<p title="Oops">{% translate "Fine" %} Bare</p>') == {"Oops", "Bare"}
