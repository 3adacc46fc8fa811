"""The nation's programmes (`domain.md` §C.3) and what stands for local, school and social aid.

Where a policy leaves amounts to places or schools there are none here: an authority copies the
row and fills them in. Amounts are fen per instalment.
"""

from datetime import date

from applications.models import FundingSource, Programme
from applications.reference.seeds import (
    ELSEWHERE,
    FUNDS_RULES,
    MONTHLY,
    PER_TERM,
    PER_YEAR,
    SINCE,
    UNIVERSAL,
    Seed,
    Standard,
    boarding_tiers,
    three_tiers,
)
from schools.models import Stage

# Higher standards: living subsidies from spring 2024, national grants from spring 2025.
SUBSIDY_RISE, GRANT_RISE = date(2024, 3, 1), date(2025, 3, 1)
SUBSIDY_BEFORE, GRANT_BEFORE = date(2024, 2, 29), date(2025, 2, 28)
# 建档立卡 as it is counted today: lifted out, and monitored against falling back.
REGISTERED_POOR = ("lifted_out", "lifted_unstable", "marginal", "sudden_hardship")
# 农村低保 and 农村特困: the town's are no part of the four groups.
RURAL = ("dibao", "destitute")
FOUR_GROUPS = (*REGISTERED_POOR, *RURAL, "disabled")
# 四类学生 and those at risk of falling back into poverty: aided before a grade is decided.
OPEN_GROUPS = FOUR_GROUPS

GRANT, SUBSIDY = Programme.Kind.GRANT, Programme.Kind.SUBSIDY
SCHOLARSHIP, WAIVER = Programme.Kind.SCHOLARSHIP, Programme.Kind.WAIVER
RELIEF = Programme.Kind.RELIEF

GRANT_NOTE = (
    "平均每生每年2300元（2025年春季学期起；此前2000元）。各档金额由各地定，"
    "这里三档是按平均数列的；本地另有规定的，由资助中心复制后填写。"
)


