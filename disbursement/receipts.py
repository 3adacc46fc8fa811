"""签领表: what its sheets say, class by class (row 0-60)."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from audit.refusal import Reason
from disbursement import rules
from disbursement.capitals import capitals
from disbursement.models import PaymentBatch, PaymentLine

Status = PaymentBatch.Status
SENT = (Status.SENT, Status.RETURNED, Status.CLOSED)


def lines_of(batch: PaymentBatch, class_name: str = "") -> list[PaymentLine]:
    """The payments that students sign for: all but those that came back, of one class or of all."""
    lines = (
        PaymentLine.objects.filter(school_id=batch.school_id, batch=batch)
        .exclude(status=PaymentLine.Status.FAILED)
        .select_related("student", "award__tier")
    )
    if class_name:
        lines = lines.filter(class_name=class_name)
    return list(lines.order_by("serial"))


def why_not(batch: PaymentBatch, lines: Sequence[PaymentLine]) -> list[Reason]:
    """Nobody signs for money that was not sent."""
    if batch.status not in SENT:
        return [Reason("还没有送银行，没有签领表", "送银行之后再打印，由学生本人签名")]
    if not lines:
        return [Reason("没有要签领的学生", "退汇的补发到账之后，在补发批次里打印")]
    return []


def values(batch: PaymentBatch, lines: Sequence[PaymentLine]) -> dict[str, Any]:
    """The document's values; card numbers are masked."""
    return {
        "title": f"{batch.school.name}{batch.programme.name}签领表",
        "term": batch.term.season_label,
        "number": batch.number,
        "sheets": [
            _sheet(batch, name, list(rows))
            for name, rows in groupby(lines, key=lambda line: line.class_name)
        ],
    }


def _sheet(batch: PaymentBatch, class_name: str, lines: Sequence[PaymentLine]) -> dict[str, Any]:
    total = sum(line.amount_fen for line in lines)
    return {
        "class_name": class_name,
        "rows": [_row(batch, number, line) for number, line in enumerate(lines, 1)],
        "count": len(lines),
        "total": rules.yuan(total),
        "capitals": capitals(total),
    }


def _row(batch: PaymentBatch, number: int, line: PaymentLine) -> list[str]:
    return [
        str(number),
        line.student.name,
        line.student.student_no,
        f"{batch.programme.name} {line.award.tier.label}",
        rules.yuan(line.amount_fen),
        capitals(line.amount_fen),
        str(line.card_number),
        "",
        "",
    ]
