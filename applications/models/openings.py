"""Rounds that a term's beginning opens by itself: which were, and what a school wants otherwise."""

from django.db import models
from django.db.models import Q

from applications.models.programmes import Programme
from applications.models.rounds import Round
from schools.models import Person, Term
from schools.tenancy import TenantModel


class AutoOpening(TenantModel):
    """自动开批次: that a round was opened by itself, once in a term.

    It stays when the school takes the round back, so that nothing opens it again, unless the day
    on which the term starts was wrong then and is corrected.
    """

    kind = models.CharField(max_length=12, choices=Round.Kind.choices)
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, related_name="+")
    # As the calendar had it then.
    starts_on = models.DateField("开学日期")
    opened_at = models.DateTimeField()
    take_back_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    take_back_at = models.DateTimeField(null=True)
    take_back_reason = models.CharField("撤销原因", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "term", "starts_on", "kind", "programme"],
                name="auto_opening_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="auto_opening_taken_back",
                condition=Q(take_back_at=None, take_back_by=None, take_back_reason="")
                | (
                    Q(take_back_at__isnull=False, take_back_by__isnull=False)
                    & ~Q(take_back_reason="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term_id} {self.kind}"


class OpeningPause(TenantModel):
    """不自动开启: the school opens rounds of this kind by hand until it says otherwise."""

    kind = models.CharField(max_length=12, choices=Round.Kind.choices)
    paused_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    paused_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "kind"], name="opening_pause_once")
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
