"""What the forms of filing share: they read a claim, keep what was typed, and save."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.choices import flatten_choices
from django.utils.translation import gettext as _

from associations.filing import drafts
from associations.models import Claim

#: Characters of one typed value that are kept while its page has errors.
TYPED_MAX = 10_000


class FilingForm(forms.Form):
    """One page of a claim; ``claim`` is unsaved on the first page of a new one.

    ``notes`` are shown after saving: what else the save changed, or a warning.
    """

    def __init__(self, claim: Claim, *, user, data=None, files=None):
        self.claim = claim
        self.user = user
        self.notes: list[str] = []
        super().__init__(
            data, files, initial=self.read_claim(), label_suffix="", use_required_attribute=False
        )
        self.configure()

    def read_claim(self) -> dict:
        """Return the claim's current values by field."""
        return {}

    def configure(self) -> None:
        """Add, remove or disable fields as the claim requires."""

    def save(self, *, revision: int | None) -> Claim:
        """Save a valid page. Raise LifecycleError (such as StaleClaim), with nothing changed."""
        raise NotImplementedError

    def save_facts(self, facts: dict, *, revision: int | None, note: str) -> Claim:
        """Save fields of the claim; ``note`` tells the person if that removes the products."""
        had_products = self.claim.associations.exists()
        claim = drafts.save_facts(
            self.claim, actor=self.user, revision=revision, **facts, now=timezone.now()
        )
        if had_products and not claim.associations.exists():
            self.notes.append(note)
        return claim

    def tell_field(self, bound: forms.BoundField) -> str:
        """Return what to call a field outside its page, without its heading."""
        return str(bound.label)

    def list_typed(self) -> dict[str, list[str]]:
        """Return what was typed, valid or not, ready to be kept in the draft."""
        names = [self.add_prefix(name) for name in self.fields]
        data = self.data if isinstance(self.data, QueryDict) else QueryDict()
        typed = {name: data.getlist(name) for name in names if name in data}
        return {name: [read_typed(value) for value in values] for name, values in typed.items()}


def read_typed(value: str) -> str:
    """Return the part of a typed value that is kept: no NUL, which PostgreSQL's JSON cannot hold."""
    return value.replace("\0", "")[:TYPED_MAX]


def as_query(typed: dict[str, list[str]]) -> QueryDict:
    """Return kept values as a browser would have sent them."""
    data = QueryDict(mutable=True)
    for name, values in typed.items():
        data.setlist(name, values)
    return data


def list_differences(typed: FilingForm, saved: FilingForm) -> list[dict]:
    """Return label and saved value of the fields whose saved value differs from what was typed."""
    rows = []
    for bound in saved:
        if bound.name not in typed.fields or bound.field.disabled:
            continue
        now, mine = bound.value(), typed[bound.name].value()
        if str(now or "") != str(mine or ""):
            rows.append({"label": saved.tell_field(bound), "value": _tell_value(bound, now)})
    return rows


def _tell_value(bound, value) -> str:
    if isinstance(value, bool) or value is None:
        return _("ticked") if value else _("empty")
    options: Any = flatten_choices(getattr(bound.field, "choices", []))
    labels = {str(key): str(label) for key, label in options}
    return labels.get(str(value), str(value)) or _("empty")