def _living(stage: Stage, label: str, before: int, now: int) -> Seed:
    """生活补助 of a stage; boarders' fen per term before and since spring 2024."""
    return Seed(
        f"{stage}_subsidy",
        f"义务教育家庭经济困难学生生活补助（{label}）",
        stage,
        SUBSIDY,
        boarding_tiers(before, before // 2, SINCE, SUBSIDY_BEFORE)
        + boarding_tiers(now, now // 2, SUBSIDY_RISE),
        open_groups=OPEN_GROUPS,
        rural_groups=RURAL,
        day_groups=FOUR_GROUPS,
        guardian_card=True,
        note="非寄宿生按寄宿生标准的一半，给脱贫户和监测户、农村低保、农村特困、残疾学生等四类学生；"
        "本地范围更宽的，由资助中心复制后修改。",
    )


def _compulsory(stage: Stage, label: str) -> tuple[Seed, ...]:
    """What everybody of compulsory education has without asking."""
    return (
        Seed(
            f"{stage}_free",
            f"义务教育免学杂费、免费教科书（{label}）",
            stage,
            WAIVER,
            needs_recognition=False,
            handling=UNIVERSAL,
            basis="《中华人民共和国义务教育法》",
            note="义务教育学生都免，不用申请。",
        ),
        Seed(
            f"{stage}_meals",
            f"农村义务教育学生营养改善计划（{label}）",
            stage,
            SUBSIDY,
            needs_recognition=False,
            handling=UNIVERSAL,
            basis="",
            note="按地区实施：只在国家和地方确定的县、学校，不用申请。",
        ),
    )


def _school_aid(stage: Stage, label: str, least: int, most: int) -> Seed:
    """校内资助, of a share of the school's own income."""
    return Seed(
        f"{stage}_school_aid",
        f"校内资助（{label}）",
        stage,
        RELIEF,
        source=FundingSource.SCHOOL,
        basis="",
        share=(least, most),
        note="学校从事业收入中提取，单独立账，专款专用；用于奖助学金、学费减免、勤工助学、"
        "特殊困难补助。复制为本校的项目，写上金额后开批次。",
    )


def _social_aid(stage: Stage) -> Seed:
    """社会资助, of whoever gives."""
    return Seed(
        f"{stage}_social_aid",
        f"社会资助（{stage.label}）",
        stage,
        RELIEF,
        source=FundingSource.SOCIAL,
        basis="",
        needs_recognition=False,
        note="社会组织、群团组织、企业事业单位和个人依法出资设立，金额和条件按捐赠协议。"
        "复制为本校的项目，写上金额后开批次。",
    )


PRESCHOOL = (
    Seed(
        "preschool_aid",
        "学前教育资助（地方政府）",
        Stage.PRESCHOOL,
        GRANT,
        source=FundingSource.LOCAL,
        open_groups=OPEN_GROUPS,
        guardian_card=True,
        basis="",
        note="没有全国统一标准，名称、金额和比例由各地定。由资助中心复制后填写金额，再开批次。",
    ),
    Seed(
        "preschool_free",
        "学前一年免保育教育费",
        Stage.PRESCHOOL,
        WAIVER,
        needs_recognition=False,
        handling=UNIVERSAL,
        years=(3,),
        since=date(2025, 9, 1),
        basis="《关于逐步推行免费学前教育的意见》（国办发〔2025〕27号）",
        note="公办幼儿园学前一年（大班）免收；民办幼儿园按当地同类型公办幼儿园的水平减免。不用申请。",
    ),
)
COMPULSORY = (
    _living(Stage.PRIMARY, "小学", 50_000, 62_500),
    _living(Stage.JUNIOR, "初中", 62_500, 75_000),
    *_compulsory(Stage.PRIMARY, "小学"),
    *_compulsory(Stage.JUNIOR, "初中"),
)
SENIOR = (
    Seed(
        "senior_grant",
        "普通高中国家助学金",
        Stage.SENIOR,
        GRANT,
        three_tiers((150_000, 100_000, 50_000), SINCE, GRANT_BEFORE)
        + three_tiers((160_000, 115_000, 70_000), GRANT_RISE),
        PER_TERM,
        MONTHLY,
        note=GRANT_NOTE,
    ),
    # What a waiver is worth is the fee approved for each school, so no amount is given here.
    Seed(
        "senior_waiver",
        "普通高中免学杂费",
        Stage.SENIOR,
        WAIVER,
        since=date(2016, 9, 1),
        only_groups=FOUR_GROUPS,
        rural_groups=RURAL,
        # A disabled student is one of the four only of a family recognised as difficult.
        open_groups=(*REGISTERED_POOR, *RURAL),
        basis=FUNDS_RULES,
        note="2016年秋季学期起。只免脱贫户和监测户（原建档立卡）、家庭经济困难的残疾学生、农村低保、"
        "农村特困学生；残疾学生要先认定。民办学校按公办标准减免，差额由学生缴。不含住宿费。",
    ),
)
VOCATIONAL = (
    Seed(
        "vocational_grant",
        "中等职业学校国家助学金",
        Stage.VOCATIONAL,
        GRANT,
        three_tiers((130_000, 100_000, 70_000), SINCE, GRANT_BEFORE)
        + three_tiers((150_000, 115_000, 80_000), GRANT_RISE),
        PER_TERM,
        MONTHLY,
        open_to=("agri_major",),
        note="全日制正式学籍学生：涉农专业学生和非涉农专业家庭经济困难学生；2025年春季学期起包括三年级，"
        "此前只有一、二年级。" + GRANT_NOTE,
    ),
    Seed(
        "vocational_waiver",
        "中等职业学校免学费",
        Stage.VOCATIONAL,
        WAIVER,
        (),
        PER_TERM,
        MONTHLY,
        open_to=("rural", "agri_major"),
        note="一至三年级：农村（含县镇）学生、城市涉农专业学生、城市家庭经济困难学生；"
        "艺术类表演专业除外，戏曲表演可以免。按公办学校核定的学费免，不含住宿费。",
    ),
    Seed(
        "vocational_scholarship",
        "中等职业教育国家奖学金",
        Stage.VOCATIONAL,
        SCHOLARSHIP,
        (Standard("award", "奖学金", 1, 600_000, SINCE),),
        PER_YEAR,
        PER_YEAR,
        years=(2, 3),
        needs_recognition=False,
        note="每生6000元，全国每年2万名。二年级以上，成绩排名在前5%；"
        "5%以外、30%以内的，要有特别突出的表现。",
    ),
    Seed(
        "vocational_rain",
        "雨露计划职业教育补助（中职）",
        Stage.VOCATIONAL,
        GRANT,
        (Standard("aid", "补助", 1, 150_000, SINCE),),
        source=FundingSource.LOCAL,
        needs_recognition=False,
        only_groups=REGISTERED_POOR,
        handling=ELSEWHERE,
        paid_by="户籍所在县乡村振兴部门",
        basis="",
        note="每生每年3000元，可以与国家助学金、免学费同时享受。家长向户籍所在地申请，"
        "学校不受理、不发放，只配合证明在读。",
    ),
)
SEEDS = (
    *PRESCHOOL,
    *COMPULSORY,
    *SENIOR,
    *VOCATIONAL,
    _school_aid(Stage.PRESCHOOL, "幼儿园", 300, 500),
    _school_aid(Stage.SENIOR, "普通高中", 300, 500),
    _school_aid(Stage.VOCATIONAL, "中等职业", 500, 500),
    *(_social_aid(stage) for stage in Stage),
)
