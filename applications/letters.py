"""致家长的一封信 (requirement row 1-20, `domain.md` §D.8): one page per class, with its code."""

from collections.abc import Mapping
from datetime import date

import segno
from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from applications import queue
from applications.models import Programme, Round, valid_on
from applications.rules.family import grouped
from applications.rules.programmes import SCHOOL_SOURCES
from applications.rules.rounds import in_force
from applications.rules.whom import whom
from audit.refusal import Reason
from office.documents.typeset import Value, pdf
from schools import clock
from schools.models import School, Stage
from students.models import SchoolClass, SpecialGroup

# What a school gives of its own or from donors is told when it has made a programme of it.
LEFT_TO_SCHOOLS = Q(managed_by=None, source__in=SCHOOL_SOURCES)
# Of which stages' aid families hear before their child goes there (row 4-14).
AHEAD: dict[str, tuple[Stage, ...]] = {Stage.JUNIOR: (Stage.SENIOR, Stage.VOCATIONAL)}


def address_of(code: str) -> str:
    """Where the code's QR leads."""
    return f"{settings.BASE_URL.rstrip('/')}{reverse('family:enter_by_code', args=[code])}"


def dotted(text: str) -> list[str]:
    """A QR code as rows of 0 and 1, without its quiet border."""
    code = segno.make(text, error="m", micro=False)
    return ["".join("1" if dot else "0" for dot in row) for row in code.matrix]


def policy_of(school: School, stage: str, day: date) -> str:
    """What aid a school offers at a stage on a day, in one sentence: for whom and how much."""
    programmes = (
        queue.offered(school)
        .filter(valid_on(day), stage=stage)
        .exclude(LEFT_TO_SCHOOLS)
        .prefetch_related("tiers", "open_groups")
    )
    names = dict(SpecialGroup.objects.order_by("order", "pk").values_list("code", "name"))
    return "；".join(_told(p, names, day) for p in programmes)


def ahead_of(school: School, stage: str, day: date) -> str:
    """What there will be at the next stage, by name alone; empty where nothing is told ahead."""
    told = []
    for following in AHEAD.get(stage, ()):
        there = queue.offered(school).filter(valid_on(day), stage=following)
        names = there.exclude(LEFT_TO_SCHOOLS).values_list("name", flat=True)
        told += [f"{following.label}有{'、'.join(names)}"] if names else []
    return "；".join(told)


def why_letters_lack(school: School) -> list[Reason]:
    """What a family would look for in the letter and nobody has registered; never a refusal."""
    mend = "请主管部门在“机构”里登记，再打印信"
    superior = school.superior
    lacking = []
    if not school.contact_phone:
        lacking.append(Reason("信上没有学校资助办电话", mend))
    if superior is None or not superior.contact_phone:
        whose = superior.name if superior else "主管部门"
        lacking.append(Reason(f"信上没有上级监督电话（{whose}）", mend))
    return lacking


def _told(programme: Programme, names: Mapping[str, str], day: date) -> str:
    # The most first; who boards and who does not may get different sums.
    sums = {t.amount_fen for t in programme.tiers.all() if in_force(t, day)}
    amounts = "、".join(f"{fen / 100:,.2f}".removesuffix(".00") for fen in sorted(sums)[::-1])
    cadence = programme.get_money_cadence_display()
    if programme.handling == Programme.Handling.UNIVERSAL:
        return f"{programme.name}（不用申请）"
    unnamed = "按核定的收费标准" if programme.kind == Programme.Kind.WAIVER else "按当地标准"
    amount = f"{cadence}{amounts}元" if amounts else unnamed
    told = whom(programme, names, {g.code for g in programme.open_groups.all()})
    if programme.paid_by:
        return f"{programme.name}（{told}，{amount}，向{programme.paid_by}申请）"
    return f"{programme.name}（{told}，{amount}）"


def letters(
    school: School, round_: Round, classes: list[SchoolClass], codes: Mapping[int, str]
) -> bytes:
    """The letters of these classes as one PDF."""
    stages, day = {c.stage for c in classes}, round_.opens_on
    policies = {stage: policy_of(school, stage, day) for stage in stages}
    ahead = {stage: ahead_of(school, stage, day) for stage in stages}
    pages: list[Value] = [
        {
            "school_class": c.name,
            "code": grouped(codes[c.pk]),
            "policy": policies[c.stage],
            "ahead": ahead[c.stage],
            "qr": list(dotted(address_of(codes[c.pk]))),
            "teacher": c.head_teacher.name if c.head_teacher else "",
        }
        for c in classes
        if c.pk in codes
    ]
    year = round_.term.year_label
    return pdf(
        "family_letter",
        {
            "school": school.name,
            "year": year,
            "opens_on": round_.opens_on,
            "closes_on": round_.closes_on,
            "site": f"{settings.BASE_URL.rstrip('/')}{reverse('family:enter')}",
            "phone": school.contact_phone,
            "superior": school.superior.name if school.superior else "",
            "superior_phone": school.superior.contact_phone if school.superior else "",
            "day": clock.today(),
            "pages": pages,
        },
        moment=clock.now(),
    )
