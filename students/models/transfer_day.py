"""更正转出日期: the day of an accepted transfer was wrong, and both schools count months by it.

The table. A `TransferDay` belongs to the sender, like the `Transfer` that it is about. It says
which day was recorded (`before`), which is right (`on`), and since when the student had been
suspended there when he left (`away_since`). The receiver reads it and writes its answer alone.

The moves, and what each writes:

    —                    propose   the sender's 经办         nothing
    proposed → agreed    agree     the receiver's 经办       the receiver's own 转入 change
    proposed → declined  decline   the receiver's 经办       nothing; the reason is `answer`
    proposed → withdrawn withdraw  the sender's 经办         nothing
    agreed   → signed    sign      the sender's 2nd person   change, 离校日期 and transfer there
    agreed   → refused   refuse    the sender's 2nd person   nothing; the reason is `refusal`
    refused  → restored  restore   the receiver's 经办       its own change, back as it was

So neither school writes the other's rows, and an end is reached from everywhere.

Between which days. Not before the sender's change before it, 入学日期 or birth; not after the day
on which he came to the receiver, nor after the sender's next change, where he has come back. Since
each school records in the order of days, nothing of what came later is out of order by it: whether
he went on to a third school, or back to the first, is no matter here and stays as it is recorded.
离校日期 follows only who has not come back. Which months each of the schools pays follows its own
days (`aid_was_away`), and whoever was given a month keeps it (`aid_months_elsewhere`).

The refusals. Proposing: not the sender's 经办, a transfer that is not accepted, a day to come, the
same day, one that was put right meanwhile, one out of these bounds, no reason, another correction
under way. Agreeing: not the receiver's 经办, a day after the student came there (到校日期 is put
right first), since when he rested put right by the sender meanwhile. Signing: not the second
person, and whatever refuses a proposal by then. While it is agreed or to be restored, the
receiver's 到校日期 stays after the day in force.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.moves import Move, move
from schools.models import Person, School
from schools.tenancy import TenantForeignKey, TenantModel
from students.models.transfer import Transfer


def _stamped(verb: str, *statuses: str) -> Q:
    """Who and when are known in these statuses, and in no others."""
    known = {f"{verb}_at__isnull": False, f"{verb}_by__isnull": False}
    unknown = {f"{verb}_at": None, f"{verb}_by": None}
    return Q(status__in=statuses, **known) | (~Q(status__in=statuses) & Q(**unknown))


def _said(name: str, *statuses: str) -> Q:
    """A reason is written in these statuses, and in no others."""
    return (Q(status__in=statuses) & ~Q(**{name: ""})) | (~Q(status__in=statuses) & Q(**{name: ""}))


_AGREED = ("agreed", "signed", "refused", "restored")


class TransferDay(TenantModel):
    """Another day for an accepted transfer: proposed, agreed by the receiver, signed at home."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待转入学校同意"
        AGREED = "agreed", "待转出学校审核"
        SIGNED = "signed", "已更正"
        DECLINED = "declined", "转入学校已退回"
        WITHDRAWN = "withdrawn", "已撤回"
        REFUSED = "refused", "审核未同意，待恢复"
        RESTORED = "restored", "审核未同意，已恢复"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("agree", "同意更正转出日期", Status.PROPOSED, Status.AGREED),
        move("decline", "退回转出日期的更正", Status.PROPOSED, Status.DECLINED),
        move("withdraw", "撤回转出日期的更正", Status.PROPOSED, Status.WITHDRAWN),
        move("sign", "审核同意更正转出日期", Status.AGREED, Status.SIGNED),
        move("refuse", "审核不同意更正转出日期", Status.AGREED, Status.REFUSED),
        move("restore", "恢复原来的转出日期", Status.REFUSED, Status.RESTORED),
    )
    # One at a time: the next one begins where both schools have the same day.
    OPEN: ClassVar[tuple[str, ...]] = ("proposed", "agreed", "refused")
    STATUS_TONES: ClassVar[dict[str, str]] = {
        "proposed": "wait",
        "agreed": "active",
        "signed": "done",
        "declined": "bad",
        "withdrawn": "draft",
        "refused": "bad",
        "restored": "draft",
    }

    transfer = TenantForeignKey(Transfer, related_name="days")
    to_school = models.ForeignKey(
        School, models.PROTECT, related_name="+", db_index=False, verbose_name="转入学校"
    )
    before = models.DateField("原来的转出日期")
    on = models.DateField("更正后的转出日期")
    away_since = models.DateField("在原校休学的日期", null=True)
    reason = models.CharField("更正的原因", max_length=120)
    answer = models.CharField("退回原因", max_length=120, blank=True)
    refusal = models.CharField("不同意的原因", max_length=120, blank=True)
    # The receiver's 转入 change, which the sender can't read: no key leads there.
    taken = models.BigIntegerField("转入记录", null=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PROPOSED)
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    agree_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    agree_at = models.DateTimeField(null=True)
    decline_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decline_at = models.DateTimeField(null=True)
    withdraw_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdraw_at = models.DateTimeField(null=True)
    sign_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    sign_at = models.DateTimeField(null=True)
    refuse_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    refuse_at = models.DateTimeField(null=True)
    restore_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    restore_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "transfer"],
                name="transferday_open_once",
                condition=Q(status__in=("proposed", "agreed", "refused")),
            ),
            models.CheckConstraint(name="transferday_moved", condition=~Q(on=F("before"))),
            models.CheckConstraint(
                name="transferday_away", condition=Q(away_since=None) | Q(away_since__lte=F("on"))
            ),
            models.CheckConstraint(
                name="transferday_two_schools", condition=~Q(to_school=F("school"))
            ),
            models.CheckConstraint(
                name="transferday_second_person",
                condition=(Q(sign_by=None) | ~Q(sign_by=F("proposed_by")))
                & (Q(refuse_by=None) | ~Q(refuse_by=F("proposed_by"))),
            ),
            models.CheckConstraint(
                name="transferday_said",
                condition=~Q(reason="")
                & _said("answer", "declined")
                & _said("refusal", "refused", "restored"),
            ),
            models.CheckConstraint(
                name="transferday_answered",
                condition=_stamped("agree", *_AGREED)
                & _stamped("decline", "declined")
                & _stamped("restore", "restored")
                & (
                    Q(status__in=_AGREED, taken__isnull=False)
                    | (~Q(status__in=_AGREED) & Q(taken=None))
                ),
            ),
            models.CheckConstraint(
                name="transferday_stamps",
                condition=_stamped("withdraw", "withdrawn")
                & _stamped("sign", "signed")
                & _stamped("refuse", "refused", "restored"),
            ),
        ]
        indexes = [
            models.Index(fields=["school", "-proposed_at"], name="transferday_out"),
            models.Index(fields=["to_school", "status"], name="transferday_in"),
        ]

    def __str__(self) -> str:
        return f"{self.transfer.name}转出日期的更正"

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]
