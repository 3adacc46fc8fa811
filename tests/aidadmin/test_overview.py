"""The bureau's overview: each school once, by territory and by superior, in fixed queries."""

from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aidadmin.overview import regional
from aidadmin.overview.facts import facts_of
from aidadmin.overview.notify import TITLE, urge_late
from aidadmin.overview.regional import Totals, calls_of, overview_of
from aidadmin.overview.steps import Cell
from applications.models import Application
from office.models import Message
from schools import clock
from schools.models import Bureau, Stage
from schools.official import calendar
from schools.scope import acting_for
from screening.views.bureau import lines_of
from students.models import Student
from tests.aidadmin import scenes
from tests.aidadmin.scenes import APPLIED, APPRAISED, AWARDED, CLASSES, NOTICED, ROSTER
from tests.cast import Cast

ON = date(2026, 9, 15)


def found(cast: Cast, bureau: Bureau, on: date = ON) -> regional.Overview:
    with acting_for(bureau.pk), clock.at(on):
        return overview_of(bureau, cast.term, calendar(), on)


def states(standing: regional.Standing) -> dict[str, str]:
    return {c.step.key: c.state for c in standing.cells}


def of(overview: regional.Overview, name: str) -> regional.Standing:
    return next(s for s in overview.standings if s.facts.school.name == name)


@pytest.mark.parametrize(
    ("progress", "done", "first"),
    [
        (0, set(), "roster"),
        (ROSTER, {"roster"}, "classes"),
        (CLASSES, {"roster", "classes"}, "apply"),
        (APPLIED, {"roster", "classes", "apply"}, "appraise"),
        (APPRAISED, {"roster", "classes", "apply", "appraise"}, "notice"),
        (NOTICED, {"roster", "classes", "apply", "appraise", "notice"}, "award"),
        (AWARDED, {"roster", "classes", "apply", "appraise", "notice", "award"}, "pay"),
    ],
)
def test_a_school_stands_at_the_first_step_that_is_not_done(
    cast: Cast, progress: int, done: set[str], first: str
) -> None:
    scenes.school(cast.district, cast.district, 11, name="某校", progress=progress)
    standing = of(found(cast, cast.district), "某校")
    assert {k for k, state in states(standing).items() if state == "done"} == done
    assert standing.current is not None
    assert standing.current.step.key == first


def test_only_the_step_whose_turn_it_is_is_overdue(cast: Cast) -> None:
    scenes.school(cast.district, cast.district, 11, name="某校", progress=CLASSES)
    standing = of(found(cast, cast.district, date(2026, 10, 30)), "某校")
    assert {k for k, state in states(standing).items() if state == "bad"} == {"apply"}
    # The window ended on 8 September; holidays don't count.
    assert standing.late == 34
    assert standing.worst is not None
    assert standing.worst.text == "认定批次还没有开，家长不能申请。"


def test_what_came_late_is_appraised_after_it_came(cast: Cast) -> None:
    placed = scenes.school(cast.district, cast.district, 11, name="某校", progress=APPLIED)
    late = date(2026, 11, 6)

    def cell() -> Cell:
        return of(found(cast, cast.district, date(2026, 11, 9)), "某校").cells[3]

    assert cell().state == "bad"
    with acting_for(placed.school):
        first = Application.objects.order_by("pk")[0]
        others = Application.objects.exclude(pk=first.pk)
        others.update(submit_at=clock.office_opens(late))
    assert cell().state == "bad"
    with acting_for(placed.school):
        Application.objects.update(submit_at=clock.office_opens(late))
    assert (cell().state, cell().limit.on) == ("now", date(2026, 11, 11))


def test_screening_is_owed_in_its_own_time(cast: Cast) -> None:
    placed = scenes.school(cast.district, cast.district, 11, name="某校", progress=CLASSES)
    scenes.screen(placed, checked=1)
    on = date(2026, 12, 14)
    cell = of(found(cast, cast.district, on), "某校").cells[-1]
    assert (cell.state, cell.words, cell.figures) == ("wait", "剩1天", "1/4")
    assert cell.text == "还有3人没有核实。"
    late = of(found(cast, cast.district, date(2026, 12, 17)), "某校").cells[-1]
    assert (late.state, late.words) == ("bad", "逾期2天")


