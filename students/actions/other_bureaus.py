"""Where one bureau ends a tag, another's list in force that names the child goes on with it."""

from collections import Counter

from audit.events import SystemActor
from schools.models import Bureau
from schools.scope import acting_for
from students.actions.matching import tag_again, tell_schools
from students.models import DepartmentList
from students.queue import lists_in_force

# School and student.
Who = tuple[int, int]


def tag_for_other_bureaus(row: DepartmentList, who: set[Who]) -> set[Who]:
    """Tag of these students those whom another bureau's list in force names; returns the tagged.

    A school may be reached by its district and its city, and hold one tag for both. The caller
    holds the group's lock, which is one for the lists of all bureaus. Whoever ended the tag may
    not read those lists: it is done as the system, in the scope of each bureau.
    """
    schools = {school_id for school_id, _ in who}
    only = sorted(student_id for _, student_id in who)
    reaching = Bureau.objects.filter(reaches__school__in=schools).exclude(pk=row.organisation_id)
    again: set[Who] = set()
    for bureau in reaching.distinct().order_by("pk"):
        with acting_for(bureau):
            in_force = lists_in_force(bureau.pk).filter(group=row.group_id)
            for other in in_force.order_by("-issued_on", "-pk"):
                again.update(_tagged(other, only))
    return again


def _tagged(other: DepartmentList, only: list[int]) -> list[Who]:
    new = tag_again(other, only)
    if new:
        told = {name: other.counts.get(name, 0) + len(new) for name in ("tagged", "later")}
        other.counts |= told
        other.save(update_fields=["counts"])
        by = SystemActor(other.organisation_id)
        schools = Counter(school_id for school_id, _ in new)
        # In the schools' chains alone, which the caller holds: two bureaus that write into each
        # other's could wait for each other.
        tell_schools(other, schools, by, verb="students.tag", label="标记特殊群体")
    return new
