"""What a seeded programme says: dated standards, who it is for, whose money it is."""

from dataclasses import dataclass
from datetime import date

from applications.models import FundingSource, Grade, Programme
from students.models import Student

BOARDER, DAY = Student.Boarding.BOARDER, Student.Boarding.DAY
SINCE = date(2021, 9, 1)
FUNDS_RULES = "《学生资助资金管理办法》（财教〔2021〕310号）"
SCHOOL, ELSEWHERE, UNIVERSAL = (
    Programme.Handling.SCHOOL,
    Programme.Handling.ELSEWHERE,
    Programme.Handling.UNIVERSAL,
)
MONTHLY, PER_TERM, PER_YEAR = (
    Programme.Cadence.MONTHLY,
    Programme.Cadence.PER_TERM,
    Programme.Cadence.PER_YEAR,
)


@dataclass(frozen=True, slots=True)
class Standard:
    """A tier's amount in fen while it is in force."""

    code: str
    label: str
    rank: int
    fen: int
    valid_from: date
    valid_to: date | None = None
    suggested_for: str = ""
    boarding: str = ""


@dataclass(frozen=True, slots=True)
class Seed:
    """A programme with its standards; `share` in hundredths of a percent of 事业收入."""

    code: str
    name: str
    stage: str
    kind: str
    standards: tuple[Standard, ...] = ()
    money_cadence: str = PER_TERM
    entry_cadence: str = PER_TERM
    source: str = FundingSource.STATE
    basis: str = FUNDS_RULES
    note: str = ""
    since: date = SINCE
    years: tuple[int, ...] = ()
    needs_recognition: bool = True
    open_groups: tuple[str, ...] = ()
    open_to: tuple[str, ...] = ()
    only_groups: tuple[str, ...] = ()
    rural_groups: tuple[str, ...] = ()
    day_groups: tuple[str, ...] = ()
    guardian_card: bool = False
    handling: str = SCHOOL
    paid_by: str = ""
    share: tuple[int, int] | None = None


def three_tiers(
    amounts: tuple[int, int, int], valid_from: date, valid_to: date | None = None
) -> tuple[Standard, ...]:
    """一档 to 三档 with the grades they suggest themselves for; amounts in fen per term."""
    grades = (Grade.SPECIAL, Grade.HARD, Grade.GENERAL)
    labels = (("first", "一档"), ("second", "二档"), ("third", "三档"))
    return tuple(
        Standard(code, label, rank, fen, valid_from, valid_to, suggested_for=grade)
        for rank, ((code, label), fen, grade) in enumerate(
            zip(labels, amounts, grades, strict=True), start=1
        )
    )


def boarding_tiers(
    boarder: int, day: int, valid_from: date, valid_to: date | None = None
) -> tuple[Standard, ...]:
    """寄宿 and 非寄宿, in fen per term; the second is half of the first."""
    return (
        Standard("boarder", "寄宿生", 1, boarder, valid_from, valid_to, boarding=BOARDER),
        Standard("day", "非寄宿生", 2, day, valid_from, valid_to, boarding=DAY),
    )
