"""Who and when: organisations, people, accounts, appointments, terms and calendar days."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from privacy.fields import BlindIndexField, SealedField
from schools.roles import CHECKERS, MAKERS, Duty, Role


class Stage(models.TextChoices):
    """教育学段 (requirement row 2-02)."""

    PRESCHOOL = "preschool", "学前"
    PRIMARY = "primary", "小学"
    JUNIOR = "junior", "初中"
    SENIOR = "senior", "普通高中"
    VOCATIONAL = "vocational", "中等职业"


class Organisation(models.Model):
    """A school or a bureau. `code` is what commands and files call it."""

    class Kind(models.TextChoices):
        CITY = "city", "市教委"
        DISTRICT = "district", "区教育局"
        SCHOOL = "school", "学校"

    code = models.CharField("代码", max_length=16, unique=True)
    name = models.CharField("名称", max_length=64)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # 主管部门; the city has none.
    superior = models.ForeignKey("self", models.PROTECT, null=True, related_name="subordinates")
    contact_name = models.CharField("联系人", max_length=32, blank=True)
    contact_phone = models.CharField("联系电话", max_length=32, blank=True)
    contact_email = models.CharField("电子邮箱", max_length=64, blank=True)
    address = models.CharField("地址", max_length=128, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_school(self) -> bool:
        """Whether it is a school rather than a bureau."""
        return self.kind == self.Kind.SCHOOL


class Bureau(Organisation):
    """区教育局 or 市教委 with its aid centre."""

    region_code = models.CharField("行政区划代码", max_length=6)


class School(Organisation):
    """A school, the tenant. Its superior (主管部门) may differ from its territory (属地)."""

    stage = models.CharField("学段", max_length=12, choices=Stage.choices)
    territory = models.ForeignKey(Bureau, models.PROTECT, related_name="schools_located")
    is_private = models.BooleanField("民办", default=False)
    has_boarding = models.BooleanField("有寄宿", default=False)
    # With whom it is run jointly (row 3-05); empty where it is not.
    joint_with = models.CharField("联合办学单位", max_length=64, blank=True)


class Reach(models.Model):
    """Which schools an organisation reaches: itself, its subordinates', those in its territory.

    The database's walls read this table; `schools.actions.found` writes it.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="reaches")
    school = models.ForeignKey(School, models.CASCADE, related_name="reached_from")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "school"], name="reach_once")
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}→{self.school_id}"


class Person(models.Model):
    """A human being, one row however many accounts and offices; unique by the ID number's index."""

    name = models.CharField("姓名", max_length=64)
    id_number = SealedField("身份证号", mask="id")
    id_blind = BlindIndexField(unique=True)
    phone = SealedField("手机", mask="phone")
    email = models.EmailField("电子邮箱", blank=True)

    def __str__(self) -> str:
        return self.name


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts; there are no anonymous or shared ones."""

    def create_user(self, username: str, password: str, person: Person, **extra: Any) -> "Account":
        """A new account of `person`."""
        account = self.model(username=username, person=person, **extra)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> "Account":
        """Sign-in reads the person in the same query."""
        return self.select_related("person").get(username=username)


class Account(AbstractBaseUser, PermissionsMixin):
    """A way to sign in. A person may have several; duties are counted by person."""

    username = models.CharField("账号", max_length=32, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="accounts")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    password_changed_on = models.DateField(null=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[AccountManager] = AccountManager()

    def __str__(self) -> str:
        return self.username


def _point(expression: str) -> Func:
    # A one-number range lets the built-in range index compare ids; no extension is needed.
    return Func(F(expression), F(expression), Value("[]"), function="int8range")


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Questions about appointments."""

    def valid_on(self, day: date) -> "AppointmentQuerySet":
        """Appointments in force on `day`."""
        return self.filter(period__contains=day)


