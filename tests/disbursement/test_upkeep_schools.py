"""系统录入 of many schools: the bureau's one query tells what each school's own page tells."""

import io
import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Programme
from disbursement import actions
from disbursement.models import Award, SystemEntry
from disbursement.upkeep import OWED, duties
from disbursement.upkeep_schools import Line, Period, Totals, by_place, lines_of, periods
from disbursement.views import upkeep_schools as views
from schools import clock
from schools.actions import found_school
from schools.models import Bureau, Stage, Term
from schools.scope import acting_for
from students.models import EnrolmentChange, Student
from students.rules.enrolment import RESUMES, STOPS
from tests.cast import Cast, Staffed
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid
from tests.disbursement.pages import get, plain
from tests.disbursement.test_months import change
from tests.disbursement.test_upkeep import by_month, checked, enter, granted, owed

__all__ = ["by_month", "granted"]
MONTHLY, PER_TERM = Programme.Cadence.MONTHLY, Programme.Cadence.PER_TERM
LATE = date(2026, 12, 4)


def whole(cast: Cast) -> Period:
    return periods(cast.term)[0]


def seen(bureau: Bureau, term: Term, period: Period | None = None) -> list[Line]:
    with acting_for(bureau):
        return lines_of(bureau, term, period or periods(term)[0])


def line_of(cast: Cast, staffed: Staffed, bureau: Bureau | None = None) -> Line:
    rows = seen(bureau or cast.district, cast.term)
    return next(row for row in rows if row.school_id == staffed.school.pk)


def told(row: Line) -> tuple[int, ...]:
    return (row.unentered, row.changed, row.refused, row.waiting, row.checked)


# --- the same as each school's own page -----------------------------------------------------------


def by_school(staffed: Staffed, term: Term, period: Period) -> tuple[Any, ...]:
    """What `duties` says, counted as the bureau counts it."""
    with acting_for(staffed.school):
        rows = [
            d
            for d in duties(staffed.school, term)
            if d.programme.entry_cadence in period.cadences and d.month in period.months
        ]
    states = Counter(d.state for d in rows)
    due = [d.due_on for d in rows if d.state in OWED]
    return (
        *(states[s] for s in ("open", "changed", "refused", "entered", "checked")),
        sum(on < clock.today() for on in due),
        min(due, default=None),
    )


def day(term: Term, rng: random.Random) -> date:
    return term.starts_on + timedelta(days=rng.randrange(*rng.choice(((-20, 1), (1, 165)))))


def scatter(staffed: Staffed, its: Programme, term: Term, rng: random.Random) -> None:
    """Awards of a programme, some revoked, of some of the months."""
    round_ = cases.aid(staffed, its, term.code)
    settled = datetime.combine(term.starts_on, time(15), clock.CHINA) + timedelta(days=60)
    for someone in staffed.students:
        if rng.random() < 0.2:
            continue
        award = cases.award_all(round_, [cases.case(round_, someone)])[0]
        Award.objects.filter(pk=award.pk).delete()
        for instalment in rng.sample(range(1, 6), rng.choice((1, 1, 3, 5))):
            award.pk, award.instalment = None, instalment
            award.amount_fen = rng.choice((AMOUNT, 2 * AMOUNT))
            award.granted_at = settled + timedelta(hours=rng.choice((-400, 0, 9, 300)))
            award.status, award.revoke_by, award.revoke_at = "granted", None, None
            if rng.random() < 0.2:
                award.status = "revoked"
                award.revoke_by, award.revoke_at = staffed.operator.person, clock.now()
            award.save(force_insert=True)


