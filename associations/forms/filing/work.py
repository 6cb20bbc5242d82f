"""Page 2: what the partner did, as one question; the location must be enrolled for it [R8]."""

from dataclasses import dataclass
from functools import cached_property

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field
from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from associations.enums import Activity, SolutionArea
from associations.filing.programs import describe_missing_enrollment
from associations.models import Claim
from cpor_site.web.form_fields import NameField
from cpor_site.web.form_layout import include, make_helper

from .base import FilingForm


@dataclass(frozen=True)
class Work:
    """A solution area with an activity, and when it applies."""

    area: SolutionArea
    activity: Activity
    applies: str | Promise

    @property
    def value(self) -> str:
        return f"{self.area.value}/{self.activity.value}"


WORKS = (
    Work(
        SolutionArea.MICROSOFT_365,
        Activity.USAGE,
        _("You help people at the customer use workloads they already have, such as Teams."),
    ),
    Work(
        SolutionArea.BUSINESS_APPLICATIONS,
        Activity.PRESALES,
        _("You advised the customer before they bought: a demonstration, a design, a trial."),
    ),
    Work(
        SolutionArea.BUSINESS_APPLICATIONS,
        Activity.USAGE,
        _("You set up the product after purchase or help people use it."),
    ),
    Work(
        SolutionArea.BUSINESS_APPLICATIONS,
        Activity.PRESALES_AND_USAGE,
        _("You did both for the same subscription, and one set of files proves both."),
    ),
    Work(
        SolutionArea.BUSINESS_APPLICATIONS,
        Activity.REVENUE,
        _("Your own software led to the sale. This brings recognition, not an incentive."),
    ),
)


class WorkForm(FilingForm):
    work = forms.ChoiceField(
        label=_("Choose the kind of work"),
        choices=[(w.value, format_lazy("{}: {}", w.area.label, w.activity.label)) for w in WORKS],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what you did for this customer."),
            "invalid_choice": _("Choose one of the kinds of work in the list."),
        },
    )
    name = NameField(
        label=_("Name of this claim"),
        max_length=120,
        help_text=_(
            "Only you, your colleagues and the reviewers see it, for example “Teams rollout 2026”. "
            "Up to 120 characters."
        ),
        error_messages={"required": _("Give this claim a name.")},
    )

    def read_claim(self) -> dict:
        has_work = self.claim.solution_area and self.claim.activity
        return {
            "work": f"{self.claim.solution_area}/{self.claim.activity}" if has_work else "",
            "name": self.claim.name,
        }

    def configure(self) -> None:
        self.fields["work"].disabled = not self.claim.is_draft
        # A name typed while a colleague submitted the claim is refused with a reason, not silently lost.
        self.fields["name"].disabled = not self.claim.is_draft and "name" not in self.data

    @cached_property
    def helper(self) -> FormHelper:
        """Return the layout: each kind of work stands with when it applies, so it has its own template."""
        if self.claim.is_draft:
            work = Field("work", template="associations/filing/work_choices.html")
        else:
            work = include("associations/filing/work_fixed.html")
        names = [] if self.fields["name"].disabled else [Div("name", css_class="panel")]
        return make_helper(Div(work, css_class="panel"), *names)

    @property
    def groups(self) -> list[tuple[str, list[dict]]]:
        """Return the choices by solution area, each with the sentence on when it applies."""
        chosen = self["work"].value()
        by_area: dict[str, list[dict]] = {}
        for number, work in enumerate(WORKS):
            option = {
                "id": f"{self['work'].auto_id}_{number}",
                "value": work.value,
                "label": work.activity.label,
                "applies": work.applies,
                "is_chosen": work.value == chosen,
            }
            by_area.setdefault(work.area.label, []).append(option)
        return list(by_area.items())

    def clean_work(self) -> str:
        work = self.cleaned_data["work"]
        area, activity = work.split("/")
        words = describe_missing_enrollment(self.claim.location, area, activity, now=timezone.now())
        if self.claim.is_draft and words:
            raise forms.ValidationError(words)
        return work

    def save(self, *, revision: int | None) -> Claim:
        facts = {"name": self.cleaned_data["name"]}
        if self.claim.is_draft:
            facts["solution_area"], facts["activity"] = self.cleaned_data["work"].split("/")
        words = _("The kind of work changed, so choose the products again.")
        return self.save_facts(facts, revision=revision, note=str(words))
