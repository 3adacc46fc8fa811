"""What the walked term came to, school by school, counted twice wherever two numbers must agree."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Sum

from aidadmin.demo.days import TERM
from aidadmin.demo.district import DemoSchool
from applications.models import Application, Grade
from disbursement import ledger
from disbursement.models import Award, BankReturn, Fund, PaymentBatch, PaymentLine
from review.models import Case, Meeting, Notice, NoticeLine, Recognition
from schools.models import School
from schools.scope import acting_for
from screening.models import Screening, ScreeningRow
from students.models import EnrolmentChange, SpecialGroupTag, Student

# The academic year of the term that is walked.
YEAR = 2026


@dataclass
class Summary:
    """Numbers of one school and every disagreement found; amounts in fen."""

    school: School
    numbers: dict[str, Any] = field(default_factory=dict)
    disagreements: list[str] = field(default_factory=list)

    def must_agree(self, what: str, first: object, second: object) -> None:
        """Note it when two numbers that must agree don't."""
        if first != second:
            self.disagreements.append(f"{what}：{first}≠{second}")


def of(demo: DemoSchool) -> Summary:
    """Count one school's term and reconcile it."""
    with acting_for(demo.school):
        summary = Summary(demo.school)
        _people(summary, demo)
        _recognition(summary)
        _money(summary)
        _screening(summary)
        return summary


def _total(rows: Any, column: str = "amount_fen") -> int:
    return int(rows.aggregate(total=Sum(column))["total"] or 0)


def _people(summary: Summary, demo: DemoSchool) -> None:
    students = Student.objects.for_school(summary.school)
    away = students.exclude(status="enrolled").count()
    summary.numbers |= {
        "students": students.count(),
        "present": students.present().count(),
        "tags": SpecialGroupTag.objects.for_school(summary.school).count(),
        "applications": Application.objects.for_school(summary.school)
        .filter(round__kind="recognition", round__term__code=TERM, status="submitted")
        .count(),
        "grant_applications": Application.objects.for_school(summary.school)
        .filter(round__kind="programme", status="submitted")
        .count(),
    }
    summary.must_agree("名册文件行数与学生数", len(demo.pupils), students.count())
    changes = EnrolmentChange.objects.for_school(summary.school).filter(
        kind__in=("suspend", "withdraw")
    )
    summary.must_agree("异动与不在校学生", changes.count(), away)
    listed = sum(len(p.groups) for p in demo.pupils)
    tags = summary.numbers["tags"]
    summary.must_agree("部门名单比中与特殊群体标签", listed, tags)


def _recognition(summary: Summary) -> None:
    rows = Recognition.objects.for_school(summary.school).filter(year=YEAR, valid_to=None)
    grades = dict(rows.values_list("grade").annotate(n=Count("pk")))
    cases = Case.objects.for_school(summary.school).filter(round__term__code=TERM)
    graded = cases.filter(round__kind="recognition", status="confirmed")
    summary.numbers["recognitions"] = {g.value: grades.get(g.value, 0) for g in Grade}
    meetings = Meeting.objects.for_school(summary.school).filter(round__term__code=TERM)
    summary.numbers["meetings"] = meetings.count()
    summary.numbers["notices"] = [
        {"starts_on": str(n.starts_on), "ends_on": str(n.ends_on), "names": n.lines.count()}
        for n in Notice.objects.for_school(summary.school)
        .filter(round__term__code=TERM)
        .order_by("pk")
    ]
    summary.must_agree("认定结果与已确认的认定", rows.count(), graded.count())
    summary.must_agree("认定申请与评审件数", summary.numbers["applications"], cases.filter(
        round__kind="recognition").count())  # fmt: skip
    difficult = sum(n for grade, n in grades.items() if grade != Grade.NONE)
    named = NoticeLine.objects.for_school(summary.school).filter(
        notice__round__kind="recognition",
        notice__round__term__code=TERM,
        notice__status="confirmed",
    )
    summary.must_agree("困难学生与认定公示人数", difficult, named.count())


