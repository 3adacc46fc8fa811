"""What a programme's figures must be, and who may draft, enact, follow and end it. Pure.

An authority is an organisation: a bureau for the schools under it, a school for itself. 经办 of
the authority drafts, copies and asks for an end; 审核 of the same authority enacts and agrees.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from applications.models import FundingSource, Grade, PaperRule, Programme
from applications.models.programmes import TRAITS
from applications.rules.papers import OTHER_KINDS
from audit import moves
from audit.refusal import Reason
from schools.models import Appointment, Organisation, Stage, Term
from schools.roles import CHECKERS, Role
from students.models import Student

EDITORS = frozenset({Role.OPERATOR, Role.BUREAU_OPERATOR})
# A single payment beyond 100,000 yuan to one student is a wrong number.
HIGHEST_FEN = 10_000_000
MOST_HEADS = 100_000
# A hundred percent, in hundredths of a percent.
WHOLE = 10_000
YEARS_OF = {Stage.PRIMARY: 6}
SCHOOL_SOURCES = (FundingSource.SCHOOL, FundingSource.SOCIAL)
SUPERSEDED = "由新版接替"
YEARLY = (Programme.Cadence.PER_YEAR, Programme.Cadence.ONCE)


@dataclass(frozen=True, slots=True)
class TierFacts:
    """A tier as told; amount in fen; a day that is None is the programme's own."""

    label: str
    amount_fen: int
    boarding: str = ""
    suggested_for: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """A paper asked of everybody who applies; `exempt`: not of those on a department's list."""

    label: str
    kind: str
    level: str = PaperRule.Level.SHOULD
    exempt: bool = True


@dataclass(frozen=True, slots=True)
class ProgrammeFacts:
    """Everything that one version of a programme says; sequences sorted, so that they compare."""

    name: str
    source: str
    kind: str
    stage: str
    valid_from: date
    money_cadence: str
    entry_cadence: str
    valid_to: date | None = None
    basis: str = ""
    needs_recognition: bool = True
    guardian_card: bool = False
    years: tuple[int, ...] = ()
    open_groups: tuple[str, ...] = ()
    only_groups: tuple[str, ...] = ()
    # Of the groups, those that count for rural households alone; who does not board gets it only
    # from `day_groups`; `open_to` names TRAITS that need no grade.
    rural_groups: tuple[str, ...] = ()
    day_groups: tuple[str, ...] = ()
    open_to: tuple[str, ...] = ()
    exclusive: tuple[int, ...] = ()
    handling: str = Programme.Handling.SCHOOL
    paid_by: str = ""
    # Hundredths of a percent of 事业收入, the least and the most.
    share: tuple[int, int] | None = None
    note: str = ""
    tiers: tuple[TierFacts, ...] = ()
    papers: tuple[PaperFacts, ...] = ()
    # School's key and heads.
    quotas: tuple[tuple[int, int], ...] = ()


def why_unsound(facts: ProgrammeFacts, owner: Organisation) -> list[Reason]:
    """Everything that is wrong with the figures, all at once."""
    return [*_why_not_named(facts, owner), *_why_not_tiers(facts), *_why_not_asked(facts)]


def _why_not_named(facts: ProgrammeFacts, owner: Organisation) -> Iterator[Reason]:
    if not facts.name.strip():
        yield Reason("没有项目名称", "填写文件里的全称")
    for value, values, text in (
        (facts.source, FundingSource.values, "没有选择资助来源"),
        (facts.kind, Programme.Kind.values, "没有选择类别"),
        (facts.stage, Stage.values, "没有选择学段"),
        (facts.money_cadence, Programme.Cadence.values, "没有选择发放周期"),
        (facts.entry_cadence, Programme.Cadence.values, "没有选择录入周期"),
    ):
        if value not in values:
            yield Reason(text, "选择一项")
    if owner.is_school and facts.source not in SCHOOL_SOURCES:
        yield Reason("学校只能设学校资助和社会资助的项目", "国家和地方的项目由资助中心设定")
    if facts.valid_to and facts.valid_to < facts.valid_from:
        yield Reason("项目的截止日期早于开始日期", "核对起止日期")
    most = YEARS_OF.get(Stage(facts.stage), 3) if facts.stage in Stage.values else 6
    if any(not 1 <= year <= most for year in facts.years):
        yield Reason(f"{Stage(facts.stage).label}只有{most}个年级", "去掉多选的年级")
    yield from _why_not_for(facts)


