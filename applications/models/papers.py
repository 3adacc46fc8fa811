"""Papers that came with an application."""

from django.db import models

from applications.models.entries import Application
from applications.models.programmes import Programme
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


class PaperRule(models.Model):
    """需要的材料, as dated data: which papers a programme asks for and of whom.

    Without a programme it is about recognition. The copy of ID card or hukou is asked of everybody
    (requirement row 0-24) and is no rule of these.
    """

    class When(models.TextChoices):
        ALWAYS = "always", "每个人"
        CLAIMED = "claimed", "自报所列特殊群体的"
        ILL = "ill", "家中有重病患者的"
        BEFALLEN = "befallen", "遭受灾害或意外的"

    class Level(models.TextChoices):
        MUST = "must", "没有不能提交"
        SHOULD = "should", "没有时提醒"

    code = models.CharField(max_length=32)
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, related_name="paper_rules")
    label = models.CharField("材料", max_length=48)
    # Kinds of `Attachment`; any of them will do.
    kinds = models.JSONField("种类")
    when = models.CharField("对象", max_length=12, choices=When.choices, default=When.ALWAYS)
    # Codes of special groups: whom CLAIMED is about, and whose tag makes the paper needless.
    groups = models.JSONField("特殊群体", default=list)
    # A department's list proves it already: no paper from those on it (any list without groups).
    listed_exempt = models.BooleanField("名单内免交", default=True)
    level = models.CharField("要求", max_length=8, choices=Level.choices, default=Level.SHOULD)
    basis = models.CharField("依据", max_length=96, blank=True)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True)

    class Meta:
        ordering = ["programme", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "programme", "valid_from"],
                name="paper_rule_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.label
