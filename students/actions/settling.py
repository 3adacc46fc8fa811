"""What follows from a corrected number: questions of lists it answers, tags that were another's."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from audit import moves
from schools import clock
from schools.models import Appointment
from students.actions.candidates import answer_question, end_tags, reopened, tag_by_question
from students.models import MatchCandidate, SpecialGroupTag, Student, unended_tag
from students.rules.candidates import places_that_differ

SAME_NUMBER = "更正证件之后，身份证号与名单一致"
OTHER_HAS_IT = "更正证件之后，名单上的身份证号是本校另一名学生的"
NUMBER_CORRECTED = "证件号码更正，重新确认"
Status = MatchCandidate.Status


def settle_questions(*, student: Student, by: Appointment) -> None:
    """Answer the questions that a student's new number answers; put the others as they are now.

    In the transaction of the correction. Whoever of the school was taken for the person whose
    number this is, is asked about anew.
    """
    rows = MatchCandidate.objects.filter(
        Q(student=student) | Q(listed_blind=student.id_blind), school_id=student.school_id
    )
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        row = moves.lock(MatchCandidate(pk=pk, school_id=student.school_id))
        if row.listed_blind != student.id_blind:
            _ask_as_it_is(row, student, by)
        elif row.student_id != student.pk:
            _is_not_he(row, by)
    mine = rows.filter(student=student, listed_blind=student.id_blind)
    for row in mine.order_by("pk"):
        _is_he(moves.lock(row), by)


def _is_he(row: MatchCandidate, by: Appointment) -> None:
    if row.status == Status.DIFFERENT:
        row = reopened(row, NUMBER_CORRECTED, by)
    if row.status == Status.WAITING:
        answer_question(row, "confirm", SAME_NUMBER, by)
        tag_by_question(row)


def _is_not_he(row: MatchCandidate, by: Appointment) -> None:
    """Another student of the school: asked about is answered, an answer of yes is asked anew."""
    if row.status == Status.WAITING:
        answer_question(row, "reject", OTHER_HAS_IT, by)
    elif row.status == Status.SAME:
        reopened(row, NUMBER_CORRECTED, by)


def _ask_as_it_is(row: MatchCandidate, student: Student, by: Appointment) -> None:
    if row.status != Status.WAITING:
        return
    strength = SpecialGroupTag.Strength.NAME_BIRTH
    if row.strength == strength and row.listed_birth != student.birth_date:
        moves.make(row, "drop", by=by, at=clock.now(), about_id=student.pk)
        return
    row.differs = places_that_differ(row.listed_id.reveal(), student.id_number.reveal())
    row.save(update_fields=["differs"])


def end_tags_by_number(student: Student) -> list[str]:
    """What lists said of a number that was never his ends; codes of the groups, for the record."""
    held = _by_number([student])
    codes = set(held.values_list("group__code", flat=True))
    end_tags(held)
    return sorted(codes)


def exchange_tags(first: Student, second: Student) -> dict[int, list[str]]:
    """Tags that lists left by number go with the number: they end here and go on there.

    Returned are, by the student who had them, codes of the groups that went, for the record.
    """
    today, both = clock.today(), (first, second)
    tags = list(_by_number(both).select_related("group"))
    end_tags(SpecialGroupTag.objects.filter(pk__in=[tag.pk for tag in tags]))
    went = {
        student.pk: sorted({tag.group.code for tag in tags if tag.student_id == student.pk})
        for student in both
    }
    other = {first.pk: second.pk, second.pk: first.pk}
    for tag in tags:
        tag.pk, tag.student_id = None, other[tag.student_id]
        tag.valid_from, tag.recorded_at = max(today, tag.valid_from), clock.now()
    SpecialGroupTag.objects.bulk_create(tags, ignore_conflicts=True)
    return went


def _by_number(students: Collection[Student]) -> QuerySet[SpecialGroupTag]:
    """Tags of lists by number that hold now, and those that begin later."""
    return SpecialGroupTag.objects.filter(
        unended_tag(clock.today()),
        school_id__in={student.school_id for student in students},
        student__in=students,
        strength=SpecialGroupTag.Strength.ID,
        source_list_id__isnull=False,
    )
