"""Emails to the contact of a notice, with its link, in everyday words [R20]."""

from collections.abc import Collection

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cpor_site.web.countries import name_country
from notifications.models import Message
from notifications.outbox import Recipient

from ..claims.deadlines import Deadline
from ..display.sentences import describe_asker, describe_data, describe_deadline, join_products
from ..enums import CaseChoice, ClaimEmail
from ..models import (
    Association,
    CaseAnswer,
    CaseQuestion,
    CaseSide,
    Claim,
    CustomerNotice,
    MediationCase,
)
from .wording import Value, absolute, queue


def customer_notice(
    notice: CustomerNotice,
    *,
    products: Collection[Association],
    deadline: Deadline,
    may_end_later: bool,
) -> None:
    """Ask the contact whether ``products`` may become official, and link the email to the notice.

    ``deadline`` is what it would be now; ``describe_promise`` finds the real one when the email is sent.
    """
    with translation.override(notice.language):
        promised = describe_promise(notice.claim, deadline, may_end_later=may_end_later)
    notice.message = tell_customer(
        ClaimEmail.CUSTOMER_NOTICE,
        notice,
        key=f"customer-notice:{notice.pk}",
        products=lambda: join_products(products),
        data_seen=lambda: describe_data(products),
        about_url=absolute(reverse("about-cpor")),
        **promised,
    )
    notice.save(update_fields=["message"])


def describe_promise(claim: Claim, deadline: Deadline, *, may_end_later: bool) -> dict[str, str]:
    """Return a notice's values that are computed again as it is sent, in the active language [R20], [R21].

    ``may_end_later``: others receive the same notice. The deadline then counts from the day on which the
    last of them was reached, so it is never earlier than any email says.
    """
    return {
        "deadline": describe_deadline(deadline.at, deadline.time_zone),
        "if_later": _describe_later_end() if may_end_later else "",
        "asker": describe_asker(claim),
        "location": _describe_location(claim),
    }


def tell_customer(
    kind: ClaimEmail, notice: CustomerNotice, *, key: str, **values: Value
) -> Message:
    """Queue an email to the contact of a notice, with its link."""
    to = Recipient(email=notice.email, name=notice.name, language=notice.language)
    facts: dict[str, Value] = {
        "partner": str(notice.claim.partner),
        "organisation": str(notice.claim.tenant),
        "why_you": lambda: _describe_registration(notice),
        "url": absolute(reverse("associations:opt-out", args=[notice.token])),
    }
    return queue(kind, key=key, to=to, values={**facts, **values})


def _describe_registration(notice: CustomerNotice) -> str:
    """Say why a contact not named by the partner gets an email [R57]; return "" for one who was."""
    if not notice.is_to_registered:
        return ""
    return _(
        "You received this email because you are registered with %(operator)s as a contact of "
        "%(organisation)s."
    ) % {"operator": settings.OPERATOR_NAME, "organisation": notice.claim.tenant}


def _describe_location(claim: Claim) -> str:
    """Return the partner's location that asks, with its country in the reader's language."""
    return f"{claim.location.name}, {name_country(claim.location.country)}"


def _describe_later_end() -> str:
    return _(
        "A colleague also receives this email. If theirs arrives later, you both have more time: "
        "the page behind the link always shows the current deadline."
    )


def customer_case_question(question: CaseQuestion, sides: Collection[CaseSide]) -> None:
    """Ask the contact with which partner the customer works, and link the email to the question [R33].

    Both partners are named with their statements, in the order of their names: neither comes first by merit.
    """
    listed = sorted(sides, key=lambda each: each.partner.name)
    question.message = _tell_asked(
        ClaimEmail.CUSTOMER_CASE_QUESTION,
        question,
        key=f"customer-case-question:{question.pk}",
        partners="\n".join(each.partner.name for each in listed),
        deadline=lambda: describe_answer_limit(question.case),
    )
    question.save(update_fields=["message"])


def customer_case_answer(question: CaseQuestion, answer: CaseAnswer) -> None:
    """Confirm what the contact answered, and until when it can be changed."""
    _tell_asked(
        ClaimEmail.CUSTOMER_CASE_ANSWER,
        question,
        key=f"customer-case-answer:{answer.pk}",
        answer=lambda: describe_choice(answer),
        deadline=lambda: describe_answer_limit(question.case),
    )


def describe_choice(answer: CaseAnswer) -> str:
    """Put a customer's answer into words for the customer."""
    if answer.partner is not None:
        return answer.partner.name
    if answer.choice == CaseChoice.NEITHER:
        return _("None of them")
    return _("%(operator)s decides") % {"operator": settings.OPERATOR_NAME}


def _tell_asked(kind: ClaimEmail, question: CaseQuestion, *, key: str, **values: Value) -> Message:
    to = Recipient(email=question.email, name=question.name, language=question.language)
    case = question.case
    facts: dict[str, Value] = {
        "organisation": str(case.tenant),
        "product": str(case.product),
        "url": absolute(reverse("associations:case-question", args=[question.token])),
    }
    return queue(kind, key=key, to=to, values={**facts, **values})


def describe_answer_limit(case: MediationCase) -> str:
    """Return until when the customer can answer, in words, where the customer is."""
    return describe_deadline(case.asked_until, case.tenant.time_zone)
