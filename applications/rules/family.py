"""The family's form: codes as people type them, its pages, who may fill in, what is missing."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from applications.models import Application, FamilyFiling, Round
from applications.rules.entries import CONSENTS_FROM, why_not_signer
from audit.refusal import Reason
from privacy.identity import name_key
from students.models import Student

# Without 0 O 1 I L, which look alike on paper; 12 of these 31 are 59 bits.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 12
GROUP = 4
TAIL = 6


@dataclass(frozen=True, slots=True)
class Page:
    """One short page of the form."""

    key: str
    label: str


PAGES = (
    Page("who", "谁来填写"),
    Page("members", "家庭成员"),
    Page("income", "收入和负担"),
    Page("hardship", "特殊情况"),
    Page("papers", "材料和承诺"),
)
KEYS = tuple(page.key for page in PAGES)


def step_of(key: str) -> int:
    """Which of the five pages it is, from 1."""
    return KEYS.index(key) + 1


def typed_code(text: str) -> str:
    """The code as it was issued, however it was typed: spaces, dashes and case don't matter."""
    return re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", text).upper())


def grouped(code: str) -> str:
    """The code as the letter shows it: ABCD-EFGH-JKMN."""
    return "-".join(code[i : i + GROUP] for i in range(0, len(code), GROUP))


def typed_tail(text: str) -> str:
    """The last six of an ID number as typed, in capitals; a passport's may hold any letter."""
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", text).upper())


def typed_name(text: str) -> str:
    """A name as typed, its dots left out: many a phone's keyboard hides the one between names."""
    return re.sub(r"[·.。]", "", name_key(text))


def why_not_issue(round_: Round, *, leads: bool, names_class: bool, operator: bool) -> list[Reason]:
    """Why no letter can be made for a class now; `leads`: it is the head teacher's own class."""
    reasons = []
    if not round_.is_recognition:
        reasons.append(Reason("资助项目不发家长填报信", "家长只填家庭经济困难认定申请"))
    if round_.status != Round.Status.OPEN:
        reasons.append(Reason(f"{round_}已办结", "确需补办的，由资助专干重新打开批次"))
    if not names_class:
        reasons.append(Reason("没有这个班", "在本校班级里选择"))
    if not operator and not leads:
        reasons.append(Reason("只能给本班发信", "由班主任或资助专干生成"))
    return reasons


def why_not_fill_in(student: Student, relation: str, *, age: int, consents: bool) -> list[Reason]:
    """Why this person can't begin to fill in: no consent, or a child under 14 by itself."""
    reasons = []
    if relation not in FamilyFiling.Relation.values:
        reasons.append(Reason("没有选择与学生的关系", "选择填写人是谁"))
    elif relation == FamilyFiling.Relation.STUDENT and age < CONSENTS_FROM:
        reasons.append(
            Reason(f"{student.name}不满{CONSENTS_FROM}周岁", "按规定由父母或其他监护人填写并同意")
        )
    if not consents:
        reasons.append(Reason("没有同意个人信息处理说明", "同意后才能填写；也可以交纸质申请表"))
    return reasons


def why_not_in_family_hands(application: Application) -> list[Reason]:
    """Why the family can't change its form now."""
    if application.status in (Application.Status.DRAFT, Application.Status.RETURNED):
        return []
    if application.status == Application.Status.WITHDRAWN:
        return [Reason("申请已撤回", "需要重新申请的，请联系班主任")]
    return [Reason("申请已经提交", "需要更正的，请班主任退回后再改")]


def unfinished(done: Collection[str]) -> list[Reason]:
    """The pages that nobody has gone through yet, each with the way there."""
    return [
        Reason(f"“{page.label}”还没有填", "去填写", reverse(f"family:{page.key}"))
        for page in PAGES
        if page.key not in done
    ]


def why_not_signed(
    application: Application, filing: FamilyFiling, kinds: Collection[str], *, today: date
) -> list[Reason]:
    """What the last page still lacks: reason, signed commitment, identity paper."""
    page = reverse("family:papers")
    reasons = []
    if not application.reason.strip():
        reasons.append(Reason("没有写申请理由", "去填写", page))
    if not application.committed_by.strip() or not application.committed_on:
        reasons.append(Reason("没有签个人承诺", "去签名", page))
    elif filing.signature_id is None and "commitment" not in kinds:
        reasons.append(Reason("承诺没有手写签名", "在屏幕上签名，或拍手写承诺书", page))
    own = why_not_signer(
        application.student, committed_by=application.committed_by, relation="", today=today
    )
    reasons += [Reason(r.text, r.mend, page) for r in own]
    if not filing.brings_paper and not {"id_card", "hukou"} & set(kinds):
        reasons.append(Reason("没有身份证或户口簿", "拍照上传，或选择交给班主任", page))
    return reasons


# What a head teacher compares before a family's form is handed in (requirement rows 0-25, 1-08).
CHECKLIST = (
    ("identity", "姓名、身份证号与名册和证件一致"),
    ("household", "户籍性质与户口簿一致"),
    ("members", "家庭成员齐全，没有漏填同住的人"),
    ("income", "家庭收入和负担与申请理由相符"),
    ("conduct", "日常表现与填写的情况相符"),
    ("spending", "生活消费与填写的情况相符"),
    ("asked", "已侧面了解（任课教师、同学或村居委会），与填写的情况相符"),
    ("papers", "上传的材料看得清，是本人或本户的"),
    ("signed", "承诺由学生或监护人亲笔签名"),
)


def why_not_accept(
    application: Application, *, checks: Collection[str], identity_paper: str
) -> list[Reason]:
    """Why a family's form can't be handed in yet by whoever compares it."""
    if application.status != Application.Status.CHECKING:
        label = application.get_status_display()
        return [Reason(f"现在是“{label}”，没有要核对的", "请刷新页面，查看最新状态")]
    reasons = [
        Reason(f"没有核对：{text}", "核对后勾选；不符的退回家长补正")
        for key, text in CHECKLIST
        if key not in checks
    ]
    if identity_paper not in Application.IdentityPaper.values:
        reasons.append(Reason("没有选择身份证明", "选择核对过的是身份证还是户口簿"))
    return reasons
