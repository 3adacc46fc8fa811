"""The checklist before money goes out: what is asked, of whom, and what holds an award."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db import models
from django.urls import reverse

from applications.models import Programme
from audit.refusal import Reason
from disbursement.models import AidCard, Award
from schools.models import Term
from students.models import Student
from students.rules.enrolment import Absence

HELD_NAMES = 3


class Check(models.TextChoices):
    """The checklist before freezing and before sending, in the order of the page."""

    APPLICATION = "application", "申请有效"
    MEANT = "meant", "属于项目的资助对象"
    RECOGNITION = "recognition", "本学年认定有效"
    NOTICE = "notice", "公示期已满，无未办结异议"
    PRESENT = "present", "在籍在校"
    UNIQUE = "unique", "学籍唯一"
    CARD = "card", "资助卡为本人、已核对、已激活"
    REPEAT = "repeat", "本学期没有重复发放"
    EXCLUSIVE = "exclusive", "没有互斥的资助项目"
    TERM = "term", "未跨学期"
    FUND = "fund", "资金足够"


PAGES: Mapping[str, str] = {
    Check.CARD: "disbursement:cards",
    Check.FUND: "disbursement:ledger",
}


@dataclass(frozen=True, slots=True)
class Hold:
    """Why one award can't be paid now: which check, what is wrong, how it is mended."""

    check: str
    text: str
    mend: str = ""


class Standing(NamedTuple):
    """What is known about a student on a day, wherever money depends on it."""

    student: Student
    recognised: bool = False
    in_open_group: bool = False
    open_objections: int = 0
    elsewhere: bool = False
    exclusive: tuple[str, ...] = ()
    # Names of such programmes that another school awarded to the same identity.
    exclusive_elsewhere: tuple[str, ...] = ()
    # The other term in which a programme paid once a year was awarded.
    awarded_in: str = ""
    # Another school awarded the same to the same identity, in this term or year.
    awarded_elsewhere: bool = False
    # Of what is paid by the month: the instalments that another school gives.
    months_elsewhere: frozenset[int] = frozenset()
    absences: tuple[Absence, ...] = ()
    # Why the programme is not for such a student: stage, class year, groups, boarding.
    not_meant: tuple[Reason, ...] = ()
    # What held when the money's period began; empty is what the roster says.
    boarded: str = ""

    @property
    def boarding(self) -> str:
        """The 就读方式 that counts for this money."""
        return self.boarded or str(self.student.boarding)


class Candidate(NamedTuple):
    """One award with everything that its payment depends on.

    `applied` means that the application still stands, neither withdrawn nor returned;
    `paid_in` is the number of another batch that pays it, `failed_line` the line it retries.
    """

    award: Award
    standing: Standing
    applied: bool
    case_confirmed: bool
    notice_ended: bool
    card: AidCard | None
    guardians: tuple[str, ...] = ()
    paid_in: str = ""
    failed_line: int | None = None
    card_changed: bool = False

    @property
    def student(self) -> Student:
        """Whose award it is."""
        return self.standing.student


@dataclass(frozen=True, slots=True)
class Paying:
    """What is being paid, and on which day."""

    programme: Programme
    term: Term
    on: date
    late_document: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """Who passes and who is held, with every reason."""

    passing: list[Candidate]
    held: list[tuple[Candidate, list[Hold]]]
    general: list[Hold] = field(default_factory=list)

    @property
    def total_fen(self) -> int:
        """What the passing awards add up to."""
        return sum(c.award.amount_fen for c in self.passing)


def as_reasons(
    holds: Sequence[tuple[Candidate, list[Hold]]], general: Iterable[Hold] = ()
) -> list[Reason]:
    """The holds of many awards, grouped: each reason once, with how many and who."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for candidate, reasons in holds:
        for hold in reasons:
            grouped.setdefault((hold.check, hold.text, hold.mend), []).append(
                candidate.student.name
            )
    found = [Reason(hold.text, hold.mend, where(hold.check)) for hold in general]
    for (check, text, mend), names in grouped.items():
        who = "、".join(names[:HELD_NAMES])
        who += f"等{len(names)}人" if len(names) > HELD_NAMES else ""
        found.append(Reason(f"{who}：{text}", mend, where(check), count=len(names)))
    return found


def where(check: str) -> str:
    """The page on which a whole group of holds is mended; empty when it is another floor's."""
    name = PAGES.get(check)
    return reverse(name) if name else ""
