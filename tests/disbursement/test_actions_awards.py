"""Awards: what is granted, what is held, what may be revoked."""

from datetime import date

import pytest

from applications.models import Programme, Tier
from audit.models import Event
from audit.refusal import Refused
from disbursement import actions, ledger
from disbursement.models import Award
from review.models import Case
from schools import clock
from schools.scope import acting_for
from students.models import SpecialGroup, SpecialGroupTag, Student
from tests.applications.terms import next_autumn
from tests.cast import Cast, student
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid


def test_confirmed_cases_become_awards_once(all_ready: Aid) -> None:
    by = all_ready.staffed.operator
    granted = actions.grant_awards(round_=all_ready.round, by=by)
    assert (granted.count, granted.total_fen, granted.held) == (3, 3 * AMOUNT, [])
    assert Event.objects.filter(verb="award.grant").count() == 3
    assert {e.about_id for e in Event.objects.filter(verb="award.grant")} == {
        s.pk for s in all_ready.staffed.students
    }
    with pytest.raises(Refused, match="没有公示确认后还未列入名单的学生"):
        actions.grant_awards(round_=all_ready.round, by=by)
    assert Award.objects.count() == 3


def test_who_may_not_be_awarded_is_held_with_all_reasons(its: Aid) -> None:
    first, second, third = its.staffed.students
    cases.ready(its, first)
    cases.case(its, second)
    cases.object_to(its, second)
    cases.recognise(its, third)
    cases.case(its, third, decided_tier=None)
    granted = actions.grant_awards(round_=its.round, by=its.staffed.operator)
    assert granted.count == 1
    assert [[h.text for h in held.holds] for held in granted.held] == [
        ["没有本学年有效的困难认定", "有异议尚未办结"],
        ["审定结果没有档次"],
    ]
    cases.recognise(its, second)
    second.cases.get(round=its.round).notice_lines.get().objections.update(
        status="dismissed",
        conclusion="核实无误",
        answered_at=clock.now(),
        answered_by=its.staffed.reviewer.person,
    )
    assert actions.grant_awards(round_=its.round, by=its.staffed.operator).count == 1


def test_special_groups_before_a_grade(its: Aid) -> None:
    someone = its.staffed.students[0]
    cases.case(its, someone)
    group = SpecialGroup.objects.create(
        code="test",
        name="示例类型",
        department="民政",
        order=99,
        cell=6,
        valid_from=date(2020, 1, 1),
    )
    SpecialGroupTag.objects.create(
        school=its.school,
        student=someone,
        group=group,
        source="学校登记",
        valid_from=date(2026, 9, 1),
        valid_to=date(2026, 11, 23),
        recorded_at=clock.now(),
    )
    its.programme.open_groups.add(group)
    assert actions.grant_awards(round_=its.round, by=its.staffed.operator).count == 0
    SpecialGroupTag.objects.update(valid_to=None)
    assert actions.grant_awards(round_=its.round, by=its.staffed.operator).count == 1


def test_the_same_person_enrolled_elsewhere_is_held(all_ready: Aid, cast: Cast) -> None:
    someone = all_ready.staffed.students[0]
    number = someone.id_number.reveal()
    with acting_for(cast.b.school):
        student(cast.b.school_class, "同一人", id_number=number)
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    (held,) = granted.held
    assert held.case.student_id == someone.pk
    assert [h.text for h in held.holds] == ["疑似双学籍：同一身份证号在别的学校也在籍"]


def test_exclusive_programmes(all_ready: Aid) -> None:
    other = cases.aid(all_ready.staffed, cases.programme("subsidy", name="生活补助"))
    all_ready.programme.exclusive_with.add(other.programme)
    someone = all_ready.staffed.students[0]
    cases.award_all(other, [cases.case(other, someone)])
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert [h.text for h in granted.held[0].holds] == ["同期已享受“生活补助”，两项不能兼得"]


def test_what_was_taken_back_excludes_nothing(all_ready: Aid) -> None:
    other = cases.aid(all_ready.staffed, cases.programme("subsidy", name="生活补助"))
    all_ready.programme.exclusive_with.add(other.programme)
    cases.award_all(other, [cases.case(other, all_ready.staffed.students[0])])
    Award.objects.filter(programme=other.programme).update(
        status="revoked", revoke_at=clock.now(), revoke_by=all_ready.staffed.operator.person
    )
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert (granted.count, granted.held) == (3, [])


def test_what_is_given_once_a_year_is_paid_in_its_term_whatever_another_year_gave(
    all_ready: Aid,
) -> None:
    Programme.objects.filter(pk=all_ready.programme.pk).update(money_cadence="per_year")
    all_ready.programme.refresh_from_db()
    next_years = cases.aid(all_ready.staffed, all_ready.programme, next_autumn().code)
    cases.award_all(next_years, [cases.case(next_years, all_ready.staffed.students[0])])
    cases.fund(all_ready)
    all_ready.round.refresh_from_db()
    assert actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator).count == 3
    batch = actions.freeze(batch=cases.draft(all_ready), by=all_ready.staffed.finance)
    assert (batch.line_count, batch.held) == (3, [])