def _money(summary: Summary) -> None:
    school = summary.school
    awards = Award.objects.for_school(school).filter(status="granted")
    lines = PaymentLine.objects.for_school(school)
    paid, failed = lines.filter(status="paid"), lines.filter(status="failed")
    again = lines.filter(retries__isnull=False, status="paid")
    held = sum(len(b.held) for b in PaymentBatch.objects.for_school(school).filter(follows=None))
    summary.numbers |= {
        "awards": {"count": awards.count(), "fen": _total(awards)},
        "funds_fen": _total(Fund.objects.for_school(school)),
        "paid": {"count": paid.count(), "fen": _total(paid)},
        "returned": {"count": failed.count(), "fen": _total(failed)},
        "repaid": {"count": again.count(), "fen": _total(again)},
        "held": held,
        "ledger": _ledger(summary),
    }
    summary.must_agree("资助人数与到账加暂缓", awards.count(), paid.count() + held)
    summary.must_agree("退汇与补发金额", _total(failed), _total(again))
    for batch in PaymentBatch.objects.for_school(school).exclude(status="draft"):
        own = lines.filter(batch=batch)
        summary.must_agree(f"批次{batch.number}笔数", batch.line_count, own.count())
        summary.must_agree(f"批次{batch.number}金额", batch.total_fen, _total(own))
    for back in BankReturn.objects.for_school(school).select_related("batch"):
        both = back.paid_fen + back.failed_fen
        summary.must_agree(f"批次{back.batch.number}回盘金额", back.batch.total_fen, both)


def _ledger(summary: Summary) -> dict[str, int]:
    balances: dict[str, int] = {}
    summary.disagreements += ledger.disagreements(summary.school)
    rounds = Award.objects.for_school(summary.school).values_list("programme", "term").distinct()
    for award in (
        Award.objects.for_school(summary.school)
        .filter(programme__in=[p for p, _ in rounds])
        .select_related("programme", "term")
        .distinct("programme", "term")
    ):
        for account, fen in ledger.balances(summary.school, award.programme, award.term).items():
            balances[str(account)] = balances.get(str(account), 0) + fen
    summary.must_agree("台账借贷合计", sum(balances.values()), 0)
    return balances


def _screening(summary: Summary) -> None:
    found = Screening.objects.for_school(summary.school).first()
    if found is None:
        summary.disagreements.append("没有排查")
        return
    rows = ScreeningRow.objects.for_school(summary.school).filter(screening=found)
    summary.numbers["screening"] = {
        "rows": rows.count(),
        "verified": rows.exclude(result="").count(),
        "unaided": rows.filter(result="unaided").count(),
        **found.numbers,
    }
    summary.must_agree("排查人数与在校人数", rows.count(), summary.numbers["present"])
    summary.must_agree("排查核实人数", rows.exclude(result="").count(), rows.count())
    cells = found.numbers.get("cells")
    if isinstance(cells, dict | list):
        six = sum(cells.values() if isinstance(cells, dict) else cells)
        summary.must_agree("困难学生总数与六类之和", found.numbers.get("total"), six)


def as_text(summaries: list[Summary]) -> Iterator[str]:
    """The summary as people read it."""
    for s in summaries:
        n = s.numbers
        grades = "，".join(f"{Grade(g).label}{c}人" for g, c in n["recognitions"].items())
        yield f"■ {s.school.name}（{s.school.code}）"
        yield f"  学生{n['students']}人，在校{n['present']}人；认定申请{n['applications']}份"
        yield f"  认定：{grades}"
        for notice in n["notices"]:
            yield f"  公示：{notice['starts_on']}至{notice['ends_on']}，{notice['names']}人"
        yield f"  资助{n['awards']['count']}人，{n['awards']['fen'] / 100:,.2f}元"
        for key, label in (("paid", "到账"), ("returned", "退汇"), ("repaid", "补发")):
            yield f"  {label}{n[key]['count']}笔，{n[key]['fen'] / 100:,.2f}元"
        yield f"  排查：{n.get('screening')}"
        yield from (f"  ✗ {d}" for d in s.disagreements)


def as_dict(summaries: list[Summary], today: date) -> dict[str, Any]:
    """The summary for machines; amounts in fen."""
    return {
        "term": "2026-1",
        "walked_on": today.isoformat(),
        "schools": [
            {
                "code": s.school.code,
                "name": s.school.name,
                **s.numbers,
                "disagreements": s.disagreements,
            }
            for s in summaries
        ],
        "agree": not any(s.disagreements for s in summaries),
    }
