"""Judgments of the review; pure. Pages show the reasons, actions refuse with them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.urls import reverse

from applications.models import DIFFICULT, Application, Grade, Round, Tier
from audit.refusal import Reason
from review.models import Appraisal, Attendance, BallotCase, Case, Meeting, Notice, Tally
from schools import clock
from schools.models import Appointment
from schools.roles import Duty
from students.models import Student

# Where the score and the panel disagree as often, the less severe grade is suggested.
LEAST_SEVERE_FIRST = (Grade.NONE, Grade.GENERAL, Grade.HARD, Grade.SPECIAL)
REFUSE = "refuse"
APPRAISAL_WORKDAYS = 3


@dataclass(frozen=True, slots=True)
class Why:
    """Why one case can't be proposed or confirmed; equal ones are counted together."""

    text: str
    mend: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Votes:
    """A tally of the leading group."""

    yes: int
    no: int
    abstain: int

    @property
    def total(self) -> int:
        """All votes."""
        return self.yes + self.no + self.abstain


@dataclass(slots=True)
class Eligibility:
    """What a programme round asks of its students beyond the case itself.

    `grades` are the recognised grades by student, `tagged` the students of the programme's open
    groups, `outside` those in none of the groups that it is only for, `tiers` those in force when
    the term starts.
    """

    needs_recognition: bool
    tiers: Sequence[Tier]
    grades: Mapping[int, str] = field(default_factory=dict)
    tagged: frozenset[int] = frozenset()
    outside: frozenset[int] = frozenset()


def second_person(by: Appointment, first: int | None, deed: str) -> list[Reason]:
    """Reasons why `by` may not check what person `first` has done (rows 0-54, 1-38)."""
    found = []
    if by.duty != Duty.CHECKER:
        found.append(Reason(f"{deed}由审核人或分管领导办理", "请审核人登录后办理"))
    if by.person_id == first:
        found.append(Reason(f"不能{deed}自己经办的事", "请换一人办理"))
    return found


def own_hand(case: Case, person_id: int) -> list[Why]:
    """What this person has done for the case before, so that another must confirm it (0-54).

    Head teachers are neither makers nor checkers, so who entered or chaired may check elsewhere.
    """
    entered = (case.application.entered_by_id, case.application.submit_by_id)
    deeds = [
        ("由本人录入或提交申请", person_id in entered),
        ("由本人主持班级评议", person_id == case.appraise_by_id),
        ("由本人登记审定", person_id == case.decide_by_id),
    ]
    return [Why(text, "请换一名审核人确认") for text, own in deeds if own]


# ---------------------------------------------------------------------------------- appraisal


def owed_from(closes_on: date, handed_in: datetime | None) -> date:
    """From when the panel's working days count: the window's end, or a later handing in."""
    if handed_in is None:
        return closes_on
    return max(closes_on, handed_in.astimezone(clock.CHINA).date())


def why_not_hold(
    *, expected: int, present: int, held_on: date, opens_on: date, today: date
) -> list[Reason]:
    """Figures and date of a class panel."""
    found = []
    if not 1 <= present <= expected:
        found.append(
            Reason(f"实到{present}人，应到{expected}人，人数不对", "实到不少于1人，不多于应到")
        )
    if not opens_on <= held_on <= today:
        found.append(
            Reason(
                f"评议日期{held_on:%Y年%-m月%-d日}不对",
                f"应在{opens_on:%Y年%-m月%-d日}（申请开始）到今天之间",
            )
        )
    return found


def why_not_tally(appraisal: Appraisal, case: Case, tally: Tally, recused: int = 0) -> list[Reason]:
    """The votes of one case add up to those present who did not withdraw from it.

    The case belongs to this class and round.
    """
    found = []
    if appraisal.status != Appraisal.Status.OPEN:
        found.append(Reason("本班评议已提交", "请先重新打开评议"))
    if (case.round_id, case.school_class_id) != (appraisal.round_id, appraisal.school_class_id):
        found.append(Reason("这份申请不在本班本批次", "请从本班评议页进入"))
    if case.status not in (Case.Status.OPEN, Case.Status.APPRAISED):
        found.append(Reason(f"这份申请{case.get_status_display()}，票数不能再改"))
    if tally.cast != appraisal.present - recused:
        less = f"，这一件回避{recused}人" if recused else ""
        found.append(
            Reason(
                f"共{tally.cast}票，实到{appraisal.present}人{less}，票数不一致",
                f"各等级和弃权的票数相加应等于实到人数{'减去回避人数' if recused else ''}",
            )
        )
    return found


def suggested_grade(tally: Tally, advised: str) -> str:
    """The panel's grade: most votes.

    On a tie the score's advice wins when it is among the tied grades, else the less severe one.
    Abstentions count for nothing; a panel that only abstained suggests what the score advises,
    or 不困难 without a score.
    """
    votes = {grade: getattr(tally, grade.value) for grade in LEAST_SEVERE_FIRST}
    most = max(votes.values())
    if most == 0:
        return advised or str(Grade.NONE)
    tied = [str(grade) for grade, n in votes.items() if n == most]
    return advised if advised in tied else tied[0]


