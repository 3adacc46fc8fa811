"""动态调整 and 续申: judged again after a sudden hardship; who has not applied for next year."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.models import Application, HouseholdSurvey
from review import actions, evidence, library
from review.models import Case, Recognition
from schools import clock
from schools.models import Term
from schools.tenancy import set_scope
from students.models import SpecialGroup, SpecialGroupTag
from tests.cast import Cast
from tests.review import cases

AFTER = date(2026, 9, 9)
LATER = date(2026, 11, 2)


def struck(case: Case) -> None:
    """The family's income is gone, and the application was handed in again today."""
    HouseholdSurvey.objects.filter(application_id=case.application_id).update(
        annual_income_fen=0, sudden_accident="房屋失火", seriously_ill=True
    )
    Application.objects.filter(pk=case.application_id).update(submit_at=clock.now())


def test_a_confirmed_grade_is_judged_anew_and_holds_until_then(cast: Cast) -> None:
    notice = cases.published(cast)
    round_ = notice.round
    with clock.at(AFTER):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    case = Case.objects.get(student=cast.a.students[1])
    with clock.at(clock.office_opens(LATER)):
        struck(case)
        assert actions.take_up(round_=round_, by=cast.operator) == 1
        case.refresh_from_db()
        assert (case.status, case.confirm_at, case.advised_grade) == ("open", None, "special")
        assert Recognition.objects.get(student=case.student, valid_to=None).grade == "general"
        actions.reopen_appraisal(appraisal=round_.appraisals.get(), reason="突发", by=cast.operator)
        appraisal = round_.appraisals.get()
        actions.tally(
            appraisal=appraisal,
            case=case,
            by=cast.head_teacher,
            special=9,
            hard=0,
            general=0,
            none=0,
        )
        actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)
        actions.propose(round_=round_, by=cast.operator)
        actions.confirm_meeting(meeting=cases.decided(cast, round_), by=cast.reviewer)
        second = actions.draft_notice(round_=round_, by=cast.operator)
        actions.publish(notice=second, by=cast.reviewer)
    second.refresh_from_db()
    assert second.ends_on
    with clock.at(second.ends_on + timedelta(days=1)):
        actions.confirm_notice(notice=second, by=cast.reviewer)
        today = clock.today()
    old, new = Recognition.objects.filter(student=case.student).order_by("valid_from")
    assert (old.grade, old.valid_to) == ("general", today - timedelta(days=1))
    assert (new.grade, new.valid_from, new.valid_to) == ("special", today, None)


def test_the_same_facts_after_the_confirmation_change_nothing(cast: Cast) -> None:
    notice = cases.published(cast)
    with clock.at(AFTER):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    with clock.at(LATER):
        Application.objects.update(submit_at=clock.now())
        assert actions.take_up(round_=notice.round, by=cast.operator) == 0


def test_whom_a_list_names_since_is_judged_anew_when_handed_in_again(cast: Cast) -> None:
    notice = cases.published(cast)
    with clock.at(AFTER):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    case = Case.objects.get(student=cast.a.students[1])
    with clock.at(clock.office_opens(LATER)):
        SpecialGroupTag.objects.create(
            school=cast.school,
            student=case.student,
            group=SpecialGroup.objects.get(code="dibao"),
            source="民政部门名单",
            valid_from=LATER,
            recorded_at=clock.now(),
        )
        assert actions.take_up(round_=notice.round, by=cast.operator) == 0
        Application.objects.filter(pk=case.application_id).update(submit_at=clock.now())
        assert evidence.returned_changed(cast.school.pk) == [case]
        assert actions.take_up(round_=notice.round, by=cast.operator) == 1
        assert actions.take_up(round_=notice.round, by=cast.operator) == 0
    case.refresh_from_db()
    assert (case.status, case.advised_grade) == ("open", "special")
    assert Recognition.objects.get(student=case.student, valid_to=None).grade == "general"


def test_the_library_shows_who_has_not_applied_for_next_year(cast: Cast, sign_in: Any) -> None:
    notice = cases.published(cast)
    with clock.at(AFTER):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    grades = library.recognitions(cast.school, 2026)
    difficult = {cast.a.students[0].pk, cast.a.students[1].pk}
    assert set(library.lapsed(grades, 2026).values_list("student_id", flat=True)) == difficult
    term = Term.objects.create(
        code="2027-1",
        year=2027,
        half=1,
        starts_on=date(2027, 9, 1),
        ends_on=date(2028, 1, 20),
    )
    cases.hand_in(cases.open_round(cast.a, term), cast.a.students[0], cast.operator.person)
    page = sign_in(cast.operator).get(
        reverse("review:recognitions"), {"year": "2026", "renewal": "none"}
    )
    set_scope(cast.school.pk)
    assert [r.student for r in page.context["page"]] == [cast.a.students[1]]
    assert "下一学年还没有申请" in page.text


def test_the_database_keeps_every_grade_that_was_ever_given(cast: Cast) -> None:
    notice = cases.published(cast)
    with clock.at(AFTER):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    grade = Recognition.objects.order_by("pk")[:1].get()
    kept = Recognition.objects.filter(pk=grade.pk)
    for change in ({"grade": "none"}, {"valid_from": LATER}, {"reason": "改"}):
        with pytest.raises(IntegrityError, match="is kept as it was"), transaction.atomic():
            kept.update(**change)
    with pytest.raises(IntegrityError, match="is kept as it was"), transaction.atomic():
        kept.delete()
    # It ends once, and its end is not moved either.
    assert kept.update(valid_to=LATER) == 1
    for end in (None, LATER + timedelta(days=1)):
        with pytest.raises(IntegrityError, match="is kept as it was"), transaction.atomic():
            kept.update(valid_to=end)
