from django.db import models

from ..enums import FigureKind


class ReviewFigure(models.Model):
    """One number about the reviews of one day, in the operator's time zone; ``figures`` writes it once [R61].

    ``key`` says what was counted: the whole hours that a decision took, a rejection reason, or a partner's
    number. A row of the kind DAY says that the day is complete, even if nothing happened on it.
    """

    day = models.DateField()
    kind = models.CharField(max_length=20, choices=FigureKind)
    key = models.CharField(max_length=30, blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "kind", "key"], name="review_figure_once")
        ]

    def __str__(self):
        return f"{self.day:%Y-%m-%d} {self.kind} {self.key}: {self.count}"
