"""What a student's identity may be corrected to: document, enrolment number, name, birth, sex."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, Self

from audit.refusal import Reason, why_not_said
from privacy.credentials import (
    NUMBERLESS_PATTERN,
    RESIDENCE_REGIONS,
    check_passport,
    check_permanent,
    check_permit,
)
from privacy.identity import EARLIEST_BIRTH, NumberCheck, check_id
from privacy.masks import mask_id
from schools.models import Appointment
from students.models import IdentityCorrection, Student
from students.rules.names import spelled
from students.rules.proposals import by_operator, by_second
from students.rules.roster.identity import SEXES, region_known

Kind = Student.IdKind
LABELS = {
    "name": "姓名",
    "id_kind": "证件类型",
    "id_number": "证件号码",
    "enrolment_no": "学籍号",
    "sex": "性别",
    "birth_date": "出生日期",
}
MASKED = ("id_number", "enrolment_no")
ENROLMENT_PATTERN = re.compile(r"[A-Z0-9]{4,24}")
CARDS = (Kind.RESIDENT, Kind.RESIDENCE)
CHECKS: Mapping[str, Callable[[str], NumberCheck]] = {
    Kind.PERMIT: check_permit,
    Kind.PERMANENT: check_permanent,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a student is said to be; in what is told, an empty number stays as it is."""

    name: str
    id_kind: str
    id_number: str
    enrolment_no: str
    sex: str
    birth_date: date

    @classmethod
    def of(cls, student: Student) -> Self:
        """As the roster has it."""
        return cls(
            name=student.name,
            id_kind=student.id_kind,
            id_number=student.id_number.reveal(),
            enrolment_no=student.enrolment_no.reveal(),
            sex=student.sex,
            birth_date=student.birth_date,
        )

    def packed(self) -> str:
        """As JSON, to be sealed at once."""
        return json.dumps(asdict(self), ensure_ascii=False, default=date.isoformat)

    @classmethod
    def unpacked(cls, text: str) -> Self:
        """From what `packed` made."""
        told: dict[str, Any] = json.loads(text)
        return cls(**told | {"birth_date": date.fromisoformat(told["birth_date"])})

    def differs(self, other: Self) -> list[str]:
        """Names of the fields that are not the same."""
        names = (f.name for f in fields(self))
        return [name for name in names if getattr(self, name) != getattr(other, name)]

    def shown(self, name: str) -> str:
        """One field as a page shows it, numbers masked."""
        value = getattr(self, name)
        if name in MASKED:
            return mask_id(value)
        words = {"id_kind": dict(Kind.choices), "sex": dict(Student.Sex.choices)}.get(name)
        if words:
            return str(words[value])
        return f"{value:%Y年%-m月%-d日}" if isinstance(value, date) else str(value)


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a correction as a page shows it, numbers masked."""

    name: str
    label: str
    before: str
    after: str

    @property
    def sealed(self) -> bool:
        """Whether the whole value is shown only for a reason."""
        return self.name in MASKED


def lines_of(correction: IdentityCorrection) -> list[Line]:
    """What a correction changes."""
    before, after = (
        Identity.unpacked(sealed.reveal()) for sealed in (correction.before, correction.after)
    )
    return [
        Line(name, label, before.shown(name), after.shown(name))
        for name, label in LABELS.items()
        if name in correction.fields
    ]


def words_of(names: Iterable[str]) -> str:
    """Fields in words."""
    return "、".join(LABELS[name] for name in names)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was told in the form in which it is stored, and every reason why it can't be."""

    told: Identity
    reasons: list[Reason]


def checked(now: Identity, told: Identity, *, today: date) -> Checked:
    """Numbers without spaces and accidents, held against each other; all reasons at once."""
    name, found = _name(told.name)
    enrolment, more = _enrolment(told.enrolment_no or now.enrolment_no)
    found += more
    fair = replace(told, name=name, enrolment_no=enrolment)
    if told.id_kind == Kind.NONE:
        fair, more = _numberless(fair)
    elif not told.id_number and told.id_kind == now.id_kind:
        fair, more = _document(replace(fair, id_number=now.id_number), today)
    else:
        fair, more = _document(fair, today)
    found += more
    if not EARLIEST_BIRTH <= told.birth_date <= today:
        found.append(Reason("出生日期应在1900年之后、今天之前", "请对照证件核对"))
    if not found and not fair.differs(now):
        found.append(Reason("没有要更正的内容", "与名册现在的相同，请填更正后的内容"))
    return Checked(fair, found)


