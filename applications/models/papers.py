"""Papers that came with an application."""

from django.db import models

from applications.models.entries import Application
from applications.models.visits import HomeVisit
from office.models import StoredFile
from schools.tenancy import TenantForeignKey, TenantModel


class Attachment(TenantModel):
    """A paper that came with an application, kept in the private store."""

    class Kind(models.TextChoices):
        ID_CARD = "id_card", "身份证"
        HUKOU = "hukou", "户口簿"
        ALLOWANCE = "allowance", "低保、特困等证件"
        DISABILITY = "disability", "残疾证"
        MEDICAL = "medical", "病历或诊断证明"
        DISASTER = "disaster", "灾害或事故证明"
        INCOME = "income", "收入证明"
        COMMITMENT = "commitment", "手写承诺书"
        OTHER = "other", "其他材料"
        HOME_VISIT = "home_visit", "家访照片"

    application = TenantForeignKey(Application, related_name="attachments")
    kind = models.CharField("材料", max_length=32, choices=Kind.choices)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    # Photographs that a home visit brought.
    visit = TenantForeignKey(HomeVisit, null=True, related_name="photos")
    added_at = models.DateTimeField("上传时间")

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def is_picture(self) -> bool:
        """Whether a page can show it; a PDF is opened by itself."""
        return self.file.media_type.startswith("image/")
