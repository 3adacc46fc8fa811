"""Card numbers in clear: to whom it is allowed, for a reason, on the record."""

from django.db import transaction

from audit.events import record
from audit.refusal import Reason, refuse_if
from disbursement import rules
from disbursement.models import AidCard, PaymentBatch
from office import files
from schools import clock
from schools.models import Appointment, School
from schools.roles import Role

MAY_REVEAL = (Role.OPERATOR, Role.FINANCE, Role.REVIEWER, Role.LEADER)
MAY_TAKE = (Role.FINANCE,)


@transaction.atomic
def reveal_card(*, card: AidCard, reason: str, by: Appointment) -> str:
    """One card number in clear."""
    refuse_if(
        rules.why_not_here(by, card.school_id, MAY_REVEAL, "查看完整卡号") + _why_no_reason(reason)
    )
    record(
        by=by,
        verb="aidcard.reveal",
        label="查看卡号",
        subject=card,
        at=clock.now(),
        about_id=card.student_id,
        reason=reason.strip(),
    )
    number: str = card.number.reveal()
    return number


@transaction.atomic
def take_bank_file(*, batch: PaymentBatch, reason: str, by: Appointment) -> bytes:
    """The bank file with every card number, exactly as it was sent."""
    problems = rules.why_not_here(by, batch.school_id, MAY_TAKE, "下载银行文件")
    problems += _why_no_reason(reason)
    file = batch.bank_file
    if file is None:
        problems.append(Reason("还没有银行文件", "审批通过、送银行之后生成"))
    refuse_if(problems)
    record(
        by=by,
        verb="paymentbatch.take_file",
        label="下载银行文件",
        subject=batch,
        at=clock.now(),
        facts={"lines": batch.line_count, "sha256": file.sha256 if file else ""},
        reason=reason.strip(),
    )
    return files.content_of(file) if file else b""


def _why_no_reason(reason: str) -> list[Reason]:
    if len(reason.strip()) >= 2:
        return []
    return [Reason("没有写明理由", "请选择或填写理由；查看和下载都会记录")]


@transaction.atomic
def note_export(*, school: School, what: str, count: int, by: Appointment) -> None:
    """Record that a list left the system; it carries masked numbers only."""
    record(
        by=by,
        verb="disbursement.export",
        label=f"导出{what}",
        subject=school,
        organisation_id=school.pk,
        at=clock.now(),
        facts={"rows": count},
    )