def _name(text: str) -> tuple[str, list[Reason]]:
    name, problems = spelled(text)
    return name, [Reason(problem) for problem in problems]


def _enrolment(text: str) -> tuple[str, list[Reason]]:
    number = "".join(text.split()).upper()
    if not number or ENROLMENT_PATTERN.fullmatch(number):
        return number, []
    return number, [Reason("学籍号应为4至24位字母和数字", "请对照学籍系统核对")]


def _numberless(told: Identity) -> tuple[Identity, list[Reason]]:
    fair = replace(told, id_number=told.enrolment_no)
    if NUMBERLESS_PATTERN.fullmatch(told.enrolment_no):
        return fair, []
    return fair, [Reason("没有证件的学生要有J或L开头的19位学籍号", "请对照学籍系统填写学籍号")]


def _document(told: Identity, today: date) -> tuple[Identity, list[Reason]]:
    if not told.id_number:
        return told, [Reason("没有填证件号码", "换了证件类型，请对照证件填写新号码")]
    if told.id_kind not in CARDS:
        document = CHECKS.get(told.id_kind, check_passport)(told.id_number)
        return replace(told, id_number=document.number), [Reason(p) for p in document.problems]
    return _card(told, today)


def _card(told: Identity, today: date) -> tuple[Identity, list[Reason]]:
    """An ID card or residence permit tells birth date and sex, and must tell the same."""
    check = check_id(told.id_number, today=today, region_known=region_known)
    found = [Reason(problem) for problem in check.problems]
    residence = check.number.startswith(RESIDENCE_REGIONS)
    if residence != (told.id_kind == Kind.RESIDENCE):
        found.append(
            Reason("证件类型与号码不符", "居住证号码以810000、820000或830000开头，请对照证件核对")
        )
    if check.birth_date and check.birth_date != told.birth_date:
        day = f"{check.birth_date:%Y年%-m月%-d日}"
        found.append(Reason(f"证件号码中的出生日期是{day}，与填写的不同", "请对照证件核对这两项"))
    if check.sex and SEXES[check.sex] != told.sex:
        found.append(Reason(f"证件号码表明是{check.sex}，与填写的性别不同", "请对照证件核对这两项"))
    return replace(told, id_number=check.number), found


def why_not_propose(*, student: Student, reason: str, by: Appointment) -> list[Reason]:
    """Why this person can't ask for a correction of this student."""
    found = [*why_left(student), *proposes(student.school_id, by)]
    found += why_not_said(reason, "没有写明依据", "请填写，例如已办理身份证，凭户口簿更正")
    return found


def exchanged(now: Identity, other: Identity, enrolment: bool) -> Identity:
    """Who has the other's number; birth date and sex go with one that tells them."""
    told = replace(now, id_kind=other.id_kind, id_number=other.id_number)
    if len(other.id_number) == 18 and other.id_number[:17].isdecimal():
        told = replace(told, birth_date=other.birth_date, sex=other.sex)
    return replace(told, enrolment_no=other.enrolment_no) if enrolment else told


def why_not_exchange(*, students: Sequence[Student], reason: str, by: Appointment) -> list[Reason]:
    """Why this person can't ask that these two exchange their numbers."""
    if len(students) < 2:
        return [Reason("选的是同一名学生", "请选择与谁的号码填反了")]
    found = []
    for student in students:
        found += why_not_propose(student=student, reason=reason, by=by)
        if student.id_kind == Kind.NONE:
            found.append(Reason(f"{student.name}没有证件", "请用“更正证件”填写证件号码"))
    if len({student.school_id for student in students}) > 1:
        found.append(Reason("两名学生不在同一所学校", "请与区教育局核对"))
    return list(dict.fromkeys(found))


def why_left(student: Student) -> list[Reason]:
    """The record of someone who left is not changed any more."""
    if student.status != Student.Status.LEFT:
        return []
    return [Reason(f"{student.name}已离校，档案不再更改", "重新入学的请先登记转入")]


def proposes(school_id: int, by: Appointment) -> list[Reason]:
    """Why this person is not the officer of the school, who proposes and takes back."""
    return by_operator("更正", "提请和撤回", school_id=school_id, by=by)


def answers(correction: IdentityCorrection, by: Appointment) -> list[Reason]:
    """Why this person is not the second one."""
    return by_second(
        "更正",
        proposed_by_id=correction.proposed_by_id,
        school_id=correction.school_id,
        by=by,
    )
