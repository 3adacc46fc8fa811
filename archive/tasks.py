"""Long work of the archive: a whole class's files as one PDF."""

from typing import Any

from archive.file import gather
from archive.paper import values
from office.documents.glyphs import missing_glyphs
from office.documents.typeset import pdf
from office.files import keep
from office.jobs import Progress, job
from office.models import StoredFile
from schools import clock
from students.models import SchoolClass, Student
from students.rules.sight import may_see_tags


@job("archive.class_files")
def write_class_files(progress: Progress, params: dict[str, Any]) -> StoredFile:
    """One PDF of a class's students by name; characters no font has are told in the note."""
    school_class = SchoolClass.objects.select_related("school").get(pk=params["class"])
    students = list(
        Student.objects.filter(school_id=school_class.school_id, school_class=school_class)
        .present()
        .select_related("school_class__head_teacher", "school")
        .order_by("pinyin", "pk")
    )
    files = []
    tags = may_see_tags(progress.by, school_class)
    for n, student in enumerate(students):
        progress.tell(n, len(students) + 1, f"正在整理第{n + 1}份，共{len(students)}份")
        files.append(gather(student, tags=tags))
    progress.tell(len(students), len(students) + 1, "正在排版")
    filled = values(files, school_class.school.name, progress.by.person.name)
    content = pdf("student_file", filled, moment=clock.now(), allow_missing=True)
    kept = keep(
        organisation=progress.job.organisation,
        name=f"资助档案_{school_class.name}.pdf",
        content=content,
        media_type="application/pdf",
        purpose="student_files",
        created_by=progress.by.person,
    )
    lacking = missing_glyphs("".join(student.name for student in students))
    note = f"字体缺少这些字，请手工补写：{'、'.join(lacking)}" if lacking else "已完成"
    progress.tell(len(students) + 1, len(students) + 1, note)
    return kept