def move_about(staffed: Staffed, term: Term, rng: random.Random) -> None:
    """Who came late, was away, came back."""
    for someone in staffed.students:
        if rng.random() < 0.4:
            Student.objects.filter(pk=someone.pk).update(
                entered_on=rng.choice((None, day(term, rng)))
            )
        EnrolmentChange.objects.bulk_create(
            EnrolmentChange(
                school=staffed.school, student=someone, kind=kind, on=day(term, rng),
                recorded_by=staffed.operator.person, recorded_at=clock.now(),
            )
            for kind in rng.choices(sorted({*STOPS, *RESUMES}), k=rng.choice((0, 0, 1, 2, 3)))
        )  # fmt: skip


def note(staffed: Staffed, term: Term, rng: random.Random) -> None:
    """Entries of some lists, as they are or as they were, in every state."""
    for duty in duties(staffed.school, term):
        for number in range(1, rng.choice((1, 2, 2, 3, 4))):
            status = rng.choice(("checked", "checked", "refused", "withdrawn"))
            if rng.random() < 0.2:
                status = "entered"
            held = {str(pk): fen for pk, fen in duty.held.items()}
            if rng.random() < 0.3 and held:
                held.pop(rng.choice(sorted(held)))
            if rng.random() < 0.1:
                held = {}
            stamps: dict[str, Any] = {}
            if status != "entered":
                verb = {"checked": "check", "refused": "refuse", "withdrawn": "withdraw"}[status]
                stamps = {f"{verb}_by": staffed.reviewer.person, f"{verb}_at": clock.now()}
            SystemEntry.objects.create(
                school=staffed.school, programme=duty.programme, term=term, month=duty.month,
                number=number, people=len(held), amount_fen=sum(held.values()), held=held,
                status=status, answer="少一人" if status == "refused" else "",
                entered_by=staffed.operator.person, entered_at=clock.now(), **stamps,
            )  # fmt: skip
            if status == "entered":
                break


@pytest.mark.parametrize("half", [1, 2])
@pytest.mark.parametrize("seed", range(6))
def test_one_query_tells_what_the_schools_pages_tell(cast: Cast, seed: int, half: int) -> None:
    rng = random.Random(f"{seed} {half}")
    term, other = (Term.objects.get(year=2026, half=n) for n in (half, 3 - half))
    cadences = list(Programme.Cadence)
    programmes = [
        cases.programme(money_cadence=rng.choice(cadences), entry_cadence=rng.choice(cadences))
        for _ in range(4)
    ]
    with clock.at(term.starts_on + timedelta(days=110)):
        for staffed in (cast.a, cast.b, cast.c):
            with acting_for(staffed.school):
                for its in rng.sample(programmes, 3):
                    scatter(staffed, its, term, rng)
                    scatter(staffed, its, other, rng)
                move_about(staffed, term, rng)
                note(staffed, term, rng)
                note(staffed, other, rng)
                # What was noted of them is older than some of it.
                move_about(staffed, term, rng)
    for days in (60, 94, 155):
        with clock.at(term.starts_on + timedelta(days=days)):
            for period in periods(term):
                found = {row.school_id: row for row in seen(cast.city, term, period)}
                for staffed in (cast.a, cast.b, cast.c):
                    row = found[staffed.school.pk]
                    expected = by_school(staffed, term, period)
                    assert (*told(row), row.overdue, row.due_on) == expected, (days, period.key)


def test_a_list_settled_after_midnight_is_of_the_day_it_is_here(granted: Aid, cast: Cast) -> None:
    when = datetime(2027, 2, 1, 0, 30, tzinfo=clock.CHINA)
    Award.objects.update(granted_at=when)
    assert owed(granted)[0].due_on == line_of(cast, cast.a).due_on == date(2027, 2, 28)


def test_a_term_that_begins_in_mid_month_begins_on_its_day(by_month: Aid, cast: Cast) -> None:
    change(by_month, by_month.staffed.students[0], "suspend", date(2026, 9, 4))
    Term.objects.filter(pk=cast.term.pk).update(starts_on=date(2026, 9, 7))
    for one in (by_month.term, cast.term):
        one.refresh_from_db()
    assert [duty.people for duty in owed(by_month)] == [2, 2, 2]
    checked(by_month, owed(by_month)[0])
    assert told(line_of(cast, cast.a)) == (2, 0, 0, 0, 1)


