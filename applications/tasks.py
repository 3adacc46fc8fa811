"""Long work of applications: a whole class's forms in one file; rounds at a term's start."""

from typing import Any

from celery import shared_task

from applications import actions, grant_forms, word_forms
from applications.actions.reading import open_household
from applications.models import Application, HomeVisit, Round
from applications.paper_forms import filled_form, recognition_forms
from applications.told_above import told_above
from applications.visit_forms import filled_visit, visit_forms
from office.beats import in_each
from office.files import keep
from office.jobs import Progress, job
from office.models import StoredFile
from schools.models import School
from students.models import SchoolClass

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def open_rounds() -> None:
    """Open what every school's term owes, each once; settle its windows (beat, every half hour)."""

    def act(school: School) -> None:
        actions.open_due(school=school)
        actions.settle_due(school=school)

    in_each(School.objects.order_by("pk"), act, trouble="rounds_not_opened")


@job("applications.class_forms")
def write_class_forms(progress: Progress, params: dict[str, Any]) -> StoredFile:
    """A class's handed-in forms, or the visits to them, in one file by the students' names."""
    round_ = Round.objects.select_related("term", "programme").get(pk=params["round"])
    school_class = SchoolClass.objects.select_related("school").get(pk=params["class"])
    if params.get("as") == "visits":
        return _write_visits(progress, round_, school_class)
    rows = (
        Application.objects.filter(
            school_id=round_.school_id,
            round=round_,
            student__school_class=school_class,
            status=Application.Status.SUBMITTED,
        )
        .select_related("student__school_class")
        .order_by("student__pinyin", "pk")
    )
    total, forms = rows.count() + 1, []
    fill, make, name, suffix, media_type = _kind(round_, word=params.get("as") == "word")
    above = told_above(round_, list(rows.values_list("student_id", flat=True)))
    for n, application in enumerate(rows):
        progress.tell(n, total, f"正在整理第{n + 1}份，共{total - 1}份")
        household = open_household(application)
        if household is not None:
            forms.append(fill(application, household, above.get(application.student_id)))
    progress.tell(total - 1, total, "正在排版")
    content = make(school_class.school, round_, forms)
    kept = _kept(progress, f"{name}_{school_class.name}.{suffix}", content, media_type)
    progress.tell(total, total, f"{len(forms)}份")
    return kept


def _write_visits(progress: Progress, round_: Round, school_class: SchoolClass) -> StoredFile:
    visits = (
        HomeVisit.objects.filter(
            school_id=round_.school_id,
            application__round=round_,
            application__student__school_class=school_class,
            application__status=Application.Status.SUBMITTED,
        )
        .select_related("application__student__school_class", "recorded_by")
        .order_by("application__student__pinyin", "application", "on", "pk")
    )
    total, forms = visits.count() + 1, []
    for n, visit in enumerate(visits):
        progress.tell(n, total, f"正在整理第{n + 1}份，共{total - 1}份")
        forms.append(filled_visit(visit))
    progress.tell(total - 1, total, "正在排版")
    content = visit_forms(school_class.school, round_.term.year_label, forms)
    kept = _kept(progress, f"家访记录表_{school_class.name}.pdf", content, PDF)
    progress.tell(total, total, f"{len(forms)}份")
    return kept


def _kept(progress: Progress, name: str, content: bytes, media_type: str) -> StoredFile:
    return keep(
        organisation=progress.job.organisation,
        name=name,
        content=content,
        media_type=media_type,
        purpose="application_forms",
        created_by=progress.by.person,
    )


def _kind(round_: Round, *, word: bool) -> tuple[Any, Any, str, str, str]:
    """How a form of the round is filled and set, what it is called."""
    suffix, media_type = ("docx", DOCX) if word else ("pdf", PDF)
    if not round_.is_recognition:
        make: Any = grant_forms.grant_forms if word else grant_forms.grant_pdf
        return grant_forms.filled_grant, make, "助学金申请表", suffix, media_type
    make = word_forms.recognition_forms if word else recognition_forms
    return filled_form, make, "认定申请表", suffix, media_type
