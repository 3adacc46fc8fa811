"""Programmes and tiers as dated data (`domain.md` §C.3), loaded after migration.

Loading twice changes nothing, and what an administrator has changed since is left alone.
"""

from dataclasses import dataclass
from datetime import date

from applications.models import Attachment, FundingSource, Grade, PaperRule, Programme, Tier
from schools.models import Stage
from students.models import SpecialGroup, Student

BOARDER, DAY = Student.Boarding.BOARDER, Student.Boarding.DAY
SINCE = date(2021, 9, 1)
# Higher standards: boarding subsidies from spring 2024, national grants from spring 2025.
SUBSIDY_RISE, GRANT_RISE = date(2024, 3, 1), date(2025, 3, 1)
SUBSIDY_BEFORE, GRANT_BEFORE = date(2024, 2, 29), date(2025, 2, 28)
FUNDS_RULES = "《学生资助资金管理办法》（财教〔2021〕310号）"
# 四类学生 and those at risk of falling back into poverty: aided before a grade is decided.
OPEN_GROUPS = (
    "lifted_out",
    "lifted_unstable",
    "marginal",
    "sudden_hardship",
    "dibao",
    "destitute",
    "disabled",
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
    """A programme with its standards."""

    code: str
    name: str
    stage: str
    kind: str
    standards: tuple[Standard, ...]
    money_cadence: str
    entry_cadence: str
    basis: str = FUNDS_RULES
    needs_recognition: bool = True
    open_groups: tuple[str, ...] = ()
    guardian_card: bool = False


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


GRANT, SUBSIDY = Programme.Kind.GRANT, Programme.Kind.SUBSIDY
SCHOLARSHIP, WAIVER = Programme.Kind.SCHOLARSHIP, Programme.Kind.WAIVER
MONTHLY, PER_TERM, PER_YEAR = (
    Programme.Cadence.MONTHLY,
    Programme.Cadence.PER_TERM,
    Programme.Cadence.PER_YEAR,
)

SEEDS = (
    Seed(
        "senior_grant",
        "普通高中国家助学金",
        Stage.SENIOR,
        GRANT,
        three_tiers((150_000, 100_000, 50_000), SINCE, GRANT_BEFORE)
        + three_tiers((160_000, 115_000, 70_000), GRANT_RISE),
        PER_TERM,
        MONTHLY,
    ),
    Seed(
        "vocational_grant",
        "中等职业学校国家助学金",
        Stage.VOCATIONAL,
        GRANT,
        three_tiers((130_000, 100_000, 70_000), SINCE, GRANT_BEFORE)
        + three_tiers((150_000, 115_000, 80_000), GRANT_RISE),
        PER_TERM,
        MONTHLY,
    ),
    Seed(
        "primary_subsidy",
        "义务教育家庭经济困难学生生活补助（小学）",
        Stage.PRIMARY,
        SUBSIDY,
        boarding_tiers(50_000, 25_000, SINCE, SUBSIDY_BEFORE)
        + boarding_tiers(62_500, 31_250, SUBSIDY_RISE),
        PER_TERM,
        PER_TERM,
        open_groups=OPEN_GROUPS,
        guardian_card=True,
    ),
    Seed(
        "junior_subsidy",
        "义务教育家庭经济困难学生生活补助（初中）",
        Stage.JUNIOR,
        SUBSIDY,
        boarding_tiers(62_500, 31_250, SINCE, SUBSIDY_BEFORE)
        + boarding_tiers(75_000, 37_500, SUBSIDY_RISE),
        PER_TERM,
        PER_TERM,
        open_groups=OPEN_GROUPS,
        guardian_card=True,
    ),
    Seed(
        "vocational_scholarship",
        "中等职业教育国家奖学金",
        Stage.VOCATIONAL,
        SCHOLARSHIP,
        (Standard("award", "奖学金", 1, 600_000, SINCE),),
        PER_YEAR,
        PER_YEAR,
        needs_recognition=False,
    ),
    # What a waiver is worth is the fee approved for each school, so no amount is given here.
    Seed(
        "vocational_waiver",
        "中等职业学校免学费",
        Stage.VOCATIONAL,
        WAIVER,
        (),
        PER_TERM,
        MONTHLY,
        needs_recognition=False,
    ),
    Seed(
        "senior_waiver",
        "普通高中免学杂费",
        Stage.SENIOR,
        WAIVER,
        (),
        PER_TERM,
        PER_TERM,
        needs_recognition=False,
        open_groups=OPEN_GROUPS,
    ),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A paper that recognition, or the programme of this code, asks for."""

    code: str
    label: str
    kinds: tuple[str, ...]
    when: str
    groups: tuple[str, ...] = ()
    listed_exempt: bool = True
    programme: str = ""


Kind, When = Attachment.Kind, PaperRule.When
# The guiding opinion of 2018 and the rule of 2019 that no stamp of other offices is asked for:
# what departments' lists show needs no paper, and what is only told is asked about, not refused.
PAPERS_BASIS = "《关于做好家庭经济困难学生认定工作的指导意见》（教财〔2018〕16号）"
PAPERS = (
    Asked(
        "allowance",
        "低保、特困等证件",
        (Kind.ALLOWANCE,),
        When.CLAIMED,
        ("dibao", "dibao_margin", "destitute", "rigid_expense", "other_low_income"),
    ),
    Asked(
        "disability", "残疾证", (Kind.DISABILITY,), When.CLAIMED, ("disabled", "disabled_parent")
    ),
    Asked("medical", "病历或诊断证明", (Kind.MEDICAL,), When.ILL, listed_exempt=False),
    Asked("disaster", "灾害或事故证明", (Kind.DISASTER, Kind.OTHER), When.BEFALLEN),
    Asked(
        "merit",
        "成绩或获奖证明",
        (Kind.OTHER,),
        When.ALWAYS,
        listed_exempt=False,
        programme="vocational_scholarship",
    ),
)


def load() -> None:
    """Fill in programmes, tiers and asked papers that are missing."""
    for seed in SEEDS:
        programme, _ = Programme.objects.get_or_create(
            code=seed.code,
            defaults={
                "name": seed.name,
                "source": FundingSource.STATE,
                "kind": seed.kind,
                "stage": seed.stage,
                "needs_recognition": seed.needs_recognition,
                "money_cadence": seed.money_cadence,
                "entry_cadence": seed.entry_cadence,
                "guardian_card": seed.guardian_card,
                "basis": seed.basis,
                "valid_from": SINCE,
            },
        )
        _load_groups(programme, seed)
        _load_tiers(programme, seed)
    _load_papers()


def _load_groups(programme: Programme, seed: Seed) -> None:
    # The groups may come with a later load; a list that someone has shortened stays short.
    if seed.open_groups and not programme.open_groups.exists():
        programme.open_groups.set(SpecialGroup.objects.filter(code__in=seed.open_groups))


def _load_tiers(programme: Programme, seed: Seed) -> None:
    for standard in seed.standards:
        Tier.objects.get_or_create(
            programme=programme,
            code=standard.code,
            valid_from=standard.valid_from,
            defaults={
                "label": standard.label,
                "rank": standard.rank,
                "amount_fen": standard.fen,
                "boarding": standard.boarding,
                "suggested_for": standard.suggested_for,
                "valid_to": standard.valid_to,
            },
        )


def _load_papers() -> None:
    programmes = {p.code: p for p in Programme.objects.all()}
    for asked in PAPERS:
        PaperRule.objects.get_or_create(
            code=asked.code,
            programme=programmes.get(asked.programme),
            valid_from=SINCE,
            defaults={
                "label": asked.label,
                "kinds": list(asked.kinds),
                "when": asked.when,
                "groups": list(asked.groups),
                "listed_exempt": asked.listed_exempt,
                "basis": "" if asked.programme else PAPERS_BASIS,
            },
        )