def test_what_was_noted_at_another_cadence_is_of_another_list(granted: Aid, cast: Cast) -> None:
    checked(granted, owed(granted)[0])
    granted.programme.entry_cadence = MONTHLY
    granted.programme.save()
    assert {duty.state for duty in owed(granted)} == {"open"}
    assert told(line_of(cast, cast.a)) == (3, 0, 0, 0, 0)


# --- what is counted, and for whom ----------------------------------------------------------------


def test_each_bureau_counts_its_own_schools(by_month: Aid, cast: Cast) -> None:
    first, second, _ = owed(by_month)
    checked(by_month, first)
    enter(by_month, second)
    row = line_of(cast, cast.a)
    assert (told(row), row.lists, row.owed, row.state) == ((1, 0, 0, 1, 1), 3, 1, "owed")
    assert (row.overdue, row.due_on) == (0, date(2026, 11, 30))
    own = {cast.a.school.pk, cast.b.school.pk}
    assert {one.school_id for one in seen(cast.district, cast.term)} == own
    assert {one.school_id for one in seen(cast.city, cast.term)} == own | {cast.c.school.pk}
    assert [one.school_id for one in seen(cast.other_district, cast.term)] == [cast.c.school.pk]
    assert line_of(cast, cast.a, cast.city) == row


def test_the_walls_decide_what_is_counted(by_month: Aid, cast: Cast) -> None:
    assert line_of(cast, cast.a).owed == 3
    with acting_for(cast.other_district):
        rows = lines_of(cast.district, cast.term, whole(cast))
    assert [row.lists for row in rows] == [0, 0], "asked in another's name, nothing is there"


def test_the_longest_overdue_comes_first(by_month: Aid, cast: Cast) -> None:
    with acting_for(cast.b.school):
        theirs = cases.aid(cast.b, by_month.programme)
        cases.award_all(theirs, [cases.case(theirs, cast.b.students[0])])
        when = datetime(2026, 10, 8, 10, tzinfo=clock.CHINA)
        Award.objects.filter(school=cast.b.school).update(granted_at=when)
    with clock.at(LATE):
        first, second, last = seen(cast.city, cast.term)
    assert (first.name, first.late_since, first.state) == (
        cast.b.school.name, date(2026, 10, 31), "late",
    )  # fmt: skip
    # September was settled in October: both end with it. December's list is owed and not late.
    assert (first.overdue, first.owed) == (3, 4)
    assert (second.late_since, second.overdue) == (date(2026, 11, 30), 3)
    assert (last.state, last.late_since, last.lists) == ("none", None, 0)
    totals = Totals.of([first, second, last])
    assert (totals.schools, totals.listed, totals.late) == (3, 2, 2)
    assert (totals.lists, totals.owed, totals.overdue, totals.checked) == (8, 8, 6, 0)
    assert [(name, t.overdue, t.schools) for _, name, t in by_place([last, first, second])] == [
        (cast.district.name, 6, 2), (cast.other_district.name, 0, 1),
    ]  # fmt: skip


def test_what_waits_or_is_done_comes_behind_what_is_owed(granted: Aid, cast: Cast) -> None:
    (duty,) = owed(granted)
    entry = enter(granted, duty)
    assert line_of(cast, cast.a).state == "waiting"
    assert seen(cast.district, cast.term)[0].school_id == cast.a.school.pk, "before who has none"
    actions.check_entry(entry=entry, by=granted.staffed.reviewer)
    assert line_of(cast, cast.a).state == "done"
    actions.revoke(
        award=cases.award_of(granted.staffed.students[0]),
        reason="情况不实",
        by=granted.staffed.operator,
    )
    row = line_of(cast, cast.a)
    assert (told(row), row.state) == ((0, 1, 0, 0, 0), "owed")


