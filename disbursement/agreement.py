"""The three numbers of a batch that must agree, each counted anew from what it is about.

The awards are counted from the awards, the lines from the lines, the file from its own bytes.
"""

from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet, Sum

from disbursement import bank_files, content
from disbursement.bank_files import Totals
from disbursement.models import Award, PaymentBatch, PaymentLine
from office import files


@dataclass(frozen=True, slots=True)
class Agreement:
    """Awards less those held, frozen lines, and the bank file once there is one."""

    awards: Totals
    lines: Totals
    file: Totals | None
    fingerprint: str
    paid: Totals
    failed: Totals

    @property
    def agrees(self) -> bool:
        """Whether all that is there says the same, in count and in fen."""
        return self.awards == self.lines and self.file in (None, self.lines)

    @property
    def answered(self) -> bool:
        """Whether the bank's answer adds up to the lines."""
        both = Totals(self.paid.count + self.failed.count, self.paid.fen + self.failed.fen)
        return both == self.lines


def of(batch: PaymentBatch) -> Agreement:
    """The numbers of a batch that is not a draft."""
    lines = content.lines_of(batch)
    return Agreement(
        awards=_sum(awards_meant(batch)),
        lines=_of(lines),
        file=_file(batch),
        fingerprint=content.fingerprint(lines),
        paid=_of([line for line in lines if line.status == PaymentLine.Status.PAID]),
        failed=_of([line for line in lines if line.status == PaymentLine.Status.FAILED]),
    )


def awards_meant(batch: PaymentBatch) -> QuerySet[Award]:
    """Awards that the batch had to pay when it froze: all due then, less those held.

    Granting and freezing lock the same purse, so rows made before and after tell by their ids.
    """
    mine = Q(school_id=batch.school_id)
    lines = PaymentLine.objects.filter(mine)
    ours = lines.filter(batch_id=batch.pk)
    first = ours.aggregate(pk=Min("pk"))["pk"] or 0
    earlier = lines.filter(pk__lt=first).exclude(batch_id=batch.pk)
    awards = (
        Award.objects.filter(
            mine,
            programme_id=batch.programme_id,
            term_id=batch.term_id,
            instalment__lte=batch.instalment,
            pk__lte=batch.award_mark,
        )
        # Revoked later, after the bank returned it.
        .filter(Q(status=Award.Status.GRANTED) | Q(pk__in=ours.values("award_id")))
        .exclude(pk__in=[entry["award"] for entry in batch.held])
    )
    if batch.follows_id:
        failed = lines.filter(batch_id=batch.follows_id, status=PaymentLine.Status.FAILED)
        awards = awards.filter(pk__in=failed.values("award_id"))
        earlier = earlier.filter(batch__follows_id=batch.follows_id)
    found: QuerySet[Award] = awards.exclude(pk__in=earlier.values("award_id"))
    return found


def _sum(awards: QuerySet[Award]) -> Totals:
    found = awards.order_by().aggregate(n=Count("pk"), fen=Sum("amount_fen"))
    return Totals(found["n"], found["fen"] or 0)


def _of(lines: list[PaymentLine]) -> Totals:
    return Totals(len(lines), sum(line.amount_fen for line in lines))


def _file(batch: PaymentBatch) -> Totals | None:
    if batch.bank_file is None:
        return None
    return bank_files.read_back(batch.profile, files.content_of(batch.bank_file))
