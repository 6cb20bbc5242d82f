"""Assigning several claims at once, from the review queue [R15], [R62]."""

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cpor_site.web.admin_lists import COUNT_LIMIT
from partners.models import User

from ...claims.lifecycle import LifecycleError
from ...forms.review import ReviewerField
from ...review import assignment

CHOICES, CHOICES_KEPT = "review-queue-reviewers", 60  # seconds


def list_choices() -> list[tuple[int, str]]:
    """Return (key, name) of everyone who may review claims, at most a minute old; assigning checks again."""
    kept: list[tuple[int, str]] | None = cache.get(CHOICES)
    if kept is None:
        kept = [(each.pk, str(each)) for each in assignment.list_reviewers()]
        cache.set(CHOICES, kept, CHOICES_KEPT)
    return kept


def read_reviewer(request) -> User | None:
    """Return the colleague chosen below the list; say what is wrong and return None without one."""
    field = ReviewerField()
    try:
        return field.clean(request.POST.get("reviewer", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return None


def assign_selected(request, claims, *, to: User | None = None) -> None:
    """Assign claims to ``to``, or to the user; name and skip those in which either has a stake [R19].

    ``select_across`` means everything that the list's filters find and both may review. It is refused for
    more claims than the list counts: that would be hours of work for one request.
    """
    if request.POST.get("select_across") == "1":
        claims = claims.exclude(partner__memberships__user__in=[request.user, to or request.user])
        if len(claims.order_by().values_list("pk")[: COUNT_LIMIT + 1]) > COUNT_LIMIT:
            words = _("More than %(count)d claims match these filters. Narrow them first.")
            messages.error(request, words % {"count": COUNT_LIMIT})
            return
    done = 0
    for claim in claims:
        try:
            assignment.assign_claim(claim, actor=request.user, to=to, now=timezone.now())
            done += 1
        except LifecycleError as error:
            messages.error(request, f"{claim.reference}: {error}")
    if done:
        messages.success(request, _describe(done, to))


def _describe(done: int, to: User | None) -> str:
    if to is None:
        return ngettext("%(count)d claim is yours.", "%(count)d claims are yours.", done) % {
            "count": done
        }
    words = ngettext(
        "%(count)d claim is now assigned to %(name)s.",
        "%(count)d claims are now assigned to %(name)s.",
        done,
    )
    return words % {"count": done, "name": to}
