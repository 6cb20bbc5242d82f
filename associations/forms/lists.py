"""The filters and columns of the claims list and the usage overview, all in the address [R46]."""

from typing import cast

from django import forms
from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cpor_site.web.form_fields import SearchField
from cpor_site.web.form_layout import make_filter_helper
from partners.models import Membership, Program
from partners.rules import locations_of

from ..display.lanes import Lane, name_lane
from ..enums import Actor, Status
from ..lists.columns import Column
from ..lists.listing import DueFilter, Sort
from ..lists.search import find_claims, find_customers
from ..models import Claim, ClaimText, Product

LOCATION, PROGRAM, PRODUCT, CUSTOMER = "location", "program", "product", "customer"
CLAIM = "claim"
LANE = "lane"
COLUMNS = "columns"
#: The fields that say which claims, not how they are shown.
FILTERS = ("q", "status", LANE, PROGRAM, LOCATION, PRODUCT, "deadline")
#: The value of the usage overview's filter for what needs attention.
ONLY = "yes"


def read_choices(
    membership: Membership, *, term: str, reach: QuerySet[Claim]
) -> dict[str, list[tuple[str, str]]]:
    """Read (key, name) of locations, programs, products, and the customers and claims that match ``term``.

    ``reach`` is everything the person may see. This takes one query, since the list may make few.
    """
    parts = [*_list_parts(membership, term=term, reach=reach)]
    parts.append(_keyed(Program.objects.all(), PROGRAM, F("code")))
    if term:
        claims = ClaimText.objects.filter(
            pk__in=find_claims(term, reach, partner=membership.partner).values("pk")
        )
        parts.append(_keyed(claims, CLAIM, Cast("pk", CharField()), name="text"))
    return _read_parts(parts)


def read_usage_choices(
    membership: Membership, *, term: str, reach: QuerySet[Claim]
) -> dict[str, list[tuple[str, str]]]:
    """Read (key, name) of locations, products, and the customers that match ``term``, in one query."""
    return _read_parts(_list_parts(membership, term=term, reach=reach))


def list_lanes() -> list[tuple[str, str]]:
    """Return what the list can be narrowed to: with whom a claim is, as the partner reads it."""
    names = [(lane.value, name_lane(lane, reader=Actor.PARTNER)) for lane in Lane]
    return [("", gettext("Anyone")), *names]


class ClaimFilterForm(forms.Form):
    """The filters, sent by GET; a value that no longer exists is reported and ignored."""

    q = SearchField(
        label=_("Search"),
        max_length=100,
        required=False,
        help_text=_("Reference, customer, domain, product or claim name"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Any status")), *Status.choices],
        widget=forms.HiddenInput,
    )
    lane = forms.ChoiceField(
        label=pgettext_lazy("who has the claim", "With"), required=False, choices=list_lanes
    )
    program = forms.ChoiceField(label=_("Program"), required=False)
    location = forms.ChoiceField(label=_("Location"), required=False)
    product = forms.ChoiceField(label=_("Product"), required=False)
    deadline = forms.ChoiceField(
        label=_("Deadline"), required=False, choices=[("", _("Any deadline")), *DueFilter.choices]
    )
    sort = forms.ChoiceField(label=_("Sort"), required=False, choices=Sort.choices)
    columns = forms.MultipleChoiceField(
        label=_("Columns"), required=False, choices=Column.choices, widget=forms.MultipleHiddenInput
    )
    helper = make_filter_helper(q="claim-search", sort="claim-filter")
    more_helper = make_filter_helper(
        **dict.fromkeys((LANE, PROGRAM, LOCATION, PRODUCT, "deadline"), "claim-filter")
    )

    def __init__(self, data, *, choices: dict[str, list[tuple[str, str]]]):
        super().__init__(data)
        for name, anything in (
            (LOCATION, _("Any location")),
            (PROGRAM, _("Any program")),
            (PRODUCT, _("Any product")),
        ):
            field = cast("forms.ChoiceField", self.fields[name])
            field.choices = [("", anything), *choices[name]]

    def read(self) -> dict:
        """Return what was chosen, without invalid values."""
        self.full_clean()
        return {"sort": Sort.NEWEST} | {k: v for k, v in self.cleaned_data.items() if v}


class ColumnsForm(forms.Form):
    """The columns to tick; the rest of the address comes with it, hidden."""

    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        required=False,
        choices=Column.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    helper = make_filter_helper(**{COLUMNS: "claim-columns"})
    helper.label_class = "visually-hidden"  # the disclosure around it has the same name

    def __init__(self, *, shown: list[Column]):
        super().__init__(initial={COLUMNS: shown})


class UsageFilterForm(forms.Form):
    """The filters of the usage overview, sent by GET; a value that no longer exists is ignored."""

    q = SearchField(
        label=_("Search"),
        max_length=100,
        required=False,
        help_text=_("Customer or domain"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    product = forms.ChoiceField(label=_("Product"), required=False)
    location = forms.ChoiceField(label=_("Location"), required=False)
    attention = forms.ChoiceField(
        required=False, choices=[("", ""), (ONLY, ONLY)], widget=forms.HiddenInput
    )
    helper = make_filter_helper(
        q="claim-search", **dict.fromkeys((PRODUCT, LOCATION), "claim-filter")
    )

    def __init__(self, data, *, choices: dict[str, list[tuple[str, str]]]):
        super().__init__(data)
        for name, anything in ((LOCATION, _("Any location")), (PRODUCT, _("Any product"))):
            field = cast("forms.ChoiceField", self.fields[name])
            field.choices = [("", anything), *choices[name]]

    def read(self) -> dict:
        """Return what was chosen, without invalid values."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}


def _list_parts(membership: Membership, *, term: str, reach: QuerySet[Claim]) -> list[QuerySet]:
    parts = [
        _keyed(locations_of(membership), LOCATION, Cast("pk", CharField())),
        _keyed(Product.objects.all(), PRODUCT, Cast("pk", CharField())),
    ]
    if term:
        found = find_customers(term, reach)
        parts += [_keyed(some, CUSTOMER, Cast("pk", CharField())) for some in found]
    return parts


def _read_parts(parts: list[QuerySet]) -> dict[str, list[tuple[str, str]]]:
    """Read all parts in one query, each by name."""
    kinds = (LOCATION, PROGRAM, PRODUCT, CUSTOMER, CLAIM)
    choices: dict[str, list[tuple[str, str]]] = {kind: [] for kind in kinds}
    for kind, key, name in parts[0].union(*parts[1:]):
        choices[kind].append((key, name))
    return {kind: sorted(rows, key=lambda row: row[1].casefold()) for kind, rows in choices.items()}


def _keyed(rows, kind: str, key, *, name: str = "name"):
    return rows.order_by().values_list(Value(kind, output_field=CharField()), key, name)