def _why_not_for(facts: ProgrammeFacts) -> Iterator[Reason]:
    if set(facts.open_groups) - set(facts.only_groups) and facts.only_groups:
        yield Reason("认定前可助的群体不在限定的群体里", "两处的群体要一致")
    if set(facts.rural_groups) - {*facts.only_groups, *facts.day_groups}:
        yield Reason("只限农村的群体不在限定的群体里", "先在“只给这些群体”里选上")
    if set(facts.open_to) - set(TRAITS):
        yield Reason("有不认识的免认定条件", "从列出的里面选")
    if facts.handling not in Programme.Handling.values:
        yield Reason("没有选择由谁受理", "选择一项")
    elif (facts.handling == Programme.Handling.ELSEWHERE) != bool(facts.paid_by.strip()):
        yield Reason("受理部门与由谁受理不一致", "由其他部门受理的写明部门，学校受理的留空")
    least, most = facts.share or (1, WHOLE)
    if not 0 < least <= most <= WHOLE:
        yield Reason("提取事业收入的比例不对", "填两个百分数，例如3和5；只有一个的填相同的数")


def _why_not_tiers(facts: ProgrammeFacts) -> Iterator[Reason]:
    ours = facts.handling == Programme.Handling.SCHOOL
    if ours and not facts.tiers and facts.kind != Programme.Kind.WAIVER:
        yield Reason("没有档次和金额", "至少填一档；只有学费减免可以不填")
    for tier in facts.tiers:
        name = tier.label.strip() or "没有名称的一档"
        if not tier.label.strip():
            yield Reason("有一档没有名称", "例如：一档")
        if not 0 < tier.amount_fen <= HIGHEST_FEN:
            yield Reason(f"{name}的金额不对", "单位是元，大于0，不超过10万元")
        if tier.boarding not in ("", *Student.Boarding.values):
            yield Reason(f"{name}的就读方式不对", "选择一项")
        if tier.suggested_for not in ("", *Grade.values):
            yield Reason(f"{name}的困难等级不对", "选择一项")
        begins, ends = _days(tier, facts)
        if begins > ends:
            yield Reason(f"{name}的截止日期早于开始日期", "核对起止日期")
        elif begins < facts.valid_from or (facts.valid_to and ends > facts.valid_to):
            yield Reason(f"{name}的起止日期超出项目的起止日期", "留空就与项目相同")
    for one, other in combinations(facts.tiers, 2):
        if not _together(one, other, facts):
            continue
        if one.label.strip() == other.label.strip():
            yield Reason(f"有两个“{one.label.strip()}”同时有效", "改名称，或使起止日期错开")
        elif _same_students(one, other):
            yield Reason(
                f"{one.label.strip()}和{other.label.strip()}给的是同一类学生",
                "同一等级、同一就读方式只留一档",
            )


def _days(tier: TierFacts, facts: ProgrammeFacts) -> tuple[date, date]:
    return tier.valid_from or facts.valid_from, tier.valid_to or facts.valid_to or date.max


def _together(one: TierFacts, other: TierFacts, facts: ProgrammeFacts) -> bool:
    (a, b), (c, d) = _days(one, facts), _days(other, facts)
    return a <= d and c <= b


def _same_students(one: TierFacts, other: TierFacts) -> bool:
    boards = one.boarding == other.boarding or "" in (one.boarding, other.boarding)
    return boards and bool(one.suggested_for) and one.suggested_for == other.suggested_for


def _why_not_asked(facts: ProgrammeFacts) -> Iterator[Reason]:
    kinds = [kind for kind, _ in OTHER_KINDS]
    for paper in facts.papers:
        if not paper.label.strip():
            yield Reason("有一项材料没有名称", "写明交什么")
        if paper.kind not in kinds or paper.level not in PaperRule.Level.values:
            yield Reason(f"{paper.label.strip() or '一项材料'}没有选择种类或要求", "选择一项")
    if any(not 0 <= heads <= MOST_HEADS for _, heads in facts.quotas):
        yield Reason("有学校的名额不对", "填0到10万之间的整数")


# ------------------------------------------------------------------------------- who may, and when


def why_not_drafting(by: Appointment) -> list[Reason]:
    """Why this person drafts no programmes."""
    if by.role in EDITORS:
        return []
    return [Reason(f"{by.get_role_display()}不起草资助项目", "由经办起草")]


def why_not_own(programme: Programme, by: Appointment) -> list[Reason]:
    """Why a programme is not this person's authority's: national, or another's."""
    if programme.managed_by_id == by.organisation_id:
        return []
    return [Reason("这不是本单位的资助项目", "可以复制一份，作为本单位的项目")]


