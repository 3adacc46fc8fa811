"""公示影像: the photographs that show a notice on the board (requirement row 0-60)."""

from django.db import models
from django.db.models import F, Q

from review.models.notices import Notice
from review.models.photos import KEPT_OR_REMOVED, Photo
from schools.tenancy import TenantForeignKey


class PostingPhoto(Photo):
    """One photograph of the posted notice."""

    notice = TenantForeignKey(Notice, related_name="photos")
    posted_on = models.DateField("张贴日期")
    place = models.CharField("张贴地点", max_length=48)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "file"], name="posting_photo_file"),
            models.CheckConstraint(name="posting_photo_removal", condition=KEPT_OR_REMOVED),
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
