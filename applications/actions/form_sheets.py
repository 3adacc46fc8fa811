"""Enter many families' forms from one workbook: stage it, enter all of it or nothing."""

import re
from collections import defaultdict
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from applications import queue
from applications.actions.entries import CHANNELS, TOLD
from applications.actions.form_rolls import Examined, Ready, as_application, examined
from applications.form_workbook import form_workbook
from applications.models import (
    HARDSHIPS,
    Application,
    FormSheet,
    HouseholdMember,
    HouseholdSurvey,
    Round,
)
from applications.queue.groups import group_codes
from applications.rules import entries as rules
from applications.rules.surveys import SurveyFacts
from audit import moves
from audit.events import Entry, record, record_many
from audit.refusal import Reason, Refused, refuse_if
from office import files
from office.spreadsheets.marking import CellError, mark_errors
from privacy.identity import check_phone
from schools import clock
from schools.models import Appointment
from schools.roles import Role
from students.models import Guardian, SchoolClass

PURPOSE = "form_sheet"
MEDIA_TYPE = "application/octet-stream"
Status = Application.Status


@transaction.atomic
def form_template(*, round_: Round, school_class: SchoolClass, by: Appointment) -> bytes:
    """The workbook to be filled in for a class: who has not applied, with their guardians.

    Raises `Refused` when the round takes no household forms from this person now.
    """
    refuse_if(_why_not_sheets(round_, by))
    students = list(queue.candidates(round_, by).filter(school_class=school_class))
    if not students:
        raise Refused([Reason(f"{school_class}没有还可以申请的学生", "都已有申请，或不在籍在校")])
    guardians: dict[int, list[Guardian]] = defaultdict(list)
    for guardian in Guardian.objects.filter(
        school_id=round_.school_id, student__in=students
    ).order_by("pk"):
        guardians[guardian.student_id].append(guardian)
    record(
        by=by,
        verb="form_sheet.template",
        label="下载填报表",
        subject=round_,
        at=clock.now(),
        facts={"class": school_class.pk, "students": len(students)},
    )
    return form_workbook(students, guardians, list(group_codes()))


def _why_not_sheets(round_: Round, by: Appointment) -> list[Reason]:
    reasons = rules.why_not_open(round_, clock.today())
    if not round_.is_recognition:
        reasons.append(Reason("资助项目不填家庭情况", "在认定批次里使用填报表"))
    if by.role not in rules.ENTERING:
        reasons.append(Reason(f"{by.get_role_display()}不录入申请", "由班主任或资助专干录入"))
    return reasons


@transaction.atomic
def stage_form_sheet(*, round_: Round, content: bytes, filename: str, by: Appointment) -> FormSheet:
    """Keep a filled workbook to be looked at; no application is written.

    Raises `Refused` when it can't be read, tells of no family, or the round takes none now.
    """
    refuse_if(_why_not_sheets(round_, by))
    seen = examined(round_, content, filename, by)
    if not seen.families:
        raise Refused([Reason("表里没有填写任何家庭", "填写后保存，再上传")])
    name = impersonal(filename)
    stored = files.keep(
        organisation=round_.school,
        name=name,
        content=content,
        media_type=MEDIA_TYPE,
        purpose=PURPOSE,
        created_by=by.person,
    )
    staged: FormSheet = FormSheet.objects.create(
        school_id=round_.school_id,
        round=round_,
        file=stored,
        name=name,
        families=seen.families,
        errors=len(seen.errors),
        staged_by=by.person,
        staged_at=clock.now(),
    )
    record(
        by=by,
        verb="form_sheet.stage",
        label="上传填报表",
        subject=staged,
        at=staged.staged_at,
        facts={"families": staged.families, "errors": staged.errors, "sha256": stored.sha256},
    )
    return staged


