"""民主评议: the class panel meets, votes case by case, and hands its suggestions in."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from applications.models import Application, Round
from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from review import apart, ballot_reading, queue, rules
from review.actions.writing import conflict, locked, why_closed, write
from review.models import Appraisal, Ballot, Case, Tally, TallyRecusal
from schools import clock
from schools.models import Appointment
from schools.roles import Role
from students.models import SchoolClass


def why_not_chair(school_class: SchoolClass, by: Appointment) -> list[Reason]:
    """Only the class's head teacher (by grant) chairs its panel."""
    leads = by.role == Role.HEAD_TEACHER and any(
        account.has_perm("students.lead_class", school_class)
        for account in by.person.accounts.all()
    )
    return [] if leads else [Reason("班级评议由本班班主任主持", "请本班班主任登录后办理")]


def hold_appraisal(
    *,
    round_: Round,
    school_class: SchoolClass,
    held_on: date,
    expected: int,
    present: int,
    by: Appointment,
    members: str = "",
    recusal: str = "",
) -> Appraisal:
    """Open the class's appraisal, or correct who was there while nobody has voted.

    `members` and `recusal` are names and words as they go on the record (D.3, row 1-46).
    """
    facts = {
        "held_on": held_on,
        "expected": expected,
        "present": present,
        "members": members,
        "recusal": recusal,
    }
    refuse_if(
        [
            *why_not_chair(school_class, by),
            *_why_not_now(round_),
            *_why_applied(round_, school_class),
            *ballot_reading.why_under_way(round_, school_class),
            *rules.why_not_hold(
                expected=expected,
                present=present,
                held_on=held_on,
                opens_on=round_.opens_on,
                today=clock.today(),
            ),
        ]
    )
    try:
        with transaction.atomic():
            return _hold(round_, school_class, facts, by)
    except IntegrityError as error:
        if "appraisal_once" not in str(error):
            raise
        raise conflict("本班评议刚刚已经开始") from None


def _why_not_now(round_: Round) -> list[Reason]:
    if not round_.is_recognition:
        return [Reason("资助项目批次不需要班级评议", "按认定结果确定档次")]
    return why_closed(round_)


def _why_applied(round_: Round, school_class: SchoolClass) -> list[Reason]:
    if n := queue.seated_applicants(round_, school_class):
        text = f"评议小组有{n}名学生后来申请或离开了本班"
        return [Reason(text, "申请人不参加，请重新组成评议小组")]
    return []


def _hold(
    round_: Round, school_class: SchoolClass, facts: dict[str, object], by: Appointment
) -> Appraisal:
    found = Appraisal.objects.filter(
        school_id=round_.school_id, round_id=round_.pk, school_class_id=school_class.pk
    ).first()
    if found is None:
        appraisal: Appraisal = Appraisal.objects.create(
            school_id=round_.school_id,
            round=round_,
            school_class=school_class,
            chaired_by=by.person,
            **facts,
        )
    else:
        appraisal = moves.lock(found)
        refuse_if(_why_not_correct(appraisal))
        for name, value in facts.items():
            setattr(appraisal, name, value)
        appraisal.save(update_fields=list(facts))
    record(
        by=by,
        verb="appraisal.hold",
        label="开始班级评议",
        subject=appraisal,
        at=clock.now(),
        facts={"expected": appraisal.expected, "present": appraisal.present},
    )
    return appraisal


def _why_not_correct(appraisal: Appraisal) -> list[Reason]:
    if appraisal.status != Appraisal.Status.OPEN:
        return [Reason("本班评议已提交", "请先重新打开评议")]
    if appraisal.tallies.exists():
        return [Reason("已经登记了表决，不能再改到会人数", "人数有误请逐项核对票数")]
    return []


@transaction.atomic
def tally(
    *,
    appraisal: Appraisal,
    case: Case,
    by: Appointment,
    special: int,
    hard: int,
    general: int,
    none: int,
    abstain: int = 0,
    reason: str = "",
    recused: Mapping[str, str] | None = None,
    absent: Collection[str] = (),
    ballot: Ballot | None = None,
) -> Tally:
    """Record the panel's votes on one case; again corrects them.

    With `ballot` they are the figures of a blind vote, which nobody corrects by hand. `recused` =
    {member: why}, who did not vote on this case; the votes add up to the others present. Those of
    them who are `absent`, and a head teacher without a seat, are recorded and take no vote away.
    Members who have applied themselves withdraw from every case.
    """
    recused = recused or {}
    appraisal, case = moves.lock(appraisal), moves.lock(case)
    aside = _aside(appraisal, recused, absent)
    # Of a blind vote the recusals are those of its slips (`count_ballot`).
    applying = set() if ballot else _applying(appraisal, case)
    counted = len(recused) - len(aside)
    votes = {"special": special, "hard": hard, "general": general, "none": none, "abstain": abstain}
    wanted = Tally(appraisal=appraisal, case=case, reason=reason.strip(), **votes)
    refuse_if(
        why_not_chair(appraisal.school_class, by)
        + ([] if ballot else ballot_reading.why_by_phone(appraisal, case))
        + rules.why_not_tally(appraisal, case, wanted, counted)
        + apart.why_not_withdrawn(appraisal, recused, queue.seats_of(appraisal), counted, applying)
        + apart.why_not_absent(appraisal, len(aside & set(absent) - applying))
    )
    told = {**votes, "appraisal": appraisal, "reason": wanted.reason, "ballot": ballot}
    kept, _ = Tally.objects.update_or_create(school_id=case.school_id, case=case, defaults=told)
    _withdraw(kept, recused, aside)
    record(
        by=by,
        verb="appraisal.tally",
        label="评议表决",
        subject=case,
        at=clock.now(),
        about_id=case.student_id,
        facts={**votes, "recused": len(recused), "uncounted": len(aside)},
    )
    return kept


