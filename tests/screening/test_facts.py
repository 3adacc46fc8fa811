"""What the query says about students, and the counts made of it."""

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from schools import clock
from schools.scope import acting_for
from screening import facts
from screening.numbers import Numbers, added, counted
from students.models import Student
from tests.cast import Cast, student
from tests.screening import factories as make


def one_of(cast: Cast, someone: Student) -> facts.Circumstances:
    return facts.of_students([cast.school.pk], cast.term)[someone.pk]


def test_granted_paid_and_owed_are_three_facts(cast: Cast) -> None:
    a, b, c = cast.a.students
    grant, waiver = make.programme(), make.programme("waiver", name="免学费")
    for someone in (a, b, c):
        make.recognise(cast.a, someone, cast.term, "hard")
    paid = make.award(cast.a, a, cast.term, grant)
    make.pay(cast.a, paid)
    make.award(cast.a, b, cast.term, grant)
    make.award(cast.a, c, cast.term, waiver)
    seen = {
        s.pk: (o.granted, o.paid, o.owed, o.unaided) for s in (a, b, c) for o in [one_of(cast, s)]
    }
    assert seen == {
        a.pk: (True, True, False, False),
        b.pk: (True, False, True, False),
        c.pk: (True, False, False, False),
    }


def test_money_that_came_back_is_still_owed(cast: Cast) -> None:
    someone = cast.a.students[0]
    make.recognise(cast.a, someone, cast.term, "hard")
    make.pay(cast.a, make.award(cast.a, someone, cast.term, make.programme()), status="failed")
    one = one_of(cast, someone)
    assert (one.paid, one.owed, one.unaided) == (False, True, False)


def test_revoked_awards_and_other_terms_are_no_aid(cast: Cast) -> None:
    a, b, _ = cast.a.students
    grant = make.programme()
    for someone in (a, b):
        make.recognise(cast.a, someone, cast.term, "hard")
    make.award(
        cast.a,
        a,
        cast.term,
        grant,
        status="revoked",
        revoke_by=cast.operator.person,
        revoke_at=clock.now(),
        revoke_reason="退学",
    )
    make.pay(cast.a, make.award(cast.a, b, make.earlier(), grant))
    assert one_of(cast, a).unaided
    assert one_of(cast, b).unaided


def test_tags_count_while_they_are_valid(cast: Cast) -> None:
    a, b, c = cast.a.students
    poor = make.group(1)
    make.tag(a, poor)
    make.tag(b, poor, valid_to=date(2026, 8, 31))
    make.tag(c, poor, valid_from=date(2026, 9, 2))
    assert [one_of(cast, s).cell for s in (a, b, c)] == [1, None, None]


def test_a_changed_recognition_counts_with_its_newest_grade(cast: Cast) -> None:
    someone = cast.a.students[0]
    old = make.recognise(cast.a, someone, cast.term, "hard")
    old.valid_to = date(2026, 9, 1)
    old.save()
    new = make.recognise(cast.a, someone, cast.term, "none")
    assert new.valid_from == date(2026, 9, 1)
    assert one_of(cast, someone).means.grade == "none"
    assert one_of(cast, someone).cell is None


def test_only_present_students_are_seen(cast: Cast) -> None:
    a, b, c = cast.a.students
    Student.objects.filter(pk=a.pk).update(status="suspended")
    Student.objects.filter(pk=b.pk).update(status="left", left_on=date(2026, 9, 1))
    assert list(facts.of_students([cast.school.pk], cast.term)) == [c.pk]


def test_highest_tier_covers_listed_groups_and_disasters(cast: Cast) -> None:
    poor, martyr, hit = cast.a.students
    other, lower = (student(cast.a.school_class, name) for name in ("赵示安", "钱样心"))
    grant = make.programme()
    make.tag(poor, make.group(1))
    make.tag(lower, make.group(1))
    make.tag(martyr, make.group(6, code="martyr_child", counts_ungraded=False))
    make.disaster(cast.a, hit, cast.term)
    for someone in (poor, martyr, hit, other):
        make.award(cast.a, someone, cast.term, grant, rank=1)
    make.award(cast.a, lower, cast.term, grant, rank=2)
    covered = {s.pk for s in (poor, martyr, hit, other, lower) if one_of(cast, s).covered_top}
    assert covered == {poor.pk, martyr.pk, hit.pk}
    assert counted([cast.school.pk], cast.term)[cast.school.pk].covered_top == 3


def test_compulsory_coverage_asks_for_stage_group_and_money(cast: Cast) -> None:
    poor, boarder, day = cast.a.students
    subsidy = make.programme("subsidy", name="生活补助")
    make.tag(poor, make.group(1))
    for someone in (boarder, day):
        make.recognise(cast.a, someone, cast.term, "hard")
    Student.objects.filter(pk=boarder.pk).update(boarding="boarder")
    for someone in (poor, boarder, day):
        make.pay(cast.a, make.award(cast.a, someone, cast.term, subsidy))
    assert counted([cast.school.pk], cast.term)[cast.school.pk].covered_compulsory == 0
    cast.a.school_class.stage = "junior"
    cast.a.school_class.save()
    assert counted([cast.school.pk], cast.term)[cast.school.pk].covered_compulsory == 2
    assert not one_of(cast, day).covered_compulsory


def test_counts_of_a_district_take_one_query_and_stay_apart(cast: Cast) -> None:
    make.tag(cast.a.students[0], make.group(1))
    with acting_for(cast.b.school):
        make.recognise(cast.b, cast.b.students[0], cast.term, "hard")
    ids = [cast.a.school.pk, cast.b.school.pk]
    with (
        acting_for(cast.district),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        found = counted(ids, cast.term)
    assert len(queries) == 1
    assert (found[ids[0]].cells, found[ids[0]].ungraded) == ((1, 0, 0, 0, 0, 0), 1)
    assert (found[ids[1]].cells, found[ids[1]].ungraded) == ((0, 0, 0, 0, 0, 1), 0)
    assert added(found.values()).total == 2
    assert all(n.total == sum(n.cells) for n in found.values())


def test_one_by_one_and_grouped_agree(cast: Cast) -> None:
    for n in range(24):
        someone = student(cast.a.school_class, "周样明", household=("rural", "urban", "")[n % 3])
        if n % 2:
            make.recognise(cast.a, someone, cast.term, ("special", "none")[n % 4 == 1])
        if n % 3 == 0:
            make.tag(someone, make.group(n % 6 + 1, rural_only=n % 4 == 0))
    each = facts.of_students([cast.school.pk], cast.term).values()
    numbers = counted([cast.school.pk], cast.term)[cast.school.pk]
    for cell in range(1, 7):
        assert numbers.cells[cell - 1] == sum(1 for one in each if one.cell == cell)
    assert numbers.unaided == sum(one.unaided for one in each)
    assert numbers.total == sum(numbers.cells) > 0


def test_raw_tag_counts_count_each_tag(cast: Cast) -> None:
    a, b, _ = cast.a.students
    make.tag(a, make.group(1))
    make.tag(a, make.group(3))
    make.tag(b, make.group(3))
    groups, several = facts.tag_counts([cast.school.pk], cast.term)
    assert groups == {"群体t1u": 1, "群体t3u": 2}
    assert several == 1


def test_numbers_survive_json() -> None:
    numbers = Numbers(5, 3, (1, 0, 1, 0, 0, 1), 1, 2, 0, 1, 0, {"孤儿": 2}, 1)
    assert Numbers.from_json(numbers.as_json()) == numbers
    assert Numbers.from_json({}) == Numbers()