def unexplained(case: Case, tally: Tally) -> bool:
    """Whether the panel suggests another grade than the score and nobody has written why."""
    advised = case.advised_grade
    return bool(advised) and suggested_grade(tally, advised) != advised and not tally.reason


def tally_text(tally: Tally | BallotCase) -> str:
    """特别困难1票，困难6票，弃权1票: what stands in the decision's reason."""
    named = [(grade.label, getattr(tally, grade.value)) for grade in reversed(LEAST_SEVERE_FIRST)]
    return "，".join(f"{label}{n}票" for label, n in [*named, ("弃权", tally.abstain)] if n)


# ---------------------------------------------------------------------------------- proposals


def why_gone(case: Case) -> list[Why]:
    """Why a case can't go on whatever its round: the application or the student has left."""
    found = []
    if case.application.status != Application.Status.SUBMITTED:
        label = case.application.get_status_display()
        found.append(Why(f"申请{label}", "查看申请"))
    if case.student.status == Student.Status.LEFT:
        found.append(Why("学生已离校", "查看学籍异动"))
    return found


def why_changed(changed: bool) -> list[Why]:
    """Why a case waits whose facts were changed after they had been judged."""
    return [Why("材料在评议后有改动，须重新评议", "请资助专干重新接收申请")] if changed else []


def why_not_propose(
    case: Case,
    eligibility: Eligibility | None,
    *,
    changed: bool = False,
    reopened: bool = False,
    thin: bool = False,
) -> list[Why]:
    """Every reason why this case can't be proposed; `eligibility` is None in recognition rounds.

    `reopened`: its class's panel is at work again, so that the votes may still change; `thin`:
    after recusals too few voted on it by phone.
    """
    found = why_gone(case) + why_changed(changed)
    if eligibility is None:
        if case.status == Case.Status.OPEN:
            found.append(Why("班级尚未评议", "查看各班评议"))
        elif reopened:
            found.append(Why("班级评议已重新打开，还没有提交", "查看各班评议"))
        if thin:
            found.append(
                Why("手机投票有效票不足3张", "请班主任重新打开评议，作废重投或提交领导小组")
            )
        return found
    grade = eligibility.grades.get(case.student_id, "")
    open_to = not eligibility.needs_recognition or case.student_id in eligibility.tagged
    if grade not in DIFFICULT and not open_to:
        text = "认定为不困难" if grade else "本学年没有认定结果"
        found.append(Why(text, "先认定，后资助"))
    if case.student_id in eligibility.outside:
        found.append(Why("不在项目限定的特殊群体里", "核对名册里的就读方式、户口性质和特殊群体"))
    if choose_tier(eligibility.tiers, case.student.boarding, grade) is None:
        found.append(Why("没有适用的资助档次", "请在资助项目里登记档次"))
    return found


def choose_tier(tiers: Sequence[Tier], boarding: str, grade: str) -> Tier | None:
    """The tier that suits: for this boarding kind, suggested for this grade.

    A student without a grade (open groups) gets the lowest one; the leading group may change it.
    """
    fitting = [t for t in tiers if t.boarding in ("", boarding)]
    if not fitting:
        return None
    suggested = [t for t in fitting if t.suggested_for and t.suggested_for == grade]
    return suggested[0] if suggested else max(fitting, key=lambda t: t.rank)


def counted(held: Iterable[tuple[Case, Why]], unit: str = "人") -> list[Reason]:
    """Equal reasons as one, with how many cases and in which classes, most first."""
    groups: dict[Why, list[Case]] = {}
    for case, why in held:
        groups.setdefault(why, []).append(case)
    found = []
    for why, cases in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        classes = Counter(case.school_class.name for case in cases)
        named = "，".join(f"{name}{n}{unit}" for name, n in classes.most_common(6))
        more = f"等{len(classes)}个班" if len(classes) > 6 else ""
        found.append(Reason(f"{why.text}：{named}{more}", why.mend, why.url, len(cases)))
    return found


# ---------------------------------------------------------------------------------- meetings