class Appointment(models.Model):
    """A person in a role of an organisation for a period (the actor of every action).

    The database keeps making and checking apart for one person at one organisation and time.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="appointments")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="appointments")
    role = models.CharField("职责", max_length=16, choices=Role.choices)
    duty = models.CharField(max_length=8, choices=Duty.choices)
    period = DateRangeField("任期")

    objects: ClassVar[AppointmentQuerySet] = AppointmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="appointment_duty_of_role",
                condition=Q(role__in=sorted(MAKERS), duty="maker")
                | Q(role__in=sorted(CHECKERS), duty="checker")
                | (~Q(role__in=sorted(MAKERS | CHECKERS)) & Q(duty="neutral")),
            ),
            ExclusionConstraint(
                name="maker_is_not_checker",
                index_type="gist",
                expressions=[
                    (_point("person_id"), RangeOperators.OVERLAPS),
                    (_point("organisation_id"), RangeOperators.OVERLAPS),
                    ("period", RangeOperators.OVERLAPS),
                    # Maker is [1,2), checker [2,3): adjacent to each other, never to themselves.
                    (
                        Func(
                            models.Case(
                                models.When(duty="maker", then=Value(1)),
                                models.When(duty="checker", then=Value(2)),
                                default=Value(9),
                            ),
                            models.Case(
                                models.When(duty="maker", then=Value(2)),
                                models.When(duty="checker", then=Value(3)),
                                default=Value(9),
                            ),
                            function="int4range",
                        ),
                        RangeOperators.ADJACENT_TO,
                    ),
                ],
            ),
            models.UniqueConstraint(
                Func(F("period"), function="lower", output_field=models.DateField()),
                "person",
                "organisation",
                "role",
                name="appointment_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}，{self.get_role_display()}"

    @property
    def actor_person_id(self) -> int | None:
        """Who acts, for the audit line."""
        return self.person_id

    @property
    def actor_name(self) -> str:
        """The name written into the audit line."""
        return self.person.name

    @property
    def actor_organisation_id(self) -> int:
        """Whose chain takes the audit line."""
        return self.organisation_id


class Term(models.Model):
    """学期. `code` is `2026-1` (autumn of 2026–2027) or `2026-2` (spring)."""

    code = models.CharField(max_length=6, unique=True)
    year = models.PositiveSmallIntegerField("学年起始年")
    half = models.PositiveSmallIntegerField("第几学期")
    starts_on = models.DateField("开学日期")
    ends_on = models.DateField("结束日期")
    # Entered after its first day: schools open their rounds themselves.
    entered_late = models.BooleanField("开学后才录入", default=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="term_dates", condition=Q(starts_on__lt=F("ends_on"))),
            models.CheckConstraint(name="term_half", condition=Q(half__in=(1, 2))),
            models.UniqueConstraint(fields=["year", "half"], name="term_once"),
        ]

    def __str__(self) -> str:
        return f"{self.year_label}{self.half_label}"

    @property
    def year_label(self) -> str:
        """2026—2027学年."""
        return f"{self.year}—{self.year + 1}学年"

    @property
    def half_label(self) -> str:
        """第一学期 or 第二学期."""
        return "第一学期" if self.half == 1 else "第二学期"

    @property
    def season_label(self) -> str:
        """2026年秋季学期 or 2027年春季学期."""
        return f"{self.year}年秋季学期" if self.half == 1 else f"{self.year + 1}年春季学期"


class CalendarDay(models.Model):
    """One day of the official calendar (`domain.md` §C.9); days without a row follow the week."""

    day = models.DateField(unique=True)
    working = models.BooleanField("上班")
    name = models.CharField("节日", max_length=32, blank=True)
    source = models.CharField("依据", max_length=64)

    def __str__(self) -> str:
        return f"{self.day} {'班' if self.working else '休'}"


class ClockShift(models.Model):
    """How far the demonstration's business date is moved; read only when AID_REPLAY is on."""

    seconds = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.seconds}s"

    @classmethod
    def current(cls) -> timedelta:
        """The shift in force; zero outside a demonstration."""
        if not settings.REPLAY:
            return timedelta(0)
        return timedelta(seconds=cls.objects.values_list("seconds", flat=True).first() or 0)
