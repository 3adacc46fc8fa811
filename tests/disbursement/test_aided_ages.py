"""大龄受助学生 (rows 1-37, 3-08): their share of the aided, by the ages that hold for who asks."""

from datetime import date
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from disbursement.actions import revoke
from disbursement.aided_ages import AidedAges, aided_ages
from schools import clock
from schools.models import School
from schools.scope import acting_for
from students.actions.ages import set_age_limit
from students.models import Student
from students.rules.ages import STAGE_AGES
from tests.cast import Cast
from tests.disbursement import cases

RISKS = reverse("risks")
OLD = date(2005, 8, 31)


def aided(cast: Cast, *, older: int) -> list[Student]:
    """The school's three students with aid of the term, so many of them 21 on 1 September."""
    its = cases.aid(cast.a)
    cases.award_all(its, [cases.case(its, one) for one in cast.a.students])
    for one in cast.a.students[:older]:
        Student.objects.filter(pk=one.pk).update(birth_date=OLD)
    return cast.a.students


def found(cast: Cast) -> AidedAges | None:
    return aided_ages([cast.school.pk], cast.term, STAGE_AGES).get(cast.school.pk)


def test_the_day_decides_who_is_older(cast: Cast) -> None:
    first, *_ = aided(cast, older=1)
    assert found(cast) == AidedAges(3, 1)
    # Twenty on the first of September, one-and-twenty a day later.
    Student.objects.filter(pk=first.pk).update(birth_date=date(2005, 9, 2))
    assert found(cast) == AidedAges(3, 0)
    Student.objects.filter(pk=first.pk).update(birth_date=date(2005, 9, 1))
    assert found(cast) == AidedAges(3, 1)


def test_a_student_of_two_programmes_is_one_and_a_revoked_award_is_none(cast: Cast) -> None:
    first, second, _ = aided(cast, older=1)
    other = cases.aid(cast.a, cases.programme("bursary"))
    cases.award_all(other, [cases.case(other, first)])
    assert found(cast) == AidedAges(3, 1)
    revoke(award=cases.award_of(second), reason="不符合", by=cast.operator)
    assert found(cast) == AidedAges(2, 1)


def test_nobody_aided_is_nothing_to_tell(cast: Cast, sign_in: Any) -> None:
    assert found(cast) is None
    assert "受助学生的年龄" not in sign_in(cast.operator).get(RISKS).content.decode()


def test_school_and_bureau_ask_each_by_its_own_ages(cast: Cast, sign_in: Any) -> None:
    aided(cast, older=2)
    with clock.at(cases.PAY_DAY):
        page = sign_in(cast.operator).get(RISKS)
        assert page.context["ages"] == AidedAges(3, 2)
        assert "66.7%" in page.content.decode()
        with acting_for(cast.school):
            set_age_limit(
                organisation=cast.school,
                stage="senior",
                least=13,
                most=30,
                seen="13—20岁",
                reason="收往届生",
                by=cast.operator,
            )
        assert sign_in(cast.operator).get(RISKS).context["ages"] == AidedAges(3, 0)
        bureau = sign_in(cast.bureau_operator).get(RISKS)
    assert bureau.context["ages"] == AidedAges(3, 2)
    assert "占受助" in bureau.content.decode()


def test_a_bureau_looks_at_private_schools_alone(cast: Cast, sign_in: Any) -> None:
    School.objects.filter(pk=cast.b.school.pk).update(is_private=True)
    client = sign_in(cast.bureau_operator)

    def schools(query: str) -> set[str]:
        page = client.get(RISKS + query)
        return {row.school.name for row in page.context["page"]}

    assert schools("") == {cast.a.school.name, cast.b.school.name}
    assert schools("?owner=private") == {cast.b.school.name}
    assert schools("?owner=public") == {cast.a.school.name}
    assert schools("?owner=nonsense") == schools("")
    assert "办学：" in client.get(RISKS + "?owner=private").content.decode()
    assert "办学：" not in client.get(RISKS + "?owner=nonsense").content.decode()


def test_one_query_however_many_schools(cast: Cast) -> None:
    aided(cast, older=1)
    with acting_for(cast.district), CaptureQueriesContext(connection) as queries:
        schools = [cast.a.school.pk, cast.b.school.pk]
        assert aided_ages(schools, cast.term, STAGE_AGES) == {cast.a.school.pk: AidedAges(3, 1)}
    assert len([q for q in queries if "disbursement_award" in q["sql"]]) == 1
