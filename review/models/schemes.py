"""量化评估表 as dated data: who may change it, from when it counts."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.moves import Move, move
from schools.models import Organisation, Person


class ScoringScheme(models.Model):
    """量化评估: items, points, caps and thresholds as data (`domain.md` §C.1); kept once used.

    `rules` = {"items": [{"code", "label", "field", "options": [{"when", "points", "label"}],
    "cap_group", "evidence"}], "caps": {group: points}, "cap_names": {group: name}, "thresholds":
    [{"grade", "from"}], "direct": [{"field", "when", "grade", "label", "points", "evidence"}],
    "below_zero", "basis", "note"}; what may be asked and what proves it: `review.facts`.
    A bureau or a school that scores otherwise has versions of its own, put in force by a second
    person; a bureau's are compulsory for its schools, or hold where a school has none.
    """

    # The one that holds where nobody has another; others without an owner are styles to copy from.
    NATIONAL = "national"

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        ENACTED = "enacted", "已启用"
        DISCARDED = "discarded", "已作废"

    class Binding(models.TextChoices):
        MAY = "may", "学校可以另定"
        MUST = "must", "学校必须使用"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("enact", "启用评估表", Status.DRAFT, Status.ENACTED),
        move("discard", "作废评估表", Status.DRAFT, Status.DISCARDED),
    )

    code = models.CharField(max_length=24)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=48)
    rules = models.JSONField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ENACTED)
    # Whose it is; None for the national one, which holds where nothing else does.
    owner = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    base = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    # Rounds that open on this day or later are scored by it.
    valid_from = models.DateField("启用日期", null=True)
    # What a bureau's version means for its schools; a school's own says nothing to anybody.
    binding = models.CharField("约束力", max_length=4, choices=Binding.choices, default=Binding.MAY)
    drafted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField(null=True)
    enact_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    enact_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="scheme_once"),
            models.UniqueConstraint(
                fields=["owner"], name="scheme_draft_once", condition=Q(status="draft")
            ),
            models.CheckConstraint(
                name="scheme_second_person",
                condition=Q(owner=None)
                | ~Q(status="enacted")
                | (
                    Q(enact_by__isnull=False, enact_at__isnull=False, valid_from__isnull=False)
                    & ~Q(enact_by=F("drafted_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} 第{self.version}版"

    @property
    def is_style(self) -> bool:
        """Whether it is a province's style, to be copied from, which holds for nobody."""
        return self.owner_id is None and self.code != self.NATIONAL

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "draft": "wait",
        "enacted": "done",
        "discarded": "draft",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]
