"""What follows from a corrected number: questions of lists it answers, tags that were another's."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from audit import moves
from schools import clock
from schools.models import Appointment
from students.actions.candidates import (
    answer_question,
    end_tags,
    end_tags_of,
    reopened,
    tag_by_question,
)
from students.actions.holding import briefly, hold_groups, locked_questions
from students.models import MatchCandidate, SpecialGroup, SpecialGroupTag, Student, unended_tag
from students.rules.candidates import places_that_differ

SAME_NUMBER = "更正证件之后，身份证号与名单一致"
OTHER_HAS_IT = "更正证件之后，名单上的身份证号是本校另一名学生的"
NUMBER_CORRECTED = "证件号码更正，重新确认"
Status = MatchCandidate.Status


def held_questions(students: Collection[Student], *, renumbered: bool) -> list[MatchCandidate]:
    """All questions about these students of a school, or about the persons whose numbers they have.

    Held with the lists of their groups and before any tag, as `students.actions.holding` says. Who
    is `renumbered` may be on any list: one that is matched this moment has read the number of
    before, and what it tags or asks shows when it is done. So the lists of all groups are held.
    Raises `Refused` where that would take long.
    """
    about = Q(student__in=students) | Q(listed_blind__in=[s.id_blind for s in students])
    rows = MatchCandidate.objects.filter(about, school_id__in={s.school_id for s in students})
    with briefly():
        if renumbered:
            hold_groups(SpecialGroup.objects.values_list("pk", flat=True))
        else:
            hold_groups(rows.values_list("group_id", flat=True))
        return list(locked_questions(rows).values())


def settle_questions(
    *, questions: Collection[MatchCandidate], students: Collection[Student], by: Appointment
) -> None:
    """Answer the questions that new numbers answer; put the others as they are now.

    In the transaction of the correction, which holds them. Whoever of the school was taken for the
    person whose number this is, is asked about anew. No tag is written after the first event.
    """
    for student in students:
        for row in questions:
            if _asks_who_has(row, student) and row.student_id != student.pk:
                end_tags_of(row)
        for row in questions:
            if _asks_who_has(row, student) and row.student_id == student.pk and _open(row):
                tag_by_question(row)
    for student in students:
        for row in questions:
            if not _asks_who_has(row, student) and row.student_id == student.pk:
                _ask_as_it_is(row, student, by)
            elif _asks_who_has(row, student) and row.student_id != student.pk:
                _is_not_he(row, by)
        for row in questions:
            if _asks_who_has(row, student) and row.student_id == student.pk:
                _is_he(row, by)


def _asks_who_has(row: MatchCandidate, student: Student) -> bool:
    """Whether the person listed has the student's number, as it is now."""
    return bytes(row.listed_blind) == bytes(student.id_blind)


def _open(row: MatchCandidate) -> bool:
    """Whether a number can still answer it: nobody has, or somebody said no."""
    return row.status in (Status.WAITING, Status.DIFFERENT)


def _is_he(row: MatchCandidate, by: Appointment) -> None:
    if row.status == Status.DIFFERENT:
        row = reopened(row, NUMBER_CORRECTED, by)
    if row.status == Status.WAITING:
        answer_question(row, "confirm", SAME_NUMBER, by)


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
