"""What the office owes to those who come and go: transfers to answer, the year to turn."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from office.desk import Todo
from schools import clock, official
from schools.models import Appointment
from schools.official import current_term
from schools.rules import FILE_DAYS
from students.models import (
    ProtectionWord,
    SchoolClass,
    Student,
    Transfer,
    TransferDay,
    YearRollover,
)
from students.newcomers import incomplete
from students.queue import corrections_of, transfers_out
from students.rules.rollover import season_of

PLACE = "students:roster"
# By status of a transfer, or of a correction of its day: title, text and what is done.
TO_ANSWER: Mapping[str, tuple[str, str, str]] = {
    "signed": (
        "接收{}名转入的学生",
        "对方学校已同意转出，选择班级接收，或写明原因退回",
        "去接收",
    ),
    "declined": (
        "{}名转出的学生被退回",
        "对方没有接收，请看原因，在学生的页面登记“转入”恢复学籍",
        "去看看",
    ),
    "proposed": (
        "答复{}名转入学生的转出日期更正",
        "转出学校提请更正转出日期，核对之后同意，或写明原因退回；按月的资助以这个日期为准",
        "去答复",
    ),
    "refused": (
        "恢复{}名转入学生离开原校的日期",
        "转出学校的审核人没有同意更正，请恢复原来的日期",
        "去恢复",
    ),
}


def transfers_to_answer(by: Appointment) -> list[Todo]:
    """Students signed over to this school, whom another one sent back, whose day is put right."""
    school = by.organisation.school
    coming = Q(to_school_id=school.pk, status="signed")
    gone = Student.objects.for_school(school).filter(status=Student.Status.LEFT)
    back = Q(school_id=school.pk, status="declined", student__in=gone)
    rows = Transfer.objects.filter(coming | back).order_by().values_list("status", "sign_at")
    days = TransferDay.objects.filter(to_school_id=school.pk, status__in=("proposed", "refused"))
    # One question, since every page asks it; no status is one of both.
    asked = days.order_by().values_list("status", "proposed_at")
    waiting: dict[str, list[datetime]] = {}
    for status, moment in rows.union(asked, all=True).order_by("sign_at"):
        waiting.setdefault(status, []).append(moment)
    found = [
        _to_answer(len(waiting[status]), *words)
        for status, words in TO_ANSWER.items()
        if status in waiting
    ]
    if coming_since := waiting.get("signed"):
        span = official.last_day(localdate(coming_since[0]), FILE_DAYS)
        found[0] = replace(found[0], due_on=span.last, provisional=span.provisional)
    return found


def _to_answer(count: int, title: str, text: str, action: str) -> Todo:
    url = reverse("students:transfers")
    return Todo(title.format(count), text, url=url, action=action, place=PLACE)


def days_to_sign(by: Appointment) -> list[Todo]:
    """Days of accepted transfers that the other school agreed to put right."""
    waiting = TransferDay.objects.for_school(by.organisation)
    return _to_sign(
        by,
        waiting,
        "审核{}名学生转出日期的更正",
        "对方学校已同意；审核同意之后，离校日期和按月的资助按新的日期算",
        "students:transfers",
        status="agreed",
    )


def transfers_to_sign(by: Appointment) -> list[Todo]:
    """Students proposed to leave for another school."""
    waiting = transfers_out(by.organisation.school)
    return _to_sign(
        by,
        waiting,
        "审核{}名学生转出",
        "同意之后学生离校，学籍信息移交对方学校",
        "students:transfers",
    )


def corrections_to_sign(by: Appointment) -> list[Todo]:
    """Identities that the aid officer asks to put right."""
    waiting = corrections_of(by.organisation.school)
    return _to_sign(
        by,
        waiting,
        "审核{}名学生的证件更正",
        "对照身份证或户口簿核对新号码，同意之后名册才会改",
        "students:corrections",
    )


def lowerings_to_sign(by: Appointment) -> list[Todo]:
    """Students whom the aid officer asks to protect no more before others."""
    waiting = ProtectionWord.objects.for_school(by.organisation)
    return _to_sign(
        by,
        waiting,
        "审核{}名学生不再列为重点保障",
        "看经办写的核实情况，同意之后评审和发放不再优先核对",
        "students:protection",
        place="students:groups",
    )


def _to_sign(
    by: Appointment,
    rows: QuerySet[Any],
    title: str,
    text: str,
    page: str,
    place: str = PLACE,
    status: str = "proposed",
) -> list[Todo]:
    """What others proposed and this person may answer; `title` has a place for how many."""
    waiting = rows.filter(status=status).order_by()
    mine = waiting.exclude(proposed_by_id=by.person_id).count()
    if not mine:
        return []
    return [
        Todo(title.format(mine), text, url=reverse(page), action="去审核", count=mine, place=place)
    ]


def files_to_open(by: Appointment) -> list[Todo]:
    """新生建档: files of newcomers that still lack something, by the day first due."""
    school = by.organisation.school
    rows = incomplete(Student.objects.for_school(school), clock.today())
    days = sorted(rows.values_list("since", flat=True))
    if not days:
        return []
    span = official.last_day(days[0], FILE_DAYS)
    return [
        Todo(
            title=f"补齐{len(days)}名新生的电子档案",
            text="入学20个工作日内建立；缺学籍号、监护人、电话、户口或民族的，在名册里补上再导入",
            url=reverse("students:newcomers"),
            action="去看看",
            due_on=span.last,
            provisional=span.provisional,
            count=len(days),
            place=PLACE,
        )
    ]


def recalls_to_sign(by: Appointment) -> list[Todo]:
    """A 升班 that another asked to take back."""
    school = by.organisation.school
    asked = YearRollover.objects.for_school(school).filter(status=YearRollover.Status.ASKED)
    row = asked.exclude(ask_by_id=by.person_id).first()
    if row is None:
        return []
    return [
        Todo(
            title=f"审核收回{row}",
            text="经办提请收回误办的升班；同意之后各班恢复原来的年级，毕业的学生恢复在籍",
            url=reverse("students:rollover"),
            action="去审核",
            place=PLACE,
        )
    ]


def year_to_turn(by: Appointment) -> list[Todo]:
    """升班, in its season and until it is done; before those who leave are gone."""
    term = current_term()
    # In autumn the rosters that came with the new year have risen already.
    if term is None or term.half == 1:
        return []
    season = season_of(term, official.calendar(), clock.today())
    school = by.organisation.school
    if season is None or not season.opens_on <= clock.today() <= season.closes_on:
        return []
    if YearRollover.objects.for_school(school).filter(year=season.year).exists():
        return []
    if not SchoolClass.objects.for_school(school).exists():
        return []
    return [
        Todo(
            title=f"办理毕业和升班，升入{season.label}",
            text="学籍系统的毕业在学生离校前20个工作日内办理；学生离校后在这里登记毕业，其他班升级",
            url=reverse("students:rollover"),
            action="去升班",
            due_on=term.ends_on,
            place=PLACE,
        )
    ]
