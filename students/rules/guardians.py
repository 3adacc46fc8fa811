"""What may be said of a guardian: name, relation, telephone, document."""

from dataclasses import dataclass
from datetime import date

from audit.refusal import Reason
from privacy.credentials import (
    RESIDENCE_REGIONS,
    check_passport,
    check_permanent,
    check_permit,
    looks_like_passport,
    looks_like_permanent,
    looks_like_permit,
)
from privacy.identity import check_id, check_phone
from schools.models import Appointment
from students.models import Student
from students.rules.ages import years_before
from students.rules.names import spelled
from students.rules.proposals import by_operator
from students.rules.roster.identity import region_known

MOST = 4
# Whoever answers for a child is of age; a younger number is the child's own in the wrong row.
YOUNGEST = 18
Kind = Student.IdKind


@dataclass(frozen=True, slots=True)
class Told:
    """A guardian as typed; an empty number or telephone leaves what is there."""

    name: str
    relation: str
    phone: str = ""
    id_kind: str = ""
    id_number: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """The same in the form in which it is stored, with every reason why it can't be."""

    told: Told
    reasons: list[Reason]


def checked(told: Told, *, today: date) -> Checked:
    """Numbers without spaces and accidents; all reasons at once."""
    name, unfit = spelled(told.name)
    reasons = [Reason(f"监护人姓名：{text}") for text in unfit]
    if not told.relation.strip():
        reasons.append(Reason("没有填与学生的关系", "如父亲、母亲、祖父"))
    phone, wrong = _phone(told.phone.strip())
    number, more = document(told.id_kind, told.id_number.strip(), today)
    kind = told.id_kind if number else ""
    fair = Told(name, told.relation.strip()[:16], phone, kind, number)
    return Checked(fair, [*reasons, *(Reason(text) for text in (*wrong, *more))])


def _phone(text: str) -> tuple[str, list[str]]:
    if not text:
        return "", []
    check = check_phone(text)
    return check.number, check.problems


def document(kind: str, number: str, today: date) -> tuple[str, list[str]]:
    """A document's number as it is stored, and what is wrong with it for its kind."""
    if not number:
        return "", []
    if kind == Kind.PERMIT:
        permit = check_permit(number)
        return permit.number, permit.problems
    if kind == Kind.PASSPORT:
        passport = check_passport(number)
        return passport.number, passport.problems
    if kind == Kind.PERMANENT:
        permanent = check_permanent(number)
        return permanent.number, permanent.problems
    if kind not in (Kind.RESIDENT, Kind.RESIDENCE):
        return "", ["填了证件号码，没有选择证件类型。"]
    check = check_id(number, today=today, region_known=region_known)
    found = list(check.problems)
    if check.birth_date and check.birth_date > years_before(today, YOUNGEST):
        found.append(f"监护人不满{YOUNGEST}岁，请核对证件号码是不是学生的。")
    return check.number, found


def kind_of(number: str) -> str:
    """What document a number of which nobody says the kind must be."""
    bare = "".join(number.split()).upper()
    if looks_like_permanent(bare):
        return Kind.PERMANENT
    if looks_like_permit(bare):
        return Kind.PERMIT
    if len(bare) != 18 and looks_like_passport(bare):
        return Kind.PASSPORT
    return Kind.RESIDENCE if bare.startswith(RESIDENCE_REGIONS) else Kind.RESIDENT


def why_not_keep(student: Student, others: int, by: Appointment) -> list[Reason]:
    """Every reason why this person can't enter or change a guardian of the student."""
    found = by_operator("监护人", "登记", school_id=student.school_id, by=by)
    if student.status == Student.Status.LEFT:
        found.append(Reason(f"{student.name}已离校", "档案不再更改"))
    if others >= MOST:
        found.append(Reason(f"已登记{MOST}名监护人", "请先删去不再监护的"))
    return found
