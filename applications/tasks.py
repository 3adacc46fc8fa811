"""Long work of applications: a whole class's forms in one file."""

from typing import Any

from applications import grant_forms, word_forms
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
    fill, make, name, suffix, media_type = _kind(round_, word=params.get("as") == "word")
    for n, application in enumerate(rows):
        progress.tell(n, total, f"正在整理第{n + 1}份，共{total - 1}份")
        household = open_household(application)
        if household is not None:
            forms.append(fill(application, household))
    progress.tell(total - 1, total, "正在排版")
    kept = keep(
        organisation=progress.job.organisation,
        name=f"{name}_{school_class.name}.{suffix}",
        content=make(school_class.school, round_, forms),
        media_type=media_type,
        purpose="application_forms",
        created_by=progress.by.person,
    )
    progress.tell(total, total, f"{len(forms)}份")
    return kept


def _kind(round_: Round, *, word: bool) -> tuple[Any, Any, str, str, str]:
    """How a form of the round is filled and set, what it is called; grants come as Word alone."""
    if not round_.is_recognition:
        return grant_forms.filled_grant, grant_forms.grant_forms, "助学金申请表", "docx", DOCX
    if word:
        return filled_form, word_forms.recognition_forms, "认定申请表", "docx", DOCX
    return filled_form, recognition_forms, "认定申请表", "pdf", "application/pdf"
