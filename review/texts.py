"""What a notice says, and that it says nothing personal (requirement rows 0-30, 1-10, 1-21)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from applications.models import Round
from audit.refusal import Reason
from privacy.scanner import Finding, scan
from schools.models import Organisation, School

DEPARTMENT = "学生资助办公室"
MOBILE = re.compile(r"1[3-9]\d{9}")
KINDS = {
    "id": "身份证号",
    "card": "银行卡号",
    "phone": "电话号码",
    "email": "电子邮箱",
    "birth": "出生日期",
    "address": "住址",
    "number": "长串数字",
    "error": "无法检查的内容",
}
FIELDS = {
    "title": "标题",
    "body": "正文",
    "department": "受理部门",
    "phone": "联系电话",
    "email": "邮箱",
    "superior_phone": "上级监督电话",
    "lines": "名单",
}


@dataclass(frozen=True, slots=True)
class NoticeTexts:
    """The words of a notice; the period and the list stand apart."""

    title: str
    body: str
    department: str
    phone: str
    email: str
    superior_phone: str


def default_texts(round_: Round, school: School, names: list[str]) -> NoticeTexts:
    """A notice as schools publish it (`domain.md` §D.1), with the office's own telephones."""
    return NoticeTexts(
        title=default_title(round_),
        body=default_body(round_, names),
        department=DEPARTMENT,
        phone=school.contact_phone,
        email=school.contact_email,
        superior_phone=school.superior.contact_phone if school.superior else "",
    )


def default_title(round_: Round) -> str:
    """关于…的公示."""
    if round_.programme:
        what = f"{round_.term.season_label}{round_.programme.name}拟资助学生名单"
    else:
        what = f"{round_.term.year_label}家庭经济困难学生认定名单"
    return f"关于{what}的公示"


def default_body(round_: Round, names: list[str]) -> str:
    """Who was decided by which steps; the first name stands for all."""
    first = names[0] if names else ""
    steps = "经学生申请、班级民主评议、班主任初审、学校学生资助工作领导小组评审"
    if round_.programme:
        steps = "经学生申请、资格核验、学校学生资助工作领导小组评审"
        result = f"为{round_.term.season_label}{round_.programme.name}资助对象"
        verb = "拟确定"
    else:
        verb, result = "拟认定", f"为{round_.term.year_label}家庭经济困难学生"
    return (
        f"根据国家学生资助政策和我校学生资助实施办法，{steps}，"
        f"{verb}{first}等{len(names)}名同学{result}，现予以公示。"
    )


def office_contacts(school: School, typed: Iterable[str]) -> set[str]:
    """Numbers and addresses that a notice may carry: the offices' own; never a typed mobile."""
    superiors: list[Organisation] = [o for o in (school.superior, school.territory) if o]
    known = {
        value
        for o in (school, *superiors)
        for value in (o.contact_phone, o.contact_email, o.address)
        if value
    }
    return known | {t for t in typed if t and not MOBILE.fullmatch(re.sub(r"\D", "", t))}


def why_not_show(school: School, texts: Mapping[str, str]) -> list[Reason]:
    """Everything personal that the scanner finds in the texts, masked; fails closed."""
    typed = [texts.get(name, "") for name in ("phone", "superior_phone", "email")]
    allowed = office_contacts(school, typed)
    found = []
    for name, label in FIELDS.items():
        findings = scan(texts.get(name, ""), allowed)
        found += [_reason(label, one) for one in _distinct(findings)]
    return found


def _distinct(findings: list[Finding]) -> list[Finding]:
    return list({(f.kind, f.sample_masked): f for f in findings}.values())


def _reason(label: str, finding: Finding) -> Reason:
    if finding.kind == "error":
        return Reason(f"{label}没能检查，不能发布", finding.sample_masked)
    kind = KINDS.get(finding.kind, "个人信息")
    return Reason(
        f"{label}里有{kind}：{finding.sample_masked}", "公示不得出现个人信息，请删除后再保存"
    )


def why_incomplete(texts: Mapping[str, str]) -> list[Reason]:
    """Whom to complain to must be on every notice (rows 0-65, 1-10)."""
    needed = ("title", "body", "department", "phone", "superior_phone")
    return [
        Reason(f"{FIELDS[name]}没有填写", "请填写，或在学校、资助中心资料里登记")
        for name in needed
        if not texts.get(name, "").strip()
    ]
