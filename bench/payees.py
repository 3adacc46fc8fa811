"""Schools whose students wait for money, each with a batch on its way: made once, committed.

`BENCH_PAYMENTS` sets the number of students. All are recognised, confirmed and hold an active card
that a second person checked.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from applications.models import Application, Grade, Programme, Round
from bench import ground
from bench.imports import SURNAMES
from disbursement import actions
from disbursement.models import AidCard, Award, PaymentBatch
from office import bulk
from privacy.fields import blind_card
from review.models import Case, Recognition
from schools import clock
from schools.actions import found_bureau, found_school
from schools.models import Appointment, Bureau, Organisation, School, Stage
from schools.scope import acting_for
from students.models import SchoolClass, Student
from tests.cast import staff
from tests.disbursement import cases
from tests.disbursement.cases import PAY_DAY, Aid

ROWS = int(os.environ.get("BENCH_PAYMENTS", "50000"))
PER_CLASS = 50
BATCH = 10_000
# The steps before the one that is measured, and the school where a batch stands there.
STEPS = {"draft": "4", "approved": "5", "sent": "6"}
MADE = (
    "students_student",
    "applications_application",
    "review_case",
    "review_recognition",
    "disbursement_aidcard",
    "disbursement_award",
)


@dataclass(frozen=True)
class World:
    """A batch of a school, and the one who deals with money there."""

    batch: PaymentBatch
    by: Appointment
    school: School


@lru_cache(maxsize=3)
def world(step: str) -> World:
    """The school whose batch has come to this step."""
    ground.made()
    settings.FILES_DIR = ground.folder() / "files"
    code = f"349904000{STEPS[step]}"
    school = School.objects.filter(code=code).first() or _founded(code, step)
    with acting_for(school):
        return World(
            PaymentBatch.objects.get(school_id=school.pk),
            Appointment.objects.get(organisation_id=school.pk, role="finance"),
            school,
        )


@contextmanager
def acting(its: World) -> Iterator[None]:
    """On the day of payment, for the school."""
    with acting_for(its.school), clock.at(PAY_DAY):
        yield


def undone(act: Callable[[World], int], step: str, expected: int) -> None:
    """`act` with all that the database checks at the end, and nothing left behind."""
    its = world(step)
    with acting(its), transaction.atomic():
        found = act(its)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
    if found != expected:
        raise AssertionError(found)


def _founded(code: str, step: str) -> School:
    bureau = Bureau.objects.filter(code="9904").first() or found_bureau(
        code="9904", name="北区教育局", kind=Organisation.Kind.DISTRICT, region_code="990104"
    )
    school = found_school(
        code=code,
        name=f"示范第{STEPS[step]}中学",
        stage=Stage.SENIOR,
        superior=bureau,
        territory=bureau,
    )
    staffed = staff(school, f"pay-{step}")
    with acting_for(school), clock.at(PAY_DAY):
        its = cases.aid(staffed, Programme.objects.get(code="senior_grant"))
        _fill(its)
        ground.swept(*MADE)
        cases.fund(its, ROWS * its.tier.amount_fen)
        _advance(its, step)
    return school


def _fill(its: Aid) -> None:
    classes = SchoolClass.objects.bulk_create(
        SchoolClass(school=its.school, stage=Stage.SENIOR, grade=1, number=n, name=f"高一（{n}）班")
        for n in range(2, ROWS // PER_CLASS + 3)
    )
    for numbers in bulk.in_batches(range(ROWS), BATCH):
        with transaction.atomic():
            _students(its, [(n, classes[n // PER_CLASS].pk) for n in numbers])


def _students(its: Aid, numbers: list[tuple[int, int]]) -> None:
    names = [SURNAMES[n % 31] + chr(0x4E00 + n * 7 % 2000) for n, _ in numbers]
    blinds = [hashlib.sha256(f"{its.school.pk}.{n}".encode()).digest() for n, _ in numbers]
    students = bulk.insert(
        Student,
        {
            "school_class_id": [key for _, key in numbers],
            "name": names,
            "name_key": names,
            "pinyin": [f"xueshi{n * 7919 % ROWS:06d}" for n, _ in numbers],
            "id_blind": blinds,
            # As long as what is sealed; nobody opens it here.
            "id_number": [blind + blind[:20] for blind in blinds],
            "enrolment_no": [blind + blind[:20] for blind in blinds],
            "enrolment_blind": [blind[::-1] for blind in blinds],
        },
        school_id=its.school.pk,
        initials="xs",
        sex="m",
        birth_date=date(2009, 5, 6),
        entered_on=date(2026, 9, 1),
    )
    keys = [pk for (pk,) in students]
    _decided(its, numbers, keys)
    _cards(its, numbers, keys, names)


def _decided(its: Aid, numbers: list[tuple[int, int]], students: list[int]) -> None:
    year = _cases(its, its.recognition, numbers, students)
    person = its.staffed.operator.person_id
    bulk.insert(
        Recognition,
        {"student_id": students, "case_id": year},
        school_id=its.school.pk,
        year=its.term.year,
        grade=Grade.HARD,
        valid_from=date(2026, 9, 30),
        decided_by_id=person,
        confirmed_by_id=its.staffed.reviewer.person_id,
    )
    bulk.insert(
        Award,
        {"student_id": students, "case_id": _cases(its, its.round, numbers, students)},
        school_id=its.school.pk,
        programme_id=its.programme.pk,
        term_id=its.term.pk,
        round_id=its.round.pk,
        tier_id=its.tier.pk,
        amount_fen=its.tier.amount_fen,
        granted_by_id=person,
        granted_at=clock.now(),
    )


def _cases(
    its: Aid, round_: Round, numbers: list[tuple[int, int]], students: list[int]
) -> list[int]:
    same: dict[str, Any] = {"school_id": its.school.pk, "round_id": round_.pk}
    person, now = its.staffed.operator.person_id, clock.now()
    applications = bulk.insert(
        Application,
        {"student_id": students, "number": [f"A{n:06d}" for n, _ in numbers]},
        **same,
        status=Application.Status.SUBMITTED,
        channel=Application.Channel.OFFICE,
        entered_by_id=person,
        entered_at=now,
        submit_by_id=person,
        submit_at=now,
    )
    grade = Grade.HARD if round_.is_recognition else ""
    found = bulk.insert(
        Case,
        {
            "student_id": students,
            "application_id": [pk for (pk,) in applications],
            "school_class_id": [key for _, key in numbers],
        },
        **same,
        status=Case.Status.CONFIRMED,
        decided_tier_id=None if round_.is_recognition else its.tier.pk,
        decided_grade=grade,
        advised_grade=grade,
        meeting_id=round_.meetings.get().pk,
        decide_by_id=person,
        decide_at=now,
        confirm_by_id=its.staffed.reviewer.person_id,
        confirm_at=now,
    )
    return [pk for (pk,) in found]


def _cards(its: Aid, numbers: list[tuple[int, int]], students: list[int], names: list[str]) -> None:
    sealed = AidCard._meta.get_field("number").sealer(its.school.pk)
    cards = [f"62{its.school.pk:06d}{n:011d}" for n, _ in numbers]
    operator, now = its.staffed.operator.person_id, clock.now()
    bulk.insert(
        AidCard,
        {
            "student_id": students,
            "number": [sealed(card) for card in cards],
            "number_blind": [blind_card(card) for card in cards],
            "holder": names,
        },
        school_id=its.school.pk,
        bank="示范银行示范支行",
        status=AidCard.Status.ACTIVE,
        registered_by_id=operator,
        registered_at=now,
        checked_by_id=its.staffed.reviewer.person_id,
        checked_at=now,
        activated_on=PAY_DAY,
        activate_by_id=operator,
        activate_at=now,
    )


def _advance(its: Aid, step: str) -> None:
    batch, people = cases.draft(its), its.staffed
    if step == "draft":
        return
    batch = actions.freeze(batch=batch, by=people.finance)
    ground.swept("disbursement_paymentline")
    batch = actions.approve(batch=batch, content_hash=batch.content_hash, by=people.reviewer)
    if step == "sent":
        actions.send(batch=batch, by=people.finance)
