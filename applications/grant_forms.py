"""The application forms of the two national grants (`domain.md` §C.5), as PDF and as Word.

The household is what the year's recognition was told. Cards, grades and what nobody records stay
empty for the pen.
"""

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH

from applications import word_forms
from applications.actions.reading import Household
from applications.models import Application, Programme, Round
from applications.paper_forms import FACTS, MEMBER_LINES
from applications.queue.entries import claimed_groups
from applications.word_forms import HEI, pairs, run, set_page, table_of
from office.documents.typeset import Value, pdf
from privacy.identity import name_key
from schools import clock
from schools.models import School, Stage
from students.models import Student

TITLES = {
    Stage.SENIOR: "普通高中国家助学金申请表",
    Stage.VOCATIONAL: "中等职业学校国家助学金申请表",
}
DAY = "年　　月　　日"
HUKOU = "□农村（含县镇）　□城市"
# Rows of label and key, up to three to a row; the last one takes what is left of it.
SENIOR_ROWS = (
    (("姓名", "name"), ("性别", "sex"), ("民族", "ethnicity")),
    (("出生日期", "birth"), ("身份证号", "id_number"), ("学籍号", "enrolment_no")),
    (("政治面貌", ""), ("户籍所在地", ""), ("户口性质", "household")),
    (("入学时间", "entered"), ("就读状态", "standing"), ("就读方式", "boarding")),
    (("困难等级", ""), ("困难类型", "groups"), ("脱贫年份", "")),
    (("家庭人口", "family_size"), ("人均年收入", "per_head"), ("联系电话", "phone")),
    (("家庭住址", "address"),),
)
# Under the members; only the 普高 form asks for the card, which the school fills in.
CARD_ROWS = (
    (("开户银行", ""), ("银行卡号", ""), ("开户行", "")),
    (("开卡人", ""), ("是否主卡", "main"), ("备注", "")),
)
VOCATIONAL_ROWS = (
    (("姓名", "name"), ("性别", "sex"), ("民族", "ethnicity")),
    (("出生年月", "birth"), ("专业", "major"), ("入学时间", "entered")),
    (("学生电话", "own_phone"), ("户籍性质", "household"), ("家庭电话", "phone")),
    (("家庭人口", "family_size"), ("家庭年收入", "income"), ("人均年收入", "per_head")),
    (("收入来源", "source"), ("邮政编码", "")),
    (("家庭住址", "address"),),
)
ROWS = {Stage.SENIOR: SENIOR_ROWS, Stage.VOCATIONAL: VOCATIONAL_ROWS}
MEMBERS = ("姓名", "年龄", "与学生关系", "工作（学习）单位", "职业", "年收入（元）", "健康状况")
GUARDIAN = ("监护人", *MEMBERS[1:])
KEEPERS = frozenset({"监护人", "父亲", "母亲"})
MAIN_CARD = "□是　□否"
OPINIONS = (
    ("班级审核意见", f"班主任签字：{'　' * 10}{DAY}"),
    ("学校审核意见及公示结果", f"公示　年　月　日至　年　月　日，{'　' * 4}（公章）{DAY}"),
)


def has_form(programme: Programme | None) -> bool:
    """Whether the programme is one whose form of application is known."""
    return (
        programme is not None
        and programme.kind == Programme.Kind.GRANT
        and programme.stage in TITLES
    )


def blank_grant(stage: str) -> dict[str, Any]:
    """A form for the pen."""
    keys = [key for row in ROWS[Stage(stage)] for _, key in row]
    return {
        **dict.fromkeys((*keys, "number", "school_class", "reason"), ""),
        "main": MAIN_CARD,
        "household": HUKOU if stage == Stage.VOCATIONAL else "",
        "guardians": [("",) * len(MEMBERS)] * 2,
        "members": [("",) * len(MEMBERS)] * MEMBER_LINES,
        "facts": [(label, "") for _, label in FACTS],
    }


