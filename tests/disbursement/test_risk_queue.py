"""Risks of the money: shared cards here and elsewhere, aid for who is away."""

from disbursement.models import AidCard
from disbursement.risk_queue import across, aided_by_class, risks_of
from office.risks import Risk
from privacy.fields import blind_card
from schools import clock
from schools.scope import acting_for
from students.actions import change_enrolment
from students.models import Student
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import Aid


def of(its: Aid, kind: str) -> list[Risk]:
    return [r for r in risks_of(its.school) if r.kind.code == kind]


def elsewhere(cast: Cast, whose: Student, number: str) -> None:
    """The same card number with a student of school B."""
    with acting_for(cast.b.school):
        row = AidCard(
            school=cast.b.school,
            student=whose,
            bank="示范银行",
            holder=whose.name,
            registered_by=cast.b.operator.person,
            registered_at=clock.now(),
        )
        row.number = number
        row.number_blind = blind_card(number)
        row.save()


def test_nothing_is_wrong_with_cards_of_their_own(all_ready: Aid) -> None:
    assert risks_of(all_ready.school) == []


def test_a_card_that_was_someone_elses_is_looked_into(its: Aid) -> None:
    one, two, _ = its.staffed.students
    first = cases.card(its, one)
    AidCard.objects.filter(pk=first.pk).update(
        status="closed", close_by=its.staffed.operator.person, close_at=clock.now()
    )
    cases.card(its, two, number=first.number.reveal())
    (risk,) = of(its, "card")
    assert risk.student_id == two.pk
    assert one.name in risk.why
    assert first.number.reveal() not in risk.why


def test_a_card_of_another_schools_student_is_found_without_saying_whose(
    its: Aid, cast: Cast
) -> None:
    one = its.staffed.students[0]
    held = cases.card(its, one)
    elsewhere(cast, cast.b.students[0], held.number.reveal())
    (risk,) = of(its, "card")
    assert risk.student_id == one.pk
    assert cast.b.students[0].name not in risk.why
    assert cast.b.school.name not in risk.why
    with acting_for(cast.district):
        (group,) = across()
        assert {r.student_id for r in group} == {one.pk, cast.b.students[0].pk}
    with acting_for(cast.other_district):
        assert across() == []


def test_another_school_can_not_be_asked_for(its: Aid, cast: Cast) -> None:
    held = cases.card(its, its.staffed.students[0])
    elsewhere(cast, cast.b.students[0], held.number.reveal())
    with acting_for(cast.c.school):
        assert risks_of(its.school) == []


def test_who_moved_schools_keeps_his_card(its: Aid, cast: Cast) -> None:
    one, theirs = its.staffed.students[0], cast.b.students[0]
    held = cases.card(its, one)
    with acting_for(cast.b.school):
        Student.objects.filter(pk=theirs.pk).update(id_blind=one.id_blind)
    elsewhere(cast, theirs, held.number.reveal())
    assert of(its, "card") == []


def test_aid_for_who_is_away_is_told_with_the_day(all_ready: Aid) -> None:
    its = all_ready
    cases.award_all(its, list(its.round.cases.all()))
    assert of(its, "absent") == []
    assert aided_by_class(its.school, its.term) == {its.staffed.school_class.pk: 3}
    change_enrolment(
        student=its.staffed.students[0],
        kind="suspend",
        on=clock.today(),
        reason="因病",
        by=its.staffed.operator,
    )
    (risk,) = of(its, "absent")
    assert risk.student_id == its.staffed.students[0].pk
    assert f"{clock.today():%Y年%-m月%-d日}起休学" in risk.why
