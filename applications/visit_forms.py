"""《家访记录表》 (`domain.md` §D.4) on paper: blank for the pen, or as a visit was recorded."""

from typing import Any

from applications.models import Attachment, HomeVisit
from office.documents.typeset import Value, pdf
from schools import clock
from schools.models import School

# What was seen and said, in the order of the form.
HEADS = (
    ("housing", "住房与家庭成员"),
    ("finances", "收入与支出"),
    ("studies", "学业困难"),
    ("mind", "心理健康状况"),
    ("relations", "家庭亲子关系"),
    ("wishes", "家长诉求和意见"),
    ("note", "不符或待核的内容"),
)
TAIL = 4


def visit_forms(school: School, year: str, forms: list[Value], *, roomy: bool = False) -> bytes:
    """The records, each beginning on a page of its own; `roomy` for the pen."""
    values: dict[str, Value] = {
        "school": school.name,
        "year": year,
        "forms": forms,
        "roomy": roomy,
        "ways": [str(label) for label in HomeVisit.Way.labels],
        "conclusions": [str(label) for label in HomeVisit.Conclusion.labels],
    }
    return pdf("home_visit", values, moment=clock.now(), allow_missing=True)


def blank_visit() -> Value:
    """A record for the pen."""
    names = (
        "number",
        "student",
        "school_class",
        "tail",
        "on",
        "way",
        "visitors",
        "met",
        "met_relation",
    )
    return {
        **dict.fromkeys((*names, "conclusion", "photos"), ""),
        "heads": [[label, ""] for _, label in HEADS],
        "policy_told": False,
    }


def filled_visit(visit: HomeVisit) -> Value:
    """The record of one visit that was read with a reason; signatures are given on paper."""
    student = visit.application.student
    number = student.enrolment_no.reveal() if student.enrolment_no else ""
    photos = Attachment.objects.filter(visit=visit).count()
    heads = [[label, _said(visit, name)] for name, label in HEADS]
    if visit.wellbeing:
        heads.insert(len(heads) - 2, ["学习、心理和亲子关系", _said(visit, "wellbeing")])
    return {
        "number": visit.application.number,
        "student": student.name,
        "school_class": student.school_class.name,
        "tail": number[-TAIL:],
        "on": visit.on,
        "way": visit.get_way_display(),
        "visitors": "、".join(filter(None, (visit.recorded_by.name, visit.second_visitor))),
        "met": visit.met,
        "met_relation": visit.met_relation,
        "heads": heads,
        "policy_told": visit.policy_told,
        "conclusion": visit.get_conclusion_display(),
        "photos": f"{photos}张" if photos else "没有",
    }


def _said(visit: HomeVisit, name: str) -> str:
    sealed: Any = getattr(visit, name)
    return str(sealed.reveal()) if sealed else "无"
