"""What the customer was asked in a case, whether the email arrived, and what counts of the answers."""

from dataclasses import dataclass

from django.db.models import Prefetch

from notifications.enums import NOT_SENT, State

from ...enums import CaseChoice
from ...models import CaseAnswer, CaseQuestion, MediationCase


@dataclass(frozen=True)
class Asked:
    """A question to one person. ``is_withdrawn``: it named other sides than the case has now."""

    question: CaseQuestion
    answers: list[tuple[CaseAnswer, str]]
    counts: CaseAnswer | None
    is_withdrawn: bool

    @property
    def email(self) -> dict:
        """Return the state of the email, its look and icon, and what the mail server said."""
        message = self.question.message
        if message is None:
            return {}
        look, icon = "plain", "clock"
        if message.state == State.SENT:
            look, icon = "on-time", "check"
        elif message.state in NOT_SENT:
            look, icon = "late", "warning"
        said = message.answer if message.state == State.SENT else message.last_error
        return {"label": State(message.state).label, "look": look, "icon": icon, "said": said}


def list_questions(case: MediationCase) -> list[CaseQuestion]:
    """Return all questions of a case with their emails and answers; at most two queries."""
    answers = Prefetch("answers", queryset=CaseAnswer.objects.select_related("partner"))
    return list(case.questions.select_related("message").prefetch_related(answers))


def show_questions(questions: list[CaseQuestion]) -> list[Asked]:
    """Return the questions for the page; the newest answer to one that was not withdrawn counts."""
    standing = {each.pk for each in questions if each.is_current}
    answers = [each for question in questions for each in question.answers.all()]
    valid = [each for each in answers if each.question_id in standing]
    counts = max(valid, key=lambda each: each.pk, default=None)
    return [
        Asked(
            question,
            [(each, describe_answer(each)) for each in question.answers.all()],
            counts,
            is_withdrawn=question.pk not in standing,
        )
        for question in questions
    ]


def describe_answer(answer: CaseAnswer) -> str:
    """Put an answer into words for staff."""
    return str(answer.partner or CaseChoice(answer.choice).label)