def test_of_two_the_one_that_owes_more_comes_first() -> None:
    one = Line(1, "甲", "1", "senior", 1, "区", 1, 1, 1, 1, 1, 1, date(2026, 11, 30))
    order = [
        replace(one, due_on=date(2026, 10, 31), overdue=1, unentered=0),
        replace(one, overdue=3, unentered=1),
        replace(one, overdue=1, changed=4, waiting=0),
        replace(one, overdue=1, refused=3, waiting=0),
        replace(one, overdue=1, waiting=5),
        replace(one, overdue=1, checked=9),
        one,
        replace(one, due_on=date(2026, 12, 31), overdue=0, unentered=9),
        replace(one, due_on=None, overdue=0, unentered=0, changed=0, refused=0),
        replace(one, due_on=None, overdue=0, unentered=0, changed=0, refused=0, waiting=0),
    ]
    ranks = [line.rank for line in order]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


@pytest.mark.parametrize(
    ("entry", "money", "keys"),
    [
        (MONTHLY, PER_TERM, {"1": 1, "3": 1, "term": 0, "year": 0}),
        (PER_TERM, PER_TERM, {"1": 0, "term": 1, "year": 0}),
        ("per_year", PER_TERM, {"1": 0, "term": 0, "year": 1}),
        ("once", MONTHLY, {"2": 0, "term": 0, "year": 1}),
    ],
)
def test_a_month_a_term_or_a_year_alone(
    all_ready: Aid, cast: Cast, entry: str, money: str, keys: dict[str, int]
) -> None:
    all_ready.programme.entry_cadence, all_ready.programme.money_cadence = entry, money
    all_ready.programme.save()
    all_ready.round.refresh_from_db()
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    known = {one.key: one for one in periods(cast.term)}
    assert list(known) == ["", "1", "2", "3", "term", "year"]
    for key, n in keys.items():
        rows = seen(cast.district, cast.term, known[key])
        assert [row.lists for row in rows if row.school_id == cast.a.school.pk] == [n], key


# --- the page -------------------------------------------------------------------------------------


def test_the_bureau_sees_whom_to_remind(by_month: Aid, cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_operator)
    with clock.at(clock.office_opens(LATE)):
        page = plain(get(client, "upkeep_schools"))
    assert cast.a.school.name in page
    assert "1所逾期" in page
    assert "11月30日截止，逾期4个工作日，共3份" in page
    assert reverse("school_overview", args=[cast.a.school.pk]) in page
    assert cast.c.school.name not in page
    assert "各区" not in page
    for someone in by_month.staffed.students:
        assert someone.name not in page


def test_a_city_sees_its_districts(by_month: Aid, cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.city_operator)
    page = get(client, "upkeep_schools")
    assert page.index(cast.a.school.name) < page.index(cast.c.school.name)
    assert 'id="places"' in page
    one = get(client, "upkeep_schools", place=str(cast.other_district.pk))
    assert cast.a.school.name not in one
    assert f"属地：{cast.other_district.name}" in one


@pytest.mark.parametrize(
    ("asked", "schools"),
    [
        ({"state": "open"}, "a"),
        ({"state": "owed"}, "a"),
        ({"state": "late"}, ""),
        ({"state": "none"}, "b"),
        ({"stage": Stage.VOCATIONAL}, "b"),
        ({"q": "职业"}, "b"),
        ({"q": "3499000001"}, "a"),
        ({"period": "2"}, "ab"),
        ({"period": "²", "place": "x", "page": "-1"}, "ab"),
        ({"q": "没有这样的"}, ""),
    ],
)
def test_it_is_narrowed_and_exported_as_shown(
    by_month: Aid, cast: Cast, sign_in: Any, asked: dict[str, str], schools: str
) -> None:
    client = sign_in(cast.bureau_reviewer)
    page = get(client, "upkeep_schools", **asked)
    for letter, staffed in (("a", cast.a), ("b", cast.b)):
        assert (staffed.school.name in page) is (letter in schools), letter
    assert ("没有符合条件的学校" in page) is (not schools)
    answer = client.get(reverse("disbursement:upkeep_schools_export"), asked)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))  # type: ignore[union-attr]
    names = {"a": cast.a.school.name, "b": cast.b.school.name}
    assert [row[0] for row in rows[1:]] == [names[letter] for letter in schools]


