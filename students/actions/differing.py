"""Tell the schools whose name a list writes otherwise than the roster (requirement row 4-02)."""

from collections.abc import Collection, Mapping

from students.models import DepartmentList, NameDifference, blind_written
from students.queue import older_than
from students.rules.candidates import names_that_differ

# School and student.
Who = tuple[int, int]
# What another match of the same list may find changed; the row stays, so that a page stays good.
FOUND_ANEW = ("source", "issued_on", "rostered", "differs", "written")


def tell_differences(
    row: DepartmentList, named: Collection[Who], differing: Mapping[Who, tuple[str, str]]
) -> None:
    """Keep what differs now: by student the roster's name key and the list's.

    `named` are all whom the list names: what older lists said of their names is over.
    """
    rows = NameDifference.objects.filter(group=row.group_id)
    kept = rows.filter(source_list_id=row.pk).values_list("pk", "school_id", "student_id")
    over = [pk for pk, school_id, student_id in kept if (school_id, student_id) not in differing]
    older = list(older_than(row).values_list("pk", flat=True))
    before = rows.filter(source_list_id__in=older).values_list("pk", "school_id", "student_id")
    over += [pk for pk, school_id, student_id in before if (school_id, student_id) in named]
    rows.filter(pk__in=over).delete()
    NameDifference.objects.bulk_create(
        [_difference(row, who, *differing[who]) for who in sorted(differing)],
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["school", "student", "source_list_id"],
        update_fields=FOUND_ANEW,
    )


def _difference(row: DepartmentList, who: Who, rostered: str, listed: str) -> NameDifference:
    school_id, student_id = who
    return NameDifference(
        school_id=school_id,
        student_id=student_id,
        group_id=row.group_id,
        source=f"{row.group.department}名单",
        source_list_id=row.pk,
        issued_on=row.issued_on,
        rostered=rostered,
        differs=names_that_differ(listed, rostered),
        written=blind_written(student_id, listed),
    )
