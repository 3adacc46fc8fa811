"""Long work of applications: a whole class's forms in one file."""

from typing import Any

from applications import word_forms
from applications.actions.reading import open_household
from applications.models import Application, Round
from applications.paper_forms import filled_form, recognition_forms
from office.files import keep
from office.jobs import Progress, job
from office.models import StoredFile
from students.models import SchoolClass

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@job("applications.class_forms")
def write_class_forms(progress: Progress, params: dict[str, Any]) -> StoredFile:
    """A class's handed-in forms in one PDF or Word file, by the students' names."""
    round_ = Round.objects.select_related("term", "programme").get(pk=params["round"])
    school_class = SchoolClass.objects.select_related("school").get(pk=params["class"])
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
    for n, application in enumerate(rows):
        progress.tell(n, total, f"正在整理第{n + 1}份，共{total - 1}份")
        household = open_household(application)
        if household is not None:
            forms.append(filled_form(application, household))
    progress.tell(total - 1, total, "正在排版")
    make, suffix, media_type = (
        (word_forms.recognition_forms, "docx", DOCX)
        if params.get("as") == "word"
        else (recognition_forms, "pdf", "application/pdf")
    )
    kept = keep(
        organisation=progress.job.organisation,
        name=f"认定申请表_{school_class.name}.{suffix}",
        content=make(school_class.school, round_, forms),
        media_type=media_type,
        purpose="application_forms",
        created_by=progress.by.person,
    )
    progress.tell(total, total, f"{len(forms)}份")
    return kept