def test_the_workbook_has_the_numbers(by_month: Aid, cast: Cast, sign_in: Any) -> None:
    enter(by_month, owed(by_month)[0])
    client = sign_in(cast.bureau_operator)
    with clock.at(clock.office_opens(LATE)):
        answer = client.get(reverse("disbursement:upkeep_schools_export"), {"period": "2"})
        every = client.get(reverse("disbursement:upkeep_schools_export"))
    assert "各校系统录入 2026-110月 2026-12-04.xlsx" in unquote(answer["Content-Disposition"])
    sheet = openpyxl.load_workbook(io.BytesIO(every.content)).active
    heads, first, second = list(sheet.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert heads == views.HEADERS
    school = cast.a.school
    assert first == (
        school.name, school.code, "普通高中", cast.district.name, "逾期未录入", "2026-11-30", 4,
        2, 4, 3, 0, 0, 1, 0,
    )  # fmt: skip
    assert second[4:] == ("没有名单", None, None, 0, 0, 0, 0, 0, 0, 0)


def test_what_the_term_before_left_is_told(by_month: Aid, cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_operator)
    with clock.at(clock.office_opens(date(2027, 4, 1))):
        page = get(client, "upkeep_schools")
        assert 'href="?term=2026-1"' in page
        assert "还有5份没有录入，1所学校逾期" in plain(page).replace("<b>", "")
        assert 'href="?term=2026-1"' not in get(client, "upkeep_schools", term="2026-1")


def test_without_lists_without_schools_and_without_a_term(
    cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(cast.bureau_operator)
    assert get(client, "upkeep_schools").count("没有名单") > 2
    monkeypatch.setattr(views, "lines_of", lambda *_: [])
    assert "还没有所辖学校" in get(client, "upkeep_schools")
    monkeypatch.setattr(views, "entering_term", lambda _: None)
    assert "还没有开始的学期" in get(client, "upkeep_schools")
    answer = client.get(reverse("disbursement:upkeep_schools_export"))
    assert answer.status_code == 404


def test_schools_and_others_are_not_let_in(cast: Cast, sign_in: Any) -> None:
    for who in (cast.operator, cast.reviewer, cast.head_teacher, cast.admin):
        answer = sign_in(who).get(reverse("disbursement:upkeep_schools"))
        assert answer.status_code == 403


def test_the_menu_leads_there(cast: Cast, sign_in: Any) -> None:
    for who in (cast.bureau_operator, cast.city_operator):
        page = sign_in(who).get(reverse("overview")).content.decode()
        assert reverse("disbursement:upkeep_schools") in page


def test_more_schools_cost_no_more_queries(by_month: Aid, cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.district), CaptureQueriesContext(connection) as one:
        lines_of(cast.district, cast.term, whole(cast))
    assert len(one) == 1
    client = sign_in(cast.bureau_operator)
    get(client, "upkeep_schools")
    with CaptureQueriesContext(connection) as few:
        get(client, "upkeep_schools")
    for n in range(70):
        found_school(
            code=f"34990001{n:02d}", name=f"示范第{n}中学", stage=Stage.SENIOR,
            superior=cast.district, territory=cast.district,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as more:
        page = get(client, "upkeep_schools")
    assert len(more) == len(few)
    assert "共72所" in plain(page)
    assert cast.a.school.name not in get(client, "upkeep_schools", page="2")
