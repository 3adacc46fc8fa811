"""The application forms of the two national grants (`domain.md` §C.5), as PDF and as Word.

The household is what the year's recognition was told; of a card the last four digits are printed.
What nobody recorded stays empty for the pen.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH

from applications import word_forms
from applications.actions.reading import Household
from applications.models import Application, FundingSource, Programme, Round
from applications.paper_forms import FACTS, MEMBER_LINES
from applications.queue.households import claimed_groups
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
HUKOU_TOLD = {"rural": "农村（含县镇）", "urban": "城市"}
# Rows of label and key, up to three to a row; the last one takes what is left of it.
SENIOR_ROWS = (
    (("姓名", "name"), ("性别", "sex"), ("民族", "ethnicity")),
    (("出生日期", "birth"), ("身份证号", "id_number"), ("政治面貌", "political_status")),
    (("联系电话", "own_phone"), ("学籍号", "enrolment_no"), ("户口性质", "household")),
    (("入学时间", "entered"), ("就读状态", "standing"), ("就读方式", "boarding")),
    (("困难等级", "grade"), ("困难类型", "groups"), ("脱贫年份", "lifted_year")),
    (("家庭人口", "family_size"), ("人均年收入", "per_head"), ("家长电话", "phone")),
    (("户籍所在地", "household_address"),),
    (("家庭住址", "address"),),
)
# Only the 普高 form asks for the card, of which the last four digits are printed.
CARD_ROWS = (
    (("开户银行", "bank"), ("银行卡号", "card"), ("开户行", "branch")),
    (("开卡人", "holder"), ("是否主卡", "main"), ("备注", "remark")),
)
VOCATIONAL_ROWS = (
    (("姓名", "name"), ("性别", "sex"), ("出生年月", "birth_month")),
    (("民族", "ethnicity"), ("专业", "major"), ("学生电话", "own_phone")),
    (("年级班级", "school_class"), ("入学时间", "entered")),
)
HOME_ROWS = (
    (("户籍性质", "hukou"), ("收入来源", "source")),
    (("家庭住址", "address"),),
    (("邮政编码", "postcode"), ("家庭电话", "phone")),
    (("家庭人口", "family_size"), ("家庭年收入", "income"), ("人均年收入", "per_head")),
)
MEMBERS = ("姓名", "年龄", "与学生关系", "工作（学习）单位", "职业", "年收入（元）", "健康状况")
# The 中职 form asks for four of these.
FEW_MEMBERS = ("姓名", "年龄", "与本人关系", "工作或学习单位")
GUARDIAN = ("监护人", *MEMBERS[1:])
KEEPERS = frozenset({"监护人", "父亲", "母亲"})
MAIN_CARD = "□是　□否"
POSTED = "公示　年　月　日至　年　月　日"
# Parts of a form in their order: rows of pairs, a register of people, facts about hardship.
SECTIONS: dict[Stage, tuple[tuple[str, Any], ...]] = {
    Stage.SENIOR: (
        ("pairs", SENIOR_ROWS),
        ("members", MEMBERS),
        ("guardians", GUARDIAN),
        ("facts", None),
        ("pairs", CARD_ROWS),
    ),
    Stage.VOCATIONAL: (
        ("pairs", VOCATIONAL_ROWS),
        ("members", FEW_MEMBERS),
        ("pairs", HOME_ROWS),
    ),
}


def has_form(programme: Programme | None) -> bool:
    """Whether the programme is one whose form of application is known."""
    return (
        programme is not None
        and programme.kind == Programme.Kind.GRANT
        and programme.stage in TITLES
    )


def title_of(programme: Programme) -> str:
    """What the form is called: a place's own grant has the nation's form under its own name."""
    if programme.source == FundingSource.STATE:
        return TITLES[Stage(programme.stage)]
    return f"{programme.name}申请表"


def blank_grant(stage: str) -> dict[str, Any]:
    """A form for the pen."""
    rows = [row for kind, part in SECTIONS[Stage(stage)] if kind == "pairs" for row in part]
    return {
        **dict.fromkeys((*(key for row in rows for _, key in row), "number", "reason"), ""),
        "school_class": "",
        "main": MAIN_CARD,
        "opinions": _opinions({}),
        "hukou": HUKOU,
        "household": "",
        "guardians": [("",) * len(MEMBERS)] * 2,
        "members": [("",) * len(MEMBERS)] * MEMBER_LINES,
        "facts": [(label, "") for _, label in FACTS],
    }


def filled_grant(
    application: Application, household: Household, above: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The form of one application with the household of the year's recognition.

    `above`: what `told_above` knows of the student.
    """
    members: list[tuple[Any, ...]] = [
        (m.name, m.age, m.relation, m.work, m.occupation, _yuan(m.annual_income_fen), m.health)
        for m in household.members
    ]
    survey = household.survey
    return {
        "main": MAIN_CARD,
        # What nobody records is the remark.
        **dict.fromkeys(("grade", "bank", "branch", "card", "holder", "remark"), ""),
        **_of_student(application.student),
        "number": application.number,
        "id_number": household.id_number,
        "groups": "、".join(claimed_groups(survey)) or "无",
        "phone": household.phone,
        "address": household.address,
        "source": survey.income_source or "无",
        "family_size": f"{survey.family_size}人",
        "income": f"{_yuan(survey.annual_income_fen)}元",
        "per_head": f"{_yuan(survey.income_per_head_fen)}元",
        "members": members,
        "guardians": _guardians(application.student, members),
        "facts": [(label, getattr(survey, name) or "无") for name, label in FACTS],
        "reason": application.reason,
        "opinions": _opinions(above or {}),
        **(above or {}),
    }


