"""Where someone is who stands on a department's list and on no roster (requirement row 2-03)."""

from django.db import models

from privacy.fields import BlindIndexField
from schools.models import Person
from schools.tenancy import OrganisationModel


class Whereabouts(OrganisationModel):
    """去向: what the bureau found out, once per person, whichever list he stands on next."""

    class Outcome(models.TextChoices):
        ELSEWHERE = "elsewhere", "在外地就读"
        ROSTER = "roster", "在校，名册待更正"
        DROPPED_OUT = "dropped_out", "失学，劝返中"
        RETURNED = "returned", "已劝返入学"
        YOUNG = "young", "未到入学年龄"
        FINISHED = "finished", "已毕业"
        UNABLE = "unable", "因病因残未入学，送教或缓学"
        MOVED = "moved", "已迁出"
        DEAD = "dead", "死亡"
        OTHER = "other", "其他"

    # As `DepartmentListRow.id_blind`.
    person_blind = BlindIndexField()
    outcome = models.CharField("去向", max_length=12, choices=Outcome.choices)
    note = models.CharField("说明", max_length=200, blank=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "person_blind"], name="whereabouts_once"
            ),
            models.CheckConstraint(
                name="whereabouts_other_told",
                condition=~models.Q(outcome="other") | ~models.Q(note=""),
            ),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()