@pytest.mark.parametrize(("ours", "theirs"), [("per_term", "per_year"), ("per_year", "per_term")])
def test_what_is_given_for_a_year_excludes_in_both_of_its_terms(
    all_ready: Aid, ours: str, theirs: str
) -> None:
    beside = cases.programme("subsidy", name="生活补助", money_cadence=theirs)
    other = cases.aid(all_ready.staffed, beside, "2026-2")
    cases.award_all(other, [cases.case(other, all_ready.staffed.students[0])])
    Programme.objects.filter(pk=all_ready.programme.pk).update(money_cadence=ours)
    all_ready.round.refresh_from_db()
    all_ready.programme.exclusive_with.add(beside)
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert [h.text for h in granted.held[0].holds] == ["同期已享受“生活补助”，两项不能兼得"]


def test_what_is_given_by_the_term_excludes_in_that_term_alone(all_ready: Aid) -> None:
    other = cases.aid(all_ready.staffed, cases.programme("subsidy"), "2026-2")
    cases.award_all(other, [cases.case(other, all_ready.staffed.students[0])])
    all_ready.programme.exclusive_with.add(other.programme)
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert (granted.count, granted.held) == (3, [])


def test_once_a_year_means_not_in_the_other_term(its: Aid) -> None:
    its.programme.money_cadence = Programme.Cadence.PER_YEAR
    its.programme.save()
    someone = its.staffed.students[0]
    spring = cases.aid(its.staffed, its.programme, "2026-2")
    cases.award_all(spring, [cases.case(spring, someone)])
    cases.ready(its, someone)
    granted = actions.grant_awards(round_=its.round, by=its.staffed.operator)
    assert [h.text for h in granted.held[0].holds] == ["2027年春季学期已享受，每学年只发一次"]


@pytest.mark.parametrize("given", ["before", "after", "same"])
@pytest.mark.parametrize(
    ("term", "said"), [("2026-2", "2027年春季学期"), ("2025-1", "2025年秋季学期")]
)
def test_once_means_never_again_by_another_version_either(
    its: Aid, given: str, term: str, said: str
) -> None:
    """Also where what an older version held is granted late, after the newest one gave it."""
    first = cases.programme("once", money_cadence="once")
    later = cases.programme("once-2", money_cadence="once", follows=first)
    last = cases.programme("once-3", money_cadence="once", follows=later)
    theirs, ours = {"before": (first, last), "after": (last, first), "same": (first, first)}[given]
    someone = its.staffed.students[0]
    other = cases.aid(its.staffed, theirs, term)
    cases.award_all(other, [cases.case(other, someone)])
    now = cases.aid(its.staffed, ours)
    cases.ready(now, someone)
    granted = actions.grant_awards(round_=now.round, by=its.staffed.operator)
    assert [h.text for h in granted.held[0].holds] == [f"{said}已享受，只发一次"]


def test_once_a_year_counts_what_the_next_version_gave_in_spring(its: Aid) -> None:
    first = cases.programme("yearly", money_cadence="per_year")
    later = cases.programme("yearly-2", money_cadence="per_year", follows=first)
    someone = its.staffed.students[0]
    spring = cases.aid(its.staffed, later, "2026-2")
    cases.award_all(spring, [cases.case(spring, someone)])
    autumn = cases.aid(its.staffed, first)
    cases.ready(autumn, someone)
    granted = actions.grant_awards(round_=autumn.round, by=its.staffed.operator)
    assert [h.text for h in granted.held[0].holds] == ["2027年春季学期已享受，每学年只发一次"]


def test_programmes_that_exclude_it_are_told_by_name(all_ready: Aid) -> None:
    someone = all_ready.staffed.students[0]
    for name in ("补助3", "补助2", "补助1"):
        other = cases.aid(all_ready.staffed, cases.programme("subsidy", name=name))
        all_ready.programme.exclusive_with.add(other.programme)
        cases.award_all(other, [cases.case(other, someone)])
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    told = [h.text.partition("“")[2].partition("”")[0] for h in granted.held[0].holds]
    assert told == ["补助1", "补助2", "补助3"]


def test_a_monthly_programme_has_an_award_for_each_month(its: Aid) -> None:
    its.programme.money_cadence = Programme.Cadence.MONTHLY
    its.programme.save()
    cases.ready(its, its.staffed.students[0])
    granted = actions.grant_awards(round_=its.round, by=its.staffed.operator)
    assert granted.count == 5
    assert list(Award.objects.order_by("pk").values_list("instalment", flat=True)) == [
        1,
        2,
        3,
        4,
        5,
    ]
    cases.fund(its)
    batch = actions.freeze(batch=cases.draft(its), by=its.staffed.finance)
    assert batch.line_count == 1