def test_who_left_is_not_waited_for(cast: Cast) -> None:
    """The overview and the 排查汇总 count alike: students who are here."""
    placed = scenes.school(cast.district, cast.district, 11, name="某校", progress=CLASSES)
    scenes.screen(placed, checked=3)
    on = date(2026, 12, 14)

    def told() -> tuple[str, list[tuple[int, int]]]:
        cell = of(found(cast, cast.district, on), "某校").cells[-1]
        with acting_for(cast.district.pk), clock.at(on):
            lines = lines_of([placed.school], cast.term)
        return cell.figures, [(line.verified, line.total) for line in lines]

    assert told() == ("3/4", [(3, 4)])
    with acting_for(placed.school.pk):
        Student.objects.filter(pk=placed.students[3].pk).update(status="left", left_on=on)
    assert told() == ("3", [(3, 3)])


def test_totals_count_each_school_once_by_territory_and_by_superior(cast: Cast) -> None:
    # City-run, located in the district: reached by territory.
    scenes.school(cast.city, cast.district, 21, name="市属中学", progress=APPLIED)
    # District-run, located in the other one: reached by superior.
    scenes.school(cast.district, cast.other_district, 22, name="飞地中学", progress=APPLIED)
    own = {cast.a.school.name, cast.b.school.name}

    def names(standings: list[regional.Standing]) -> set[str]:
        return {s.facts.school.name for s in standings}

    district = found(cast, cast.district)
    assert names(district.located()) == own | {"市属中学"}
    assert names(district.managed()) == own | {"飞地中学"}
    assert names(district.standings) == own | {"市属中学", "飞地中学"}
    assert Totals.of(s.facts for s in district.standings).schools == 4
    city = found(cast, cast.city)
    assert names(city.located()) == own | {"市属中学", "飞地中学", cast.c.school.name}
    assert names(city.managed()) == {"市属中学"}
    located = Totals.of(s.facts for s in city.located())
    assert located.schools == 5
    # Three students in each school of the cast, four in each of the two.
    assert located.students == 3 * 3 + 2 * 4
    assert located.applications == 4
    districts = regional.by_district(city.located())
    assert sum(d["totals"].students for d in districts) == located.students


def test_a_bureau_counts_no_school_it_does_not_reach(cast: Cast) -> None:
    names = {s.facts.school.name for s in found(cast, cast.other_district).standings}
    assert names == {cast.c.school.name}


def test_aid_that_is_missing_and_money(cast: Cast) -> None:
    placed = scenes.school(cast.district, cast.district, 11, name="某校", progress=AWARDED)
    facts = of(found(cast, cast.district), "某校").facts
    assert (facts.difficult, facts.missed, facts.aided, facts.awards) == (2, 1, 1, 1)
    assert facts.awarded_fen > 0
    assert facts.paid == 0
    assert regional.reached(facts) == 1
    assert placed.school.pk == facts.school.pk


def test_calls_are_the_three_overdue_longest(cast: Cast) -> None:
    for n, progress in enumerate((0, CLASSES, APPLIED, AWARDED), start=31):
        scenes.school(cast.district, cast.district, n, name=f"校{n}", progress=progress)
    on = date(2026, 10, 30)
    overview = found(cast, cast.district, on)
    with acting_for(cast.district.pk):
        calls = calls_of(overview.standings)
    lates = [c.standing.late for c in calls]
    assert len(calls) == 3
    assert lates == sorted(lates, reverse=True)
    assert lates[0] == max(s.late for s in overview.standings)
    assert all(c.cell.state == "bad" for c in calls)


def test_as_many_queries_for_thirty_schools_as_for_three(cast: Cast) -> None:
    def count() -> int:
        with acting_for(cast.district.pk), CaptureQueriesContext(connection) as queries:
            facts_of(cast.district, cast.term)
        return len(queries)

    few = count()
    for n in range(40, 70):
        scenes.school(cast.district, cast.district, n, progress=n % 7, pupils=2)
    assert count() == few
    assert len(found(cast, cast.district).standings) == 32


