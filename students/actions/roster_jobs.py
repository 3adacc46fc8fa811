"""Long roster files: received at once, read and written as jobs with progress."""

from django.db import transaction

from audit import moves
from audit.events import record
from audit.refusal import Refused, refuse_if
from office import files, jobs
from office.models import Job
from office.spreadsheets.reading import Unreadable
from office.spreadsheets.sniffing import COMPOUND, ZIP, sniff
from schools import clock
from schools.models import Appointment, School
from students.actions.headings import keep_headings, note_headings
from students.actions.roster_readings import forget_reading, keep_reading
from students.actions.rosters import (
    examined,
    findings,
    kept_file,
    refusal_of,
    under_way,
)
from students.models import RosterImport
from students.rules.roster.examination import Examination, Tell
from students.rules.roster.tables import Columns, columns_for

READ = "students.read_roster"
APPLY = "students.apply_roster"
# About two thousand rows; reading so many in the request would keep its person waiting.
LONG_ROWS = 2_000
LONG_BYTES = {ZIP: 150_000, COMPOUND: 500_000}


def is_long(content: bytes) -> bool:
    """Whether a file is read as a job, judged without reading it."""
    for mark, size in LONG_BYTES.items():
        if content.startswith(mark):
            return len(content) > size
    return content.count(b"\n") > LONG_ROWS


@transaction.atomic
def receive_roster(
    *, school: School, content: bytes, filename: str, by: Appointment
) -> RosterImport:
    """Keep a long file and ask for its reading; raises `Refused` for what is no table at all."""
    try:
        sniff(content)
    except Unreadable as error:
        raise refusal_of(error) from None
    stored = kept_file(school, content, filename, by)
    staged: RosterImport = RosterImport.objects.create(
        school=school,
        file=stored,
        status=RosterImport.Status.READING,
        staged_by=by.person,
        staged_at=clock.now(),
    )
    record(
        by=by,
        verb="roster.receive",
        label="上传名册",
        subject=staged,
        at=clock.now(),
        facts={"size": stored.size},
    )
    _ask(staged, READ, "读取名册", by)
    return staged


@transaction.atomic
def read_again(
    *, staged: RosterImport, columns: Columns, by: Appointment, remember: int | None = None
) -> RosterImport:
    """Have a long file read once more, with the officer's own meaning of the columns.

    `remember` is the place in the layout of the sheet whose headings the school remembers, once the
    file could be read so.
    """
    row = moves.lock(staged)
    refuse_if(under_way(row))
    forget_reading(row)
    moves.make(row, "reread", by=by, at=clock.now(), columns=dict(columns))
    _ask(row, READ, "重新读取名册", by, **({} if remember is None else {"remember": remember}))
    return row


def read_received(
    *, staged: RosterImport, by: Appointment, tell: Tell, remember: int | None = None
) -> RosterImport:
    """Read a file that was received; what was read before, by an earlier try, stays as it is.

    Raises `Refused` when it is no roster; it is then put away.
    """
    if staged.status != RosterImport.Status.READING:
        return staged
    try:
        seen = _seen(staged, by, tell, remember)
    except Refused:
        with transaction.atomic():
            moves.make(moves.lock(staged), "discard", by=by, at=clock.now())
        raise
    tell(3, "正在保存结果")
    with transaction.atomic():
        row = moves.lock(staged)
        keep_reading(row, seen)
        found = findings(seen)
        facts = {k: v for k, v in found["counts"].items() if isinstance(v, int)}
        return moves.make(row, "read", by=by, at=clock.now(), facts=facts, **found)


def _seen(staged: RosterImport, by: Appointment, tell: Tell, remember: int | None) -> Examination:
    content = files.content_of(staged.file)
    if remember is None:
        return examined(staged.school, content, staged.file.name, staged.columns, tell=tell)
    tell(1, "正在按更正的列逐格核对")
    sheet = staged.layout[remember]
    columns = columns_for(staged.columns, sheet.get("like", ""), first=remember == 0)
    # Nobody would see what is told inside; a file that can't be read so leaves nothing remembered.
    with transaction.atomic():
        told = keep_headings(school=staged.school, sheet=sheet, columns=columns, by=by)
        seen = examined(staged.school, content, staged.file.name, staged.columns)
        note_headings(school=staged.school, told=told, by=by)
        return seen


@transaction.atomic
def apply_later(*, staged: RosterImport, by: Appointment, good_rows: bool = False) -> RosterImport:
    """Ask for a long difference to be written; refused while it is being written already."""
    row = moves.lock(staged)
    refuse_if(moves.why_not(row, "apply") + under_way(row))
    _ask(row, APPLY, "写入名册", by, good_rows=good_rows)
    return row


def _ask(row: RosterImport, kind: str, label: str, by: Appointment, **more: int) -> Job:
    row.job = jobs.want(kind=kind, label=label, by=by, params={"import": row.pk, **more})
    row.save(update_fields=["job"])
    return row.job