def test_a_recognition_round_grants_nothing(its: Aid) -> None:
    with pytest.raises(Refused) as refused:
        actions.grant_awards(round_=its.recognition, by=its.staffed.reviewer)
    assert [r.text for r in refused.value.reasons] == [
        "您的职责不能确定资助名单",
        "认定批次不产生资助名单",
    ]


def test_only_makers_grant(all_ready: Aid) -> None:
    with pytest.raises(Refused, match="您的职责不能确定资助名单"):
        actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.reviewer)


def test_an_unpaid_award_is_revoked_with_a_reason(all_ready: Aid) -> None:
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    award = cases.award_of(all_ready.staffed.students[0])
    with pytest.raises(Refused, match="没有写明取消的原因"):
        actions.revoke(award=award, reason=" ", by=all_ready.staffed.operator)
    award = actions.revoke(award=award, reason="异议成立", by=all_ready.staffed.operator)
    assert (award.status, award.revoke_reason) == ("revoked", "异议成立")
    with pytest.raises(Refused, match="现在是“已取消”"):
        actions.revoke(award=award, reason="又一次", by=all_ready.staffed.operator)
    assert ledger.disagreements(all_ready.school) == []


def test_what_was_revoked_is_granted_again_for_a_reason(all_ready: Aid) -> None:
    its, by = all_ready, all_ready.staffed.operator
    actions.grant_awards(round_=its.round, by=by)
    first, second, _ = its.staffed.students
    award = cases.award_of(first)
    actions.revoke(award=award, reason="点错了人", by=by)
    with pytest.raises(Refused, match="没有公示确认后还未列入名单的学生"):
        actions.grant_awards(round_=its.round, by=by)
    with pytest.raises(Refused) as refused:
        actions.grant_awards(
            round_=its.round, by=by, again=[award.case_id, cases.award_of(second).case_id]
        )
    assert [r.text for r in refused.value.reasons] == [
        "没有写明重新列入的原因",
        "只有已全部取消的资助可以重新列入",
    ]
    done = actions.grant_awards(round_=its.round, by=by, again=[award.case_id], reason="取消有误")
    assert (done.count, done.total_fen) == (1, AMOUNT)
    fresh = Award.objects.get(student=first, status="granted")
    event = Event.objects.filter(verb="award.grant").latest("pk")
    assert (event.subject_id, event.reason) == (fresh.pk, "取消有误")
    assert ledger.disagreements(its.school) == []


def test_only_what_was_revoked_in_the_round_is_granted_again(all_ready: Aid) -> None:
    its, by = all_ready, all_ready.staffed.operator
    first, second, third = its.staffed.students
    # Of another programme, decided on 9,999.00 yuan: none of this round's money.
    beside = cases.aid(its.staffed, cases.programme("beside"))
    Tier.objects.filter(pk=beside.tier.pk).update(amount_fen=999_900)
    theirs = cases.case(beside, second)
    for award in cases.award_all(beside, [theirs]):
        actions.revoke(award=award, reason="点错了人", by=by)
    ours = its.round.cases.get(student=first)
    for award in cases.award_all(its, [ours]):
        actions.revoke(award=award, reason="点错了人", by=by)
    waiting = its.round.cases.get(student=third)
    for wrong in (theirs, waiting):
        with pytest.raises(Refused, match="只有已全部取消的资助可以重新列入"):
            actions.grant_awards(
                round_=its.round, by=by, again=[ours.pk, wrong.pk], reason="取消有误"
            )
    done = actions.grant_awards(round_=its.round, by=by, again=[ours.pk], reason="取消有误")
    assert (done.count, done.total_fen) == (1, AMOUNT)
    assert list(Award.objects.filter(status="granted").values_list("case", flat=True)) == [ours.pk]


def test_what_was_confirmed_and_is_no_longer_is_not_granted(all_ready: Aid) -> None:
    by = all_ready.staffed.operator
    first, second, _ = all_ready.staffed.students
    award = cases.award_all(all_ready, [all_ready.round.cases.get(student=first)])[0]
    actions.revoke(award=award, reason="点错了人", by=by)
    _reopened(all_ready, first, second)
    granted = actions.grant_awards(round_=all_ready.round, by=by)
    assert (granted.count, granted.held) == (1, [])
    with pytest.raises(Refused, match="只有已全部取消的资助可以重新列入"):
        actions.grant_awards(
            round_=all_ready.round, by=by, again=[award.case_id], reason="取消有误"
        )


def _reopened(its: Aid, *students: Student) -> None:
    its.round.cases.filter(student__in=students).update(
        status=Case.Status.DECIDED, confirm_by=None, confirm_at=None
    )


def test_a_frozen_or_paid_award_is_not_revoked(all_ready: Aid) -> None:
    batch = cases.frozen(all_ready)
    award = cases.award_of(all_ready.staffed.students[0])
    with pytest.raises(Refused, match=f"已列入批次{batch.number}，待付"):
        actions.revoke(award=award, reason="异议成立", by=all_ready.staffed.operator)