def _aside(appraisal: Appraisal, recused: Mapping[str, str], absent: Collection[str]) -> set[str]:
    votes = queue.chair_votes(appraisal)
    return apart.uncounted(appraisal, recused, absent, chair_votes=votes)


def _applying(appraisal: Appraisal, case: Case) -> set[str]:
    """Whose vote on this case can't count since they apply themselves."""
    applying = queue.applying_seats(appraisal)
    if kept := Tally.objects.filter(school_id=case.school_id, case=case).first():
        # A correction says what was voted then; who applied later was no applicant yet.
        return applying & set(kept.recusals.values_list("name", flat=True))
    return applying


def _withdraw(kept: Tally, recused: Mapping[str, str], aside: Collection[str]) -> None:
    kept.recusals.all().delete()
    TallyRecusal.objects.bulk_create(
        TallyRecusal(
            school_id=kept.school_id,
            tally=kept,
            name=name.strip()[:64],
            reason=why.strip()[:96],
            counted=name not in aside,
        )
        for name, why in recused.items()
    )


@transaction.atomic
def finish_appraisal(*, appraisal: Appraisal, by: Appointment) -> Appraisal:
    """Hand the panel's suggestions in; every application of the class must have its votes.

    Where the panel suggests another grade than the score, its reason is written beside the votes.
    """
    appraisal = moves.lock(appraisal)
    cases = locked(_of_panel(appraisal))
    tallies = {t.case_id: t for t in appraisal.tallies.all()}
    judged = [c for c in cases if c.pk in tallies]
    refuse_if(
        [
            *why_not_chair(appraisal.school_class, by),
            *moves.why_not(appraisal, "finish"),
            *ballot_reading.why_under_way(appraisal.round, appraisal.school_class),
            *_why_unfinished(appraisal, cases, judged),
            *why_unexplained([c for c in judged if rules.unexplained(c, tallies[c.pk])]),
        ]
    )
    for case in judged:
        case.status = Case.Status.APPRAISED
        case.appraised_grade = rules.suggested_grade(tallies[case.pk], case.advised_grade)
        case.appraise_at, case.appraise_by_id = clock.now(), by.person_id
    write(
        judged,
        sources=(Case.Status.OPEN, Case.Status.APPRAISED),
        fields=["appraised_grade", "appraise_at", "appraise_by"],
    )
    return moves.make(appraisal, "finish", by=by, at=clock.now(), facts={"cases": len(judged)})


def _of_panel(appraisal: Appraisal) -> QuerySet[Case]:
    found: QuerySet[Case] = Case.objects.filter(
        school_id=appraisal.school_id,
        round_id=appraisal.round_id,
        school_class_id=appraisal.school_class_id,
        status__in=(Case.Status.OPEN, Case.Status.APPRAISED),
    )
    return found


def _why_unfinished(appraisal: Appraisal, cases: list[Case], judged: list[Case]) -> list[Reason]:
    done = {c.pk for c in judged} | {c.pk for c in cases if c.unjudged}
    left = [
        c
        for c in cases
        if c.pk not in done and c.application.status == Application.Status.SUBMITTED
    ]
    found = []
    if left:
        numbers = "、".join(c.application.number for c in left[:8])
        found.append(Reason(f"还有{len(left)}人没有表决：{numbers}", "逐人登记票数后提交"))
    untaken = queue.waiting(appraisal.round).filter(
        student__school_class_id=appraisal.school_class_id
    )
    if n := untaken.count():
        found.append(Reason(f"本班还有{n}份申请资助办没有接收", "请资助专干先接收申请"))
    return found


def why_unexplained(cases: Collection[Case]) -> list[Reason]:
    """Cases in which the panel differs from the score and nobody wrote why; also for the page."""
    if not cases:
        return []
    codes = "、".join(sorted(c.code for c in cases)[:8])
    more = f"等{len(cases)}件" if len(cases) > 8 else ""
    return [Reason(f"编号{codes}{more}的结果和评分建议不同，没有写理由", "逐件写明理由后提交")]


@transaction.atomic
def reopen_appraisal(*, appraisal: Appraisal, reason: str, by: Appointment) -> Appraisal:
    """Open a finished appraisal again, for late applications or a mistake in the votes."""
    appraisal = moves.lock(appraisal)
    refuse_if(
        [
            *([] if reason.strip() else [Reason("没有写重新评议的原因", "请写明原因")]),
            *moves.why_not(appraisal, "reopen"),
        ]
    )
    return moves.make(
        appraisal,
        "reopen",
        by=by,
        at=clock.now(),
        reason=reason,
        finish_at=None,
        finish_by_id=None,
    )
