"""班内公示: that the class's result hung in the class for three working days (`domain.md` §D.3)."""

from django.db import models
from django.db.models import F, Q

from review.models.cases import Appraisal
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel


class ClassPosting(TenantModel):
    """One posting of what a class panel suggested; a result changed later hangs anew."""

    class Naming(models.TextChoices):
        NAMES = "names", "姓名和建议等级"
        CODES = "codes", "编号和建议等级"

    appraisal = TenantForeignKey(Appraisal, related_name="postings")
    # `Appraisal.finish_at` of the result that hung there.
    of_finish = models.DateTimeField()
    naming = models.CharField("列什么", max_length=8, choices=Naming.choices)
    starts_on = models.DateField("张贴日期")
    ends_on = models.DateField("公示期止")
    place = models.CharField("张贴地点", max_length=48)
    posted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    posted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "appraisal", "of_finish"], name="class_posting_once"
            ),
            models.CheckConstraint(
                name="class_posting_period", condition=Q(ends_on__gt=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appraisal_id} {self.starts_on}"