def filled_grant(application: Application, household: Household) -> dict[str, Any]:
    """The form of one application with the household of the year's recognition."""
    student, survey = application.student, household.survey
    members: list[tuple[Any, ...]] = [
        (m.name, m.age, m.relation, m.work, m.occupation, _yuan(m.annual_income_fen), m.health)
        for m in household.members
    ]
    return {
        # What nobody records.
        "": "",
        "main": MAIN_CARD,
        "number": application.number,
        "school_class": student.school_class.name,
        "name": student.name,
        "sex": student.get_sex_display(),
        "ethnicity": student.ethnicity,
        "birth": f"{student.birth_date:%Y-%m-%d}",
        "id_number": household.id_number,
        "enrolment_no": student.enrolment_no.reveal() if student.enrolment_no else "",
        "household": student.get_household_display(),
        "boarding": student.get_boarding_display(),
        "standing": student.get_status_display(),
        "groups": "、".join(claimed_groups(survey)) or "无",
        "own_phone": student.phone.reveal() if student.phone else "",
        "entered": f"{student.entered_on:%Y-%m-%d}" if student.entered_on else "",
        "major": student.school_class.major,
        "phone": household.phone,
        "address": household.address,
        "source": survey.income_source or "无",
        "family_size": f"{survey.family_size}人",
        "income": f"{_yuan(survey.annual_income_fen)}元",
        "per_head": f"{_yuan(survey.income_per_head_fen)}元",
        "members": members,
        "guardians": _guardians(student, members),
        "facts": [(label, getattr(survey, name) or "无") for name, label in FACTS],
        "reason": application.reason,
    }


def _guardians(student: Student, members: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Guardians of the roster, with what the family told of them; without any, the parents."""
    told = {name_key(m[0]): m for m in members}
    rows = [
        told.get(name_key(g.name), (g.name, "", g.relation, "", "", "", ""))
        for g in student.guardians.order_by("pk")
    ]
    return rows or [m for m in members if m[2] in KEEPERS] or [("",) * len(MEMBERS)]


def grant_pdf(
    school: School, round_: Round, forms: Sequence[dict[str, Any]], *, roomy: bool = False
) -> bytes:
    """Several forms as PDF, each beginning on a page of its own; `roomy` for the pen."""
    if round_.programme is None:
        raise ValueError("a recognition round has a form of its own")
    stage = Stage(round_.programme.stage)
    senior = stage == Stage.SENIOR
    values: dict[str, Value] = {
        "title": TITLES[stage],
        "school": school.name,
        "term": str(round_.term),
        "roomy": roomy,
        "heads": list(MEMBERS),
        "guardian_heads": list(GUARDIAN),
        "opinions": [list(opinion) for opinion in OPINIONS],
        "forms": [
            {
                "number": form["number"],
                "school_class": form["school_class"],
                "rows": _told(ROWS[stage], form),
                "card": _told(CARD_ROWS, form) if senior else [],
                "members": [[str(v) for v in m] for m in form["members"]],
                "guardians": [[str(v) for v in m] for m in form["guardians"]] if senior else [],
                "facts": [list(fact) for fact in form["facts"]] if senior else [],
                "reason": form["reason"],
            }
            for form in forms
        ],
    }
    return pdf("grant_form", values, moment=clock.now(), allow_missing=True)


def _told(rows: Any, form: dict[str, Any]) -> Value:
    return [[[label, str(form[key])] for label, key in row] for row in rows]


def grant_forms(school: School, round_: Round, forms: Sequence[dict[str, Any]]) -> bytes:
    """Several forms in one file, each beginning on a page of its own."""
    if round_.programme is None:
        raise ValueError("a recognition round has a form of its own")
    document: Any = Document()
    set_page(document)
    for n, form in enumerate(forms):
        if n:
            document.add_page_break()
        _form(document, school, round_, Stage(round_.programme.stage), form)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _form(document: Any, school: School, round_: Round, stage: Stage, form: dict[str, Any]) -> None:
    head = document.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run(head, TITLES[stage], HEI, 16)
    line = document.add_paragraph()
    term, number = round_.term, form["number"]
    run(line, f"学校：{school.name}　班级：{form['school_class']}　{term}　编号：{number}")
    pairs(document, form, ROWS[stage])
    table_of(document, [MEMBERS, *form["members"]], word_forms.MEMBERS, heads=True)
    reason = f"{form['reason']}\n申请人签名：{'　' * 7}家长签名：{'　' * 6}{DAY}"
    if stage == Stage.SENIOR:
        table_of(document, [GUARDIAN, *form["guardians"]], word_forms.MEMBERS, heads=True)
        pairs(document, form, CARD_ROWS)
        table_of(document, form["facts"], word_forms.FACTS)
    table_of(document, [("申请的主要理由", reason), *OPINIONS], word_forms.FACTS, height=2.6)


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}".removesuffix(".00")
