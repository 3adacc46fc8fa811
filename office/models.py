"""What any office needs: long work, private files, deadlines and messages."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from schools.models import Appointment, Person
from schools.roles import Role
from schools.tenancy import OrganisationModel


class StoredFile(OrganisationModel):
    """A private file. Its bytes lie sealed under `path`; the name shown never carries a person."""

    name = models.CharField("文件名", max_length=128)
    purpose = models.CharField("用途", max_length=32)
    media_type = models.CharField(max_length=96)
    size = models.PositiveBigIntegerField("字节")
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=128, unique=True)
    created_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "purpose"], name="file_purpose")]

    def __str__(self) -> str:
        return self.name


class Job(OrganisationModel):
    """Long work and how far it is. This row is the truth; Celery only carries its id."""

    class Status(models.TextChoices):
        WAITING = "waiting", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "没有完成"
        CANCELLED = "cancelled", "已停止"

    kind = models.CharField(max_length=48)
    label = models.CharField("事项", max_length=96)
    # Ids and codes only; never a name or a number of a person.
    params = models.JSONField(default=dict)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=200, blank=True)
    result = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    wanted_by = models.ForeignKey(Appointment, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.CharField(max_length=32, blank=True)
    stop_wanted = models.BooleanField(default=False)
    # Digest of who wants what, where the same need not be made twice at once; else empty.
    once = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-created_at"], name="job_recent"),
            models.Index(
                fields=["status", "heartbeat_at"],
                name="job_alive",
                condition=Q(status__in=("waiting", "running")),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "once"],
                name="job_wanted_once",
                condition=Q(status__in=("waiting", "running"), stop_wanted=False) & ~Q(once=""),
            ),
            models.CheckConstraint(name="job_done_le_total", condition=Q(done__lte=F("total"))),
            models.CheckConstraint(
                name="job_finished_stamp",
                condition=Q(status__in=("waiting", "running"), finished_at=None)
                | (~Q(status__in=("waiting", "running")) & Q(finished_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}（{self.get_status_display()}）"

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "waiting": "draft",
        "running": "active",
        "done": "done",
        "failed": "bad",
        "cancelled": "draft",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in (self.Status.DONE, self.Status.FAILED, self.Status.CANCELLED)


class Deadline(OrganisationModel):
    """Something due on a day, owed by everyone who holds `role` (or one person) there.

    `key` names what it is about, so that opening the same round twice makes one deadline.
    """

    key = models.CharField(max_length=96)
    title = models.CharField("事项", max_length=96)
    due_on = models.DateField("截止日期")
    # 暂定: the official calendar did not reach so far when the day was computed.
    provisional = models.BooleanField(default=False)
    role = models.CharField(max_length=16, choices=Role.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    url = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "key", "role"], name="deadline_once")
        ]
        indexes = [
            models.Index(fields=["due_on"], name="deadline_open", condition=Q(closed_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.due_on}）"


class Message(OrganisationModel):
    """A line in a person's inbox at one organisation; also mailed where an address is known."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    title = models.CharField("标题", max_length=96)
    body = models.CharField("内容", max_length=400, blank=True)
    url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "person", "-created_at"], name="message_inbox")
        ]

    def __str__(self) -> str:
        return self.title


class Reminder(OrganisationModel):
    """That a person was reminded of a deadline so many working days before; once each."""

    deadline = models.ForeignKey(Deadline, models.CASCADE, related_name="reminders")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    workdays_before = models.SmallIntegerField()
    message = models.ForeignKey(Message, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deadline", "person", "workdays_before"], name="reminder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id}→{self.person_id}"
