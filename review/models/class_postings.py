"""班内公示: that the class's result hung in the class for three working days (`domain.md` §D.3)."""

from django.db import models
from django.db.models import F, Q

from review.models.cases import Appraisal
from review.models.photos import KEPT_OR_REMOVED, Photo
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel


class ClassPosting(TenantModel):
    """One posting of what a class panel suggested; a result changed later hangs anew.

    One that was told wrongly is withdrawn with a reason and told anew; it is never lost.
    """

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
    withdrawn_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.CharField("撤回原因", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "appraisal", "of_finish"],
                name="class_posting_once",
                condition=Q(withdrawn_at=None),
            ),
            models.CheckConstraint(
                name="class_posting_withdrawal",
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawal_reason="")
                | (
                    Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                    & ~Q(withdrawal_reason="")
                ),
            ),
            models.CheckConstraint(
                name="class_posting_period", condition=Q(ends_on__gt=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appraisal_id} {self.starts_on}"


class ClassPhoto(Photo):
    """One photograph of the sheet in class."""

    posting = TenantForeignKey(ClassPosting, related_name="photos")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "file"], name="class_photo_file"),
            models.CheckConstraint(name="class_photo_removal", condition=KEPT_OR_REMOVED),
        ]
        indexes = [models.Index(fields=["school", "posting"], name="class_photo_posting")]

    def __str__(self) -> str:
        return f"{self.posting_id}"