def quorum(members: int) -> int:
    """How many of `members` must be there: two thirds, rounded up (row 0-27)."""
    return -(-members * 2 // 3)


def why_not_attend(
    attendances: Sequence[Attendance], present: set[int], recusals: Mapping[int, str]
) -> list[Reason]:
    """Only members are present, and only those present withdraw, with a reason."""
    members = {a.person_id for a in attendances}
    found = []
    if present - members:
        found.append(Reason("到会的人里有不是本次会议成员的", "请先加入会议成员"))
    if set(recusals) - present:
        found.append(Reason("回避的人没有到会", "只登记到会成员的回避"))
    if any(not text.strip() for text in recusals.values()):
        found.append(Reason("回避没有写原因", "例如：申请学生的亲属"))
    return found


def why_no_quorum(meeting: Meeting, attendances: Sequence[Attendance]) -> list[Reason]:
    """Whether the meeting may decide anything."""
    present = {a.person_id for a in attendances if a.present}
    found = []
    if not present:
        found.append(Reason("还没有登记到会情况", "请先登记到会和回避"))
    elif len(present) < quorum(len(attendances)):
        found.append(
            Reason(
                f"应到{len(attendances)}人，实到{len(present)}人，不到三分之二",
                f"至少{quorum(len(attendances))}人到会才能审定",
            )
        )
    if present and meeting.chair_id not in present:
        found.append(Reason("主持人没有到会", "请改由到会的领导主持"))
    return found


def voters(attendances: Sequence[Attendance]) -> int:
    """Members present who did not withdraw."""
    return sum(a.present and not a.recusal for a in attendances)


def why_not_carried(attendances: Sequence[Attendance], votes: Votes) -> list[Reason]:
    """The votes add up to those who voted, and more than half agree."""
    voting = voters(attendances)
    found = []
    if votes.total != voting:
        found.append(
            Reason(
                f"同意、反对、弃权共{votes.total}票，应为{voting}票",
                "实到人数减去回避人数",
            )
        )
    elif votes.yes * 2 <= voting:
        found.append(Reason(f"同意{votes.yes}票，没有过半，议题没有通过", "请重新讨论表决"))
    return found


def why_not_change(
    cases: Mapping[int, Case], changes: Mapping[int, tuple[str, str]], options: Iterable[str]
) -> list[Reason]:
    """Changes name proposed cases, an existing grade or tier, and say why."""
    allowed = {*options, REFUSE}
    found = []
    if unknown := [pk for pk in changes if pk not in cases]:
        found.append(Reason(f"有{len(unknown)}份申请不在本次审定范围", "请刷新页面"))
    if any(value not in allowed for value, _ in changes.values()):
        found.append(Reason("改定的等级或档次不存在", "请从列表选择"))
    unexplained = [
        cases[pk] for pk, (_, reason) in changes.items() if pk in cases and not reason.strip()
    ]
    if unexplained:
        numbers = "、".join(case.application.number for case in unexplained[:6])
        found.append(Reason(f"改定没有写理由：{numbers}", "与建议不同的，逐人写明理由"))
    return found


# ---------------------------------------------------------------------------------- notices


def why_not_publish(
    notice: Notice, by: Appointment, *, provisional: bool, stale: bool
) -> list[Reason]:
    """Second person, a list that is still the decided one, and a lawful last day."""
    found = second_person(by, notice.drafted_by_id, "发布公示")
    if stale:
        found.append(Reason("审定名单在起草之后有变化", "请更新名单后再发布"))
    if provisional:
        found.append(
            Reason(
                "公示截止日所在年份的放假安排还没有导入，截止日只是暂定",
                "请先在日历里导入放假安排",
            )
        )
    return found


def why_early(round_: Round, unfinished: int, today: date) -> list[Reason]:
    """What a notice would leave to a later one; batches are lawful (row 1-05), yet better known."""
    found = []
    if today <= round_.closes_on:
        day = f"{round_.closes_on.month}月{round_.closes_on.day}日"
        found.append(Reason(f"申请到{day}才截止，之后提交的要另行公示", "能等的，截止后一并公示"))
    if unfinished:
        found.append(
            Reason(
                f"还有{unfinished}份申请没有提交或退回补正中，赶不上这次公示",
                "催办，或撤回不再申请的",
                f"{reverse('applications:entries')}?round={round_.pk}",
            )
        )
    return found


def why_not_confirm(notice: Notice, by: Appointment, today: date) -> list[Reason]:
    """Only after the period, by a checker."""
    found = second_person(by, None, "公示确认")
    if notice.status not in (Notice.Status.PUBLISHED, Notice.Status.CONFIRMED):
        found.append(Reason(f"这份公示现在是“{notice.get_status_display()}”，不能确认"))
    elif notice.ends_on is None or today <= notice.ends_on:
        found.append(
            Reason(
                f"公示期到{notice.ends_on:%Y年%-m月%-d日}结束，现在还不能确认",
                "公示期满的次日起可以确认",
            )
        )
    return found


def visible(notice: Notice, today: date) -> bool:
    """Whether the public sees it now; decided when it is read (row 0-31)."""
    return (
        notice.scope == Notice.Scope.WEB
        and notice.status in (Notice.Status.PUBLISHED, Notice.Status.CONFIRMED)
        and notice.starts_on is not None
        and notice.ends_on is not None
        and notice.starts_on <= today <= notice.ends_on
    )