def test_every_overdue_school_is_reminded_once_a_day(cast: Cast) -> None:
    late = scenes.school(cast.district, cast.district, 11, name="某校", progress=CLASSES)
    on = date(2026, 10, 30)
    overview = found(cast, cast.district, on)
    expected = sum(s.state == "bad" for s in overview.standings)
    with acting_for(cast.district.pk), clock.at(on):
        by = cast.bureau_operator
        assert urge_late(standings=overview.standings, today=on, by=by) == (expected, 0)
        assert urge_late(standings=overview.standings, today=on, by=by) == (0, expected)
        told = Message.objects.filter(organisation_id=late.school.pk, title=TITLE)
        assert [m.person_id for m in told] == [late.operator.person_id]
        assert "认定申请逾期34个工作日" in told[0].body
    with acting_for(cast.district.pk), clock.at(date(2026, 11, 2)):
        told_again, _ = urge_late(standings=overview.standings, today=date(2026, 11, 2), by=by)
        assert told_again == expected


# --- the pages --------------------------------------------------------------------------------


def test_the_page_says_whom_to_call_and_why(cast: Cast, sign_in: Any) -> None:
    scenes.school(cast.district, cast.district, 11, name="某校", progress=CLASSES)
    with clock.at(date(2026, 10, 30)):
        text = sign_in(cast.bureau_operator).get("/overview/").content.decode()
    assert "今天要打电话的" in text
    assert "认定批次还没有开，家长不能申请。" in text
    assert "0000-6600011" in text
    assert "属地" in text
    assert "主管" in text


def test_counts_may_be_a_moment_old_but_not_those_that_somebody_acts_on(
    cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "REMEMBERED_SECONDS", 20)
    cache.clear()
    on = date(2026, 10, 30)

    def students(client: Any, url: str = "/overview/") -> int:
        with clock.at(on):
            return int(client.get(url).context["totals"].students)

    assert students(sign_in(cast.other_bureau_operator)) == 3
    operator = sign_in(cast.bureau_operator)
    assert (before := students(operator)) == 6, "each bureau's own"
    placed = scenes.school(cast.district, cast.district, 11, name="某校", progress=CLASSES)
    assert students(operator) == students(operator, "/") == before
    with clock.at(on):
        operator.post("/overview/urge/")
    with acting_for(placed.school):
        assert Message.objects.filter(organisation_id=placed.school.pk, title=TITLE).exists()
    assert students(operator) == before + 4, "who acted sees what is"
    cache.clear()


def test_no_name_or_number_of_a_student_reaches_the_bureau(cast: Cast, sign_in: Any) -> None:
    placed = scenes.school(cast.district, cast.district, 11, progress=AWARDED)
    client = sign_in(cast.bureau_operator)
    pages = [
        client.get(url).content.decode()
        for url in ("/", "/overview/", f"/overview/{placed.school.pk}/")
    ]
    for student in (*placed.students, *cast.a.students):
        assert all(student.name not in page for page in pages)


def test_filters_and_export_show_the_same_schools(cast: Cast, sign_in: Any) -> None:
    scenes.school(cast.district, cast.district, 11, name="某小学", stage=Stage.PRIMARY)
    client = sign_in(cast.bureau_operator)
    page = client.get("/overview/?stage=primary")
    assert [s.facts.school.name for s in page.context["page"]] == ["某小学"]
    assert page.context["totals"].schools == 3
    answer = client.get("/overview/export/?stage=primary")
    assert answer["Content-Type"].endswith("sheet")
    assert answer.content.startswith(b"PK")
    assert client.get("/overview/?q=某小学").context["found"] == 1
    assert client.get("/overview/?state=nonsense").context["found"] == 0


def test_what_is_exported_follows_the_filters_without_a_new_page(cast: Cast, sign_in: Any) -> None:
    page = sign_in(cast.bureau_operator).get("/overview/?stage=primary").content.decode()
    assert '<a class="btn" id="export" href="/overview/export/?stage=primary">' in page
    assert 'hx-select-oob="#export"' in page


def test_a_school_out_of_reach_does_not_exist(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_operator)
    assert client.get(f"/overview/{cast.a.school.pk}/").status_code == 200
    assert client.get(f"/overview/{cast.c.school.pk}/").status_code == 404


def test_only_bureaus_see_it(cast: Cast, sign_in: Any) -> None:
    assert sign_in(cast.a.leader).get("/overview/").status_code == 403


def test_urging_is_a_makers_deed(cast: Cast, sign_in: Any) -> None:
    assert sign_in(cast.bureau_reviewer).post("/overview/urge/").status_code == 403
    answer = sign_in(cast.bureau_operator).post("/overview/urge/", follow=True)
    assert "没有逾期的学校" in answer.content.decode()
