"""Whether every award was paid once and right: counted from all sides, none of which is trusted.

The stock says what was due, the bank what arrived; awards, lines, files, ledger and audit chain
must agree with both. Every sentence returned is something lost, doubled or wrong.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from audit.verify import broken_links
from disbursement import agreement, bank_files, content, ledger
from disbursement.models import Award, LedgerPosting, PaymentBatch, PaymentLine
from office import files
from schools.models import School
from schools.scope import acting_for

Told = dict[str, Any]


def main() -> None:
    """Read what must be from the input; print what is not so."""
    found: list[str] = []
    for told in json.load(sys.stdin):
        with acting_for(told["school"]):
            found += of(told)
    sys.stdout.write(json.dumps(found, ensure_ascii=False))


def of(told: Told) -> list[str]:
    """Every fault of one school.

    `programmes` are amounts due per head by name, `cards` whose they are; the bank says `paid`,
    how often by number, and `books`, fen by card. Programmes in `finished` must be paid to the
    end, the others may wait.
    """
    school = School.objects.get(pk=told["school"])
    return [
        *_awards(told),
        *_batches(told, school),
        *_at_the_bank(told, school),
        *ledger.disagreements(school),
        *_balances(told, school),
        *(str(broken) for broken in broken_links(school.pk)),
    ]


def _awards(told: Told) -> Iterator[str]:
    due: Counter[str] = Counter()
    lines = defaultdict(list)
    for line in PaymentLine.objects.filter(school_id=told["school"]).exclude(status="failed"):
        lines[line.award_id].append(line)
    for award in Award.objects.filter(school_id=told["school"]).select_related("programme"):
        name = award.programme.name
        due[name] += 1
        mine = lines[award.pk]
        arrived = [line for line in mine if line.status == PaymentLine.Status.PAID]
        if len(mine) > 1:
            yield f"{name}：一份资助有{len(mine)}笔付款"
        if name in told["finished"] and not arrived:
            yield f"{name}：一份资助没有到账"
        if award.amount_fen != told["programmes"][name]:
            yield f"{name}：资助金额{award.amount_fen}"
        yield from (
            f"{name}：付款{line.number}金额{line.amount_fen}"
            for line in mine
            if line.amount_fen != told["programmes"][name]
        )
    for name in told["programmes"]:
        if due[name] != len(told["cards"]):
            yield f"{name}：有{due[name]}份资助"


def _batches(told: Told, school: School) -> Iterator[str]:
    for batch in PaymentBatch.objects.filter(school_id=school.pk).select_related("bank_file"):
        if batch.status == PaymentBatch.Status.DRAFT:
            continue
        lines = content.lines_of(batch)
        if content.fingerprint(lines) != batch.content_hash:
            yield f"{batch}：明细与指纹不符"
        if (len(lines), sum(line.amount_fen for line in lines)) != (
            batch.line_count,
            batch.total_fen,
        ):
            yield f"{batch}：明细与合计不符"
        if not agreement.of(batch).agrees:
            yield f"{batch}：三个数不一致"
        if batch.programme.name in told["finished"] and batch.status != PaymentBatch.Status.CLOSED:
            yield f"{batch}：没有结清"
        if batch.bank_file is not None:
            written = bank_files.write(batch.profile, batch.number, content.payments(lines))
            if files.content_of(batch.bank_file) != written:
                yield f"{batch}：银行文件不是由明细生成的"


def _at_the_bank(told: Told, school: School) -> Iterator[str]:
    ours: Counter[str] = Counter()
    for line in PaymentLine.objects.filter(school_id=school.pk, status=PaymentLine.Status.PAID):
        ours[line.card_number.reveal()] += line.amount_fen
        if told["paid"].get(line.number) != 1:
            yield f"付款{line.number}：银行付了{told['paid'].get(line.number, 0)}次"
    for card in told["cards"]:
        theirs = told["books"].get(card, 0)
        if ours[card] != theirs:
            yield f"尾号{card[-4:]}：银行付了{theirs}分，系统记{ours[card]}分"


def _balances(told: Told, school: School) -> Iterator[str]:
    if sum(ledger.balances(school).values()):
        yield "台账各科目合计不为零"
    entries: Counter[int] = Counter()
    for posting in LedgerPosting.objects.filter(school_id=school.pk):
        entries[posting.entry_id] += posting.amount_fen
    yield from (f"分录{pk}不平" for pk, total in entries.items() if total)
    each = len(told["cards"])
    programmes = {a.programme.name: a.programme for a in Award.objects.filter(school_id=school.pk)}
    for name in told["finished"]:
        found = ledger.balances(school, programmes[name])
        wanted = dict.fromkeys(found, 0)
        wanted["paid"] = each * told["programmes"][name]
        wanted["received"] = -wanted["paid"]
        if found != wanted:
            yield f"{name}：台账余额不对"