def impersonal(filename: str) -> str:
    """A file's name without long numbers, which may be somebody's ID or telephone."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return re.sub(r"[0-9Xx]{7,}", "…", name)[:128] or "填报表"


def look_at(sheet: FormSheet, by: Appointment) -> Examined:
    """What a staged workbook would do now. Raises `Refused` when its file is gone."""
    return examined(sheet.round, _content(sheet), sheet.name, by)


def _content(sheet: FormSheet) -> bytes:
    if sheet.file is None:
        raise Refused([Reason("这份填报表已放弃，文件已删除", "需要时重新上传")])
    return files.content_of(sheet.file)


@transaction.atomic
def apply_form_sheet(*, sheet: FormSheet, hand_in: bool, by: Appointment) -> FormSheet:
    """Enter every family of the workbook, all or none; `hand_in`: those that lack nothing at once.

    Entered for the families by `by`: so the applications and the log say. Raises `Refused` when a
    row has an error now, the round takes none, or it was entered before.
    """
    round_ = moves.lock(sheet.round)
    row = moves.lock(sheet)
    refuse_if(moves.why_not(row, "apply"))
    reasons = _why_not_sheets(round_, by)
    if hand_in and clock.today() > round_.closes_on:
        reasons.append(
            Reason("申请期已过，不能直接提交", "先存为草稿，再逐份写逾期原因，由审核人同意")
        )
    refuse_if(reasons)
    seen = look_at(row, by)
    if seen.errors:
        n = len(seen.errors)
        raise Refused([Reason(f"有{n}处错误，什么也没有录入", "改好后重新上传", count=n)])
    try:
        with transaction.atomic():
            submitted = _enter(row, round_, seen.ready, by, hand_in=hand_in)
    except IntegrityError as error:
        if "application_once" not in str(error) and "application_number" not in str(error):
            raise
        raise Refused([Reason("有学生刚刚有了申请", "请重新打开这一页再看")]) from None
    return moves.make(
        row,
        "apply",
        by=by,
        at=clock.now(),
        facts={"entered": len(seen.ready), "submitted": submitted},
        entered=len(seen.ready),
        submitted=submitted,
    )


def _enter(
    sheet: FormSheet, round_: Round, ready: Sequence[Ready], by: Appointment, *, hand_in: bool
) -> int:
    moment = clock.now()
    # The lock on the round puts entries in order, so that no number is given twice.
    start = Application.objects.filter(school_id=round_.school_id, round=round_).count() + 1
    rows = []
    for n, one in enumerate(ready, start):
        application = as_application(round_, one.row, one.student)
        application.number = f"{round_.number_prefix}-{n:04d}"
        application.channel = CHANNELS[Role(by.role)]
        application.entered_by, application.entered_at = by.person, moment
        if hand_in and not one.missing:
            application.status = Status.SUBMITTED
            application.submit_by, application.submit_at = by.person, moment
        rows.append(application)
    Application.objects.bulk_create(rows, batch_size=1000)
    surveys = [_survey(a, one.row.facts) for a, one in zip(rows, ready, strict=True)]
    HouseholdSurvey.objects.bulk_create(surveys, batch_size=1000)
    HouseholdMember.objects.bulk_create(
        [m for s, one in zip(surveys, ready, strict=True) for m in _members(s, one.row.facts)],
        batch_size=1000,
    )
    _record_entries(sheet, rows, by)
    return sum(a.status == Status.SUBMITTED for a in rows)


def _survey(application: Application, facts: SurveyFacts) -> HouseholdSurvey:
    return HouseholdSurvey(
        school_id=application.school_id,
        application=application,
        family_size=facts.size,
        annual_income_fen=facts.income_fen,
        phone=check_phone(facts.phone).number if facts.phone else None,
        address=facts.address or None,
        claims=sorted(facts.claims),
        **{name: getattr(facts, name) for name in TOLD},
        **{name: getattr(facts, name) for name in HARDSHIPS},
    )


def _members(survey: HouseholdSurvey, facts: SurveyFacts) -> list[HouseholdMember]:
    names = ("name", "age", "relation", "work", "occupation", "annual_income_fen", "health")
    return [
        HouseholdMember(
            school_id=survey.school_id,
            survey=survey,
            **{name: getattr(m, name) for name in names},
        )
        for m in facts.members
    ]


def _record_entries(sheet: FormSheet, rows: Sequence[Application], by: Appointment) -> None:
    told = {"round": sheet.round_id, "form_sheet": sheet.pk}
    entries = []
    for a in rows:
        facts = {"number": a.number, **told}
        entries.append(Entry("application.draft", "照填报表录入", a, a.student_id, facts))
        if a.status == Status.SUBMITTED:
            moved = {**facts, "from": Status.DRAFT.value, "to": Status.SUBMITTED.value}
            entries.append(Entry("application.submit", "提交", a, a.student_id, moved))
    record_many(by=by, entries=entries, at=clock.now(), organisation_id=sheet.school_id)


@transaction.atomic
def discard_form_sheet(*, sheet: FormSheet, by: Appointment) -> FormSheet:
    """Put a staged workbook away; its file is deleted, since it tells of families."""
    row = moves.lock(sheet)
    refuse_if(moves.why_not(row, "discard"))
    file = row.file
    made = moves.make(row, "discard", by=by, at=clock.now(), file=None)
    if file is not None:
        files.forget(file)
    return made


@transaction.atomic
def marked_form_sheet(*, sheet: FormSheet, by: Appointment) -> bytes:
    """The same workbook with the errors marked; recorded, since it tells of families."""
    content = _content(sheet)
    seen = examined(sheet.round, content, sheet.name, by)
    record(
        by=by,
        verb="form_sheet.marked",
        label="下载标红的填报表",
        subject=sheet,
        at=clock.now(),
        facts={"errors": len(seen.errors)},
    )
    errors = [CellError(e.sheet, e.row, e.column, e.text) for e in seen.errors]
    return mark_errors(content, errors, filename=sheet.name)
