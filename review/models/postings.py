"""公示影像: the photographs that show a notice on the board (requirement row 0-60)."""

from django.db import models
from django.db.models import F, Q

from office.models import StoredFile
from review.models.notices import Notice
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel


class PostingPhoto(TenantModel):
    """One photograph of the posted notice; a wrong one is put aside with a reason, never lost."""

    notice = TenantForeignKey(Notice, related_name="photos")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    posted_on = models.DateField("张贴日期")
    place = models.CharField("张贴地点", max_length=48)
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removal_reason = models.CharField("撤下原因", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "file"], name="posting_photo_file"),
            models.CheckConstraint(
                name="posting_photo_removal",
                condition=Q(removed_at=None, removed_by=None, removal_reason="")
                | (Q(removed_at__isnull=False, removed_by__isnull=False) & ~Q(removal_reason="")),
            ),
            models.CheckConstraint(
                name="posting_photo_order",
                condition=Q(removed_at=None) | Q(removed_at__gte=F("added_at")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["school", "notice"],
                name="posting_photo_kept",
                condition=Q(removed_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.posted_on}"
