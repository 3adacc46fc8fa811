"""Handing out files: who took which student's file out, and when, is on the record."""

from django.db import transaction

from audit.events import record
from office.jobs import want_once
from office.models import Job
from schools import clock
from schools.models import Appointment
from students.models import SchoolClass, Student


@transaction.atomic
def hand_out(*, student: Student, by: Appointment) -> None:
    """Record that one student's file was printed."""
    record(
        by=by,
        verb="archive.print",
        label="打印资助档案",
        subject=student,
        at=clock.now(),
        about_id=student.pk,
    )


@transaction.atomic
def want_class_files(*, school_class: SchoolClass, by: Appointment) -> Job:
    """Ask for every file of a class as one PDF."""
    wanted = want_once(
        kind="archive.class_files",
        label=f"{school_class.name}资助档案",
        by=by,
        params={"class": school_class.pk},
    )
    record(
        by=by,
        verb="archive.print_class",
        label="打印全班资助档案",
        subject=school_class,
        at=clock.now(),
    )
    return wanted