def why_not_checking(by: Appointment, first: int | None, deed: str) -> list[Reason]:
    """Why this person may not check what person `first` has prepared."""
    reasons = []
    if by.role not in CHECKERS:
        reasons.append(Reason(f"{deed}由审核人办理", "请审核人登录后办理"))
    if by.person_id == first:
        reasons.append(Reason(f"起草的人不能自己{deed}", "请另一位审核人办理"))
    return reasons


def why_not_seen(seen: str, now: str) -> list[Reason]:
    """Why what is on the page is not what would be changed: somebody edited it meanwhile."""
    if seen == now:
        return []
    return [Reason("草稿刚刚被改过，和页面上的不一样", "重新打开这一页，看过再办")]


def why_not_enact(
    programme: Programme, valid_from: date, *, today: date, term: Term | None, opened: int
) -> list[Reason]:
    """Why it can't count from that day; `opened`: rounds of the version before, from then on.

    What nobody was promised before may begin with the present term; a new version begins later,
    since rounds that are open go on by what was in force.
    """
    reasons = moves.why_not(programme, "enact")
    if programme.valid_to and programme.valid_to < valid_from:
        reasons.append(Reason("启用日期在项目截止日期之后", "核对起止日期"))
    before = programme.follows
    if before is None:
        if term and valid_from < term.starts_on:
            reasons.append(Reason("启用日期早于本学期", f"最早{told(term.starts_on)}"))
        return reasons
    if valid_from <= today:
        reasons.append(Reason("新版的启用日期应在今天以后", "已经开的批次仍按原来的版本"))
    if valid_from <= before.valid_from:
        reasons.append(Reason("新版要在原版本开始之后启用", f"原版本{told(before.valid_from)}起"))
    if before.status == Programme.Status.ENDING:
        reasons.append(Reason("原版本有待确认的终止", "先办结终止，再启用新版"))
    elif before.status == Programme.Status.ENDED and (before.valid_to or today) >= valid_from:
        reasons.append(Reason("原版本到终止日期还没有到", "新版在那一天以后启用"))
    return reasons + why_opened(opened)


def why_opened(opened: int) -> list[Reason]:
    """Why a day is too early: schools have opened rounds for a time after it."""
    if not opened:
        return []
    return [Reason(f"已有{opened}个批次按这个版本开在这一天以后", "日期往后推", count=opened)]


def why_not_end(
    programme: Programme, last_day: date, reason: str, *, today: date, opened: int
) -> list[Reason]:
    """Why it can't end on that day."""
    reasons = moves.why_not(programme, "ask_end")
    if last_day < max(today, programme.valid_from):
        reasons.append(Reason("终止日期已经过去", "今天或以后的一天"))
    if programme.valid_to and last_day >= programme.valid_to:
        reasons.append(Reason(f"项目本来就到{told(programme.valid_to)}", "不用另外终止"))
    if not reason.strip():
        reasons.append(Reason("没有写终止的原因", "写明依据，留档备查"))
    return reasons + why_opened(opened)


@dataclass(frozen=True, slots=True)
class Hanging:
    """What counts on a version: rounds, and a version that follows it.

    The schools' quotas do not: without a round nobody has used them, and they end with it.
    """

    rounds: int
    followed: bool


def why_not_revoke(
    programme: Programme, verb: str, *, today: date, hanging: Hanging
) -> list[Reason]:
    """Why an enacted version can't be taken back: it has begun, or something hangs on it."""
    reasons = moves.why_not(programme, verb)
    if programme.valid_from <= today:
        reasons.append(
            Reason(f"{told(programme.valid_from)}已经开始执行", "不能撤回；定期终止，或起草新版")
        )
    if hanging.rounds:
        reasons.append(
            Reason(f"学校已按这个版本开了{hanging.rounds}个批次", "不能撤回", count=hanging.rounds)
        )
    if hanging.followed:
        reasons.append(Reason("这个版本已有新版或新版的草稿", "先作废草稿，或撤回新版"))
    before = programme.follows
    if before and before.end_reason == SUPERSEDED and before.superseded_by_id is None:
        reasons.append(Reason("原版本以前的截止日期没有记下", "不能撤回；起草新版接替"))
    return reasons


def told(day: date) -> str:
    """A day as people write it."""
    return f"{day.year}年{day.month}月{day.day}日"


def last_day_before(day: date) -> date:
    """The last day of what is followed from `day` on."""
    return day - timedelta(days=1)
