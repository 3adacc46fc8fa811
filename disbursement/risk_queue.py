"""Risks of the money: one card with two holders, aid for who is not in school."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef
from django.urls import reverse

from disbursement.models import AidCard, Award
from disbursement.models.cards import LIVE_CARD
from office.risks import Risk, RiskKind, digest
from schools.models import School, Term
from schools.official import current_term
from students.models import EnrolmentChange, Student

CARD = RiskKind("card", "多人同一张卡", "请学生带卡核对卡号；不是本人的卡停用，换成本人的卡再发放")
ABSENT = RiskKind(
    "absent",
    "受助学生不在校",
    "还没有发的取消，按月发放的在校月份照发；已经发的按离校日期核算，该退的登记追回",
)
KINDS = (CARD, ABSENT)

# A closed card still tells whose it was: the same number with a second student is looked into.
# First which numbers two students have, so that each card is not compared with each.
HELD_BY_TWO = """
WITH shared AS MATERIALIZED (
  SELECT school_id, number_blind FROM disbursement_aidcard WHERE school_id = ANY(%s)
   GROUP BY school_id, number_blind HAVING min(student_id) <> max(student_id))
SELECT card.school_id, card.student_id, card.number_blind,
       array_agg(DISTINCT class.name || other_student.name)
  FROM shared
  JOIN disbursement_aidcard AS card
    ON card.school_id = shared.school_id AND card.number_blind = shared.number_blind
  JOIN disbursement_aidcard AS other
    ON other.school_id = card.school_id AND other.number_blind = card.number_blind
   AND other.student_id <> card.student_id
  JOIN students_student AS other_student
    ON other_student.school_id = other.school_id AND other_student.id = other.student_id
  JOIN students_schoolclass AS class
    ON class.school_id = other_student.school_id AND class.id = other_student.school_class_id
  JOIN students_student AS holder
    ON holder.school_id = card.school_id AND holder.id = card.student_id
 WHERE card.status IN ('issued', 'active')
   AND holder.status <> 'left' AND holder.id_blind <> other_student.id_blind
 GROUP BY card.school_id, card.student_id, card.number_blind
 ORDER BY card.school_id, card.student_id
"""
WITHIN = """
WITH shared AS MATERIALIZED (
  SELECT number_blind FROM disbursement_aidcard WHERE status IN ('issued', 'active')
   GROUP BY number_blind HAVING min(school_id) <> max(school_id))
SELECT DISTINCT card.school_id, card.student_id, card.number_blind
  FROM shared
  JOIN disbursement_aidcard AS card
    ON card.number_blind = shared.number_blind AND card.status IN ('issued', 'active')
  JOIN disbursement_aidcard AS other
    ON other.number_blind = card.number_blind AND other.school_id <> card.school_id
   AND other.status IN ('issued', 'active')
  JOIN students_student AS mine ON mine.school_id = card.school_id AND mine.id = card.student_id
  JOIN students_student AS theirs
    ON theirs.school_id = other.school_id AND theirs.id = other.student_id
 WHERE mine.id_blind <> theirs.id_blind
 ORDER BY card.number_blind, card.school_id, card.student_id
"""
ELSEWHERE = "另一所学校的学生登记了同一张卡"


def risks_of(school: School) -> list[Risk]:
    """What looks wrong with a school's cards and awards."""
    return [*_cards_elsewhere(school), *shared_between([school.pk])]


def shared_between(schools: Collection[int]) -> list[Risk]:
    """Shared cards and absent students of these schools, each school by itself."""
    return [*_held_by_two(schools), *_absent(schools)]


def across() -> list[list[Risk]]:
    """Cards with holders in two schools that the acting bureau reaches: the holders of each."""
    with connection.cursor() as cursor:
        cursor.execute(WITHIN)
        rows = cursor.fetchall()
    return [
        [_elsewhere(*row) for row in holders] for _, holders in groupby(rows, key=itemgetter(2))
    ]


def _cards_elsewhere(school: School) -> list[Risk]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT aid_cards_elsewhere(%s)", [school.pk])
        found = [row[0] for row in cursor.fetchall()]
    cards = AidCard.objects.for_school(school).filter(number_blind__in=found, status__in=LIVE_CARD)
    rows = cards.order_by("student_id").values_list("school_id", "student_id", "number_blind")
    return [_elsewhere(*row) for row in rows]


def _elsewhere(school_id: int, student_id: int, blind: Any) -> Risk:
    return Risk(
        CARD,
        school_id,
        ELSEWHERE,
        digest(["card elsewhere", bytes(blind).hex()]),
        _cards_page(),
        student_id=student_id,
    )


def _cards_page() -> str:
    return reverse("disbursement:cards")


def _held_by_two(schools: Collection[int]) -> Iterator[Risk]:
    with connection.cursor() as cursor:
        cursor.execute(HELD_BY_TWO, [list(schools)])
        rows = cursor.fetchall()
    for school_id, student_id, blind, others in rows:
        yield Risk(
            CARD,
            school_id,
            f"这张卡也登记在{'、'.join(others)}名下",
            digest(["card", bytes(blind).hex(), *others]),
            _cards_page(),
            student_id=student_id,
        )


def _absent(schools: Collection[int]) -> Iterator[Risk]:
    """Awards of this term whose student is suspended or has left, one risk per student."""
    term = current_term()
    if term is None:
        return
    rows = (
        Award.objects.filter(school_id__in=schools, term_id=term.pk, status=Award.Status.GRANTED)
        .exclude(student__status=Student.Status.ENROLLED)
        .select_related("student", "programme")
        .order_by("school_id", "student_id", "pk")
    )
    by_student: dict[tuple[int, int], list[Award]] = defaultdict(list)
    for award in rows:
        by_student[award.school_id, award.student_id].append(award)
    since = _since(by_student)
    for key, awards in by_student.items():
        student, (school_id, student_id) = awards[0].student, key
        on = student.left_on or since.get(key)
        when = f"{on:%Y年%-m月%-d日}起" if on else ""
        what = "、".join(
            f"{a.programme.name}{a.amount_fen // 100:,}.{a.amount_fen % 100:02d}元" for a in awards
        )
        yield Risk(
            ABSENT,
            school_id,
            f"{when}{student.get_status_display()}，本学期名单上有{what}",
            digest(["absent", student.status, on, *(a.pk for a in awards)]),
            reverse("students:student", kwargs={"student_id": student_id}),
            student_id=student_id,
        )


def _since(wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    """Since when those who are suspended are away."""
    rows = EnrolmentChange.objects.filter(
        school_id__in={school for school, _ in wanted},
        student_id__in={student for _, student in wanted},
        kind=EnrolmentChange.Kind.SUSPEND,
    ).order_by("on", "pk")
    return {(s, st): on for s, st, on in rows.values_list("school_id", "student_id", "on")}


def aided_by_class(school: School, term: Term) -> dict[int, int]:
    """Students on lists of aid this term, by the class in which they are now."""
    aided = Award.objects.filter(
        school_id=OuterRef("school_id"),
        student_id=OuterRef("pk"),
        term_id=term.pk,
        status=Award.Status.GRANTED,
    )
    rows = (
        Student.objects.for_school(school)
        .filter(Exists(aided))
        .values_list("school_class_id")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return dict(rows)
