"""Tell the schools whose name a list writes otherwise than the roster (requirement row 4-02)."""

from collections.abc import Collection, Mapping

from students.models import DepartmentList, NameDifference
from students.queue import older_than

# School and student.
Who = tuple[int, int]


def tell_differences(
    row: DepartmentList, named: Collection[Who], differing: Mapping[Who, tuple[str, str]]
) -> None:
    """Keep what differs now: by student the roster's name key, and where the two names differ.

    `named` are all whom the list names: what older lists said of their names is over.
    """
    rows = NameDifference.objects.filter(group=row.group_id)
    rows.filter(source_list_id=row.pk).delete()
    older = list(older_than(row).values_list("pk", flat=True))
    before = rows.filter(source_list_id__in=older).values_list("pk", "school_id", "student_id")
    over = [pk for pk, school_id, student_id in before if (school_id, student_id) in named]
    rows.filter(pk__in=over).delete()
    NameDifference.objects.bulk_create(
        [
            NameDifference(
                school_id=school_id,
                student_id=student_id,
                group_id=row.group_id,
                source=f"{row.group.department}名单",
                source_list_id=row.pk,
                issued_on=row.issued_on,
                rostered=rostered,
                differs=differs,
            )
            for (school_id, student_id), (rostered, differs) in sorted(differing.items())
        ],
        batch_size=1_000,
    )
