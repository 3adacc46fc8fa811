"""Import a roster: stage a file, correct how it was understood, apply it, put it away."""

import hashlib
import re
from typing import Any

from django.db import IntegrityError, connection, transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from office import files, jobs
from office.models import StoredFile
from office.spreadsheets.reading import Unreadable
from schools import clock
from schools.models import Appointment, School
from students.actions.enrolment import enter_again
from students.actions.roster_readings import forget_reading, keep_reading, kept_reading
from students.actions.roster_rows import write_difference
from students.models import RosterImport, Student
from students.rules.roster.difference import Difference, counts_of
from students.rules.roster.examination import Examination, Tell, compared, examine, silent
from students.rules.roster.problems import kept
from students.rules.roster.samples import samples_of
from students.rules.roster.tables import Columns

PURPOSE = "roster"
MEDIA_TYPE = "application/octet-stream"
# First key of the advisory lock that keeps two imports of one school apart.
ROSTER_LOCK = 7301


def stage_roster(
    *,
    school: School,
    content: bytes,
    filename: str,
    by: Appointment,
    columns: Columns | None = None,
    seen: Examination | None = None,
) -> RosterImport:
    """Read a file and keep it with its errors and its difference; the roster is not touched.

    `seen` is what a look at this very file found a moment ago. Raises `Refused` when the file can't
    be read as a roster; then nothing is kept.
    """
    seen = seen or examined(school, content, filename, columns)
    with transaction.atomic():
        stored = kept_file(school, content, filename, by)
        staged: RosterImport = RosterImport.objects.create(
            school=school,
            file=stored,
            columns=dict(columns or {}),
            staged_by=by.person,
            staged_at=clock.now(),
            **findings(seen),
        )
        keep_reading(staged, seen)
        record(
            by=by,
            verb="roster.stage",
            label="上传名册",
            subject=staged,
            at=clock.now(),
            facts={k: v for k, v in staged.counts.items() if isinstance(v, int)},
        )
    return staged


@transaction.atomic
def correct_columns(*, staged: RosterImport, columns: Columns, by: Appointment) -> RosterImport:
    """Read the kept file again with the officer's own meaning of the columns."""
    row = moves.lock(staged)
    refuse_if(moves.why_not(row, "apply") + under_way(row))
    content = files.content_of(row.file)
    seen = examined(row.school, content, row.file.name, columns)
    row.columns = dict(columns)
    for name, value in findings(seen).items():
        setattr(row, name, value)
    row.save(update_fields=["columns", *findings(seen)])
    keep_reading(row, seen)
    record(
        by=by,
        verb="roster.columns",
        label="改认名册的列",
        subject=row,
        at=clock.now(),
        facts={"columns": row.columns},
    )
    return row


@transaction.atomic
def apply_roster(*, staged: RosterImport, by: Appointment, good_rows: bool = False) -> RosterImport:
    """Write the difference that was shown, all of it or nothing.

    Raises `Refused` when rows have errors (unless `good_rows`), when the roster or its file's
    difference changed since the preview, when nothing would change, or when it was applied before.
    """
    row = moves.lock(staged)
    refuse_if(moves.why_not(row, "apply"))
    lock_roster(row.school)
    seen = _examined_again(row)
    refuse_if(_why_not_apply(row, seen, good_rows))
    try:
        with transaction.atomic():
            write_difference(school=row.school, difference=seen.difference)
            _let_go_on(row.school, seen.difference, by)
    except IntegrityError as error:
        if "student_once" not in str(error) and "_no_once" not in str(error):
            raise
        raise Refused([STALE]) from None
    forget_reading(row)
    return moves.make(
        row,
        "apply",
        by=by,
        at=clock.now(),
        facts={k: v for k, v in row.counts.items() if isinstance(v, int)},
    )


