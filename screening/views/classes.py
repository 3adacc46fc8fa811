"""The head teacher's pages, made for a phone: a class at a glance, one student at a time."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from guardian.shortcuts import get_objects_for_user

from applications.models import Grade
from schools.access import StaffRequest, requires
from schools.official import remaining
from schools.roles import Role
from screening import actions, facts, queue, rules
from screening.categories import LABELS
from screening.facts import Circumstances
from screening.forms import MEASURES, REASONS, UnaidedForm, explained
from screening.models import Screening, ScreeningRow
from screening.views.terms import term_of
from students.models import SchoolClass
from students.rules.sight import SEES_TAGS

Result = ScreeningRow.Result


@dataclass(frozen=True, slots=True)
class Line:
    """One student as the class page shows it."""

    row: ScreeningRow
    one: Circumstances

    @property
    def expected(self) -> str:
        """The result the facts lead to."""
        return rules.expected(self.one)

    @property
    def expected_label(self) -> str:
        """The same in words."""
        return str(Result(self.expected).label)

    @property
    def changed(self) -> bool:
        """Verified before, but the facts have moved on."""
        return bool(self.row.result) and self.row.result != self.expected

    @property
    def settled(self) -> bool:
        """Nothing more to do."""
        return bool(self.row.result) and not self.changed

    @property
    def category(self) -> str:
        """The printed table's category, empty when not counted."""
        return LABELS[self.one.cell] if self.one.cell else ""

    @property
    def grade(self) -> str:
        """This year's grade in words."""
        return str(Grade(self.one.means.grade).label) if self.one.means.grade else "待认定"

    @property
    def money(self) -> str:
        """Where this term's aid stands: decided and arrived are two facts."""
        if self.one.owed:
            return "已确定资助，还没有到账"
        if self.one.paid:
            return "本学期资助已到账"
        return "已确定资助" if self.one.granted else "本学期没有资助"


def led_classes(request: StaffRequest) -> QuerySet[SchoolClass]:
    """The classes this person may open: those led, or every class for the aid office."""
    mine: QuerySet[SchoolClass] = SchoolClass.objects.for_school(request.school).select_related(
        "head_teacher"
    )
    if request.appointment.role == Role.HEAD_TEACHER:
        led: QuerySet[SchoolClass] = get_objects_for_user(request.user, "students.lead_class", mine)
        return led
    return mine


def lines_of(screening: Screening, rows: list[ScreeningRow]) -> list[Line]:
    """Rows with what the lower floors know about their students; one query."""
    found = facts.of_students(
        [screening.school_id], screening.term, [row.student_id for row in rows]
    )
    return [Line(row, found[row.student_id]) for row in rows if row.student_id in found]


# A class page tells why a student counts as difficult, so only those who may see tags enter.
@requires(Role.HEAD_TEACHER, SEES_TAGS)
def class_page(request: StaffRequest, class_id: int) -> HttpResponse:
    """A class: who still needs a look, difficult students first, and who is settled."""
    school_class = get_object_or_404(led_classes(request), pk=class_id)
    screening = queue.current(request.school, term_of(request))
    context: dict[str, Any] = {"school_class": school_class, "screening": screening}
    if screening is not None:
        lines = lines_of(screening, list(queue.rows_of_class(screening, school_class)))
        waiting = [line for line in lines if not line.settled]
        context |= {
            "total": len(lines),
            "settled": [line for line in lines if line.settled],
            "unaided": [x for x in waiting if x.expected == Result.UNAIDED],
            "aided": [x for x in waiting if x.expected == Result.AIDED],
            "ordinary": [x for x in waiting if x.expected == Result.NOT_DIFFICULT],
            "done": len(lines) - len(waiting),
            "left": len(waiting),
            "rest": sum(1 for x in waiting if x.expected != Result.UNAIDED),
            "workdays": remaining(screening.due_on),
            "may": screening.status == Screening.Status.OPEN
            and request.appointment.role == Role.HEAD_TEACHER,
        }
    return render(request, "screening/class.html", context)


@requires(Role.HEAD_TEACHER, methods="POST")
def rest(request: StaffRequest, class_id: int) -> HttpResponse:
    """Verify all the class's remaining students as the facts say."""
    school_class = get_object_or_404(led_classes(request), pk=class_id)
    screening = get_object_or_404(
        Screening.objects.for_school(request.school), term=term_of(request)
    )
    n = actions.verify_rest(screening=screening, school_class=school_class, by=request.appointment)
    messages.success(request, f"已核实{n}人。" if n else "没有可以一并核实的学生。")
    return redirect("screening:class", class_id=class_id)


@requires(Role.HEAD_TEACHER, methods="GET POST")
def row(request: StaffRequest, row_id: int) -> HttpResponse:
    """One student: the facts, and the finding."""
    found = get_object_or_404(
        ScreeningRow.objects.for_school(request.school).select_related(
            "student", "school_class", "screening__term"
        ),
        pk=row_id,
        school_class__in=led_classes(request),
    )
    result = request.POST.get("result", "")
    form = UnaidedForm(
        request.POST if result == Result.UNAIDED else None,
        initial=explained(found.reason, found.measure, found.measure_due_on),
    )
    if request.method == "POST" and (result != Result.UNAIDED or form.is_valid()):
        told = form.cleaned_data if result == Result.UNAIDED else {}
        actions.verify(row=found, result=result, by=request.appointment, **told)
        messages.success(request, f"已核实{found.student.name}：{Result(result).label}。")
        return redirect("screening:class", class_id=found.school_class_id)
    lines = lines_of(found.screening, [found])
    context = {
        "row": found,
        "line": lines[0] if lines else None,
        "form": form,
        "results": [(value, label) for value, label in Result.choices if value],
        "reasons": REASONS,
        "measures": MEASURES,
    }
    return render(request, "screening/row.html", context)
