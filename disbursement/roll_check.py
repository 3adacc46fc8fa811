"""受助学生与学籍核对: a term's aided students beside an export of the 学籍 system (row 3-15)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from disbursement.models import Award
from privacy.identity import name_key
from schools.models import School, Term
from students.models import SchoolClass, Student
from students.rules.roster.columns import LABELS
from students.rules.roster.difference import Alteration
from students.rules.roster.examination import Examination
from students.rules.roster.reading import Reading
from students.rules.roster.rows import Row
from students.rules.roster.samples import field_of

# Who somebody is and what aid depends on; a telephone that differs is no reason to ask.
COMPARED = (
    "name",
    "sex",
    "birth_date",
    "enrolment_no",
    "class_name",
    "household",
    "boarding",
    "entered_on",
)


class Result(StrEnum):
    """What the 学籍 file says of an aided student."""

    ABSENT = "absent"
    DIFFERENT = "different"
    LEFT = "left"
    UNSURE = "unsure"
    UNTOLD = "untold"
    SAME = "same"


RESULTS: dict[Result, tuple[str, str]] = {
    Result.ABSENT: ("学籍文件里没有", "bad"),
    Result.DIFFERENT: ("与学籍不一致", "wait"),
    Result.LEFT: ("名册已离校或休学，学籍文件里还有", "wait"),
    Result.UNSURE: ("学籍文件的这一行有错误", "wait"),
    Result.UNTOLD: ("文件里没有这个班，没有核对", "draft"),
    Result.SAME: ("一致", "done"),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """One aided student: what was found, in words, and the aid of the term (fen)."""

    student: Student
    result: Result
    words: tuple[str, ...]
    aid: str
    amount_fen: int

    @property
    def label(self) -> str:
        """The result in words."""
        return RESULTS[self.result][0]

    @property
    def tone(self) -> str:
        """Which of the five hues shows it."""
        return RESULTS[self.result][1]


def check(school: School, term: Term, seen: Examination) -> list[Checked]:
    """Every student with aid of the term, the worst results first, then by class; two queries.

    Who stands in a class that the file does not tell is not judged: a file of one grade says
    nothing of the others.
    """
    awards = _awards(school, term)
    file = _File(seen)
    found = [_checked(rows, file) for rows in awards.values()]
    order = list(Result)
    return sorted(found, key=lambda c: (order.index(c.result), _place(c.student)))


def _awards(school: School, term: Term) -> dict[int, list[Award]]:
    rows = (
        Award.objects.for_school(school)
        .filter(term=term, status=Award.Status.GRANTED)
        .select_related("student__school_class", "programme")
        .order_by("programme__name", "instalment", "pk")
    )
    by_student: dict[int, list[Award]] = defaultdict(list)
    for award in rows:
        by_student[award.student_id].append(award)
    return by_student


def _place(student: Student) -> tuple[str, int, int, str, int]:
    its = student.school_class
    return its.stage, its.grade, its.number, student.pinyin, student.pk


class _File:
    """The 学籍 file by what an aided student is looked up with."""

    def __init__(self, seen: Examination) -> None:
        rows: Reading = seen.reading
        self.by_identity = {row.id_blind: row for row in rows.rows if row.id_blind}
        self.changed = {change.known.id: change for change in seen.difference.changed}
        self.unread = {
            row.facts.name_key: row for row in rows.rows if row.id_blind is None and row.facts.name
        }
        places = [row.place for row in rows.rows if row.place]
        self.classes = {place.pk for place in places if isinstance(place, SchoolClass)}

    def tells(self, student: Student) -> bool:
        """Whether anybody of the student's class stands in it."""
        return student.school_class_id in self.classes


def _checked(awards: list[Award], file: _File) -> Checked:
    student = awards[0].student
    result, words = _result(student, file)
    names = dict.fromkeys(award.programme.name for award in awards)
    return Checked(
        student, result, tuple(words), "、".join(names), sum(a.amount_fen for a in awards)
    )


def _result(student: Student, file: _File) -> tuple[Result, list[str]]:
    row = file.by_identity.get(bytes(student.id_blind))
    if row is None:
        return _not_found(student, file)
    if student.status != Student.Status.ENROLLED:
        return Result.LEFT, [f"名册是“{student.get_status_display()}”，{_where(row)}还有"]
    if row.problems:
        return Result.UNSURE, [f"{_where(row)}：{p.reason}" for p in row.problems]
    words = _differences(file.changed.get(student.pk))
    return (Result.DIFFERENT if words else Result.SAME), words


def _not_found(student: Student, file: _File) -> tuple[Result, list[str]]:
    if namesake := file.unread.get(name_key(student.name)):
        return Result.UNSURE, [f"{_where(namesake)}有同名学生，证件号读不出"]
    if not file.tells(student):
        return Result.UNTOLD, []
    if student.status != Student.Status.ENROLLED:
        return Result.SAME, [f"名册是“{student.get_status_display()}”，学籍文件里也没有"]
    return Result.ABSENT, []


def _differences(change: Alteration | None) -> list[str]:
    fields: Iterable[str] = change.fields if change else ()
    found = []
    for name in fields:
        if change is not None and name in COMPARED:
            told = field_of(change, name)
            before, after = told["before"] or "空", told["after"] or "空"
            found.append(f"{LABELS[name]}：名册{before}，学籍{after}")
    return found


def _where(row: Row) -> str:
    return f"工作表“{row.table.name}”第{row.index + 1}行"