def _examined_again(row: RosterImport) -> Examination:
    """Compared with the roster of now, which stays locked; read anew unless the rows were kept."""
    if kept := kept_reading(row):
        ground, reading = kept
        return compared(ground, reading, lock=True)
    content = files.content_of(row.file)
    return examined(row.school, content, row.file.name, row.columns, lock=True)


def _let_go_on(school: School, difference: Difference, by: Appointment) -> None:
    left = {c.known.id: c.known.school_class for c in difference.changed if c.goes_on}
    for student in Student.objects.for_school(school).filter(pk__in=left).order_by("pk"):
        enter_again(
            student=student, from_class=left[student.pk], reason="在本校升入下一学段", by=by
        )


@transaction.atomic
def discard_roster(*, staged: RosterImport, by: Appointment) -> RosterImport:
    """Put a staged file away; its reading stops, its writing can't be stopped any more."""
    row = moves.lock(staged)
    if row.status == RosterImport.Status.READING and row.job:
        jobs.stop(row.job)
    else:
        refuse_if(under_way(row))
    forget_reading(row)
    return moves.make(row, "discard", by=by, at=clock.now())


def under_way(row: RosterImport) -> list[Reason]:
    """Why the file waits: it is being read or written."""
    if row.job is None or row.job.finished:
        return []
    return [Reason(f"{row.job.label}正在进行", "请等它完成，这一页会显示进度")]


def lock_roster(school: School) -> None:
    """Let only one import of a school write at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ROSTER_LOCK, school.pk % 2**31])


STALE = Reason("名册在预览之后有变动，没有导入", "请重新查看变化，再按“写入名册”")


def kept_file(school: School, content: bytes, filename: str, by: Appointment) -> StoredFile:
    """The uploaded file in the private store, under a name that tells of nobody."""
    return files.keep(
        organisation=school,
        name=impersonal(filename),
        content=content,
        media_type=MEDIA_TYPE,
        purpose=PURPOSE,
        created_by=by.person,
    )


def impersonal(filename: str) -> str:
    """A file's name without long numbers, which may be somebody's ID or telephone."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return re.sub(r"[0-9Xx]{7,}", "…", name)[:128] or "名册"


def examined(
    school: School,
    content: bytes,
    filename: str,
    columns: Columns | None,
    *,
    lock: bool = False,
    tell: Tell = silent,
) -> Examination:
    """Look at a file. Raises `Refused` when it can't be read as a roster."""
    try:
        return examine(
            school=school,
            content=content,
            filename=filename,
            columns=columns,
            lock=lock,
            tell=tell,
        )
    except Unreadable as error:
        raise refusal_of(error) from None


def refusal_of(error: Unreadable) -> Refused:
    """A file that can't be read, as an action says no."""
    return Refused([error.as_reason()])


def findings(seen: Examination) -> dict[str, Any]:
    """What a staged import keeps of an examination: its own columns of the row."""
    return {
        "layout": seen.reading.layout,
        "counts": counts_of(seen.reading, seen.difference)
        | {"samples": samples_of(seen.difference)},
        "errors": kept(seen.reading.problems),
        "warnings": kept(seen.reading.warnings),
        "difference": _fingerprint(seen),
    }


def _fingerprint(seen: Examination) -> str:
    """Of what would change, and of the columns by which the file was read."""
    read = [[c["index"], c["field"]] for sheet in seen.reading.layout for c in sheet["columns"]]
    return hashlib.sha256(f"{read}{seen.difference.fingerprint()}".encode()).hexdigest()


def _why_not_apply(row: RosterImport, seen: Examination, good_rows: bool) -> list[Reason]:
    if _fingerprint(seen) != row.difference:
        return [STALE]
    bad = seen.reading.bad_rows
    found = []
    if bad and not good_rows:
        found.append(
            Reason(f"有{bad}行有错误", "请改好后重新上传，或选择只导入没有错误的行", count=bad)
        )
    if seen.difference.nothing:
        found.append(Reason("这份文件没有变化", "名册已经与文件一致，不用导入"))
    return found