def _opinions(above: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Who gives an opinion, what is known of it, what is signed or sealed below it."""
    posted = above.get("posted", "")
    decided = (
        f"经学校学生资助工作领导小组评审，{above['verdict']}。{posted}。" if posted else POSTED
    )
    return [
        ("班级审核意见", "", f"班主任签字：{'　' * 10}"),
        ("学校审核意见及公示结果", decided, f"{'　' * 18}（公章）"),
    ]


def _of_student(student: Student) -> dict[str, Any]:
    """What the roster has."""
    its_class = student.school_class
    return {
        "school_class": its_class.name,
        "major": its_class.major,
        "name": student.name,
        "sex": student.get_sex_display(),
        "ethnicity": student.ethnicity,
        "birth": f"{student.birth_date:%Y年%-m月%-d日}",
        "birth_month": f"{student.birth_date:%Y年%-m月}",
        "enrolment_no": student.enrolment_no.reveal() if student.enrolment_no else "",
        "own_phone": student.phone.reveal() if student.phone else "",
        "household": student.get_household_display(),
        "hukou": HUKOU_TOLD.get(student.household, HUKOU),
        "household_address": student.household_address.reveal()
        if student.household_address
        else "",
        "political_status": student.political_status,
        "postcode": student.postcode,
        "lifted_year": str(student.lifted_year or ""),
        "boarding": student.get_boarding_display(),
        "standing": student.get_status_display(),
        "entered": f"{student.entered_on:%Y年%-m月%-d日}" if student.entered_on else "",
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
    values: dict[str, Value] = {
        "title": title_of(round_.programme),
        "school": school.name,
        "term": str(round_.term),
        "roomy": roomy,
        "forms": [
            {
                "number": form["number"],
                "name": form["name"],
                "school_class": form["school_class"],
                "sections": [_section(kind, part, form) for kind, part in SECTIONS[stage]],
                "reason": form["reason"],
                "opinions": [list(opinion) for opinion in form["opinions"]],
            }
            for form in forms
        ],
    }
    return pdf("grant_form", values, moment=clock.now(), allow_missing=True)


def _section(kind: str, part: Any, form: dict[str, Any]) -> Value:
    """A part of a form as the template lays it out."""
    if kind == "pairs":
        rows: Value = [[[label, str(form[key])] for label, key in row] for row in part]
        return {"kind": "pairs", "rows": rows}
    if kind == "facts":
        return {"kind": "facts", "rows": [list(fact) for fact in form["facts"]]}
    people: Value = [[str(v) for v in m[: len(part)]] for m in form[kind]]
    return {"kind": "people", "heads": list(part), "rows": people}


def grant_forms(school: School, round_: Round, forms: Sequence[dict[str, Any]]) -> bytes:
    """Several forms in one file, each beginning on a page of its own."""
    if round_.programme is None:
        raise ValueError("a recognition round has a form of its own")
    document: Any = Document()
    set_page(document)
    for n, form in enumerate(forms):
        if n:
            document.add_page_break()
        _form(document, school, round_, round_.programme, form)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _form(
    document: Any, school: School, round_: Round, programme: Programme, form: dict[str, Any]
) -> None:
    head = document.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run(head, title_of(programme), HEI, 16)
    line = document.add_paragraph()
    term, number = round_.term, form["number"]
    run(line, f"学校：{school.name}　班级：{form['school_class']}　{term}　编号：{number}")
    for kind, part in SECTIONS[Stage(programme.stage)]:
        if kind == "pairs":
            pairs(document, form, part)
        elif kind == "facts":
            table_of(document, form["facts"], word_forms.FACTS)
        else:
            widths = word_forms.MEMBERS if len(part) == len(MEMBERS) else word_forms.FEW_MEMBERS
            people = [m[: len(part)] for m in form[kind]]
            table_of(document, [part, *people], widths, heads=True)
    reason = f"{form['reason']}\n申请人签名：{'　' * 7}家长签名：{'　' * 6}{DAY}"
    opinions = [(who, f"{told}\n{signs}{DAY}") for who, told, signs in form["opinions"]]
    table_of(
        document,
        [("申请的主要理由", reason), *opinions],
        word_forms.FACTS,
        height=1.9,
        together=True,
    )


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}".removesuffix(".00")
